"""Takes in what another region tells: each notice once, in the order of its stream, handled in the same transaction."""

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from enum import StrEnum

from etrust.notices import store
from etrust.notices.model import Arrived
from etrust.storage.postgres import Connection

Handler = Callable[[Connection, Arrived], Awaitable[None]]
"""What is done about a notice; it runs in the transaction that records the arrival, so it is done once."""


class Answer(StrEnum):
    """What the sender is told."""

    CONFIRMED = "confirmed"
    AGAIN = "confirmed_before"
    TOO_EARLY = "earlier_ones_missing"  # a notice before it in its stream has not arrived; send that one first
    UNKNOWN_KIND = "unknown_kind"  # nothing here deals with such notices; it is kept, and need not be sent again


async def take_in(
    connection: Connection, arrived: Arrived, handlers: Mapping[str, Handler], *, at: datetime
) -> tuple[Answer, int]:
    """Record a notice and handle it, in one transaction.

    Returns:
        What the sender is told, and the number of the last notice of the stream that is here.
    """
    notice = arrived.notice
    async with connection.transaction():
        await store.lock_stream(connection, f"from:{arrived.sender}", notice.stream)
        last = await store.last_arrival(connection, arrived.sender, notice.stream)
        if notice.number > last + 1:
            return Answer.TOO_EARLY, last
        text = json.dumps(notice.content, ensure_ascii=False)
        if notice.number <= last or not await store.add_arrival(connection, arrived.sender, notice, text, at):
            return Answer.AGAIN, last
        handler = handlers.get(notice.kind)
        if handler is None:
            return Answer.UNKNOWN_KIND, notice.number
        await handler(connection, arrived)
    return Answer.CONFIRMED, notice.number
