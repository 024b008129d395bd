"""SQL of partner regions: one function, one statement."""

from datetime import datetime

from etrust.recognition.model import PartnerRegion, TrustAlarm
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


async def newest_snapshot(connection: Connection, region: str, pinned: bytes) -> tuple[bytes, bytes] | None:
    """Token and signing certificate of the newest trust list accepted of a region under a pinned anchor (SHA-256)."""
    row = await connection.fetchrow(
        "SELECT token, anchor FROM partner_trust_snapshots WHERE region = $1 AND pinned = $2 ORDER BY sequence DESC LIMIT 1",
        region, pinned,
    )
    return None if row is None else (row["token"], row["anchor"])


async def newest_sequence(connection: Connection, region: str, pinned: bytes) -> int | None:
    """The number of the newest trust list accepted of a region, None before the first."""
    found: int | None = await connection.fetchval(
        "SELECT max(sequence) FROM partner_trust_snapshots WHERE region = $1 AND pinned = $2", region, pinned
    )
    return found


async def keep_snapshot(
    connection: Connection, *, region: str, pinned: bytes, sequence: int, digest: str, anchor: bytes, token: bytes, at: datetime
) -> None:
    """Keep a trust list that was accepted, for ever."""
    await connection.execute(
        "INSERT INTO partner_trust_snapshots (region, pinned, sequence, digest, anchor, token, fetched_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        region, pinned, sequence, digest, anchor, token, at,
    )


async def snapshot_by_digest(connection: Connection, digest: str) -> tuple[str, bytes] | None:
    """Region and token of the trust list that a verdict named."""
    row = await connection.fetchrow("SELECT region, token FROM partner_trust_snapshots WHERE digest = $1 LIMIT 1", digest)
    return None if row is None else (row["region"], row["token"])


async def raise_alarm(connection: Connection, *, region: str, reason: str, detail: str, token: bytes, at: datetime) -> None:
    """Keep a trust list that was refused, and why; the same one is kept once."""
    await connection.execute(
        "INSERT INTO trust_alarms (region, reason, detail, token, at) SELECT $1, $2, $3, $4, $5"
        " WHERE NOT EXISTS (SELECT FROM trust_alarms WHERE region = $1 AND reason = $2 AND token = $4)",
        region, reason, detail, token, at,
    )


async def alarms(connection: Connection, limit: int = 100) -> list[TrustAlarm]:
    """The newest alarms."""
    rows = await connection.fetch(
        "SELECT alarm, region, reason, detail, at FROM trust_alarms ORDER BY alarm DESC LIMIT $1", limit
    )
    return [TrustAlarm(**row) for row in rows]


async def keep_status_list(
    connection: Connection, *, region: str, uri: str, token: bytes, issued_at: datetime, at: datetime
) -> None:
    """Keep a status list that was judged good, unless a newer one of its URI is there."""
    await connection.execute(
        "INSERT INTO partner_status_lists AS l (region, uri, token, issued_at, fetched_at) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (region, uri) DO UPDATE SET token = excluded.token, issued_at = excluded.issued_at,"
        " fetched_at = excluded.fetched_at WHERE l.issued_at <= excluded.issued_at",
        region, uri, token, issued_at, at,
    )


async def status_list(connection: Connection, region: str, uri: str) -> bytes | None:
    """The newest status list seen of a URI."""
    found: bytes | None = await connection.fetchval(
        "SELECT token FROM partner_status_lists WHERE region = $1 AND uri = $2", region, uri
    )
    return found


async def status_uris(connection: Connection, region: str) -> list[str]:
    """The status lists of a region that were needed here."""
    rows = await connection.fetch("SELECT uri FROM partner_status_lists WHERE region = $1 ORDER BY uri LIMIT 1000", region)
    return [row["uri"] for row in rows]


async def keep_revocation_list(
    connection: Connection, *, region: str, place: str, crl: bytes, issued_at: datetime, at: datetime
) -> None:
    """Keep a revocation list that was judged good, unless a newer one of its place is there."""
    await connection.execute(
        "INSERT INTO partner_revocation_lists AS l (region, place, crl, issued_at, fetched_at) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (region, place) DO UPDATE SET crl = excluded.crl, issued_at = excluded.issued_at,"
        " fetched_at = excluded.fetched_at WHERE l.issued_at <= excluded.issued_at",
        region, place, crl, issued_at, at,
    )


async def revocation_list(connection: Connection, region: str, place: str) -> bytes | None:
    """The newest revocation list seen of a place."""
    found: bytes | None = await connection.fetchval(
        "SELECT crl FROM partner_revocation_lists WHERE region = $1 AND place = $2", region, place
    )
    return found


async def revocation_places(connection: Connection, region: str) -> list[str]:
    """The revocation lists of a region that were needed here."""
    rows = await connection.fetch(
        "SELECT place FROM partner_revocation_lists WHERE region = $1 ORDER BY place LIMIT 1000", region
    )
    return [row["place"] for row in rows]


async def list_ages(connection: Connection, region: str) -> tuple[int, datetime | None, datetime | None]:
    """How many status lists of a region are kept, and when the one fetched longest ago and the last one were fetched."""
    row = await connection.fetchrow(
        "SELECT count(*) AS lists, min(fetched_at) AS oldest, max(fetched_at) AS newest FROM partner_status_lists"
        " WHERE region = $1",
        region,
    )
    assert row is not None  # noqa: S101 - an aggregate is one row
    return row["lists"], row["oldest"], row["newest"]


async def alarm_counts(connection: Connection, since: datetime) -> dict[str, int]:
    """Alarms since a moment, by reason."""
    rows = await connection.fetch(
        "SELECT reason, count(*) AS alarms FROM trust_alarms WHERE at >= $1 GROUP BY reason ORDER BY reason", since
    )
    return {row["reason"]: row["alarms"] for row in rows}


async def keep_directory(
    connection: Connection, *, operator: bytes, sequence: int, digest: str, token: bytes, at: datetime
) -> None:
    """Keep a list of lists that was accepted; the same one is kept once.

    Args:
        operator: SHA-256 of the certificate that it was judged by.
    """
    await connection.execute(
        "INSERT INTO region_directories (operator, sequence, digest, token, fetched_at) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT DO NOTHING",
        operator, sequence, digest, token, at,
    )


async def newest_directories(connection: Connection, operator: bytes, limit: int) -> list[bytes]:
    """The lists of lists of an operator that were accepted last, the newest first."""
    rows = await connection.fetch(
        "SELECT token FROM region_directories WHERE operator = $1 ORDER BY sequence DESC LIMIT $2", operator, limit
    )
    return [row["token"] for row in rows]
