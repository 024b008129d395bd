"""SQL of calls between regions: one function, one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from etrust.storage.postgres import Connection


async def take_nonce(connection: Connection, region: str, nonce: str, *, until: datetime) -> bool:
    """Remember a nonce; False when it was seen before."""
    done = await connection.execute(
        "INSERT INTO partner_nonces (region, nonce, expires_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", region, nonce, until
    )
    return bool(done.endswith(" 1"))


async def forget_nonces(connection: Connection, at: datetime) -> None:
    """Forget the nonces of messages that no longer count."""
    await connection.execute("DELETE FROM partner_nonces WHERE expires_at <= $1", at)


async def begin_repeat(connection: Connection, place: bytes, question: bytes, *, at: datetime, until: datetime) -> bool:
    """Take a place for an answer; False when there is one, or one is under way. A place whose time is over is free."""
    done = await connection.execute(
        "INSERT INTO partner_repeats AS r (place, question, expires_at) VALUES ($1, $2, $4) ON CONFLICT (place) DO UPDATE"
        " SET question = excluded.question, sealed = NULL, expires_at = excluded.expires_at WHERE r.expires_at <= $3",
        place, question, at, until,
    )
    return bool(done.endswith(" 1"))


async def repeat(connection: Connection, place: bytes) -> tuple[bytes, bytes | None] | None:
    """The question of a place and its sealed answer, None while that is under way."""
    row = await connection.fetchrow("SELECT question, sealed FROM partner_repeats WHERE place = $1", place)
    return None if row is None else (row["question"], row["sealed"])


async def keep_repeat(connection: Connection, place: bytes, sealed: bytes, until: datetime) -> None:
    """Keep a sealed answer."""
    await connection.execute(
        "UPDATE partner_repeats SET sealed = $2, expires_at = $3 WHERE place = $1", place, sealed, until
    )


async def give_up_repeat(connection: Connection, place: bytes) -> None:
    """Free a place whose question was not answered."""
    await connection.execute("DELETE FROM partner_repeats WHERE place = $1 AND sealed IS NULL", place)


async def forget_repeats(connection: Connection, at: datetime) -> None:
    """Forget the answers whose time is over."""
    await connection.execute("DELETE FROM partner_repeats WHERE expires_at <= $1", at)


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer of another region, sealed."""

    answer: str
    region: str
    path: str
    status: int
    digest: bytes
    sealed: bytes
    at: datetime


async def keep_answer(connection: Connection, kept: KeptAnswer) -> None:
    """Keep what another region answered."""
    await connection.execute(
        "INSERT INTO partner_answers (answer, region, path, status, digest, sealed, at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        kept.answer, kept.region, kept.path, kept.status, kept.digest, kept.sealed, kept.at,
    )


async def answer(connection: Connection, name: str) -> KeptAnswer | None:
    """An answer by its name."""
    row = await connection.fetchrow(
        "SELECT answer, region, path, status, digest, sealed, at FROM partner_answers WHERE answer = $1", name
    )
    return None if row is None else KeptAnswer(**row)


async def answers(connection: Connection, region: str | None, limit: int) -> list[KeptAnswer]:
    """The newest answers, of one region or of all."""
    rows = await connection.fetch(
        "SELECT answer, region, path, status, digest, sealed, at FROM partner_answers WHERE $1::text IS NULL OR region = $1"
        " ORDER BY at DESC LIMIT $2",
        region, limit,
    )
    return [KeptAnswer(**row) for row in rows]


async def forget_answers(connection: Connection, before: datetime) -> None:
    """Forget the answers from before a time."""
    await connection.execute("DELETE FROM partner_answers WHERE at < $1", before)


@dataclass(frozen=True, slots=True)
class Download:
    """What a download link leads to."""

    serial: str
    version: int
    kind: str
    body: str
    copy_no: int = 0


async def add_download(
    connection: Connection, token_digest: bytes, download: Download, *, region: str, at: datetime, until: datetime
) -> None:
    """Keep a link by the digest of its token."""
    await connection.execute(
        "INSERT INTO partner_downloads (token_digest, region, serial, version, kind, body, made_at, expires_at, copy_no)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        token_digest, region, download.serial, download.version, download.kind, download.body, at, until, download.copy_no,
    )


async def use_download(
    connection: Connection, token_digest: bytes, *, region: str, bodies: Sequence[str], at: datetime
) -> Download | None:
    """Use up a link of a region for one of these bodies; None for one that is used, over, another's or unknown."""
    row = await connection.fetchrow(
        "UPDATE partner_downloads SET used_at = $3 WHERE token_digest = $1 AND region = $2 AND used_at IS NULL"
        " AND expires_at > $3 AND body = ANY($4::text[]) RETURNING serial, version, kind, body, copy_no",
        token_digest, region, at, bodies,
    )
    return None if row is None else Download(**row)


async def forget_downloads(connection: Connection, at: datetime) -> None:
    """Forget the links that nobody used in their time."""
    await connection.execute("DELETE FROM partner_downloads WHERE used_at IS NULL AND expires_at <= $1", at)
