"""Annotated copies (加注件): a license's document made for one use, one receiver and a time, numbered and signed by itself."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from etrust.access import store as access_store
from etrust.clock import official_date
from etrust.documents import store as document_store
from etrust.documents.model import Annotation
from etrust.documents.register import OWN, CopyRecord, DocumentKind, DocumentRecord
from etrust.errors import EtrustError, Kind
from etrust.licenses.documents import Making, make_documents, require_in_force
from etrust.licenses.model import Provenance, StoredLicense
from etrust.storage.postgres import Connection

MAX_TEXT = 60
"""Characters of a purpose or receiver: they stand in the watermark."""
MAX_TIME = timedelta(days=366)
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class CopyRequest:
    """What a copy is asked for: purpose (用途), receiver, and the last day it may be used."""

    purpose: str
    recipient: str
    valid_until: date


async def make_copy(
    connection: Connection, making: Making, stored: StoredLicense, asked: CopyRequest, kinds: Sequence[DocumentKind], *,
    who: Provenance,
) -> tuple[str, list[DocumentRecord]]:
    """The number of a new annotated copy, and its documents.

    Args:
        connection: outside a transaction.

    Raises:
        EtrustError: ``bad_annotation``; as `make_documents`.
    """
    today = official_date(making.clock())
    _check(asked, stored, today)
    await require_in_force(connection, stored, making.clock())
    number = f"JZ{today:%Y%m%d}{''.join(secrets.choice(_ALPHABET) for _ in range(10))}"
    record = CopyRecord(
        stored.serial, stored.version, OWN, number, asked.purpose, asked.recipient, asked.valid_until, who.operator, who.at
    )
    async with connection.transaction():
        await document_store.lock_copies(connection, stored.serial)
        copy_no = await document_store.add_copy(connection, record)
        await access_store.record(
            connection, at=who.at, operator=who.operator, body=who.body, action="document.copy",
            subject=f"{stored.serial}.{stored.version:03d}", reason=asked.purpose,
        )
    annotation = Annotation(number, asked.purpose, asked.recipient, asked.valid_until)
    made = await make_documents(connection, making, stored, kinds, who=who, annotation=annotation, copy_no=copy_no)
    return number, made


def _check(asked: CopyRequest, stored: StoredLicense, today: date) -> None:
    for name, text in (("purpose", asked.purpose), ("recipient", asked.recipient)):
        if not 1 <= len(text.strip()) <= MAX_TEXT or not text.isprintable():
            raise _bad(name, f"须为 1 至 {MAX_TEXT} 字", f"must have 1 to {MAX_TEXT} printable characters")
    latest = min(today + MAX_TIME, stored.valid_until or today + MAX_TIME)
    if not today <= asked.valid_until <= latest:
        raise _bad("valid_until", f"须在今天至 {latest} 之间", f"must be between today and {latest}")


def _bad(name: str, zh: str, en: str) -> EtrustError:
    return EtrustError(
        Kind.INVALID, "bad_annotation", where=name, zh=f"加注件的 {name} {zh}。", en=f"{name} of an annotated copy {en}."
    )
