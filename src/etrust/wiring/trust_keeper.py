"""Keeps the region's own trust list at hand: reads the newest, renews it in time, never serves an expired one."""

import asyncio
from datetime import datetime, timedelta

from etrust.clock import Clock
from etrust.errors import EtrustError, Kind
from etrust.storage.postgres import Pool
from etrust.trust import store
from etrust.trust.lists import read_trust_list
from etrust.trust.model import TrustSnapshot
from etrust.trust.publish import LIFETIME, publish_trust_list
from etrust.wiring.cabinet import SignerCabinet
from etrust.wiring.home import ANCHOR_KEY, Home

RELOAD_AFTER = timedelta(seconds=10)


class TrustKeeper:
    """Hands out the newest trust list of the region, verified against its own anchor."""

    def __init__(self, pool: Pool, clock: Clock, home: Home, cabinet: SignerCabinet, region: str) -> None:
        self._pool = pool
        self._clock = clock
        self._home = home
        self._cabinet = cabinet
        self._region = region
        self._turn = asyncio.Lock()
        self._snapshot: TrustSnapshot | None = None
        self._token = b""
        self._read_at: datetime | None = None

    async def snapshot(self) -> TrustSnapshot:
        """The newest list, at most ten seconds old while the store can be reached.

        Raises:
            EtrustError: there is no list in force, or none could be read yet.
        """
        if self._snapshot is None or self._is_due():
            async with self._turn:
                if self._snapshot is None or self._is_due():
                    await self._reload()
        assert self._snapshot is not None  # noqa: S101 - _reload raises otherwise; this tells the type checker
        return self._in_force(self._snapshot)

    async def token(self) -> bytes:
        """The newest list as it was signed."""
        await self.snapshot()
        return self._token

    def look_again(self) -> None:
        """Read the store anew at the next question: a list was published."""
        self._read_at = None

    def _is_due(self) -> bool:
        return self._read_at is None or self._clock() - self._read_at >= RELOAD_AFTER

    def _in_force(self, snapshot: TrustSnapshot) -> TrustSnapshot:
        if self._clock() < snapshot.trust_list.next_update:
            return snapshot
        raise EtrustError(
            Kind.UNTRUSTED, "expired_list",
            zh="信任列表已过期，且无法更新；请联系管理员。", en="The trust list has expired and could not be renewed.",
        )

    async def _reload(self) -> None:
        try:
            async with self._pool.acquire() as connection:
                newest = await store.newest_list(connection)
        except EtrustError:
            if self._snapshot is None:
                raise
            return  # the list at hand stays good until its own end
        if newest is None:
            raise EtrustError(
                Kind.UNAVAILABLE, "no_trust_list",
                zh="本区域尚未发布信任列表，请运行 etrust init。", en="This region has no trust list yet; run etrust init.",
            )
        await self._take(newest[1])
        self._read_at = self._clock()

    async def _take(self, token: bytes) -> None:
        anchor = self._cabinet.named(ANCHOR_KEY).certificate
        try:
            self._snapshot = read_trust_list(token, anchors=[anchor], at=self._clock())
        except EtrustError as error:
            if error.code != "expired_list":
                raise
            await self._renew()  # the deployment slept longer than its list lives
            return
        self._token = token
        if self._clock() > self._snapshot.trust_list.next_update - LIFETIME / 2:
            await self._renew()

    async def _renew(self) -> None:
        async with self._pool.acquire() as connection:
            self._snapshot = await publish_trust_list(
                connection, region=self._region, anchor=self._cabinet.named(ANCHOR_KEY), operator="renewal",
                at=self._clock(),
            )
            newest = await store.newest_list(connection)
        self._token = newest[1] if newest else b""
