"""SQL of guardianship: pages of a household, birth certificates that name a father. One function, one statement."""

from collections.abc import Sequence

from etrust.licenses.model import StoredLicense
from etrust.storage.postgres import Connection

_STORED = (
    "SELECT l.serial, l.version, l.license_type, l.type_code, l.issuer, l.number, l.issued_on, l.valid_from, l.valid_until,"
    " l.issuing_authority, l.holders, l.fields, l.list_no, l.list_index, s.uri AS status_uri, l.protected, l.payload,"
    " c.signature, c.signed_at FROM licenses l JOIN credentials c USING (serial, version)"
    " JOIN status_lists s USING (list_no)"
)


async def household_pages(
    connection: Connection, number: str, birth_dates: Sequence[str], limit: int
) -> list[StoredLicense]:
    """Signed pages of a household (户号) of those born on some days, whatever their status; a collective one has thousands."""
    rows = await connection.fetch(
        f"{_STORED} WHERE l.license_type = 'household_register' AND l.fields ->> 'household_number' = $1"
        " AND l.fields ->> 'birth_date' = ANY($2) ORDER BY l.serial, l.version LIMIT $3",
        number, birth_dates, limit,
    )
    return [StoredLicense(**row) for row in rows]


async def births_by_father(connection: Connection, father_code: str, limit: int) -> list[StoredLicense]:
    """Signed birth certificates that name a father, whatever their status."""
    rows = await connection.fetch(
        f"{_STORED} WHERE l.license_type = 'birth_certificate' AND l.fields ->> 'father_code' = $1"
        " ORDER BY l.serial, l.version LIMIT $2",
        father_code, limit,
    )
    return [StoredLicense(**row) for row in rows]
