"""SQL of delegations. One function, one statement."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from etrust.onecode.delegation_model import Delegation, DelegationKind
from etrust.storage.postgres import Connection

_DELEGATION = (
    "SELECT d.delegation_id, d.kind, d.subject_key, d.giver_key, d.delegate_key, d.matters, d.sealed, d.given_at, d.until,"
    " a.at AS accepted_at, e.at AS ended_at, coalesce(e.by_delegate, false) AS by_delegate FROM delegations d"
    " LEFT JOIN delegation_acceptances a USING (delegation_id) LEFT JOIN delegation_ends e USING (delegation_id)"
)


async def add(connection: Connection, delegation: Delegation) -> None:
    """Keep a delegation that was offered."""
    await connection.execute(
        "INSERT INTO delegations (delegation_id, kind, subject_key, giver_key, delegate_key, matters, sealed, given_at, until)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        delegation.id, delegation.kind.value, delegation.subject_key, delegation.giver_key, delegation.delegate_key,
        list(delegation.matters), delegation.sealed, delegation.given_at, delegation.until,
    )


async def lock_subject(connection: Connection, subject_key: bytes) -> None:
    """Let one transaction at a time name people for a holder."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('etrust.delegate:' || encode($1, 'hex'), 0))", subject_key
    )


async def count_since(connection: Connection, subject_key: bytes, since: datetime) -> int:
    """How many a holder has offered since a moment."""
    count: int = await connection.fetchval(
        "SELECT count(*) FROM delegations WHERE subject_key = $1 AND given_at > $2", subject_key, since
    )
    return count


async def lock(connection: Connection, delegation_id: str) -> bool:
    """Take a delegation for this transaction alone; False for an unknown one."""
    found = await connection.fetchval("SELECT 1 FROM delegations WHERE delegation_id = $1 FOR UPDATE", delegation_id)
    return found is not None


async def find(connection: Connection, delegation_id: str) -> Delegation | None:
    """A delegation by its id."""
    row = await connection.fetchrow(f"{_DELEGATION} WHERE d.delegation_id = $1", delegation_id)
    return None if row is None else _delegation(dict(row))


async def given(connection: Connection, subject_key: bytes, limit: int) -> list[Delegation]:
    """What was given in a holder's name, the latest first."""
    rows = await connection.fetch(
        f"{_DELEGATION} WHERE d.subject_key = $1 ORDER BY d.given_at DESC LIMIT $2", subject_key, limit
    )
    return [_delegation(dict(row)) for row in rows]


async def received(connection: Connection, delegate_key: bytes, at: datetime, limit: int) -> list[Delegation]:
    """What somebody was offered or may do, and has not run out or ended, the latest first."""
    rows = await connection.fetch(
        f"{_DELEGATION} WHERE d.delegate_key = $1 AND d.until > $2 AND e.at IS NULL ORDER BY d.given_at DESC LIMIT $3",
        delegate_key, at, limit,
    )
    return [_delegation(dict(row)) for row in rows]


async def accept(connection: Connection, delegation_id: str, at: datetime) -> bool:
    """Keep that it was accepted; False when it was before."""
    done = await connection.execute(
        "INSERT INTO delegation_acceptances (delegation_id, at) VALUES ($1, $2) ON CONFLICT DO NOTHING", delegation_id, at
    )
    return bool(done.endswith(" 1"))


async def end(connection: Connection, delegation_id: str, *, by_delegate: bool, at: datetime) -> bool:
    """Keep that it ended; False when it had before."""
    done = await connection.execute(
        "INSERT INTO delegation_ends (delegation_id, by_delegate, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        delegation_id, by_delegate, at,
    )
    return bool(done.endswith(" 1"))


def _delegation(row: Mapping[str, Any]) -> Delegation:
    named = {name: row[name] for name in row if name not in ("delegation_id", "kind", "matters")}
    return Delegation(row["delegation_id"], DelegationKind(row["kind"]), matters=tuple(row["matters"]), **named)
