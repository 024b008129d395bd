"""SQL of drafts of the trust list, and of the bodies and rights they change: one function, one statement."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from etrust.access.model import Mandate
from etrust.storage.postgres import Connection
from etrust.trust.lists import content_of
from etrust.trust.model import Endpoint, Right, RightKind, StateName, TrustList, TypeName

_DRAFTS = (
    "SELECT d.draft, d.changes, d.reason, d.legal_basis, d.proposed_by, d.proposed_at, coalesce(e.action, '') AS end,"
    " coalesce(e.operator, '') AS ended_by, e.sequence FROM trust_drafts d LEFT JOIN trust_draft_ends e USING (draft)"
)


async def lock(connection: Connection, number: int) -> None:
    """Let one person at a time decide on a draft, until the transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('etrust.trust_draft', $1))", number)


async def add(
    connection: Connection, *, edits: Sequence[dict[str, object]], reason: str, legal_basis: str, operator: str, at: datetime
) -> int:
    """Keep a draft; its number."""
    number: int = await connection.fetchval(
        "INSERT INTO trust_drafts (changes, reason, legal_basis, proposed_by, proposed_at) VALUES ($1::jsonb, $2, $3, $4, $5)"
        " RETURNING draft",
        json.dumps(list(edits), ensure_ascii=False), reason, legal_basis, operator, at,
    )
    return number


async def end(
    connection: Connection, number: int, *, action: str, operator: str, note: str, sequence: int | None, at: datetime
) -> None:
    """Keep how a draft ended; a second end is one too many for the primary key."""
    await connection.execute(
        "INSERT INTO trust_draft_ends (draft, action, operator, note, sequence, at) VALUES ($1, $2, $3, $4, $5, $6)",
        number, action, operator, note, sequence, at,
    )


async def find(connection: Connection, number: int) -> dict[str, Any] | None:
    """A draft by its number."""
    row = await connection.fetchrow(f"{_DRAFTS} WHERE draft = $1", number)
    return None if row is None else dict(row)


async def newest(connection: Connection, limit: int) -> list[dict[str, Any]]:
    """Drafts, the newest first."""
    return [dict(row) for row in await connection.fetch(f"{_DRAFTS} ORDER BY draft DESC LIMIT $1", limit)]


async def rename_body(connection: Connection, code: str, name_zh: str, name_ug: str, name_en: str) -> bool:
    """Give a body that is not closed other names; whether there is one."""
    done = await connection.execute(
        "UPDATE bodies SET name_zh = $2, name_ug = $3, name_en = $4 WHERE code = $1 AND closed_at IS NULL",
        code, name_zh, name_ug, name_en,
    )
    return bool(done.endswith(" 1"))


async def close_body(connection: Connection, code: str, at: datetime) -> bool:
    """Close a body; whether there was one that was not."""
    done = await connection.execute("UPDATE bodies SET closed_at = $2 WHERE code = $1 AND closed_at IS NULL", code, at)
    return bool(done.endswith(" 1"))


async def is_open(connection: Connection, code: str) -> bool:
    """Whether there is such a body that is not closed."""
    found: bool = await connection.fetchval("SELECT EXISTS (SELECT FROM bodies WHERE code = $1 AND closed_at IS NULL)", code)
    return found


async def has_open_below(connection: Connection, code: str) -> bool:
    """Whether a body has others below it that are not closed."""
    found: bool = await connection.fetchval("SELECT EXISTS (SELECT FROM bodies WHERE parent = $1 AND closed_at IS NULL)", code)
    return found


async def grant(connection: Connection, mandate: Mandate) -> None:
    """Give a right; one that ended before begins anew, and the lists of its first time stay."""
    await connection.execute(
        "INSERT INTO mandates (body, license_type, valid_from, valid_until) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (body, license_type) DO UPDATE SET valid_from = excluded.valid_from, valid_until = excluded.valid_until",
        mandate.body, mandate.license_type, mandate.valid_from, mandate.valid_until,
    )


async def end_mandates(connection: Connection, body: str, license_type: str | None, at: datetime) -> int:
    """End one right of a body, or all of them; how many."""
    done = await connection.execute(
        "UPDATE mandates SET valid_until = $3 WHERE body = $1 AND ($2::text IS NULL OR license_type = $2)"
        " AND (valid_until IS NULL OR valid_until > $3)",
        body, license_type, at,
    )
    return int(done.rsplit(" ", 1)[1])


async def newest_content(connection: Connection) -> TrustList | None:
    """What the newest published list says."""
    token = await connection.fetchval("SELECT token FROM trust_lists ORDER BY sequence DESC LIMIT 1")
    return None if token is None else content_of(token)


async def seal_rights(connection: Connection) -> list[Right]:
    """Which kinds of seal each body has had in use, and until when."""
    rows = await connection.fetch(
        "SELECT s.body, s.kind, min(a.at) AS since, CASE WHEN bool_or(l.state NOT IN ('superseded', 'canceled')) THEN NULL"
        " ELSE max(l.at) END AS until FROM seals s JOIN seal_events a ON a.code = s.code AND a.action = 'activate'"
        " JOIN LATERAL (SELECT state, at FROM seal_events e WHERE e.code = s.code ORDER BY step DESC LIMIT 1) l ON true"
        " GROUP BY s.body, s.kind ORDER BY s.body, s.kind"
    )
    return [Right(row["body"], RightKind.SEAL, row["kind"], row["since"], row["until"]) for row in rows]


async def facts(connection: Connection) -> dict[str, Any]:
    """What the next list says of addresses, types and states, as it was set last."""
    found = await connection.fetchval("SELECT facts FROM trust_facts ORDER BY number DESC LIMIT 1")
    read: dict[str, Any] = found or {}
    return read


async def add_facts(connection: Connection, found: dict[str, Any], *, operator: str, at: datetime) -> None:
    """Set them."""
    await connection.execute(
        "INSERT INTO trust_facts (facts, operator, at) VALUES ($1::jsonb, $2, $3)",
        json.dumps(found, ensure_ascii=False, sort_keys=True), operator, at,
    )


def told_by(found: dict[str, Any]) -> tuple[tuple[Endpoint, ...], tuple[TypeName, ...], tuple[StateName, ...]]:
    """Addresses, types and states out of the facts."""
    return (
        tuple(Endpoint(**each) for each in found.get("endpoints", ())),
        tuple(TypeName(**each) for each in found.get("types", ())),
        tuple(StateName(**each) for each in found.get("states", ())),
    )


async def pivots(connection: Connection) -> tuple[str, ...]:
    """Statements by which anchors of the region named the next one, the oldest first."""
    rows = await connection.fetch("SELECT statement FROM trust_pivots ORDER BY number")
    return tuple(row["statement"] for row in rows)
