"""The receipt of a check (查验回执): who checked what for which case, with which outcome, resting on which lists.

CWT claims (RFC 8392) in a COSE_Sign1 (RFC 9052) that carries all it takes to be verified years later: the certificates of its
signer (x5chain, RFC 9360), a timestamp over its signature (3161-ctt, RFC 9921), the revocation lists of both, and the proof
that it stands in the log. Values of licenses are not in it, only salted digests of them. ``docs/formats.md`` has the CDDL.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import cbor2

from etrust.errors import EtrustError, Kind
from etrust.signing import cose
from etrust.signing.model import Algorithm

RECEIPT = "receipt"
TYP = "application/etrust-receipt+cwt"
MAX_RECEIPT = 1024 * 1024
"""Bytes of a receipt, revocation lists included; its own part has some five thousand."""
NUMBER_BYTES, SALT_BYTES, KID_BYTES = 10, 16, 8
MAX_MATERIALS, MAX_FIELDS, MAX_LISTS, MAX_PARTIES = 100, 100, 64, 20
REVOCATION_LISTS = -65541
"""Private header: the revocation lists (DER) that spoke for signer and timestamp service when it was signed."""
LOG_PROOF = -65542
"""Private header: the text of the proof (C2SP tlog-proof) that the region's log has an entry of this receipt."""

ISS, IAT, CTI, CLAIM = 1, 6, 7, -65539
_LAST_SECOND = 253402300799
_LONG, _SHORT = 2000, 200
Names = tuple[str, str, str]
"""A name in Chinese, Uyghur and English; the last two may be empty."""


@dataclass(frozen=True, slots=True)
class ReceiptParty:
    """Somebody whose code was scanned: never by name, `shown` has all but the first character hidden.

    Attributes:
        basis: why whoever showed the code could (self, guardian, …).
        consent: the consent used, empty on duty.
    """

    key: str
    names: Names
    shown: str
    basis: str
    consent: str


@dataclass(frozen=True, slots=True)
class ReceiptMaterial:
    """How one material came out.

    Attributes:
        outcome: what the case goes on with.
        found: what the registers said (status word); `verdict` the overall word for the license, empty when there is none.
        reason: code of why, empty when satisfied.
        party: whose license it is.
        identifier: 电子证照标识, empty when none; `license_type` its type, `type_names` what that is called.
        region: six-digit division of the region that issued it.
        fields: digests of the values told, by the name of the field.
        lists: digests of the trust list and status list it rests on.
        deadline: until when a deferred material may be brought.
        commitment: ``sha256:…`` of the text agreed to.
    """

    key: str
    names: Names
    outcome: str
    found: str
    verdict: str = ""
    reason: str = ""
    party: str = ""
    identifier: str = ""
    license_type: str = ""
    type_names: Names = ("", "", "")
    region: str = ""
    fields: Mapping[str, bytes] = field(default_factory=dict)
    lists: tuple[bytes, ...] = ()
    deadline: date | None = None
    commitment: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt says.

    Attributes:
        number: ten random bytes.
        step: of the case.
        at: when it was checked.
        trust_lists: SHA-256 of the lists it rests on, as verdicts name them; `status_lists` likewise.
    """

    region: str
    number: bytes
    at: datetime
    case_number: str
    step: int
    check_id: str
    matter: str
    version: int
    matter_names: Names
    ground: str
    reason: str
    legal_basis: str
    operator: str
    body: str
    body_names: Names
    parties: tuple[ReceiptParty, ...]
    materials: tuple[ReceiptMaterial, ...]
    trust_lists: tuple[bytes, ...]
    status_lists: tuple[bytes, ...]

    @property
    def id(self) -> str:
        """The number as it is written: sixteen letters and digits."""
        return receipt_id(self.number)


@dataclass(frozen=True, slots=True)
class SignedReceipt:
    """A receipt taken apart; nothing in it is judged here.

    Attributes:
        certificates: of the signer, the signer's own first.
        timestamp: RFC 3161 token over the signature, None when there is none.
        crls: revocation lists it carries.
        bare: the receipt without what was added after signing, as the log has its entry of.
        log_proof: text of the proof of that entry, empty when it carries none.
    """

    receipt: Receipt
    kid: bytes
    algorithm: Algorithm
    certificates: tuple[bytes, ...]
    timestamp: bytes | None
    crls: tuple[bytes, ...]
    signature: bytes
    to_be_signed: bytes
    bare: bytes
    log_proof: str = ""


def receipt_id(number: bytes) -> str:
    """A receipt's number as text."""
    return base64.b32encode(number).decode()


def read_receipt_id(text: str) -> bytes:
    """The number of a receipt, spaces and hyphens left out.

    Raises:
        EtrustError: MALFORMED ``bad_receipt_number``.
    """
    plain = text.replace(" ", "").replace("-", "").upper()
    try:
        number = base64.b32decode(plain) if len(plain) <= 2 * NUMBER_BYTES else b""
    except (binascii.Error, ValueError):
        number = b""
    if len(number) != NUMBER_BYTES:
        raise EtrustError(
            Kind.MALFORMED, "bad_receipt_number", where="receipt",
            zh="回执编号应为十六位字母与数字。", en="A receipt number has sixteen letters and digits.",
        )
    return number


def field_digest(salt: bytes, material: str, name: str, value: str) -> bytes:
    """SHA-256 over the CBOR array of salt, material, field and value: binds a value without telling it."""
    return hashlib.sha256(cbor2.dumps([salt, material, name, value], canonical=True)).digest()


def field_salt(secret: bytes, number: bytes, material: str, name: str) -> bytes:
    """The salt of one field, made of a secret the region keeps, so that nothing has to be kept for each receipt."""
    named = cbor2.dumps([number, material, name], canonical=True)
    return hmac.digest(secret, b"receipt field\0" + named, "sha256")[:SALT_BYTES]


def to_be_signed(receipt: Receipt, *, certificates: tuple[bytes, ...], kid: bytes, algorithm: Algorithm) -> tuple[bytes, bytes]:
    """Protected header and payload of a receipt."""
    chain: object = certificates[0] if len(certificates) == 1 else list(certificates)
    header = {cose.ALGORITHM: algorithm.cose, cose.KEY_ID: kid, cose.TYPE: TYP, cose.CERTIFICATES: chain}
    return cose.encode_header(header), cbor2.dumps(_claims(receipt), canonical=True)


def unprotected_of(timestamp: bytes, crls: tuple[bytes, ...]) -> dict[int, object]:
    """What is added once it is signed."""
    return {cose.TIMESTAMP: timestamp, REVOCATION_LISTS: list(crls)}


def _claims(receipt: Receipt) -> dict[int, object]:
    return {
        ISS: receipt.region, IAT: int(receipt.at.timestamp()), CTI: receipt.number,
        CLAIM: {
            0: receipt.case_number, 1: receipt.step, 2: receipt.check_id,
            3: [receipt.matter, receipt.version, list(receipt.matter_names)],
            4: [receipt.ground, receipt.reason, receipt.legal_basis],
            5: [receipt.operator, receipt.body, list(receipt.body_names)],
            6: [[each.key, list(each.names), each.shown, each.basis, each.consent] for each in receipt.parties],
            7: [_material(each) for each in receipt.materials],
            8: list(receipt.trust_lists), 9: list(receipt.status_lists),
        },
    }  # fmt: skip


def _material(material: ReceiptMaterial) -> dict[int, object]:
    found: dict[int, object] = {
        0: material.key, 1: list(material.names), 2: material.outcome, 3: material.found, 4: material.verdict,
        5: material.reason, 6: material.party, 7: material.identifier, 8: material.license_type,
        9: list(material.type_names), 10: material.region, 11: dict(material.fields), 12: list(material.lists),
        13: None if material.deadline is None else material.deadline.isoformat(), 14: material.commitment,
    }  # fmt: skip
    return {key: value for key, value in found.items() if key in (0, 1, 2, 3) or value not in ("", None, [], {}, ["", "", ""])}


def is_receipt(data: bytes) -> bool:
    """Whether bytes are meant to be a receipt: a tagged COSE_Sign1."""
    return data[:2] == b"\xd2\x84"


def read_receipt(data: bytes) -> SignedReceipt:
    """Take a receipt apart.

    Raises:
        EtrustError: ``too_large``, ``bad_cose``; MALFORMED ``bad_receipt``.
    """
    sign1 = cose.parse_sign1(data, MAX_RECEIPT)
    protected, kid = sign1.protected, sign1.kid
    if protected.get(cose.TYPE) != TYP or kid is None or len(kid) != KID_BYTES:
        raise _bad("its headers are not those of a receipt")
    try:
        algorithm = Algorithm.of_cose(protected[cose.ALGORITHM])
        if algorithm is None:
            raise _bad("an unknown algorithm")
        receipt = _read_claims(cose.strict_loads(sign1.payload))
    except (KeyError, IndexError, ValueError, TypeError, AttributeError) as error:
        raise _bad("its claims are not those of a receipt") from error
    stamp, proof = sign1.unprotected.get(cose.TIMESTAMP), sign1.unprotected.get(LOG_PROOF, "")
    if not isinstance(proof, str):
        raise _bad("its proof of the log is no text")
    return SignedReceipt(
        receipt, kid, algorithm, _strings(protected.get(cose.CERTIFICATES)), stamp if isinstance(stamp, bytes) else None,
        _strings(sign1.unprotected.get(REVOCATION_LISTS)), sign1.signature,
        cose.to_be_signed(sign1.protected_bytes, sign1.payload),
        cose.assemble(sign1.protected_bytes, sign1.payload, sign1.signature), proof,
    )  # fmt: skip


def _strings(found: object) -> tuple[bytes, ...]:
    """One byte string, or several in an array."""
    listed = found if isinstance(found, list) else [] if found is None else [found]
    if len(listed) > MAX_LISTS or not all(isinstance(each, bytes) for each in listed):
        raise _bad("certificates and lists must be byte strings")
    return tuple(listed)


def _read_claims(found: Any) -> Receipt:
    said = found[CLAIM]
    matter, version, matter_names = said[3]
    ground, reason, legal_basis = said[4]
    operator, body, body_names = said[5]
    return Receipt(
        region=_text(found[ISS], 20), number=_bytes(found[CTI], NUMBER_BYTES), at=_moment(found[IAT]),
        case_number=_text(said[0]), step=_count(said[1]), check_id=_text(said[2]), matter=_text(matter),
        version=_count(version), matter_names=_names(matter_names), ground=_text(ground), reason=_text(reason, _LONG),
        legal_basis=_text(legal_basis, _LONG), operator=_text(operator), body=_text(body), body_names=_names(body_names),
        parties=tuple(_read_party(each) for each in _listed(said[6], MAX_PARTIES)),
        materials=tuple(_read_material(each) for each in _listed(said[7], MAX_MATERIALS)),
        trust_lists=_digests(said[8]), status_lists=_digests(said[9]),
    )  # fmt: skip


def _read_party(found: Any) -> ReceiptParty:
    key, names, shown, basis, consent = found
    return ReceiptParty(_text(key), _names(names), _text(shown), _text(basis), _text(consent))


def _read_material(found: Any) -> ReceiptMaterial:
    told = found.get(11, {})
    if not isinstance(told, dict) or len(told) > MAX_FIELDS:
        raise _bad("too many fields")
    deadline = found.get(13)
    return ReceiptMaterial(
        key=_text(found[0]), names=_names(found[1]), outcome=_text(found[2]), found=_text(found[3]),
        verdict=_text(found.get(4, "")), reason=_text(found.get(5, "")), party=_text(found.get(6, "")),
        identifier=_text(found.get(7, "")), license_type=_text(found.get(8, "")),
        type_names=_names(found.get(9, ["", "", ""])), region=_text(found.get(10, "")),
        fields={_text(name): _bytes(value, 32) for name, value in told.items()}, lists=_digests(found.get(12, [])),
        deadline=None if deadline is None else date.fromisoformat(_text(deadline)), commitment=_text(found.get(14, "")),
    )  # fmt: skip


def _listed(found: object, most: int) -> list[Any]:
    if not isinstance(found, list) or len(found) > most:
        raise _bad("a list is missing or too long")
    return found


def _names(found: object) -> Names:
    zh, ug, en = (_text(each, _LONG) for each in _listed(found, 3))
    return zh, ug, en


def _digests(found: object) -> tuple[bytes, ...]:
    return tuple(_bytes(each, 32) for each in _listed(found, MAX_LISTS))


def _text(value: object, limit: int = _SHORT) -> str:
    if not isinstance(value, str) or len(value) > limit:
        raise _bad("a text is missing or too long")
    return value


def _bytes(value: object, length: int) -> bytes:
    if not isinstance(value, bytes) or len(value) != length:
        raise _bad("a byte string is missing or has the wrong length")
    return value


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise _bad("a number is missing or out of range")
    return value


def _moment(value: object) -> datetime:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LAST_SECOND:
        raise _bad("a time is no number in range")
    return datetime.fromtimestamp(value, UTC)


def _bad(why: str) -> EtrustError:
    return EtrustError(Kind.MALFORMED, "bad_receipt", zh="内容不是查验回执。", en=f"Not the receipt of a check: {why}.")
