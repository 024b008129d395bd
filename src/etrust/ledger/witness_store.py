"""SQL of witnessed logs: one function, one statement."""

from dataclasses import dataclass
from datetime import datetime

from etrust.storage.postgres import Connection


@dataclass(frozen=True, slots=True)
class Witnessed:
    """A checkpoint of another log that was cosigned."""

    origin: str
    size: int
    root: bytes
    region: str
    note: bytes
    cosigned_at: datetime


@dataclass(frozen=True, slots=True)
class WitnessAlarm:
    """Two checkpoints of one log that do not fit each other.

    Attributes:
        reason: ``split_view`` (proof: both are signed by the log) or ``bad_proof`` (suspicion).
        known: the note cosigned before; `shown` the one that does not fit it.
        answered: a suspicion that came to nothing: the same checkpoint was cosigned later.
    """

    alarm: int
    origin: str
    region: str
    reason: str
    size: int
    known: bytes
    shown: bytes
    at: datetime
    answered: bool


async def lock_origin(connection: Connection, origin: str) -> None:
    """Let one checkpoint of a log at a time be judged, until the transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('etrust.witness ' || $1, 0))", origin)


async def origins(connection: Connection) -> dict[str, str]:
    """The region of each origin that was seen."""
    return {row["origin"]: row["region"] for row in await connection.fetch("SELECT origin, region FROM witnessed_origins")}


async def take_origin(connection: Connection, origin: str, region: str) -> bool:
    """Give a region its one log; False when it has another, or the origin is another's."""
    await connection.execute(
        "INSERT INTO witnessed_origins (region, origin) VALUES ($1, $2) ON CONFLICT DO NOTHING", region, origin
    )
    kept: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM witnessed_origins WHERE region = $1 AND origin = $2)", region, origin
    )
    return kept


async def last(connection: Connection, origin: str) -> Witnessed | None:
    """The newest checkpoint of a log that was cosigned."""
    row = await connection.fetchrow(
        "SELECT origin, size, root, region, note, cosigned_at FROM witnessed WHERE origin = $1 ORDER BY size DESC LIMIT 1", origin
    )
    return None if row is None else Witnessed(**row)


async def of_size(connection: Connection, origin: str, size: int) -> Witnessed | None:
    """The checkpoint of a size that was cosigned."""
    row = await connection.fetchrow(
        "SELECT origin, size, root, region, note, cosigned_at FROM witnessed WHERE origin = $1 AND size = $2", origin, size
    )
    return None if row is None else Witnessed(**row)


async def newest(connection: Connection) -> list[Witnessed]:
    """The newest checkpoint of every log that is witnessed."""
    rows = await connection.fetch(
        "SELECT DISTINCT ON (origin) origin, size, root, region, note, cosigned_at FROM witnessed ORDER BY origin, size DESC"
    )
    return [Witnessed(**row) for row in rows]


async def keep(connection: Connection, seen: Witnessed) -> None:
    """Keep a checkpoint before it is cosigned; the same one may come again."""
    await connection.execute(
        "INSERT INTO witnessed (origin, size, root, region, note, cosigned_at) VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (origin, size) DO NOTHING",
        seen.origin, seen.size, seen.root, seen.region, seen.note, seen.cosigned_at,
    )


async def raise_alarm(connection: Connection, *, seen: Witnessed, shown: Witnessed, reason: str) -> None:
    """Keep two checkpoints that do not fit each other; the same ones may come again."""
    await connection.execute(
        "INSERT INTO witness_alarms (origin, region, reason, size, root, known, shown, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        seen.origin, seen.region, reason, shown.size, shown.root, seen.note, shown.note, shown.cosigned_at,
    )


_ANSWERED = "EXISTS (SELECT FROM witnessed w WHERE (w.origin, w.size, w.root) = (a.origin, a.size, a.root))"


async def alarms(connection: Connection, limit: int = 100) -> list[WitnessAlarm]:
    """The newest alarms."""
    rows = await connection.fetch(
        f"SELECT alarm, origin, region, reason, size, known, shown, at, {_ANSWERED} AS answered"  # noqa: S608 - a constant
        " FROM witness_alarms a ORDER BY alarm DESC LIMIT $1",
        limit,
    )
    return [WitnessAlarm(**row) for row in rows]


async def alarm_counts(connection: Connection) -> dict[str, int]:
    """How many alarms stand open, by reason."""
    rows = await connection.fetch(
        f"SELECT reason, count(*) AS alarms FROM witness_alarms a WHERE NOT {_ANSWERED} GROUP BY reason"  # noqa: S608 - a constant
    )
    return {row["reason"]: row["alarms"] for row in rows}
