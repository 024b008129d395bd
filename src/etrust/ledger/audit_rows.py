"""Entries made anew from the rows they are about, for the auditor: statements and encoding of its own.

What wrote the log is not asked: were a column forgotten there, or a row read otherwise, the two would not agree. What stands in
an entry is told in ``docs/ledger-audit.md``.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import cbor2

from etrust.storage.postgres import Connection

Content = Callable[[Sequence[Any]], bytes]
_COSE_SIGN1 = 18
_SALT_BYTES = 16


def _cose(parts: Sequence[Any]) -> bytes:
    protected, payload, signature = parts
    return cbor2.dumps(cbor2.CBORTag(_COSE_SIGN1, [protected, {}, payload, signature]))


def _whole(parts: Sequence[Any]) -> bytes:
    return bytes(parts[0])


def _row(parts: Sequence[Any]) -> bytes:
    plain = [each.astimezone(UTC).isoformat() if isinstance(each, datetime) else each for each in parts]
    return cbor2.dumps(plain, canonical=True)


_FROM = " FROM unnest($1::text[]) AS w (subject) JOIN "
_ROWS: Mapping[str, tuple[Content, str]] = {
    "license": (_cose, "l.protected, l.payload, c.signature, c.signed_at" + _FROM +
        "credentials c ON c.serial = split_part(w.subject, '.', 1) AND c.version = split_part(w.subject, '.', 2)::smallint"
        " JOIN licenses l ON l.serial = c.serial AND l.version = c.version"),
    "status": (_row, "s.seq, s.serial, s.version, s.list_no, s.list_index, s.state, s.action, s.reason, s.legal_basis,"
        " s.operator, s.body, s.effective_at, s.recorded_at, s.recorded_at" + _FROM +
        "status_events s ON s.seq = w.subject::bigint"),
    "seal_step": (_row, "s.code, s.step, s.action, s.state, s.operator, s.body, s.reason, s.legal_basis, s.note, s.at, s.at" +
        _FROM + "seal_events s ON s.code = split_part(w.subject, '/', 1) AND s.step = split_part(w.subject, '/', 2)::integer"),
    "seal": (_whole, "s.seal, s.made_at" + _FROM + "seal_files s ON s.code = w.subject"),
    "seal_use": (_row, "u.use_id, u.code, u.digest, u.license_type, u.matter, u.document, u.operator, u.body, u.grant_id, u.at,"
        " s.signed_at, s.signed_at" + _FROM + "seal_uses_signed s ON s.use_id = w.subject::bigint"
        " JOIN seal_uses u ON u.use_id = s.use_id"),
    "trust_list": (_whole, "t.token, t.published_at" + _FROM + "trust_lists t ON t.sequence = w.subject::bigint"),
    "receipt": (_cose, "r.protected, r.payload, s.signature, s.signed_at" + _FROM +
        "receipt_signatures s ON s.number = decode(w.subject, 'hex') JOIN receipts r ON r.number = s.number"),
}  # fmt: skip
"""Of every kind: how its content is made of the columns, and the columns, the time in the entry last."""


async def made_anew(
    connection: Connection, secret: bytes, wanted: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], bytes]:
    """Entries by kind and subject, as the rows of now would have them; what is not there is left out.

    Args:
        secret: what salts follow from.
        wanted: kind and subject.
    """
    found: dict[tuple[str, str], bytes] = {}
    for kind, (content, statement) in _ROWS.items():
        names = [name for each, name in wanted if each == kind]
        if not names:
            continue
        for subject, *parts, at in await connection.fetch(f"SELECT w.subject, {statement}", names):
            found[kind, subject] = _entry(secret, kind, subject, content(parts), at)
    return found


def _entry(secret: bytes, kind: str, subject: str, content: bytes, at: datetime) -> bytes:
    salt = hmac.new(secret, kind.encode() + b"\0" + subject.encode(), "sha256").digest()[:_SALT_BYTES]
    return cbor2.dumps([1, kind, int(at.timestamp()), hashlib.sha256(salt + content).digest()], canonical=True)
