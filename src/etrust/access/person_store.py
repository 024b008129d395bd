"""SQL of people and their sessions: one function, one statement."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from etrust.access.person_model import CompanyRole, HolderSession, Person, Position, Vouched
from etrust.storage.postgres import Connection


async def keep_person(connection: Connection, person: str, vouched: Vouched, at: datetime) -> Person | None:
    """Add a person, or bring a known one up to date; None when the known one has another code.

    Args:
        person: the id for a new one.
    """
    row = await connection.fetchrow(
        "INSERT INTO persons AS p (person, issuer, sub, name, code, code_type, companies, created_at, seen_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $8)"
        " ON CONFLICT (issuer, sub) DO UPDATE SET name = $4, companies = $7::jsonb, seen_at = $8"
        " WHERE p.code = $5 AND p.code_type = $6 RETURNING person, name, code, code_type, companies",
        person, vouched.issuer, vouched.sub, vouched.name, vouched.code, vouched.code_type,
        json.dumps([asdict(company) for company in vouched.companies], ensure_ascii=False), at,
    )
    return None if row is None else _person(row)


async def known_person(connection: Connection, issuer: str, sub: str) -> str | None:
    """The id of a person by what the platform calls it."""
    found: str | None = await connection.fetchval("SELECT person FROM persons WHERE issuer = $1 AND sub = $2", issuer, sub)
    return found


async def add_session(connection: Connection, session: HolderSession, at: datetime) -> None:
    """Keep a new session by the digest of its token."""
    await connection.execute(
        "INSERT INTO person_sessions (token_hash, person, signed_in_at, seen_at, expires_at, fresh_until)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        session.digest, session.person.id, session.signed_in_at, at, session.expires_at, session.fresh_until,
    )


async def session(
    connection: Connection, token_hash: bytes, at: datetime, seen_after: datetime
) -> tuple[HolderSession, datetime] | None:
    """A session that is neither over nor idle, and when it was seen last."""
    row = await connection.fetchrow(
        "SELECT p.person, p.name, p.code, p.code_type, p.companies, s.token_hash, s.signed_in_at, s.seen_at, s.expires_at,"
        " s.fresh_until, s.strong_until, s.acting_for FROM person_sessions s JOIN persons p USING (person)"
        " WHERE s.token_hash = $1 AND s.expires_at > $2 AND s.seen_at > $3",
        token_hash, at, seen_after,
    )
    if row is None:
        return None
    found = HolderSession(
        _person(row), row["token_hash"], row["signed_in_at"], row["expires_at"], row["strong_until"], row["acting_for"],
        row["fresh_until"],
    )
    return found, row["seen_at"]


async def notice(connection: Connection, token_hash: bytes, at: datetime) -> None:
    """A session was used."""
    await connection.execute("UPDATE person_sessions SET seen_at = greatest(seen_at, $2) WHERE token_hash = $1", token_hash, at)


async def change_token(connection: Connection, old: bytes, new: bytes, strong_until: datetime) -> bool:
    """Put a session under a new token; False when there is none under the old one."""
    done = await connection.execute(
        "UPDATE person_sessions SET token_hash = $2, strong_until = $3 WHERE token_hash = $1", old, new, strong_until
    )
    return bool(done.endswith(" 1"))


async def set_acting(connection: Connection, token_hash: bytes, acting_for: str) -> None:
    """Remember for whom the person of a session acts."""
    await connection.execute("UPDATE person_sessions SET acting_for = $2 WHERE token_hash = $1", token_hash, acting_for)


async def end_session(connection: Connection, token_hash: bytes) -> None:
    """Forget a session, and what its passkeys were asked."""
    await connection.execute("DELETE FROM person_sessions WHERE token_hash = $1", token_hash)


async def end_other_sessions(connection: Connection, person: str, kept: bytes) -> list[bytes]:
    """Forget all sessions of a person but one; the digests of those forgotten."""
    rows = await connection.fetch(
        "DELETE FROM person_sessions WHERE person = $1 AND token_hash <> $2 RETURNING token_hash", person, kept
    )
    return [row["token_hash"] for row in rows]


async def forget_expired(connection: Connection, at: datetime, seen_after: datetime) -> None:
    """Delete the sessions that are over or idle."""
    await connection.execute("DELETE FROM person_sessions WHERE expires_at <= $1 OR seen_at <= $2", at, seen_after)


def _person(row: Any) -> Person:  # a Record, which does not say that it is a mapping
    companies = tuple(CompanyRole(each["code"], each["name"], Position(each["role"])) for each in row["companies"])
    return Person(row["person"], row["name"], row["code"], row["code_type"], companies)
