"""Receipts (查验回执) given: the record of a check is made and kept with the case's step, then signed and stamped.

The bytes to be signed are committed before the key is used (design law 1). Signing is idempotent: the first signature that is
kept is the only one ever given out, and what a crash left unsigned is signed by whoever asks next.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import cbor2

from etrust.access.model import Body
from etrust.credentials.receipt import (
    LOG_PROOF,
    Names,
    Receipt,
    ReceiptMaterial,
    ReceiptParty,
    field_digest,
    field_salt,
    to_be_signed,
    unprotected_of,
)
from etrust.documents.timestamper import ValidationData
from etrust.errors import EtrustError, Kind
from etrust.licenses.types import LicenseType
from etrust.matters import receipt_store as store
from etrust.matters.case_model import commitment_digest
from etrust.matters.check_model import CheckParty, MaterialResult, MatterCheck
from etrust.matters.model import Matter, Outcome, Words
from etrust.matters.receipt_store import ReceiptRow
from etrust.onecode.masking import shown_name
from etrust.signing import cose
from etrust.signing.digests import SHA256, digest
from etrust.signing.model import Signer
from etrust.storage.postgres import Connection
from etrust.verification.model import Overall

_SHA256 = "sha256:"
_OPEN = frozenset({Outcome.UNKNOWN, Outcome.UNDER_OBJECTION})


@dataclass(frozen=True, slots=True)
class Giving:
    """What receipts are given with.

    Attributes:
        secret: what salts are made of.
        signer: the region's key for receipts, by key id where one is given.
        evidence: chain and revocation lists of a certificate (DER) in force.
        stamp: a timestamp token over a SHA-256 digest; `stamp_certificate` that of the service.
    """

    region: str
    types: Mapping[str, LicenseType]
    secret: bytes
    signer: Callable[[bytes | None], Signer]
    evidence: Callable[[bytes], Awaitable[ValidationData]]
    stamp: Callable[[bytes], Awaitable[bytes]]
    stamp_certificate: Callable[[], bytes]


def receipt_of(check: MatterCheck, matter: Matter, body: Body | None, giving: Giving, number: bytes) -> Receipt:
    """What a receipt says of a check; values become salted digests here."""
    materials = {each.key: each for each in matter.materials}
    parties = {each.key: each.name for each in matter.parties}
    return Receipt(
        region=giving.region, number=number, at=check.at, case_number=check.case_number, step=check.step,
        check_id=check.check_id, matter=matter.code, version=check.version, matter_names=_names(matter.name),
        ground=check.ground.value, reason=check.reason, legal_basis=check.legal_basis, operator=check.operator,
        body=check.body, body_names=("", "", "") if body is None else (body.name_zh, body.name_ug, body.name_en),
        parties=tuple(_party(each, parties.get(each.key)) for each in check.parties),
        materials=tuple(
            _material(each, materials[each.key].name if each.key in materials else None, giving, number)
            for each in check.materials
        ),
        trust_lists=_digests(check.evidence.get("trust_lists", ())),
        status_lists=_digests(check.evidence.get("status_lists", ())),
    )  # fmt: skip


def _party(party: CheckParty, name: Words | None) -> ReceiptParty:
    return ReceiptParty(party.key, _names(name), shown_name(party.acting.subject), party.acting.basis.value, party.grant)


def _material(result: MaterialResult, name: Words | None, giving: Giving, number: bytes) -> ReceiptMaterial:
    found = giving.types.get(result.license_type)
    return ReceiptMaterial(
        key=result.key, names=_names(name), outcome=result.outcome.value, found=result.found.value,
        verdict=_verdict(result), reason=result.reason, party=result.party, identifier=result.identifier,
        license_type=result.license_type, type_names=("", "", "") if found is None else (found.zh, found.ug, found.en),
        region=result.region,
        fields={
            field: field_digest(field_salt(giving.secret, number, result.key, field), result.key, field, value)
            for field, value in result.fields.items()
        },
        lists=_digests(result.evidence.values()), deadline=result.deadline,
        commitment="" if result.commitment is None else commitment_digest(result.commitment),
    )  # fmt: skip


def _verdict(result: MaterialResult) -> str:
    """The overall word for the license that was found; empty when there was none."""
    if not result.identifier:
        return ""
    if result.found is Outcome.SATISFIED:
        return Overall.PASSED.value
    return (Overall.INDETERMINATE if result.found in _OPEN else Overall.FAILED).value


def _names(words: Words | None) -> Names:
    return ("", "", "") if words is None else (words.zh, words.ug, words.en)


def _digests(texts: Iterable[str]) -> tuple[bytes, ...]:
    """SHA-256 digests of lists, from ``sha256:…``."""
    return tuple(bytes.fromhex(each.removeprefix(_SHA256)) for each in dict.fromkeys(texts) if each.startswith(_SHA256))


async def record_receipt(connection: Connection, receipt: Receipt, giving: Giving, given_at: datetime) -> None:
    """Keep a receipt's bytes to be signed, in the caller's transaction."""
    signer = giving.signer(None)
    protected, payload = to_be_signed(
        receipt, certificates=(signer.certificate,), kid=signer.kid, algorithm=signer.algorithm
    )
    await store.add(connection, ReceiptRow(
        receipt.number, receipt.case_number, receipt.step, receipt.matter, receipt.body, receipt.operator, signer.kid,
        protected, payload, given_at,
    ))  # fmt: skip


async def finished(connection: Connection, number: bytes, giving: Giving) -> ReceiptRow | None:
    """A receipt with its signature, made now where it is missing; None when there is no such receipt.

    Args:
        connection: outside a transaction.

    Raises:
        EtrustError: ``no_key``, ``key_compromised``; ``no_evidence``; ``clock_unsure`` and others of the timestamp service.
    """
    row = await store.find(connection, number)
    if row is None or row.signature is not None:
        return row
    signer = giving.signer(row.kid)
    signature = signer.sign(cose.to_be_signed(row.protected, row.payload))
    token = await giving.stamp(digest(SHA256, [cose.timestamped(signature)]))
    own, service = await giving.evidence(signer.certificate), await giving.evidence(giving.stamp_certificate())
    unprotected = unprotected_of(token, (own + service).crls)
    await store.add_signature(
        connection, number, signature=signature, unprotected=cbor2.dumps(unprotected, canonical=True), at=row.given_at
    )
    return await store.find(connection, number)


def signed_bytes(row: ReceiptRow, log_proof: str = "") -> bytes:
    """The COSE_Sign1 of a receipt that has its signature, with the proof of its entry in the log where there is one."""
    assert row.signature is not None and row.unprotected is not None  # noqa: S101, PT018 - the caller asked `finished`
    proof = {LOG_PROOF: log_proof} if log_proof else {}
    return cose.assemble(row.protected, row.payload, row.signature, {**cbor2.loads(row.unprotected), **proof})


def no_receipt() -> EtrustError:
    """The one answer for a receipt that is not there and one that is another body's."""
    return EtrustError(
        Kind.NOT_FOUND, "receipt_not_found", where="receipt",
        zh="没有找到该回执，请核对回执编号。", en="No such receipt; please check its number.",
    )
