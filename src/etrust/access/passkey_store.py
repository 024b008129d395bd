"""SQL of passkeys: one function, one statement."""

from dataclasses import dataclass
from datetime import datetime

from etrust.storage.postgres import Connection


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey of a person.

    Attributes:
        handle: what the pages call it, 32 hexadecimal characters.
        credential: what the authenticator calls it.
        public_key: a COSE key.
        synced: copies of it may exist on other devices of the person.
    """

    handle: str
    credential: bytes
    public_key: bytes
    sign_count: int
    name: str
    transports: tuple[str, ...]
    synced: bool
    created_at: datetime
    used_at: datetime | None


_PASSKEY = (
    "SELECT handle, credential, public_key, sign_count, name, transports, synced, created_at, used_at FROM passkeys"
    " WHERE person = $1"
)


async def passkeys(connection: Connection, person: str) -> tuple[Passkey, ...]:
    """All passkeys of a person, the oldest first."""
    rows = await connection.fetch(f"{_PASSKEY} ORDER BY created_at, handle", person)
    return tuple(_passkey(row) for row in rows)


async def passkey(connection: Connection, person: str, credential: bytes) -> Passkey | None:
    """One passkey of a person."""
    row = await connection.fetchrow(f"{_PASSKEY} AND credential = $2", person, credential)
    return None if row is None else _passkey(row)


async def add(connection: Connection, person: str, made: Passkey, most: int) -> bool:
    """Keep a new passkey; False when the credential is known already, or the person has the most there may be."""
    done = await connection.execute(
        "INSERT INTO passkeys (person, handle, credential, public_key, sign_count, name, transports, synced, created_at)"
        " SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9 WHERE (SELECT count(*) FROM passkeys WHERE person = $1) < $10"
        " ON CONFLICT DO NOTHING",
        person, made.handle, made.credential, made.public_key, made.sign_count, made.name, list(made.transports),
        made.synced, made.created_at, most,
    )
    return bool(done.endswith(" 1"))


async def use(connection: Connection, credential: bytes, *, before: int, after: int, at: datetime) -> bool:
    """Move the sign counter on; False when somebody else did meanwhile."""
    done = await connection.execute(
        "UPDATE passkeys SET sign_count = $3, used_at = $4 WHERE credential = $1 AND sign_count = $2",
        credential, before, after, at,
    )
    return bool(done.endswith(" 1"))


async def rename(connection: Connection, person: str, handle: str, name: str) -> bool:
    """Call a passkey by another name; False when the person has none by that handle."""
    done = await connection.execute("UPDATE passkeys SET name = $3 WHERE person = $1 AND handle = $2", person, handle, name)
    return bool(done.endswith(" 1"))


async def remove(connection: Connection, person: str, handle: str) -> bool:
    """Forget a passkey; False when the person has none by that handle."""
    done = await connection.execute("DELETE FROM passkeys WHERE person = $1 AND handle = $2", person, handle)
    return bool(done.endswith(" 1"))


async def keep_challenge(
    connection: Connection, token_hash: bytes, purpose: str, challenge: bytes, expires_at: datetime
) -> None:
    """Keep what a passkey must answer in a session; an earlier one for the same purpose is worth nothing from now on."""
    await connection.execute(
        "INSERT INTO passkey_challenges (token_hash, purpose, challenge, expires_at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (token_hash, purpose) DO UPDATE SET challenge = $3, expires_at = $4",
        token_hash, purpose, challenge, expires_at,
    )


async def take_challenge(connection: Connection, token_hash: bytes, purpose: str, at: datetime) -> bytes | None:
    """Take a challenge out, once."""
    found: bytes | None = await connection.fetchval(
        "DELETE FROM passkey_challenges WHERE token_hash = $1 AND purpose = $2 AND expires_at > $3 RETURNING challenge",
        token_hash, purpose, at,
    )
    return found


def _passkey(row: object) -> Passkey:
    fields = dict(row)  # type: ignore[call-overload]  # an asyncpg Record is a mapping without saying so
    return Passkey(**{**fields, "transports": tuple(fields["transports"])})
