"""SQL of notices: one function, one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from etrust.notices.model import Notice, Recipient
from etrust.storage.postgres import Connection

_COLUMNS = "n.notice_id, n.stream, n.recipient, n.number, n.kind, n.content, n.at"
_DELIVERY = "d.attempts, d.next_try, d.last_error, d.confirmed_at, d.confirmed_by"


_TAKE = f"""
WITH due AS (
    SELECT d.notice_id FROM notice_deliveries d
    WHERE d.confirmed_at IS NULL AND d.next_try <= $1 AND split_part(d.recipient, ':', 1) = ANY($4)
    AND NOT EXISTS (SELECT FROM notice_deliveries e WHERE e.recipient = d.recipient AND e.stream = d.stream
                    AND e.number < d.number AND e.confirmed_at IS NULL)
    ORDER BY d.next_try LIMIT $3 FOR UPDATE SKIP LOCKED
), taken AS (
    UPDATE notice_deliveries d SET attempts = attempts + 1, next_try = $2 FROM due WHERE d.notice_id = due.notice_id RETURNING d.*
)
SELECT {_COLUMNS}, {_DELIVERY} FROM taken d JOIN notices n USING (notice_id) ORDER BY n.at, n.number
"""  # noqa: S608 - columns of our own


@dataclass(frozen=True, slots=True)
class Delivery:
    """A notice and how its delivery stands.

    Attributes:
        attempts: tries so far.
        next_try: None when nothing more is tried.
        confirmed_by: who said that it arrived: a region, an account, a webhook.
    """

    notice: Notice
    attempts: int
    next_try: datetime | None
    last_error: str
    confirmed_at: datetime | None
    confirmed_by: str


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a body's program wants to be told."""

    webhook: int
    body: str
    url: str
    added_by: str
    added_at: datetime


async def lock_stream(connection: Connection, recipient: str, stream: str) -> None:
    """Let one notice of a stream at a time be numbered, until the transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1 || ' ' || $2, 24))", recipient, stream)


async def last_number(connection: Connection, recipient: str, stream: str) -> int:
    """The number of the last notice of a stream to a recipient, 0 before the first."""
    found: int | None = await connection.fetchval(
        "SELECT max(number) FROM notices WHERE recipient = $1 AND stream = $2", recipient, stream
    )
    return found or 0


async def add(connection: Connection, notice: Notice, content: str) -> None:
    """Keep a notice."""
    await connection.execute(
        "INSERT INTO notices (notice_id, stream, recipient, number, kind, content, at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        notice.notice_id, notice.stream, notice.recipient.text, notice.number, notice.kind, content, notice.at,
    )


async def add_delivery(connection: Connection, notice: Notice) -> None:
    """Begin its delivery."""
    await connection.execute(
        "INSERT INTO notice_deliveries (notice_id, recipient, stream, number, next_try) VALUES ($1, $2, $3, $4, $5)",
        notice.notice_id, notice.recipient.text, notice.stream, notice.number, notice.at,
    )


async def take_due(connection: Connection, kinds: Sequence[str], *, at: datetime, until: datetime, limit: int) -> list[Delivery]:
    """Notices whose turn it is, the first unconfirmed of each stream only; nobody else takes them before `until`.

    Args:
        kinds: of recipients, such as ``region``.
    """
    rows = await connection.fetch(_TAKE, at, until, limit, list(kinds))
    return [_delivery(dict(row)) for row in rows]


async def failed(connection: Connection, notice_id: str, *, error: str, next_try: datetime | None) -> None:
    """Remember that a try failed, and when the next one is."""
    await connection.execute(
        "UPDATE notice_deliveries SET last_error = $2, next_try = $3 WHERE notice_id = $1 AND confirmed_at IS NULL",
        notice_id, error, next_try,
    )


async def confirm(connection: Connection, notice_id: str, *, by: str, at: datetime) -> bool:
    """Remember that a notice arrived; False when that was known, or there is no such notice."""
    done = await connection.execute(
        "UPDATE notice_deliveries SET confirmed_at = $3, confirmed_by = $2, next_try = NULL, last_error = ''"
        " WHERE notice_id = $1 AND confirmed_at IS NULL",
        notice_id, by, at,
    )
    return bool(done.endswith(" 1"))


async def try_now(connection: Connection, notice_id: str, at: datetime) -> Recipient | None:
    """Let a notice be tried at once; whom it is for, None when it is confirmed or unknown."""
    found = await connection.fetchval(
        "UPDATE notice_deliveries SET next_try = $2 WHERE notice_id = $1 AND confirmed_at IS NULL RETURNING recipient",
        notice_id, at,
    )
    return None if found is None else Recipient.parse(found)


async def reopen(connection: Connection, recipient: str, stream: str, *, after: int, before: int, at: datetime) -> None:
    """Send again what a recipient says it does not have: the notices of a stream between two numbers."""
    await connection.execute(
        "UPDATE notice_deliveries SET confirmed_at = NULL, confirmed_by = '', next_try = $5"
        " WHERE recipient = $1 AND stream = $2 AND number > $3 AND number < $4",
        recipient, stream, after, before, at,
    )


async def unconfirmed(connection: Connection, *, kind: str | None, limit: int) -> list[Delivery]:
    """Notices that nobody has confirmed yet, the oldest first."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS}, {_DELIVERY} FROM notice_deliveries d JOIN notices n USING (notice_id)"  # noqa: S608 - as above
        " WHERE d.confirmed_at IS NULL AND ($1::text IS NULL OR split_part(d.recipient, ':', 1) = $1)"
        " ORDER BY n.at, n.number LIMIT $2",
        kind, limit,
    )
    return [_delivery(dict(row)) for row in rows]


async def count_unconfirmed(connection: Connection) -> dict[str, int]:
    """How many notices are unconfirmed, by kind of recipient."""
    rows = await connection.fetch(
        "SELECT split_part(recipient, ':', 1) AS kind, count(*) AS open FROM notice_deliveries"
        " WHERE confirmed_at IS NULL GROUP BY 1"
    )
    return {row["kind"]: row["open"] for row in rows}


async def inbox(connection: Connection, recipient: str, *, only_open: bool, before: datetime, limit: int) -> list[Delivery]:
    """What a recipient was told before a moment, the newest first."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS}, {_DELIVERY} FROM notices n JOIN notice_deliveries d USING (notice_id)"  # noqa: S608 - as above
        " WHERE n.recipient = $1 AND n.at <= $3 AND (NOT $2 OR d.confirmed_at IS NULL)"
        " ORDER BY n.at DESC, n.number DESC LIMIT $4",
        recipient, only_open, before, limit,
    )
    return [_delivery(dict(row)) for row in rows]


async def count_open(connection: Connection, recipient: str) -> int:
    """How many notices a recipient has not confirmed."""
    found: int = await connection.fetchval(
        "SELECT count(*) FROM notice_deliveries WHERE recipient = $1 AND confirmed_at IS NULL", recipient
    )
    return found


async def find(connection: Connection, notice_id: str) -> Delivery | None:
    """A notice by its id."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS}, {_DELIVERY} FROM notices n JOIN notice_deliveries d USING (notice_id) WHERE notice_id = $1",  # noqa: S608 - as above
        notice_id,
    )
    return None if row is None else _delivery(dict(row))


async def of_stream(connection: Connection, stream: str) -> list[Delivery]:
    """Every notice of a stream, to whomever, in order."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS}, {_DELIVERY} FROM notices n JOIN notice_deliveries d USING (notice_id)"  # noqa: S608 - as above
        " WHERE n.stream = $1 ORDER BY n.at, n.recipient, n.number LIMIT 1000",
        stream,
    )
    return [_delivery(dict(row)) for row in rows]


async def add_webhook(connection: Connection, body: str, url: str, *, operator: str, at: datetime) -> int:
    """Keep a webhook; returns its number."""
    number: int = await connection.fetchval(
        "INSERT INTO notice_webhooks (body, url, added_by, added_at) VALUES ($1, $2, $3, $4) RETURNING webhook",
        body, url, operator, at,
    )
    return number


async def end_webhook(connection: Connection, webhook: int, *, operator: str, at: datetime) -> bool:
    """End a webhook; False when it is ended or unknown."""
    done = await connection.execute(
        "INSERT INTO notice_webhook_ends (webhook, ended_by, at) SELECT webhook, $2, $3 FROM notice_webhooks WHERE webhook = $1"
        " ON CONFLICT DO NOTHING",
        webhook, operator, at,
    )
    return bool(done.endswith(" 1"))


async def webhooks(connection: Connection, body: str | None) -> list[Webhook]:
    """The webhooks in use, of one body or of all."""
    rows = await connection.fetch(
        "SELECT webhook, body, url, added_by, added_at FROM notice_webhooks w WHERE ($1::text IS NULL OR body = $1)"
        " AND NOT EXISTS (SELECT FROM notice_webhook_ends e WHERE e.webhook = w.webhook) ORDER BY body, webhook",
        body,
    )
    return [Webhook(**row) for row in rows]


async def last_arrival(connection: Connection, sender: str, stream: str) -> int:
    """The number of the last notice of a stream that another region told, 0 before the first."""
    found: int | None = await connection.fetchval(
        "SELECT max(number) FROM notice_arrivals WHERE sender = $1 AND stream = $2", sender, stream
    )
    return found or 0


async def add_arrival(connection: Connection, sender: str, notice: Notice, content: str, at: datetime) -> bool:
    """Keep what another region told; False when it was told before."""
    done = await connection.execute(
        "INSERT INTO notice_arrivals (notice_id, sender, stream, number, kind, content, sent_at, arrived_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        notice.notice_id, sender, notice.stream, notice.number, notice.kind, content, notice.at, at,
    )
    return bool(done.endswith(" 1"))


def _delivery(row: dict[str, object]) -> Delivery:
    names = ("notice_id", "stream", "recipient", "number", "kind", "content", "at")
    told = {name: row.pop(name) for name in names}
    told["recipient"] = Recipient.parse(str(told["recipient"]))
    return Delivery(Notice(**told), **row)  # type: ignore[arg-type]  # columns by name
