"""SQL of licenses: one function, one statement."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from etrust.licenses.model import StoredLicense
from etrust.storage.postgres import Connection

Found = dict[tuple[str, int], StoredLicense]
"""Issued versions by serial and version."""

LICENSE_COLUMNS = (
    "serial", "version", "license_type", "type_code", "issuer", "number", "content_digest", "issued_on", "valid_from",
    "valid_until", "issuing_authority", "holders", "fields", "extension", "list_no", "list_index", "batch_id",
    "prepared_at", "kid", "protected", "payload",
)  # fmt: skip


async def secret(connection: Connection, name: str, proposal: bytes) -> bytes:
    """The region's secret of that name; the proposal is kept when there is none yet."""
    found: bytes = await connection.fetchval(
        "INSERT INTO region_secrets (name, secret) VALUES ($1, $2)"
        " ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING secret",
        name, proposal,
    )
    return found


async def lock_numbers(connection: Connection, license_type: str, issuer: str) -> None:
    """Let one transaction at a time give numbers of one type by one issuer."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('etrust.numbers:' || $1 || ':' || $2, 0))", license_type, issuer
    )


async def digests_of(connection: Connection, serials: Sequence[str]) -> dict[str, set[bytes]]:
    """Content digests by serial, over all versions, of those serials that exist.

    OFFSET 0 holds the planner to one look into one partition for each serial. Left free, and before the table has
    statistics, it compares every row with every serial: a hundred times slower.
    """
    rows = await connection.fetch(
        "SELECT found.serial, found.content_digest FROM unnest($1::text[]) AS wanted (serial) CROSS JOIN LATERAL"
        " (SELECT serial, content_digest FROM licenses WHERE licenses.serial = wanted.serial OFFSET 0) AS found",
        serials,
    )
    found: dict[str, set[bytes]] = {}
    for row in rows:
        found.setdefault(row["serial"], set()).add(row["content_digest"])
    return found


async def open_batch(
    connection: Connection, *, license_type: str, body: str, operator: str, source: str, at: datetime
) -> int:
    """Begin a batch and return its id."""
    batch_id: int = await connection.fetchval(
        "INSERT INTO issue_batches (license_type, body, operator, source, opened_at) VALUES ($1, $2, $3, $4, $5)"
        " RETURNING batch_id",
        license_type, body, operator, source, at,
    )
    return batch_id


async def close_batch(connection: Connection, batch_id: int, at: datetime) -> None:
    """Mark a batch as wholly signed."""
    await connection.execute("UPDATE issue_batches SET closed_at = $2 WHERE batch_id = $1", batch_id, at)


async def open_batches(connection: Connection) -> list[int]:
    """Batches that have licenses still to be signed."""
    return [row["batch_id"] for row in await connection.fetch(
        "SELECT batch_id FROM issue_batches WHERE closed_at IS NULL ORDER BY batch_id"
    )]


async def hold_batch(connection: Connection, batch_id: int) -> bool:
    """Take the session lock that says "a living process works on this batch"; False when another holds it."""
    held: bool = await connection.fetchval(
        "SELECT pg_try_advisory_lock(hashtextextended('etrust.batch:' || $1::bigint, 0))", batch_id
    )
    return held


async def release_batch(connection: Connection, batch_id: int) -> None:
    """Give the session lock back; a dead process gives it back by dying."""
    await connection.execute("SELECT pg_advisory_unlock(hashtextextended('etrust.batch:' || $1::bigint, 0))", batch_id)


async def copy_licenses(connection: Connection, rows: Iterable[tuple[object, ...]]) -> None:
    """Write many licenses at once, columns in the order of the table."""
    await connection.copy_records_to_table("licenses", records=rows, columns=LICENSE_COLUMNS)


async def copy_holders(connection: Connection, rows: Iterable[tuple[bytes, str, int]]) -> None:
    """Write which holder has which license: holder key, serial, version."""
    await connection.copy_records_to_table("license_holders", records=rows, columns=("holder_key", "serial", "version"))


async def copy_signatures(connection: Connection, rows: Iterable[tuple[str, int, bytes, datetime]]) -> None:
    """Write many signatures at once: serial, version, signature, time."""
    await connection.copy_records_to_table(
        "credentials", records=rows, columns=("serial", "version", "signature", "signed_at")
    )


async def unsigned(connection: Connection, batch_id: int) -> list[tuple[str, int, str, bytes, bytes, bytes]]:
    """Intents of a batch still to be signed: serial, version, issuer, kid, protected header, payload."""
    rows = await connection.fetch(
        "SELECT l.serial, l.version, l.issuer, l.kid, l.protected, l.payload FROM licenses l"
        " LEFT JOIN credentials c USING (serial, version) WHERE l.batch_id = $1 AND c.serial IS NULL",
        batch_id,
    )
    return [tuple(row) for row in rows]


async def find(connection: Connection, serial: str, version: int) -> StoredLicense | None:
    """One issued version, or None."""
    row = await connection.fetchrow(
        "SELECT l.serial, l.version, l.license_type, l.type_code, l.issuer, l.number, l.issued_on, l.valid_from,"
        " l.valid_until, l.issuing_authority, l.holders, l.fields, l.list_no, l.list_index, s.uri AS status_uri,"
        " l.protected, l.payload, c.signature, c.signed_at FROM licenses l JOIN credentials c USING (serial, version)"
        " JOIN status_lists s USING (list_no) WHERE l.serial = $1 AND l.version = $2",
        serial, version,
    )
    return None if row is None else StoredLicense(**row)


async def find_many(connection: Connection, wanted: Sequence[tuple[str, int]]) -> Found:
    """Issued versions by serial and version; those not found are left out."""
    rows = await connection.fetch(
        "SELECT l.serial, l.version, l.license_type, l.type_code, l.issuer, l.number, l.issued_on, l.valid_from,"
        " l.valid_until, l.issuing_authority, l.holders, l.fields, l.list_no, l.list_index, s.uri AS status_uri,"
        " l.protected, l.payload, c.signature, c.signed_at FROM unnest($1::text[], $2::smallint[]) AS w (serial, version)"
        " JOIN licenses l USING (serial, version) JOIN credentials c USING (serial, version) JOIN status_lists s USING (list_no)",
        [serial for serial, _ in wanted], [version for _, version in wanted],
    )
    return {(row["serial"], row["version"]): StoredLicense(**row) for row in rows}


async def versions(connection: Connection, serial: str) -> list[int]:
    """Version numbers of a serial, signed or not, ascending."""
    rows = await connection.fetch("SELECT version FROM licenses WHERE serial = $1 ORDER BY version", serial)
    return [row["version"] for row in rows]


async def add_holder_link(
    connection: Connection, *, token_hash: bytes, serial: str, version: int, at: datetime, expires_at: datetime
) -> None:
    """Keep a holder's link by the digest of its token."""
    await connection.execute(
        "INSERT INTO holder_links (token_hash, serial, version, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
        token_hash, serial, version, at, expires_at,
    )


async def linked_license(connection: Connection, token_hash: bytes, at: datetime) -> tuple[str, int] | None:
    """Serial and version that a link in force shows."""
    row = await connection.fetchrow(
        "SELECT serial, version FROM holder_links WHERE token_hash = $1 AND expires_at > $2", token_hash, at
    )
    return None if row is None else (row["serial"], row["version"])


async def newest_of_type(
    connection: Connection, license_type: str, limit: int, number: str | None = None
) -> list[tuple[str, int]]:
    """Some issued versions of a type, the latest batch first; those with a printed number where one is given."""
    rows = await connection.fetch(
        "SELECT l.serial, l.version FROM licenses l JOIN credentials c USING (serial, version)"
        " WHERE l.license_type = $1 AND ($3::text IS NULL OR l.number = $3) ORDER BY l.batch_id DESC, l.version DESC LIMIT $2",
        license_type, limit, number,
    )
    return [tuple(row) for row in rows]


async def next_without(
    connection: Connection, *, license_type: str, body: str | None, kinds: list[str], after: tuple[str, int], limit: int,
    today: date,
) -> list[tuple[str, int, str]]:
    """Licenses in force by date that lack one of these documents, in the order of serial and version, from one on.

    Returns:
        Serial, version and issuer.
    """
    rows = await connection.fetch(
        "SELECT l.serial, l.version, l.issuer FROM licenses l JOIN credentials c USING (serial, version)"
        " WHERE l.license_type = $1 AND ($2::text IS NULL OR l.issuer = $2) AND (l.serial, l.version) > ($4, $5)"
        " AND l.valid_from <= $7 AND (l.valid_until IS NULL OR l.valid_until >= $7)"
        " AND (SELECT count(*) FROM documents d WHERE d.serial = l.serial AND d.version = l.version AND d.copy_no = 0"
        " AND d.kind = ANY($3) AND d.revision > 0) < cardinality($3)"
        " ORDER BY l.serial, l.version LIMIT $6",
        license_type, body, kinds, *after, limit, today,
    )
    return [tuple(row) for row in rows]


async def count_without(
    connection: Connection, *, license_type: str, body: str | None, kinds: list[str], today: date
) -> int:
    """How many licenses `next_without` would give in all."""
    count: int = await connection.fetchval(
        "SELECT count(*) FROM licenses l JOIN credentials c USING (serial, version)"
        " WHERE l.license_type = $1 AND ($2::text IS NULL OR l.issuer = $2)"
        " AND l.valid_from <= $4 AND (l.valid_until IS NULL OR l.valid_until >= $4)"
        " AND (SELECT count(*) FROM documents d WHERE d.serial = l.serial AND d.version = l.version AND d.copy_no = 0"
        " AND d.kind = ANY($3) AND d.revision > 0) < cardinality($3)",
        license_type, body, kinds, today,
    )
    return count


async def holds(connection: Connection, holder_key: bytes, serial: str, version: int) -> bool:
    """Whether a license is one of a holder's."""
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT 1 FROM license_holders WHERE holder_key = $1 AND serial = $2 AND version = $3)",
        holder_key, serial, version,
    )
    return found
