"""SQL of the holder's space: what a holder has, newest versions only. One function, one statement."""

from collections.abc import Sequence

from etrust.licenses.model import StoredLicense
from etrust.storage.postgres import Connection

# OFFSET 0 holds the planner to one look into one partition for each license; see `licenses.store.digests_of`.
_HELD = (
    "SELECT l.serial, l.version, l.license_type, l.type_code, l.issuer, l.number, l.issued_on, l.valid_from, l.valid_until,"
    " l.issuing_authority, l.holders, l.fields, l.list_no, l.list_index, s.uri AS status_uri, l.protected, l.payload,"
    " c.signature, c.signed_at, mine.older FROM"
    " (SELECT serial, max(version) AS version, count(DISTINCT version) - 1 AS older FROM license_holders"
    " WHERE holder_key = $1 AND serial > $2 AND EXISTS (SELECT FROM credentials c WHERE c.serial = license_holders.serial"
    " AND c.version = license_holders.version) GROUP BY serial) AS mine"
    " CROSS JOIN LATERAL (SELECT * FROM licenses WHERE licenses.serial = mine.serial AND licenses.version = mine.version"
    " OFFSET 0) AS l CROSS JOIN LATERAL (SELECT * FROM credentials WHERE credentials.serial = mine.serial"
    " AND credentials.version = mine.version OFFSET 0) AS c JOIN status_lists s USING (list_no)"
    " WHERE ($4::text = '' OR l.license_type = ANY($5::text[]) OR strpos(lower(l.number), $4) > 0"
    " OR strpos(lower(l.issuing_authority), $4) > 0) AND ($6::text = '' OR l.license_type = $6)"
    " ORDER BY l.serial LIMIT $3"
)


async def held(
    connection: Connection, holder_key: bytes, *, after: str, limit: int, text: str, types: Sequence[str], only: str
) -> list[tuple[StoredLicense, int]]:
    """The newest signed version of each license of a holder in the order of serials, and how many older ones there are.

    Args:
        after: the last serial of the page before, empty for the first page.
        text: what number or authority contains, in lower case; empty for everything.
        types: license types that count as containing it.
        only: one license type, empty for all.
    """
    rows = await connection.fetch(_HELD, holder_key, after, limit, text, list(types), only)
    found = []
    for row in rows:
        columns = dict(row)
        older: int = columns.pop("older")
        found.append((StoredLicense(**columns), older))
    return found


async def held_versions(connection: Connection, holder_key: bytes, serial: str) -> list[int]:
    """Which signed versions of a license are this holder's, ascending; nothing where it is another's or unknown."""
    rows = await connection.fetch(
        "SELECT DISTINCT h.version FROM license_holders h JOIN credentials c USING (serial, version)"
        " WHERE h.holder_key = $1 AND h.serial = $2 ORDER BY h.version",
        holder_key, serial,
    )
    return [row["version"] for row in rows]
