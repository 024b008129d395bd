"""SQL of digital cards: one function, one statement."""

import json
from collections.abc import Sequence
from datetime import datetime

from etrust.storage.postgres import Connection

Chosen = Sequence[tuple[str, str, str, int, list[str]]]
"""Holder key in hexadecimal, license type, serial, version and names of fields, for each license."""
Row = tuple[int, Chosen, datetime, datetime, int, int, datetime | None, datetime | None]
"""Number, what was chosen, when made, when it ends, views allowed, views had, last view, when revoked."""

_COLUMNS = "card_id, chosen, made_at, expires_at, max_views, views, viewed_at, revoked_at"


async def add(
    connection: Connection, *, token_digest: bytes, holder_key: bytes, chosen: Chosen, at: datetime, expires_at: datetime,
    max_views: int,
) -> int:
    """Keep a card and return its number."""
    number: int = await connection.fetchval(
        "INSERT INTO digital_cards (token_digest, holder_key, chosen, made_at, expires_at, max_views)"
        " VALUES ($1, $2, $3::jsonb, $4, $5, $6) RETURNING card_id",
        token_digest, holder_key, json.dumps(chosen), at, expires_at, max_views,
    )
    return number


async def in_force(connection: Connection, holder_key: bytes, at: datetime) -> int:
    """How many cards of a holder can be looked at."""
    count: int = await connection.fetchval(
        "SELECT count(*) FROM digital_cards WHERE holder_key = $1 AND expires_at > $2 AND revoked_at IS NULL"
        " AND views < max_views",
        holder_key, at,
    )
    return count


async def of_holder(connection: Connection, holder_key: bytes, limit: int) -> list[Row]:
    """The newest cards of a holder."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM digital_cards WHERE holder_key = $1 ORDER BY card_id DESC LIMIT $2",  # noqa: S608  # constant columns
        holder_key, limit,
    )
    return [tuple(row) for row in rows]


async def renew(connection: Connection, holder_key: bytes, number: int, token_digest: bytes, at: datetime) -> Row | None:
    """Give a card that can still be looked at another link; the one before it is then unknown."""
    row = await connection.fetchrow(
        "UPDATE digital_cards SET token_digest = $3 WHERE holder_key = $1 AND card_id = $2 AND expires_at > $4"  # noqa: S608  # constant columns
        f" AND revoked_at IS NULL AND views < max_views RETURNING {_COLUMNS}",
        holder_key, number, token_digest, at,
    )
    return None if row is None else tuple(row)


async def revoke(connection: Connection, holder_key: bytes, number: int, at: datetime) -> bool:
    """End a card; True when it is the holder's and has not been ended before."""
    found = await connection.fetchval(
        "UPDATE digital_cards SET revoked_at = $3 WHERE holder_key = $1 AND card_id = $2 AND revoked_at IS NULL"
        " RETURNING card_id",
        holder_key, number, at,
    )
    return found is not None


async def is_open(connection: Connection, token_digest: bytes, at: datetime) -> bool:
    """Whether a link can be looked at now; nothing is counted."""
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM digital_cards WHERE token_digest = $1 AND expires_at > $2 AND revoked_at IS NULL"
        " AND views < max_views)",
        token_digest, at,
    )
    return found


async def look(connection: Connection, token_digest: bytes, at: datetime) -> Row | None:
    """Count one view and return the card; None when there is nothing to look at. Atomic: one statement."""
    row = await connection.fetchrow(
        "UPDATE digital_cards SET views = views + 1, viewed_at = $2 WHERE token_digest = $1 AND expires_at > $2"  # noqa: S608  # constant columns
        f" AND revoked_at IS NULL AND views < max_views RETURNING {_COLUMNS}",
        token_digest, at,
    )
    return None if row is None else tuple(row)


async def again(connection: Connection, token_digest: bytes, at: datetime) -> Row | None:
    """A card that has been looked at already, whatever views are left; nothing is counted."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM digital_cards WHERE token_digest = $1 AND expires_at > $2"  # noqa: S608  # constant columns
        " AND revoked_at IS NULL AND views > 0",
        token_digest, at,
    )
    return None if row is None else tuple(row)


async def forget(connection: Connection, before: datetime) -> None:
    """Delete cards that ended before a moment."""
    await connection.execute("DELETE FROM digital_cards WHERE expires_at < $1", before)
