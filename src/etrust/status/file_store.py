"""SQL of lists as files: one function, one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from etrust.storage.postgres import Connection


@dataclass(frozen=True, slots=True)
class Publication:
    """One publication of a status list.

    Attributes:
        file: digest of the whole list's file; `bitmap` of the unpacked list.
        deltas: the unpacked list that a change begins with, and the digest of its file.
    """

    list_no: int
    number: int
    file: bytes
    bitmap: bytes
    issued_at: datetime
    expires_at: datetime
    deltas: tuple[tuple[bytes, bytes], ...] = ()


async def lock_publishing(connection: Connection) -> bool:
    """Take the publishing for this transaction; False while another process has it."""
    return bool(await connection.fetchval("SELECT pg_try_advisory_xact_lock(hashtext('list files'))"))


async def add_file(connection: Connection, digest: bytes, body: bytes, at: datetime) -> None:
    """Keep a file; the same one is kept once, and for as long as it is published anew."""
    await connection.execute(
        "INSERT INTO list_files (digest, body, made_at) VALUES ($1, $2, $3)"
        " ON CONFLICT (digest) DO UPDATE SET made_at = excluded.made_at",
        digest, body, at,
    )


async def file(connection: Connection, digest: bytes) -> bytes | None:
    """The bytes of a file."""
    found: bytes | None = await connection.fetchval("SELECT body FROM list_files WHERE digest = $1", digest)
    return found


async def sizes(connection: Connection, digests: Sequence[bytes]) -> dict[bytes, int]:
    """How large files are."""
    rows = await connection.fetch(
        "SELECT digest, octet_length(body) AS size FROM list_files WHERE digest = ANY($1::bytea[])", digests
    )
    return {row["digest"]: row["size"] for row in rows}


async def add_publication(connection: Connection, made: Publication) -> None:
    """Keep a publication; its changes are added one by one."""
    await connection.execute(
        "INSERT INTO list_publications (list_no, number, file, bitmap, issued_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
        made.list_no, made.number, made.file, made.bitmap, made.issued_at, made.expires_at,
    )


async def add_delta(connection: Connection, list_no: int, number: int, since: bytes, digest: bytes) -> None:
    """Keep a change of a publication."""
    await connection.execute(
        "INSERT INTO list_deltas (list_no, number, since, file) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        list_no, number, since, digest,
    )


async def publications(connection: Connection, list_no: int, limit: int) -> list[Publication]:
    """The newest publications of a list, the latest first, without their changes."""
    rows = await connection.fetch(
        "SELECT list_no, number, file, bitmap, issued_at, expires_at FROM list_publications WHERE list_no = $1"
        " ORDER BY number DESC LIMIT $2",
        list_no, limit,
    )
    return [Publication(**row) for row in rows]


async def current(connection: Connection) -> list[Publication]:
    """The newest publication of each list, with its changes."""
    rows = await connection.fetch(
        "SELECT p.list_no, p.number, p.file, p.bitmap, p.issued_at, p.expires_at,"
        " coalesce(array_agg(d.since) FILTER (WHERE d.since IS NOT NULL), '{}') AS since,"
        " coalesce(array_agg(d.file) FILTER (WHERE d.file IS NOT NULL), '{}') AS files"
        " FROM list_publications p LEFT JOIN list_deltas d USING (list_no, number)"
        " WHERE p.number = (SELECT max(number) FROM list_publications q WHERE q.list_no = p.list_no)"
        " GROUP BY p.list_no, p.number ORDER BY p.list_no"
    )
    found = []
    for row in rows:
        columns = dict(row)
        deltas = tuple(sorted(zip(columns.pop("since"), columns.pop("files"), strict=True)))
        found.append(Publication(**columns, deltas=deltas))
    return found


async def forget(connection: Connection, *, all_before: datetime, but_one_a_day_before: datetime) -> None:
    """Forget publications that are not the newest: all from before a time, and of others all but the first of their day."""
    await connection.execute(
        "DELETE FROM list_publications p WHERE number < (SELECT max(number) FROM list_publications q WHERE q.list_no = p.list_no)"
        " AND (issued_at < $1 OR (issued_at < $2 AND number > (SELECT min(number) FROM list_publications q"
        " WHERE q.list_no = p.list_no AND date_trunc('day', q.issued_at) = date_trunc('day', p.issued_at))))",
        all_before, but_one_a_day_before,
    )


async def forget_files(connection: Connection, before: datetime) -> None:
    """Forget the files from before a time that nothing names any more."""
    await connection.execute(
        "DELETE FROM list_files f WHERE made_at < $1 AND NOT EXISTS (SELECT FROM list_publications WHERE file = f.digest)"
        " AND NOT EXISTS (SELECT FROM list_deltas WHERE file = f.digest)",
        before,
    )
