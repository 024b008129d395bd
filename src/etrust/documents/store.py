"""SQL of documents: one function, one statement."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from etrust.documents.register import CopyRecord, DocumentKey, DocumentKind, DocumentRecord, Revision
from etrust.storage.postgres import Connection

_DOCUMENT = (
    "SELECT d.serial, d.version, d.kind, d.copy_no, d.license_type, d.body, d.operator, d.asked_at, d.revision, d.due_at,"
    " d.trouble, r.level, r.digest, r.size, r.made_at, r.timestamp_until FROM documents d LEFT JOIN document_revisions r"
    " USING (serial, version, kind, copy_no, revision)"
)


async def ask_for(
    connection: Connection, key: DocumentKey, *, license_type: str, body: str, operator: str, at: datetime
) -> None:
    """Record that a document is to be made; nothing happens when it is recorded already."""
    await connection.execute(
        "INSERT INTO documents (serial, version, kind, copy_no, license_type, body, operator, asked_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        *_values(key), license_type, body, operator, at,
    )


async def find(connection: Connection, key: DocumentKey) -> DocumentRecord | None:
    """One document as it stands."""
    row = await connection.fetchrow(
        _DOCUMENT + " WHERE serial = $1 AND version = $2 AND kind = $3 AND copy_no = $4", *_values(key)
    )
    return None if row is None else _record(dict(row))


async def of_license(connection: Connection, serial: str, version: int) -> list[DocumentRecord]:
    """All documents of a license version, its own first."""
    rows = await connection.fetch(
        f"{_DOCUMENT} WHERE d.serial = $1 AND version = $2 ORDER BY copy_no, kind DESC", serial, version
    )
    return [_record(dict(row)) for row in rows]


async def newest(connection: Connection, license_type: str | None, limit: int) -> list[DocumentRecord]:
    """Documents, the latest asked for first."""
    rows = await connection.fetch(
        f"{_DOCUMENT} WHERE $1::text IS NULL OR d.license_type = $1 ORDER BY d.asked_at DESC, d.serial LIMIT $2",
        license_type, limit,
    )
    return [_record(dict(row)) for row in rows]


async def add_revision(connection: Connection, key: DocumentKey, number: int, revision: Revision) -> bool:
    """Keep a revision and make it the newest; False when another process was first."""
    done = await connection.execute(
        "WITH added AS (INSERT INTO document_revisions (serial, version, kind, copy_no, revision, level, digest, size, added,"
        " timestamp_until, seal_use, operator, made_at) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13"
        " FROM documents WHERE serial = $1 AND version = $2 AND kind = $3 AND copy_no = $4 AND revision = $5 - 1"
        " ON CONFLICT DO NOTHING RETURNING 1)"
        " UPDATE documents SET revision = $5, due_at = $14, trouble = '' FROM added"
        " WHERE serial = $1 AND version = $2 AND kind = $3 AND copy_no = $4 AND revision = $5 - 1",
        *_values(key), number, revision.level, revision.digest, revision.size, revision.added, revision.timestamp_until,
        revision.seal_use, revision.operator, revision.made_at, revision.due_at,
    )
    return done.endswith(" 1")


async def read(connection: Connection, key: DocumentKey) -> bytes | None:
    """The bytes of a document, None when it is not made."""
    data: bytes | None = await connection.fetchval(
        "SELECT string_agg(added, ''::bytea ORDER BY revision) FROM document_revisions"
        " WHERE serial = $1 AND version = $2 AND kind = $3 AND copy_no = $4",
        *_values(key),
    )
    return data


async def note_trouble(connection: Connection, key: DocumentKey, reason: str, *, due_at: datetime | None) -> None:
    """Note why a document could not be made or renewed, and when to try again (None: as it was)."""
    await connection.execute(
        "UPDATE documents SET trouble = $5, due_at = coalesce($6, due_at)"
        " WHERE serial = $1 AND version = $2 AND kind = $3 AND copy_no = $4",
        *_values(key), reason[:100], due_at,
    )


async def due(connection: Connection, before: datetime, limit: int) -> list[DocumentRecord]:
    """Documents to be renewed before a moment, the most urgent first."""
    rows = await connection.fetch(f"{_DOCUMENT} WHERE d.due_at < $1 ORDER BY d.due_at, d.serial LIMIT $2", before, limit)
    return [_record(dict(row)) for row in rows]


async def counts(connection: Connection, *, before: datetime, now: datetime) -> Mapping[str, int]:
    """How many documents are made, open, due before a moment, overdue now (last timestamp ended), and in trouble."""
    row = await connection.fetchrow(
        "SELECT count(*) FILTER (WHERE d.revision > 0) AS made, count(*) FILTER (WHERE d.revision = 0) AS open,"
        " count(*) FILTER (WHERE d.due_at < $1) AS due, count(*) FILTER (WHERE r.timestamp_until <= $2) AS overdue,"
        " count(*) FILTER (WHERE d.trouble <> '') AS trouble"
        " FROM documents d LEFT JOIN document_revisions r USING (serial, version, kind, copy_no, revision)",
        before, now,
    )
    return {name: int(value) for name, value in dict(row).items()} if row else {}


async def add_copy(connection: Connection, copy: CopyRecord) -> int:
    """Record an annotated copy under the next number of its license; the caller holds `lock_copies`."""
    number: int = await connection.fetchval(
        "INSERT INTO document_copies (serial, version, copy_no, number, purpose, recipient, valid_until, operator, asked_at)"
        " SELECT $1, $2, coalesce(max(copy_no), 0) + 1, $3, $4, $5, $6, $7, $8 FROM document_copies"
        " WHERE serial = $1 AND version = $2 RETURNING copy_no",
        copy.serial, copy.version, copy.number, copy.purpose, copy.recipient, copy.valid_until, copy.operator, copy.asked_at,
    )
    return number


async def lock_copies(connection: Connection, serial: str) -> None:
    """Let one transaction at a time number copies of a license."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('etrust.copies:' || $1, 0))", serial)


async def copies_of(connection: Connection, serial: str, version: int) -> list[CopyRecord]:
    """The annotated copies of a license version."""
    rows = await connection.fetch(
        "SELECT serial, version, copy_no, number, purpose, recipient, valid_until, operator, asked_at FROM document_copies"
        " WHERE serial = $1 AND version = $2 ORDER BY copy_no",
        serial, version,
    )
    return [CopyRecord(**row) for row in rows]


async def hold_document(connection: Connection, key: DocumentKey) -> bool:
    """Take the session lock that says "a living process works on this document"; False when another holds it."""
    held: bool = await connection.fetchval(
        "SELECT pg_try_advisory_lock(hashtextextended('etrust.document:' || $1, 0))", _lock_name(key)
    )
    return held


async def release_document(connection: Connection, key: DocumentKey) -> None:
    """Give that lock back; a dead process gives it back by dying."""
    await connection.execute(
        "SELECT pg_advisory_unlock(hashtextextended('etrust.document:' || $1, 0))", _lock_name(key)
    )


def _lock_name(key: DocumentKey) -> str:
    return f"{key.serial}.{key.version}.{key.kind}.{key.copy_no}"


def _values(key: DocumentKey) -> tuple[str, int, str, int]:
    return key.serial, key.version, key.kind.value, key.copy_no


def _record(values: dict[str, Any]) -> DocumentRecord:
    key = DocumentKey(values.pop("serial"), values.pop("version"), DocumentKind(values.pop("kind")), values.pop("copy_no"))
    return DocumentRecord(key=key, **values)
