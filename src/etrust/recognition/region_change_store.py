"""SQL of proposals about partner regions: one function, one statement."""

from datetime import datetime

from etrust.recognition.model import RegionAction, RegionProposal
from etrust.storage.postgres import Connection

_FOUND = (
    "SELECT p.*, coalesce(d.action, '') AS decided, coalesce(d.operator, '') AS decided_by, d.at AS decided_at"
    " FROM region_proposals p LEFT JOIN region_decisions d ON d.proposal = p.proposal"
)


async def add(connection: Connection, wanted: RegionProposal, *, operator: str, at: datetime) -> int:
    """Keep a proposal and return its number."""
    number: int = await connection.fetchval(
        "INSERT INTO region_proposals (action, region, name_zh, name_ug, name_en, base_url, anchor, valid_until, reason,"
        " proposed_by, proposed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING proposal",
        wanted.action.value, wanted.region, wanted.name_zh, wanted.name_ug, wanted.name_en, wanted.base_url.rstrip("/"),
        wanted.anchor, wanted.valid_until, wanted.reason, operator, at,
    )
    return number


async def decide(connection: Connection, number: int, *, action: str, operator: str, at: datetime) -> bool:
    """Keep a decision; False when somebody decided before."""
    done = await connection.execute(
        "INSERT INTO region_decisions (proposal, action, operator, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        number, action, operator, at,
    )
    return bool(done.endswith(" 1"))


async def find(connection: Connection, number: int) -> RegionProposal | None:
    """A proposal by its number."""
    row = await connection.fetchrow(f"{_FOUND} WHERE p.proposal = $1", number)
    return None if row is None else _proposal(dict(row))


async def waiting(connection: Connection) -> list[RegionProposal]:
    """Those that nobody has decided about, the oldest first."""
    rows = await connection.fetch(f"{_FOUND} WHERE d.proposal IS NULL ORDER BY p.proposal LIMIT 1000")
    return [_proposal(dict(row)) for row in rows]


def _proposal(row: dict[str, object]) -> RegionProposal:
    return RegionProposal(**{**row, "action": RegionAction(str(row["action"]))})  # type: ignore[arg-type]  # one column, one field
