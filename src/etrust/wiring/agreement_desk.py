"""`rooms.agreements`: agreements with partner regions, and what counts by them; keeps partners' lists fresh in the background."""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from etrust.access.model import Operator
from etrust.errors import EtrustError
from etrust.recognition import agree, agreement_store, region_change_store, region_changes
from etrust.recognition.agree import Terms
from etrust.recognition.agreement_file import write_agreements
from etrust.recognition.agreements import Agreement, AgreementState
from etrust.recognition.model import PartnerFault, PartnerRegion, RegionProposal
from etrust.wiring.home import MESSAGE_KEY

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

    async def find(self, number: str) -> Agreement:
        """An agreement by its number, as it stands now.

        Raises:
            EtrustError: NOT_FOUND ``no_such_agreement``.
        """
        async with self._rooms.stores.pool.acquire() as connection:
            return await agree.find(connection, number)

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

    async def propose_region(self, wanted: RegionProposal, *, who: Operator) -> int:
        """See `recognition.region_changes.propose_region`."""
        own, at = self._rooms.settings.region, self._rooms.clock()
        async with self._rooms.stores.pool.acquire() as connection:
            return await region_changes.propose_region(connection, wanted, own=own, who=who, at=at)

    async def decide_region(self, number: int, *, approve: bool, who: Operator) -> RegionProposal:
        """See `recognition.region_changes.decide_region`."""
        async with self._rooms.stores.pool.acquire() as connection:
            found = await region_changes.decide_region(connection, number, approve=approve, who=who, at=self._rooms.clock())
        self._rooms.partners.look_again()
        return found

    async def proposals(self) -> list[RegionProposal]:
        """Proposals about regions that nobody has decided about."""
        async with self._rooms.stores.pool.acquire() as connection:
            return await region_change_store.waiting(connection)

    async def export(self) -> bytes:
        """The agreements in force or to come, with the partners' anchors, signed; see `recognition.agreement_file`."""
        at = self._rooms.clock()
        good = [each for each in await self.all() if each.state(at) in (AgreementState.IN_FORCE, AgreementState.NOT_YET)]
        partners = await self._rooms.partners.regions_in_force()
        signer = self._rooms.cabinet.current(MESSAGE_KEY)
        return write_agreements(self._rooms.settings.region, good, partners, signer, at)

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
