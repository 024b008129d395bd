"""SQL of consent: requests, answers, grants, uses and ends. One function, one statement."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from etrust.onecode.consent_model import ConsentRequest, Grant, Need, needs_from_json, needs_to_json
from etrust.onecode.model import Ground
from etrust.storage.postgres import Connection

_GRANT = (
    "SELECT g.grant_id, g.subject_key, g.ground, g.matter, g.version, g.case_number, g.operator, g.body, g.reason,"
    " g.legal_basis, g.needs, g.uses, g.given_by, g.basis, g.reference, g.request_id, g.given_at, g.expires_at,"
    " e.at AS revoked_at,"
    " (SELECT count(*) FROM consent_uses u WHERE u.grant_id = g.grant_id) AS used"
    " FROM consent_grants g LEFT JOIN consent_grant_ends e USING (grant_id)"
)
_REQUEST = (
    "SELECT r.request_id, r.subject_key, r.session, r.person, r.matter, r.version, r.case_number, r.operator, r.body,"
    " r.reason, r.needs, r.asked_at, r.expires_at, a.agreed, coalesce(a.grant_id, '') AS grant_id"
    " FROM consent_requests r LEFT JOIN consent_answers a USING (request_id)"
)


async def add_grant(connection: Connection, grant: Grant) -> None:
    """Keep a grant."""
    await connection.execute(
        "INSERT INTO consent_grants (grant_id, subject_key, ground, matter, version, case_number, operator, body, reason,"
        " legal_basis, needs, uses, given_by, basis, reference, request_id, given_at, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
        grant.id, grant.subject_key, grant.ground.value, grant.matter, grant.version, grant.case_number, grant.operator,
        grant.body, grant.reason, grant.legal_basis, json.dumps(needs_to_json(grant.needs)), grant.uses, grant.given_by,
        grant.basis, grant.reference, grant.request, grant.given_at, grant.expires_at,
    )


async def lock_grant(connection: Connection, grant_id: str) -> bool:
    """Take a grant for this transaction alone, so that counting and ending it happen one after the other; False: unknown."""
    found = await connection.fetchval("SELECT 1 FROM consent_grants WHERE grant_id = $1 FOR UPDATE", grant_id)
    return found is not None


async def grant(connection: Connection, grant_id: str) -> Grant | None:
    """A grant with how often it was used and whether it was revoked."""
    row = await connection.fetchrow(f"{_GRANT} WHERE g.grant_id = $1", grant_id)
    return None if row is None else _grant(dict(row))


async def grants_of(
    connection: Connection, subject_key: bytes, *, before: datetime | None, limit: int
) -> list[Grant]:
    """What a holder agreed to, the latest first."""
    rows = await connection.fetch(
        f"{_GRANT} WHERE g.subject_key = $1 AND g.ground = 'consent' AND ($2::timestamptz IS NULL OR g.given_at < $2)"
        " ORDER BY g.given_at DESC LIMIT $3",
        subject_key, before, limit,
    )
    return [_grant(dict(row)) for row in rows]


async def case_of_uses(connection: Connection, grant_id: str) -> str | None:
    """The case that the first use of a grant was for, None before it."""
    found: str | None = await connection.fetchval(
        "SELECT case_number FROM consent_uses WHERE grant_id = $1 ORDER BY place LIMIT 1", grant_id
    )
    return found


async def add_use(
    connection: Connection, grant_id: str, *, place: int, allowed: int, case_number: str, operator: str, body: str, at: datetime
) -> None:
    """Count one use; the table itself refuses one too many."""
    await connection.execute(
        "INSERT INTO consent_uses (grant_id, place, allowed, case_number, operator, body, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        grant_id, place, allowed, case_number, operator, body, at,
    )


async def end_grant(connection: Connection, grant_id: str, *, person: str, at: datetime) -> bool:
    """Revoke a grant; False when it was revoked before."""
    done = await connection.execute(
        "INSERT INTO consent_grant_ends (grant_id, person, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", grant_id, person, at
    )
    return bool(done.endswith(" 1"))


async def is_at_or_below(connection: Connection, body: str, above: str) -> bool:
    """Whether a body is another, or stands below it."""
    found: bool = await connection.fetchval(
        "WITH RECURSIVE up (code, parent) AS (SELECT code, parent FROM bodies WHERE code = $1"
        " UNION SELECT b.code, b.parent FROM bodies b JOIN up ON b.code = up.parent)"
        " SELECT $1 = $2 OR EXISTS (SELECT FROM up WHERE code = $2)",
        body, above,
    )
    return found


async def add_request(connection: Connection, request: ConsentRequest) -> None:
    """Keep a request."""
    await connection.execute(
        "INSERT INTO consent_requests (request_id, subject_key, session, person, matter, version, case_number, operator, body,"
        " reason, needs, asked_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        request.id, request.subject_key, request.session, request.person, request.matter, request.version,
        request.case_number, request.operator, request.body, request.reason, json.dumps(needs_to_json(request.needs)),
        request.asked_at, request.expires_at,
    )


async def request(connection: Connection, request_id: str, at: datetime) -> ConsentRequest | None:
    """A request as it stands at a moment."""
    row = await connection.fetchrow(f"{_REQUEST} WHERE r.request_id = $1", request_id)
    return None if row is None else _request(dict(row), at)


async def requests_of_session(
    connection: Connection, session: bytes, *, since: datetime, at: datetime, limit: int
) -> list[ConsentRequest]:
    """Requests to a session, the latest first."""
    rows = await connection.fetch(
        f"{_REQUEST} WHERE r.session = $1 AND r.asked_at >= $2 ORDER BY r.asked_at DESC LIMIT $3", session, since, limit
    )
    return [_request(dict(row), at) for row in rows]


async def requests_of_case(
    connection: Connection, subject_key: bytes, case_number: str, at: datetime
) -> list[ConsentRequest]:
    """Requests to a holder in one case, the latest first."""
    rows = await connection.fetch(
        f"{_REQUEST} WHERE r.subject_key = $1 AND r.case_number = $2 ORDER BY r.asked_at DESC LIMIT 50", subject_key, case_number
    )
    return [_request(dict(row), at) for row in rows]


async def lock_asking(connection: Connection, subject_key: bytes, case_number: str) -> None:
    """Let one transaction at a time ask a holder in a case."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('etrust.ask:' || encode($1, 'hex') || $2, 0))", subject_key, case_number
    )


async def add_answer(connection: Connection, request_id: str, *, agreed: bool, grant_id: str, at: datetime) -> bool:
    """Keep the answer; False when there was one before."""
    done = await connection.execute(
        "INSERT INTO consent_answers (request_id, agreed, grant_id, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        request_id, agreed, grant_id, at,
    )
    return bool(done.endswith(" 1"))


def _grant(row: Mapping[str, Any]) -> Grant:
    return Grant(
        id=row["grant_id"], ground=Ground(row["ground"]), needs=_needs(row), request=row["request_id"],
        **{name: row[name] for name in (
            "subject_key", "matter", "version", "case_number", "operator", "body", "reason", "legal_basis", "uses", "given_by",
            "basis", "reference", "given_at", "expires_at", "used", "revoked_at",
        )},
    )  # fmt: skip


def _request(row: Mapping[str, Any], at: datetime) -> ConsentRequest:
    return ConsentRequest(
        id=row["request_id"], needs=_needs(row), seen_at=at, answered=row["agreed"], grant=row["grant_id"],
        **{name: row[name] for name in (
            "subject_key", "session", "person", "matter", "version", "case_number", "operator", "body", "reason", "asked_at",
            "expires_at",
        )},
    )  # fmt: skip


def _needs(row: Mapping[str, Any]) -> tuple[Need, ...]:
    kept: Sequence[Sequence[Any]] = row["needs"]
    return needs_from_json(kept)
