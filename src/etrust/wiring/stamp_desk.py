"""The timestamp service at work: asks the clock, reserves serial numbers, stamps; refuses rather than guess."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from etrust.clock import Clock, kernel_clock, steady_seconds, system_clock
from etrust.errors import EtrustError
from etrust.settings import Settings
from etrust.signing import sm2 as sm2_suite
from etrust.storage.postgres import Pool
from etrust.trust.stamp_clock import ClockWatch
from etrust.trust.stamp_requests import granted, read_request, refusal
from etrust.trust.stamp_store import last_reserved, reserve_serials
from etrust.trust.stamping import TimestampAuthority
from etrust.wiring.cabinet import SignerCabinet
from etrust.wiring.home import TIMESTAMP_KEY, TIMESTAMP_SM2_KEY

_ON_THE_LOOP = 16  # tokens made at once on the event loop: some milliseconds
_AT_THE_COUNTER = 64  # serial numbers reserved at a time for single requests


def watch_for(settings: Settings, clock: Clock) -> ClockWatch:
    """The watch over the machine's clock; who gives another clock answers for its pace, but not for its going back."""
    if clock is not system_clock:
        return ClockWatch(clock, steady_seconds, lambda: None, bound=timedelta.max)
    kernel = kernel_clock if settings.asks_kernel_for_time else lambda: None
    return ClockWatch(clock, steady_seconds, kernel, bound=timedelta(milliseconds=settings.timestamp_clock_bound_ms))


class StampDesk:
    """Gives timestamps for the rooms of this deployment and for whoever asks over HTTP.

    Attributes:
        granted, refused: how many, for the metrics.
    """

    def __init__(self, pool: Pool, cabinet: SignerCabinet, settings: Settings, watch: ClockWatch) -> None:
        self._pool, self._cabinet, self._settings, self._watch = pool, cabinet, settings, watch
        self._authorities: dict[bytes, TimestampAuthority] = {}  # by key id: keys are rotated
        self._stock: list[int] = []
        self._knows_last = False
        self.granted = 0
        self.refused = 0

    def authority(self, *, sm2: bool = False) -> TimestampAuthority:
        """The signer of timestamps, with P-256 or with SM2.

        Raises:
            EtrustError: ``no_key`` in a home made before there were timestamps; running ``etrust init`` again makes it.
        """
        signer = self._cabinet.current(TIMESTAMP_SM2_KEY if sm2 else TIMESTAMP_KEY)
        if signer.kid not in self._authorities:
            accuracy = timedelta(seconds=self._settings.timestamp_accuracy_seconds)
            self._authorities[signer.kid] = TimestampAuthority(signer, self._settings.timestamp_policy, accuracy)
        return self._authorities[signer.kid]

    async def reserve(self, count: int) -> tuple[datetime, range]:
        """The present moment and serial numbers for that many timestamps of it, for workers that make the tokens.

        Raises:
            EtrustError: ``clock_unsure``; the store is out of reach.
        """
        await self._learn_last()
        at = self._watch.moment()
        async with self._pool.acquire() as connection:
            return at, await reserve_serials(connection, count, at=at)

    async def tokens(self, imprints: Sequence[tuple[bytes, str]], *, sm2: bool = False) -> list[bytes]:
        """A token for each digest (with the OID of its algorithm), in one reservation.

        Raises:
            EtrustError: ``clock_unsure``, ``stamp_algorithm``, ``stamp_format``, ``no_key``.
        """
        if not imprints:
            return []
        at, serials = await self.reserve(len(imprints))
        make = partial(self.authority(sm2=sm2).tokens, imprints, at=at, serials=serials)
        made = make() if len(imprints) <= _ON_THE_LOOP else await asyncio.to_thread(make)
        self.granted += len(made)
        return made

    async def respond(self, request: bytes) -> bytes:
        """The answer (TimeStampResp) to a TimeStampReq: SM2 for a digest by SM3, P-256 for the others."""
        try:
            asked = read_request(request)
            authority = self.authority(sm2=asked.algorithm == sm2_suite.SM3)
            authority.accept(asked)
            at, serial = await self._one()
            answer = granted(authority.token_for(asked, at=at, serial=serial))
        except EtrustError as error:
            self.refused += 1
            return refusal(error)
        self.granted += 1
        return answer

    async def _one(self) -> tuple[datetime, int]:
        if not self._stock:
            _, serials = await self.reserve(_AT_THE_COUNTER)
            self._stock.extend(reversed(serials))
        return self._watch.moment(), self._stock.pop()

    async def _learn_last(self) -> None:
        """No time before the last one given, even when another process or an earlier run gave it."""
        if self._knows_last:
            return
        async with self._pool.acquire() as connection:
            last = await last_reserved(connection)
        if last is not None:
            self._watch.remember(last)
        self._knows_last = True
