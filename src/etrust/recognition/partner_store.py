"""SQL of partner regions: one function, one statement."""

from datetime import datetime

from etrust.recognition.model import PartnerRegion
from etrust.storage.postgres import Connection

_COLUMNS = "partner_id, region, name_zh, name_ug, name_en, base_url, anchor, valid_from, valid_until"


async def add_partner(connection: Connection, partner: PartnerRegion, *, operator: str, at: datetime) -> int:
    """Keep a partner region and return its id; `partner.partner_id` is not looked at."""
    partner_id: int = await connection.fetchval(
        "INSERT INTO partner_regions (region, name_zh, name_ug, name_en, base_url, anchor, valid_from, valid_until, added_by,"
        " added_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING partner_id",
        partner.region, partner.name_zh, partner.name_ug, partner.name_en, partner.base_url, partner.anchor,
        partner.valid_from, partner.valid_until, operator, at,
    )
    return partner_id


async def partners(connection: Connection) -> list[PartnerRegion]:
    """The partner regions that were not removed, by division."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM partner_regions p"  # noqa: S608 - columns of our own
        " WHERE NOT EXISTS (SELECT FROM partner_region_ends e WHERE e.partner_id = p.partner_id) ORDER BY region, partner_id"
    )
    return [PartnerRegion(**row) for row in rows]


async def end_partner(connection: Connection, partner_id: int, *, operator: str, at: datetime) -> bool:
    """Remove a partner region; False when it was removed already."""
    done = await connection.execute(
        "INSERT INTO partner_region_ends (partner_id, ended_by, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        partner_id, operator, at,
    )
    return bool(done.endswith(" 1"))


async def newest_list(connection: Connection, region: str, anchor: bytes) -> tuple[int, bytes] | None:
    """Sequence and bytes of the newest trust list seen of a region under an anchor (SHA-256 of the certificate)."""
    row = await connection.fetchrow(
        "SELECT sequence, token FROM partner_trust_lists WHERE region = $1 AND anchor = $2", region, anchor
    )
    return None if row is None else (row["sequence"], row["token"])


async def keep_list(
    connection: Connection, *, region: str, anchor: bytes, sequence: int, token: bytes, at: datetime
) -> bool:
    """Keep a trust list unless a newer one was seen; False when one was."""
    kept = await connection.fetchval(
        "INSERT INTO partner_trust_lists AS known (region, anchor, sequence, token, fetched_at) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (region, anchor) DO UPDATE SET sequence = excluded.sequence, token = excluded.token,"
        " fetched_at = excluded.fetched_at WHERE known.sequence <= excluded.sequence RETURNING true",
        region, anchor, sequence, token, at,
    )
    return bool(kept)
