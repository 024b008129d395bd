"""`rooms.agreements`: agreements with partner regions, and what counts by them; keeps partners' lists fresh in the background."""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from etrust.access.model import Operator
from etrust.errors import EtrustError
from etrust.recognition import agree, agreement_store
from etrust.recognition.agree import Terms
from etrust.recognition.agreements import Agreement
from etrust.recognition.model import PartnerFault, PartnerRegion

if TYPE_CHECKING:
    from etrust.wiring.rooms import Rooms

_LOOK_AGAIN = timedelta(seconds=10)
_REFRESH_SECONDS = 60.0


class AgreementDesk:
    """`rooms.agreements`."""

    def __init__(self, rooms: "Rooms") -> None:
        self._rooms = rooms
        self._known: tuple[Sequence[Agreement], datetime] | None = None

    async def all(self) -> Sequence[Agreement]:
        """Every agreement, at most ten seconds old."""
        at = self._rooms.clock()
        if self._known is None or at - self._known[1] >= _LOOK_AGAIN:
            async with self._rooms.stores.pool.acquire() as connection:
                self._known = (await agreement_store.agreements(connection), at)
        return self._known[0]

    async def propose(self, terms: Terms, *, who: Operator) -> Agreement:
        """See `recognition.agree.propose`."""
        async with self._rooms.stores.pool.acquire() as connection:
            return self._changed(await agree.propose(connection, terms, who=who, at=self._rooms.clock()))

    async def approve(self, number: str, *, who: Operator) -> Agreement:
        """See `recognition.agree.approve`."""
        async with self._rooms.stores.pool.acquire() as connection:
            return self._changed(await agree.approve(connection, number, who=who, at=self._rooms.clock()))

    async def refuse(self, number: str, reason: str, *, who: Operator) -> Agreement:
        """See `recognition.agree.refuse`."""
        async with self._rooms.stores.pool.acquire() as connection:
            return self._changed(await agree.refuse(connection, number, reason, who=who, at=self._rooms.clock()))

    async def end(self, number: str, reason: str, *, who: Operator) -> Agreement:
        """See `recognition.agree.end`."""
        async with self._rooms.stores.pool.acquire() as connection:
            return self._changed(await agree.end(connection, number, reason, who=who, at=self._rooms.clock()))

    def _changed(self, agreement: Agreement) -> Agreement:
        self._known = None
        return agreement

    async def keep(self) -> None:
        """Fetch the lists of the partners again and again, so that no counter waits for them, until cancelled."""
        while True:
            with contextlib.suppress(EtrustError):
                regions = await self._rooms.partners.regions_in_force()
                await asyncio.gather(*(self._refresh(each) for each in regions))
                await self._rooms.gate.forget()
            await asyncio.sleep(_REFRESH_SECONDS)

    async def _refresh(self, partner: PartnerRegion) -> None:
        with contextlib.suppress(PartnerFault, EtrustError):
            await self._rooms.partners.refresh(partner)
