"""SQL of ratings: one function, one statement."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from etrust.storage.postgres import Connection


async def add_invitation(
    connection: Connection, digest: bytes, *, case_number: str, step: int, matter: str, body: str, at: datetime, until: datetime
) -> None:
    """Keep an invitation; one that is there stays as it is."""
    await connection.execute(
        "INSERT INTO rating_invitations (token_digest, case_number, step, matter, body, invited_at, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        digest, case_number, step, matter, body, at, until,
    )


async def invitation(connection: Connection, digest: bytes) -> Mapping[str, Any] | None:
    """An invitation and whether it was used."""
    row = await connection.fetchrow(
        "SELECT case_number, step, matter, body, expires_at, used.token_digest IS NOT NULL AS used"
        " FROM rating_invitations LEFT JOIN rating_uses used USING (token_digest) WHERE token_digest = $1",
        digest,
    )
    return None if row is None else dict(row)


async def use(connection: Connection, digest: bytes) -> bool:
    """Mark an invitation used; false when it was before."""
    done = await connection.execute("INSERT INTO rating_uses (token_digest) VALUES ($1) ON CONFLICT DO NOTHING", digest)
    return str(done) == "INSERT 0 1"


async def add_rating(
    connection: Connection, rating: uuid.UUID, *, matter: str, body: str, month: date, level: int, reasons: Sequence[str],
    words: str, due: date | None, case_number: str,
) -> None:
    """Keep a rating."""
    await connection.execute(
        "INSERT INTO ratings (rating, matter, body, month, level, reasons, words, due, case_number)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        rating, matter, body, month, level, list(reasons), words, due, case_number,
    )


async def counts(connection: Connection, since: date, until: date) -> Sequence[Mapping[str, Any]]:
    """How often each level was given, by month, body and matter; the newest months first."""
    rows = await connection.fetch(
        "SELECT month, body, matter, level, count(*) AS given FROM ratings WHERE month BETWEEN $1 AND $2"
        " GROUP BY month, body, matter, level ORDER BY month DESC, body, matter, level DESC",
        since, until,
    )
    return [dict(row) for row in rows]


async def bodies_under(connection: Connection, body: str) -> Sequence[str]:
    """A body and all below it."""
    rows = await connection.fetch(
        "WITH RECURSIVE under (code) AS (SELECT $1::text"
        " UNION SELECT bodies.code FROM bodies JOIN under ON bodies.parent = under.code) SELECT code FROM under",
        body,
    )
    return [row["code"] for row in rows]


async def open_bad(connection: Connection, bodies: Sequence[str], limit: int) -> Sequence[Mapping[str, Any]]:
    """Bad ratings of these bodies that nobody has closed, the most urgent first."""
    rows = await connection.fetch(
        "SELECT rating, matter, body, month, level, reasons, words, due, case_number FROM ratings"
        " WHERE due IS NOT NULL AND body = ANY($1)"
        " AND NOT EXISTS (SELECT FROM rating_follow_ups done WHERE done.rating = ratings.rating)"
        " ORDER BY due, rating LIMIT $2",
        bodies, limit,
    )
    return [dict(row) for row in rows]


async def with_words(connection: Connection, bodies: Sequence[str], limit: int) -> Sequence[Mapping[str, Any]]:
    """Ratings of these bodies in which something was written, by month and then in no order of time."""
    rows = await connection.fetch(
        "SELECT matter, body, month, level, words FROM ratings"
        " WHERE words <> '' AND body = ANY($1) ORDER BY month DESC, rating LIMIT $2",
        bodies, limit,
    )
    return [dict(row) for row in rows]


async def is_bad_of(connection: Connection, rating: uuid.UUID, bodies: Sequence[str]) -> bool:
    """Whether a rating is a bad one of these bodies."""
    return bool(await connection.fetchval(
        "SELECT EXISTS (SELECT FROM ratings WHERE rating = $1 AND due IS NOT NULL AND body = ANY($2))", rating, bodies,
    ))  # fmt: skip


async def close(
    connection: Connection, rating: uuid.UUID, *, founded: bool, note: str, operator: str, body: str, at: datetime
) -> bool:
    """Keep what was found and done; false when somebody did before."""
    done = await connection.execute(
        "INSERT INTO rating_follow_ups (rating, founded, note, operator, body, at) VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT DO NOTHING",
        rating, founded, note, operator, body, at,
    )
    return str(done) == "INSERT 0 1"


async def follow_up_counts(connection: Connection, bodies: Sequence[str], today: date) -> Mapping[str, int]:
    """Bad ratings of these bodies: ``closed``, ``waiting`` and of these ``late``."""
    row = await connection.fetchrow(
        "SELECT count(done.rating) AS closed, count(*) - count(done.rating) AS waiting,"
        " count(*) FILTER (WHERE done.rating IS NULL AND due < $2) AS late"
        " FROM ratings LEFT JOIN rating_follow_ups done USING (rating) WHERE due IS NOT NULL AND ratings.body = ANY($1)",
        bodies, today,
    )
    return dict(row or {})
