"""SQL of keys and published trust lists: one function, one statement."""

from datetime import datetime

from etrust.signing.model import Algorithm
from etrust.storage.postgres import Connection
from etrust.trust.model import KeyEntry, Purpose


async def add_key_entry(connection: Connection, entry: KeyEntry, key_name: str) -> None:
    """Enter a key; one that is there already stays as it is."""
    await connection.execute(
        "INSERT INTO key_entries (kid, certificate, algorithm, purpose, body, license_types, valid_from, valid_until,"
        " compromised_since, key_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING",
        entry.kid, entry.certificate, entry.algorithm.value, entry.purpose.value, entry.body, sorted(entry.license_types),
        entry.valid_from, entry.valid_until, entry.compromised_since, key_name,
    )


async def key_entries(connection: Connection) -> list[tuple[KeyEntry, str]]:
    """All keys the region vouches for, each with its name in the key folder."""
    rows = await connection.fetch(
        "SELECT kid, certificate, algorithm, purpose, body, license_types, valid_from, valid_until, compromised_since,"
        " key_name FROM key_entries ORDER BY body, valid_from"
    )
    return [
        (
            KeyEntry(
                kid=row["kid"], certificate=row["certificate"], algorithm=Algorithm(row["algorithm"]),
                purpose=Purpose(row["purpose"]), body=row["body"], license_types=frozenset(row["license_types"]),
                valid_from=row["valid_from"], valid_until=row["valid_until"], compromised_since=row["compromised_since"],
            ),
            row["key_name"],
        )
        for row in rows
    ]


async def lock_publication(connection: Connection) -> None:
    """Let one publisher at a time work, until the transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('etrust.trust_lists', 0))")


async def newest_sequence(connection: Connection) -> int:
    """Sequence number of the newest published list, 0 before the first."""
    found: int | None = await connection.fetchval("SELECT max(sequence) FROM trust_lists")
    return found or 0


async def newest_list(connection: Connection) -> tuple[int, bytes] | None:
    """Sequence number and token of the newest published list."""
    row = await connection.fetchrow("SELECT sequence, token FROM trust_lists ORDER BY sequence DESC LIMIT 1")
    return None if row is None else (row["sequence"], row["token"])


async def add_list(
    connection: Connection, *, sequence: int, token: bytes, digest: str, at: datetime, operator: str
) -> None:
    """Keep a published list for ever."""
    await connection.execute(
        "INSERT INTO trust_lists (sequence, token, digest, published_at, operator) VALUES ($1, $2, $3, $4, $5)",
        sequence, token, digest, at, operator,
    )


async def add_form(connection: Connection, *, sequence: int, cbor: bytes) -> None:
    """Keep the same list as CBOR."""
    await connection.execute("INSERT INTO trust_list_forms (sequence, cbor) VALUES ($1, $2)", sequence, cbor)


async def list_by(
    connection: Connection, *, sequence: int | None = None, digest: str | None = None
) -> tuple[int, bytes, bytes | None] | None:
    """Number, token and CBOR form of a published list; the newest when neither number nor digest is given."""
    row = await connection.fetchrow(
        "SELECT sequence, token, cbor FROM trust_lists LEFT JOIN trust_list_forms USING (sequence)"
        " WHERE ($1::bigint IS NULL OR sequence = $1) AND ($2::text IS NULL OR digest = $2) ORDER BY sequence DESC LIMIT 1",
        sequence, digest,
    )
    return None if row is None else (row["sequence"], row["token"], row["cbor"])


async def published(connection: Connection, limit: int) -> list[tuple[int, str, datetime, str]]:
    """Number, digest, time and publisher of the lists, the newest first."""
    rows = await connection.fetch(
        "SELECT sequence, digest, published_at, operator FROM trust_lists ORDER BY sequence DESC LIMIT $1", limit
    )
    return [(row["sequence"], row["digest"], row["published_at"], row["operator"]) for row in rows]
