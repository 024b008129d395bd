"""SQL of agreements: one function, one statement."""

from datetime import datetime, timedelta
from typing import Any

from etrust.recognition.agreements import Agreement
from etrust.storage.postgres import Connection


async def next_serial(connection: Connection, region: str, year: int) -> int:
    """The next number of a region in a year."""
    serial: int = await connection.fetchval(
        "INSERT INTO agreement_serials AS s (region, year, last) VALUES ($1, $2, 1)"
        " ON CONFLICT (region, year) DO UPDATE SET last = s.last + 1 RETURNING last",
        region, year,
    )
    return serial


async def add(connection: Connection, agreement: Agreement) -> None:
    """Keep a proposal."""
    await connection.execute(
        "INSERT INTO agreements (number, region, types, seals, matters, max_list_age, consent_only, valid_from, valid_until,"
        " replaces, document, reason, legal_basis, proposed_by, proposed_at, online_status, receipt_owed)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        agreement.number, agreement.region, sorted(agreement.types), sorted(agreement.seals), sorted(agreement.matters),
        int(agreement.max_list_age.total_seconds()), agreement.consent_only, agreement.valid_from, agreement.valid_until,
        agreement.replaces, agreement.document, agreement.reason, agreement.legal_basis, agreement.proposed_by,
        agreement.proposed_at, agreement.online_status, agreement.receipt_owed,
    )


async def add_event(
    connection: Connection, number: str, *, step: int, action: str, operator: str, reason: str, at: datetime
) -> bool:
    """Keep a step of an agreement; False when somebody else took that step at the same time."""
    done = await connection.execute(
        "INSERT INTO agreement_events (number, step, action, operator, reason, at) VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT DO NOTHING",
        number, step, action, operator, reason, at,
    )
    return bool(done.endswith(" 1"))


async def agreements(connection: Connection) -> list[Agreement]:
    """All agreements with their steps, by region and number."""
    rows = await connection.fetch(
        "SELECT a.*, y.operator AS approved_by, y.at AS approved_at, n.at AS refused_at, least(e.at, r.at) AS ended_at"
        " FROM agreements a"
        " LEFT JOIN agreement_events y ON y.number = a.number AND y.action = 'approve'"
        " LEFT JOIN agreement_events n ON n.number = a.number AND n.action = 'refuse'"
        " LEFT JOIN agreement_events e ON e.number = a.number AND e.action = 'end'"
        " LEFT JOIN LATERAL (SELECT min(greatest(v.at, b.valid_from)) AS at FROM agreements b"
        "  JOIN agreement_events v ON v.number = b.number AND v.action = 'approve' WHERE b.replaces = a.number) r ON true"
        " ORDER BY a.region, a.number"
    )
    return [_agreement(dict(row)) for row in rows]


def _agreement(row: dict[str, Any]) -> Agreement:
    sets = {name: frozenset(row[name]) for name in ("types", "seals", "matters")}
    return Agreement(**{**row, **sets, "max_list_age": timedelta(seconds=row["max_list_age"])})
