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
    """Two checkpoints of one log that do not fit each other."""

    alarm: int
    origin: str
    region: str
    reason: str
    known: bytes
    shown: bytes
    at: datetime


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


async def keep(connection: Connection, seen: Witnessed) -> None:
    """Keep a checkpoint before it is cosigned; the same one may come again."""
    await connection.execute(
        "INSERT INTO witnessed (origin, size, root, region, note, cosigned_at) VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (origin, size) DO NOTHING",
        seen.origin, seen.size, seen.root, seen.region, seen.note, seen.cosigned_at,
    )


async def raise_alarm(connection: Connection, *, seen: Witnessed, shown: bytes, reason: str, at: datetime) -> None:
    """Keep two checkpoints that do not fit each other."""
    await connection.execute(
        "INSERT INTO witness_alarms (origin, region, reason, known, shown, at) VALUES ($1, $2, $3, $4, $5, $6)",
        seen.origin, seen.region, reason, seen.note, shown, at,
    )


async def alarms(connection: Connection, limit: int = 100) -> list[WitnessAlarm]:
    """The newest alarms."""
    rows = await connection.fetch(
        "SELECT alarm, origin, region, reason, known, shown, at FROM witness_alarms ORDER BY alarm DESC LIMIT $1", limit
    )
    return [WitnessAlarm(**row) for row in rows]
