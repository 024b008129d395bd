"""`rooms.gauges`: what an operator watches of the log, of notices and of other regions' lists; counts only."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from etrust.ledger import store as ledger_store
from etrust.notices import store as notice_store
from etrust.recognition import partner_store

if TYPE_CHECKING:
    from etrust.wiring.rooms import Rooms

_KEPT_SECONDS = 10.0
ALARM_DAYS = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Gauges:
    """How things stand.

    Attributes:
        ledger_pending: entries that are durable and not yet integrated.
        checkpoint_at: time of the newest checkpoint, None before the first.
        unconfirmed: notices that nobody has confirmed, by kind of recipient.
        alarms: lists of other regions that were refused in the last thirty days, by reason.
    """

    ledger_pending: int = 0
    checkpoint_at: datetime | None = None
    unconfirmed: dict[str, int] = field(default_factory=dict)
    alarms: dict[str, int] = field(default_factory=dict)


class GaugeDesk:
    """Counts every ten seconds at most, however often anybody asks."""

    def __init__(self, rooms: "Rooms") -> None:
        self._rooms = rooms
        self._kept: tuple[Gauges, float] | None = None
        self._turn = asyncio.Lock()

    async def now(self) -> Gauges:
        """How things stand, ten seconds ago at most."""
        async with self._turn:
            at = asyncio.get_running_loop().time()
            if self._kept is None or at - self._kept[1] > _KEPT_SECONDS:
                self._kept = (await self._count(), at)
            return self._kept[0]

    async def _count(self) -> Gauges:
        async with self._rooms.stores.pool.acquire() as connection:
            newest = await ledger_store.newest_checkpoint(connection)
            return Gauges(
                await ledger_store.count_pending(connection), None if newest is None else newest.signed_at,
                await notice_store.count_unconfirmed(connection),
                await partner_store.alarm_counts(connection, self._rooms.clock() - ALARM_DAYS),
            )
