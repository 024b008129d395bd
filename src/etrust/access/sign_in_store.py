"""SQL of sign-ins on their way: one function, one statement."""

from dataclasses import dataclass, field
from datetime import datetime

from etrust.storage.postgres import Connection


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that began: what its answer must fit, and where it goes on."""

    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    redirect_uri: str
    wanted: str
    fresh: bool
    expires_at: datetime


async def add(connection: Connection, *, state_hash: bytes, browser_hash: bytes, begun: Begun) -> None:
    """Keep a sign-in by the digests of its state and of the browser's secret."""
    await connection.execute(
        "INSERT INTO person_sign_ins (state_hash, browser_hash, nonce, verifier, redirect_uri, wanted, fresh, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        state_hash, browser_hash, begun.nonce, begun.verifier, begun.redirect_uri, begun.wanted, begun.fresh, begun.expires_at,
    )


async def take(connection: Connection, *, state_hash: bytes, browser_hash: bytes, at: datetime) -> Begun | None:
    """Take a sign-in out, once: of any number of answers with the same state, one finds it."""
    row = await connection.fetchrow(
        "DELETE FROM person_sign_ins WHERE state_hash = $1 AND browser_hash = $2 AND expires_at > $3"
        " RETURNING nonce, verifier, redirect_uri, wanted, fresh, expires_at",
        state_hash, browser_hash, at,
    )
    return None if row is None else Begun(**row)


async def forget_expired(connection: Connection, at: datetime) -> None:
    """Delete the sign-ins that never came back."""
    await connection.execute("DELETE FROM person_sign_ins WHERE expires_at <= $1", at)
