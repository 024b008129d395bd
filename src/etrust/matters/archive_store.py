"""SQL of archive packages: one function, one statement."""

import hashlib
from datetime import datetime

from etrust.matters.archive import Packed
from etrust.storage.postgres import Connection


async def newest(connection: Connection, case_number: str, step: int) -> tuple[int, bytes] | None:
    """Revision and bytes of the newest package of a case as it stood after a step."""
    row = await connection.fetchrow(
        "SELECT revision, package FROM case_archives WHERE case_number = $1 AND step = $2 ORDER BY revision DESC LIMIT 1",
        case_number, step,
    )
    return None if row is None else (row["revision"], row["package"])


async def add(
    connection: Connection, case_number: str, step: int, revision: int, packed: Packed, *, operator: str, at: datetime
) -> bool:
    """Keep a package; False when somebody else kept that revision meanwhile."""
    done = await connection.execute(
        "INSERT INTO case_archives (case_number, step, revision, package, digest, operator, made_at, timestamp_until, due_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
        case_number, step, revision, packed.content, hashlib.sha256(packed.content).digest(), operator, at,
        packed.timestamp_until, packed.due_at,
    )
    return bool(done.endswith(" 1"))


async def due(connection: Connection, at: datetime, limit: int) -> list[tuple[str, int]]:
    """Case and step of packages whose newest revision is to be renewed, the most urgent first."""
    rows = await connection.fetch(
        "SELECT a.case_number, a.step FROM case_archives a WHERE a.due_at <= $1 AND NOT EXISTS (SELECT 1 FROM case_archives b"
        " WHERE b.case_number = a.case_number AND b.step = a.step AND b.revision > a.revision) ORDER BY a.due_at LIMIT $2",
        at, limit,
    )
    return [(row["case_number"], row["step"]) for row in rows]


async def trust_lists(connection: Connection, digests: list[str]) -> dict[str, bytes]:
    """Trust lists this region published, by hexadecimal SHA-256.

    Args:
        digests: as verdicts have them, ``sha256:…``.
    """
    rows = await connection.fetch("SELECT digest, token FROM trust_lists WHERE digest = ANY($1)", digests)
    return {row["digest"].removeprefix("sha256:"): row["token"] for row in rows}
