"""SQL of the access room: one function, one statement."""

from collections.abc import Sequence
from datetime import datetime

from etrust.access.model import ApiKey, Body, Mandate, Operator
from etrust.storage.postgres import Connection


async def add_body(connection: Connection, body: Body) -> None:
    """Add a body, or bring its names up to date."""
    await connection.execute(
        "INSERT INTO bodies (code, name_zh, name_ug, name_en, level, division, parent) VALUES ($1, $2, $3, $4, $5, $6, $7)"
        " ON CONFLICT (code) DO UPDATE SET name_zh = $2, name_ug = $3, name_en = $4, level = $5, division = $6, parent = $7",
        body.code, body.name_zh, body.name_ug, body.name_en, body.level, body.division, body.parent,
    )


async def bodies(connection: Connection) -> tuple[Body, ...]:
    """All bodies of the region, higher levels first."""
    rows = await connection.fetch(
        "SELECT code, name_zh, name_ug, name_en, level, division, parent FROM bodies ORDER BY level, code"
    )
    return tuple(Body(**row) for row in rows)


async def add_mandate(connection: Connection, mandate: Mandate) -> None:
    """Give a body the right to issue a type; an existing mandate stays as it is."""
    await connection.execute(
        "INSERT INTO mandates (body, license_type, valid_from, valid_until) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        mandate.body, mandate.license_type, mandate.valid_from, mandate.valid_until,
    )


async def mandates(connection: Connection, license_type: str | None = None) -> tuple[Mandate, ...]:
    """Mandates for one license type, or all."""
    rows = await connection.fetch(
        "SELECT body, license_type, valid_from, valid_until FROM mandates"
        " WHERE $1::text IS NULL OR license_type = $1 ORDER BY license_type, body",
        license_type,
    )
    return tuple(Mandate(**row) for row in rows)


async def add_operator(
    connection: Connection, *, username: str, name: str, body: str, roles: Sequence[str], password_hash: str, at: datetime
) -> None:
    """Add a local account; a taken username raises a unique violation."""
    await connection.execute(
        "INSERT INTO operators (username, name, body, roles, password_hash, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        username, name, body, list(roles), password_hash, at,
    )


async def set_password(connection: Connection, username: str, password_hash: str) -> None:
    """Replace the password digest of an account."""
    await connection.execute("UPDATE operators SET password_hash = $2 WHERE username = $1", username, password_hash)


_OPERATOR = (
    "SELECT o.username, o.name, o.body, b.name_zh AS body_name, o.roles FROM operators o JOIN bodies b ON b.code = o.body"
)


async def operator(connection: Connection, username: str) -> Operator | None:
    """An account that is not disabled, by its username."""
    row = await connection.fetchrow(f"{_OPERATOR} WHERE o.username = $1 AND o.disabled_at IS NULL", username)
    return None if row is None else _operator(row)


async def operators(connection: Connection) -> list[Operator]:
    """All accounts that are not disabled."""
    rows = await connection.fetch(f"{_OPERATOR} WHERE o.disabled_at IS NULL ORDER BY o.username")
    return [_operator(row) for row in rows]


async def password_hash(connection: Connection, username: str) -> str | None:
    """The stored password digest of an account that is not disabled."""
    found: str | None = await connection.fetchval(
        "SELECT password_hash FROM operators WHERE username = $1 AND disabled_at IS NULL", username
    )
    return found


async def add_session(
    connection: Connection, *, token_hash: bytes, username: str, at: datetime, expires_at: datetime
) -> None:
    """Keep a session by the digest of its token."""
    await connection.execute(
        "INSERT INTO sessions (token_hash, username, created_at, expires_at) VALUES ($1, $2, $3, $4)",
        token_hash, username, at, expires_at,
    )


async def session_operator(connection: Connection, token_hash: bytes, at: datetime) -> Operator | None:
    """The operator of a session that has not expired."""
    row = await connection.fetchrow(
        f"{_OPERATOR} JOIN sessions s USING (username)"
        " WHERE s.token_hash = $1 AND s.expires_at > $2 AND o.disabled_at IS NULL",
        token_hash, at,
    )
    return None if row is None else _operator(row)


async def end_session(connection: Connection, token_hash: bytes) -> None:
    """Forget a session."""
    await connection.execute("DELETE FROM sessions WHERE token_hash = $1", token_hash)


async def forget_expired_sessions(connection: Connection, at: datetime) -> None:
    """Delete the sessions whose time is over."""
    await connection.execute("DELETE FROM sessions WHERE expires_at <= $1", at)


async def add_api_key(
    connection: Connection, *, key_id: str, secret_hash: bytes, operator: str, scopes: Sequence[str],
    at: datetime, expires_at: datetime,
) -> None:
    """Keep a program's key by the digest of its secret."""
    await connection.execute(
        "INSERT INTO api_keys (key_id, secret_hash, operator, scopes, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
        key_id, secret_hash, operator, list(scopes), at, expires_at,
    )


async def api_key(connection: Connection, key_id: str, at: datetime) -> tuple[ApiKey, bytes] | None:
    """A key in force and the digest of its secret."""
    row = await connection.fetchrow(
        "SELECT k.key_id, k.operator, o.body, k.scopes, k.expires_at, k.secret_hash"
        " FROM api_keys k JOIN operators o ON o.username = k.operator"
        " WHERE k.key_id = $1 AND k.expires_at > $2 AND k.revoked_at IS NULL AND o.disabled_at IS NULL",
        key_id, at,
    )
    if row is None:
        return None
    key = ApiKey(row["key_id"], row["operator"], row["body"], frozenset(row["scopes"]), row["expires_at"])
    return key, row["secret_hash"]


async def revoke_api_key(connection: Connection, key_id: str, at: datetime) -> bool:
    """End a key; False when there is none in force by that name."""
    done = await connection.execute(
        "UPDATE api_keys SET revoked_at = $2 WHERE key_id = $1 AND revoked_at IS NULL", key_id, at
    )
    return bool(done.endswith(" 1"))


async def record(
    connection: Connection, *, at: datetime, operator: str, body: str, action: str, subject: str,
    reason: str = "", legal_basis: str = "",
) -> None:
    """Append one entry to the audit trail (审计); no personal data in any argument."""
    await connection.execute(
        "INSERT INTO audit_trail (at, operator, body, action, subject, reason, legal_basis) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        at, operator, body, action, subject, reason, legal_basis,
    )


def _operator(row: object) -> Operator:
    fields = dict(row)  # type: ignore[call-overload]  # an asyncpg Record is a mapping without saying so
    return Operator(**{**fields, "roles": frozenset(fields["roles"])})
