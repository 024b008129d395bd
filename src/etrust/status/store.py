"""SQL of status lists and status history: one function, one statement."""

from datetime import datetime

from etrust.status.events import StatusEvent
from etrust.storage.postgres import Connection

LIST_CAPACITY = 2**20
_COLUMNS = (
    "seq, serial, version, list_no, list_index, state, action, reason, legal_basis, operator, body, effective_at, recorded_at"
)


async def open_list(connection: Connection) -> tuple[int, str, bytes, int] | None:
    """The list in which indices are given now, locked until the transaction ends: number, URI, permutation key, used."""
    row = await connection.fetchrow(
        "SELECT list_no, uri, permutation_key, used FROM status_lists WHERE used < $1 ORDER BY list_no LIMIT 1 FOR UPDATE",
        LIST_CAPACITY,
    )
    return None if row is None else (row["list_no"], row["uri"], row["permutation_key"], row["used"])


async def add_list(connection: Connection, *, uri_prefix: str, permutation_key: bytes, at: datetime) -> None:
    """Begin the next list; its URI is the prefix and its number."""
    await connection.execute(
        "INSERT INTO status_lists (list_no, uri, permutation_key, created_at)"
        " SELECT n, $1 || n, $2, $3 FROM (SELECT coalesce(max(list_no), 0) + 1 AS n FROM status_lists) AS next",
        uri_prefix, permutation_key, at,
    )


async def take(connection: Connection, list_no: int, count: int) -> None:
    """Mark the next `count` indices of a list as given."""
    await connection.execute("UPDATE status_lists SET used = used + $2 WHERE list_no = $1", list_no, count)


async def lists(connection: Connection) -> dict[str, int]:
    """Number by URI of every list of the region."""
    rows = await connection.fetch("SELECT uri, list_no FROM status_lists")
    return {row["uri"]: row["list_no"] for row in rows}


async def lock_history(connection: Connection) -> None:
    """Let one writer at a time append, until the transaction ends: so commit order is number order."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('etrust.status_events', 0))")


async def append_event(connection: Connection, event: StatusEvent) -> None:
    """Append one event under `lock_history`; its `seq` is given here."""
    await connection.execute(
        f"INSERT INTO status_events ({_COLUMNS})"  # noqa: S608 - the columns are a constant of this module
        " SELECT coalesce(max(seq), 0) + 1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 FROM status_events",
        event.serial, event.version, event.list_no, event.list_index, event.state, event.action, event.reason,
        event.legal_basis, event.operator, event.body, event.effective_at, event.recorded_at,
    )


async def events_after(connection: Connection, seq: int, limit: int = 50_000) -> list[StatusEvent]:
    """Events with a higher number, in order."""
    rows = await connection.fetch(f"SELECT {_COLUMNS} FROM status_events WHERE seq > $1 ORDER BY seq LIMIT $2", seq, limit)  # noqa: S608 - as above
    return [StatusEvent(**row) for row in rows]


async def events_of(connection: Connection, list_no: int, list_index: int) -> list[StatusEvent]:
    """The whole history of one index, in order."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM status_events WHERE list_no = $1 AND list_index = $2 ORDER BY seq",  # noqa: S608 - as above
        list_no, list_index,
    )
    return [StatusEvent(**row) for row in rows]
