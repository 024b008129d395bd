"""SQL of rights to use seals, of uses and of refusals: one function, one statement."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from etrust.seals.model import Actor, Grant, GranteeKind, Ground, NewGrant, Purpose, UseRecord
from etrust.storage.postgres import Connection

_GRANT = (
    "SELECT g.grant_id, g.code, g.kind, g.grantee, g.license_types, g.matters, g.valid_from, g.valid_until, g.given_by,"
    " e.at AS ended_at FROM seal_grants g LEFT JOIN seal_grant_ends e USING (grant_id)"
)
_USE = (
    "SELECT u.use_id, u.code, u.digest, u.license_type, u.matter, u.document, u.operator, u.body, u.grant_id, u.at,"
    " s.signed_at FROM seal_uses u LEFT JOIN seal_uses_signed s USING (use_id)"
)


async def add_grant(connection: Connection, code: str, grant: NewGrant, *, who: Actor, ground: Ground) -> int:
    """Keep a right of use; its number."""
    grant_id: int = await connection.fetchval(
        "INSERT INTO seal_grants (code, kind, grantee, license_types, matters, valid_from, valid_until, given_by, reason,"
        " legal_basis, given_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING grant_id",
        code, grant.kind.value, grant.grantee, list(grant.license_types), list(grant.matters), grant.valid_from or who.at,
        grant.valid_until, who.operator, ground.reason, ground.legal_basis, who.at,
    )
    return grant_id


async def end_grant(connection: Connection, grant_id: int, *, who: Actor, ground: Ground) -> bool:
    """Take a right back; False when it was taken back already."""
    done = await connection.execute(
        "INSERT INTO seal_grant_ends (grant_id, operator, reason, legal_basis, at) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT DO NOTHING",
        grant_id, who.operator, ground.reason, ground.legal_basis, who.at,
    )
    return bool(done.endswith(" 1"))


async def carry_grants(connection: Connection, old: str, new: str, *, who: Actor, ground: Ground) -> None:
    """Give the rights that stand for one seal for the one that takes its place."""
    await connection.execute(
        "INSERT INTO seal_grants (code, kind, grantee, license_types, matters, valid_from, valid_until, given_by, reason,"
        " legal_basis, given_at) SELECT $2, kind, grantee, license_types, matters, greatest(valid_from, $3), valid_until, $4,"
        " $5, $6, $3 FROM seal_grants g WHERE code = $1 AND (valid_until IS NULL OR valid_until > $3)"
        " AND NOT EXISTS (SELECT FROM seal_grant_ends e WHERE e.grant_id = g.grant_id) ORDER BY grant_id",
        old, new, who.at, who.operator, ground.reason, ground.legal_basis,
    )


async def grant(connection: Connection, grant_id: int) -> Grant | None:
    """A right by its number."""
    row = await connection.fetchrow(f"{_GRANT} WHERE g.grant_id = $1", grant_id)
    return None if row is None else _grant(dict(row))


async def grants_of(connection: Connection, code: str) -> list[Grant]:
    """All rights that were given for a seal."""
    rows = await connection.fetch(f"{_GRANT} WHERE g.code = $1 ORDER BY g.grant_id", code)
    return [_grant(dict(row)) for row in rows]


async def hold_seal(connection: Connection, code: str) -> None:
    """Keep others from taking a step with the seal until this transaction ends; uses do not wait for each other."""
    await connection.execute("SELECT FROM seals WHERE code = $1 FOR SHARE", code)


async def add_use(
    connection: Connection, *, code: str, digest: bytes, purpose: Purpose, who: Actor, grant_id: int
) -> int:
    """Log a use; its number."""
    use_id: int = await connection.fetchval(
        "INSERT INTO seal_uses (code, digest, license_type, matter, document, operator, body, grant_id, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING use_id",
        code, digest, purpose.license_type, purpose.matter, purpose.document, who.operator, who.body, grant_id, who.at,
    )
    return use_id


async def add_signed(connection: Connection, use_id: int, at: datetime) -> None:
    """Note that the signature of a use was made."""
    await connection.execute("INSERT INTO seal_uses_signed (use_id, signed_at) VALUES ($1, $2)", use_id, at)


async def uses_of(connection: Connection, code: str, *, before: int | None = None, limit: int = 100) -> list[UseRecord]:
    """Uses of a seal, the latest first; with `before`, those logged before the use of that number."""
    rows = await connection.fetch(
        f"{_USE} WHERE u.code = $1 AND ($2::bigint IS NULL OR u.use_id < $2) ORDER BY u.use_id DESC LIMIT $3",
        code, before, limit,
    )
    return [_use(dict(row)) for row in rows]


async def count_uses(connection: Connection, code: str) -> int:
    """How often a seal was used."""
    found: int = await connection.fetchval("SELECT count(*) FROM seal_uses WHERE code = $1", code)
    return found


async def add_refusal(connection: Connection, *, code: str, reason: str, who: Actor) -> None:
    """Keep a refused use."""
    await connection.execute(
        "INSERT INTO seal_refusals (code, reason, operator, body, at) VALUES ($1, $2, $3, $4, $5)",
        code, reason, who.operator, who.body, who.at,
    )


async def refusals_of(connection: Connection, codes: Sequence[str]) -> dict[str, int]:
    """How often the uses of these seals were refused, by reason code."""
    rows = await connection.fetch(
        "SELECT reason, count(*) AS times FROM seal_refusals WHERE code = ANY($1) GROUP BY reason ORDER BY reason",
        list(codes),
    )
    return {row["reason"]: row["times"] for row in rows}


def _grant(row: dict[str, Any]) -> Grant:
    kind, types, matters = GranteeKind(row.pop("kind")), tuple(row.pop("license_types")), tuple(row.pop("matters"))
    return Grant(kind=kind, license_types=types, matters=matters, **row)


def _use(row: dict[str, Any]) -> UseRecord:
    purpose = Purpose(row.pop("license_type"), row.pop("matter"), row.pop("document"))
    return UseRecord(purpose=purpose, **row)
