"""A check that waits for a holder's consent: what it goes on with, sealed, so that the store has no name and no number.

The key is made of the check's id and a secret of the region. The row is deleted when the check goes on or its time is over.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from etrust.errors import EtrustError, Kind
from etrust.onecode.model import Acting, Basis, Ground, Subject

_NONCE = 12


@dataclass(frozen=True, slots=True)
class Presented:
    """A party whose code was redeemed.

    Attributes:
        consent: id of a grant or of a request; empty on duty and for a party whose licenses the matter does not use.
    """

    party: str
    acting: Acting
    consent: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """What a waiting check goes on with: the question without its codes, and whom they stood for."""

    check_id: str
    matter: str
    version: int
    number: str
    ground: Ground
    reason: str
    legal_basis: str
    fields: Mapping[str, tuple[str, ...]] | None
    commitments: tuple[str, ...]
    deferrals: tuple[str, ...]
    papers: tuple[str, ...]
    parties: tuple[Presented, ...] = field(repr=False)


def new_check_id() -> str:
    """An id nobody guesses (128 bits), 32 hexadecimal digits."""
    return secrets.token_hex(16)


def seal_wait(wait: Wait, secret: bytes) -> bytes:
    """A waiting check, sealed for the store."""
    told = [
        wait.matter, wait.version, wait.number, wait.ground.value, wait.reason, wait.legal_basis,
        None if wait.fields is None else {key: list(names) for key, names in wait.fields.items()},
        list(wait.commitments), list(wait.deferrals), list(wait.papers), [_party(each) for each in wait.parties],
    ]  # fmt: skip
    nonce = secrets.token_bytes(_NONCE)
    return nonce + _cipher(wait.check_id, secret).encrypt(nonce, json.dumps(told, ensure_ascii=False).encode(), None)


def open_wait(check_id: str, sealed: bytes, secret: bytes) -> Wait:
    """The other way round.

    Raises:
        EtrustError: ``no_such_check``: it was not sealed for this id here.
    """
    try:
        told = json.loads(_cipher(check_id, secret).decrypt(sealed[:_NONCE], sealed[_NONCE:], None))
    except InvalidTag as error:
        raise no_such_check() from error
    matter, version, number, ground, reason, legal_basis, fields, commitments, deferrals, papers, parties = told
    return Wait(
        check_id, matter, version, number, Ground(ground), reason, legal_basis,
        None if fields is None else {key: tuple(names) for key, names in fields.items()},
        tuple(commitments), tuple(deferrals), tuple(papers), tuple(_presented(*each) for each in parties),
    )  # fmt: skip


def no_such_check() -> EtrustError:
    """The one answer for a check that is unknown, over, or another operator's."""
    return EtrustError(
        Kind.NOT_FOUND, "no_such_check", where="check",
        zh="没有等待中的此次查验，或已超时；请重新扫码。", en="No check waits under this id, or its time is over; scan again.",
    )


def _cipher(check_id: str, secret: bytes) -> AESGCM:
    return AESGCM(hashlib.blake2b(check_id.encode(), key=secret, person=b"check-wait", digest_size=32).digest())


def _party(each: Presented) -> list[object]:
    acting, subject = each.acting, each.acting.subject
    until = None if acting.until is None else acting.until.isoformat()
    return [
        each.party, each.consent, subject.key.hex(), subject.name, subject.code, subject.code_type, acting.person,
        acting.basis.value, acting.matter, until, acting.reference,
    ]  # fmt: skip


def _presented(
    party: str, consent: str, key: str, name: str, code: str, code_type: str, person: str, basis: str, matter: str,
    until: str | None, reference: str,
) -> Presented:
    subject = Subject(bytes.fromhex(key), name, code, code_type)
    ends = None if until is None else datetime.fromisoformat(until)
    return Presented(party, Acting(subject, person, Basis(basis), matter, ends, reference), consent)
