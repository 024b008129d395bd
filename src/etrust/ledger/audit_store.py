"""SQL of the auditor (日志审计), which does not go through the code that wrote: one function, one statement."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from etrust.storage.postgres import Connection


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint as the database has it."""

    size: int
    root: bytes
    signed_at: datetime


UNLOGGED: Mapping[str, str] = {
    "license": "SELECT serial || '.' || lpad(version::text, 3, '0') AS subject FROM credentials",
    "status": "SELECT seq::text AS subject FROM status_events",
    "seal_step": "SELECT code || '/' || step AS subject FROM seal_events",
    "seal": "SELECT code AS subject FROM seal_files",
    "seal_use": "SELECT use_id::text AS subject FROM seal_uses_signed",
    "trust_list": "SELECT sequence::text AS subject FROM trust_lists",
    "receipt": "SELECT encode(number, 'hex') AS subject FROM receipt_signatures",
}
"""Where the subjects of each kind stand."""


async def entries(connection: Connection, start: int, end: int) -> list[tuple[int, str, str, bytes]]:
    """Index, kind, subject and bytes of the entries from one index up to another."""
    rows = await connection.fetch(
        "SELECT index, kind, subject, entry FROM ledger_entries WHERE index >= $1 AND index < $2 ORDER BY index", start, end
    )
    return [tuple(row) for row in rows]


async def unlogged(connection: Connection, kind: str, limit: int) -> list[str]:
    """Subjects of a kind that have neither an entry nor a place in the queue."""
    rows = await connection.fetch(
        f"WITH there AS ({UNLOGGED[kind]}) SELECT subject FROM there t"  # noqa: S608 - statements of our own
        " WHERE NOT EXISTS (SELECT FROM ledger_entries e WHERE e.kind = $1 AND e.subject = t.subject)"
        " AND NOT EXISTS (SELECT FROM ledger_pending p WHERE p.kind = $1 AND p.subject = t.subject) ORDER BY subject LIMIT $2",
        kind, limit,
    )
    return [row["subject"] for row in rows]


async def waiting_since(connection: Connection) -> int:
    """How many subjects wait for their entry."""
    found: int = await connection.fetchval("SELECT count(*) FROM ledger_pending")
    return found


async def numbers_given_twice(connection: Connection, limit: int) -> list[str]:
    """First serials of licenses whose printed number another license of the same type and issuer has."""
    rows = await connection.fetch(
        "SELECT min(serial) AS first, max(serial) AS last FROM licenses GROUP BY license_type, issuer, number"
        " HAVING count(DISTINCT serial) > 1 ORDER BY 1 LIMIT $1",
        limit,
    )
    return [f"{row['first']} {row['last']}" for row in rows]


async def versions_missing(connection: Connection, limit: int) -> list[str]:
    """Serials whose versions are not one, two, three and so on."""
    rows = await connection.fetch(
        "SELECT serial FROM licenses GROUP BY serial HAVING max(version) <> count(*) OR min(version) <> 1"
        " ORDER BY serial LIMIT $1",
        limit,
    )
    return [row["serial"] for row in rows]


async def indices_given_twice(connection: Connection, limit: int) -> list[str]:
    """Places in status lists that several licenses have."""
    rows = await connection.fetch(
        "SELECT list_no, list_index FROM licenses GROUP BY list_no, list_index HAVING count(*) > 1 ORDER BY 1, 2 LIMIT $1", limit
    )
    return [f"{row['list_no']}/{row['list_index']}" for row in rows]


async def turned_back(connection: Connection, limit: int) -> list[int]:
    """Events of the status history that follow a revocation, or take effect before the event they follow."""
    rows = await connection.fetch(
        "SELECT seq FROM (SELECT seq, effective_at, recorded_at, lag(state) OVER w AS before, lag(effective_at) OVER w AS since,"
        " lag(recorded_at) OVER w AS known FROM status_events WINDOW w AS (PARTITION BY list_no, list_index ORDER BY seq)) h"
        " WHERE before = 1 OR effective_at < since OR recorded_at < known ORDER BY seq LIMIT $1",
        limit,
    )
    return [row["seq"] for row in rows]


async def first_size(connection: Connection) -> int:
    """The size of the first checkpoint, 0 when there is none."""
    found: int | None = await connection.fetchval("SELECT min(size) FROM ledger_checkpoints")
    return found or 0


async def signed_after(connection: Connection, index: int, limit: int) -> list[Signed]:
    """The checkpoints that have an entry, the first one first."""
    rows = await connection.fetch(
        "SELECT size, root, signed_at FROM ledger_checkpoints WHERE size > $1 ORDER BY size LIMIT $2", index, limit
    )
    return [Signed(**row) for row in rows]


async def status_lists(connection: Connection) -> list[int]:
    """The numbers of the status lists."""
    return [row["list_no"] for row in await connection.fetch("SELECT list_no FROM status_lists ORDER BY list_no")]


async def changes(connection: Connection, list_no: int) -> list[tuple[int, int, int, datetime]]:
    """Number, index, state and time of recording of the changes of a status list, in order."""
    rows = await connection.fetch(
        "SELECT seq, list_index, state, recorded_at FROM status_events WHERE list_no = $1 ORDER BY seq", list_no
    )
    return [tuple(row) for row in rows]


async def index_of(connection: Connection, kind: str, subject: str) -> int | None:
    """The index of an entry."""
    found: int | None = await connection.fetchval(
        "SELECT index FROM ledger_entries WHERE kind = $1 AND subject = $2", kind, subject
    )
    return found
