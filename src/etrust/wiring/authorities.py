"""The region's authorities at work: which keys they are, and that their revocation lists never run out."""

import asyncio
import logging
from datetime import timedelta

from etrust.clock import Clock
from etrust.errors import EtrustError, Kind
from etrust.signing.model import Signer
from etrust.storage.postgres import Pool
from etrust.trust import certificate_store as store
from etrust.trust.chains import Ground
from etrust.trust.crl_making import renew_crls
from etrust.trust.ground import load_ground
from etrust.wiring.cabinet import SignerCabinet
from etrust.wiring.home import ANCHOR_KEY, Home

RENEW_AFTER = timedelta(days=1)
"""How old a revocation list gets, revocations aside: six days are left for whoever could not fetch a newer one."""
_LOOK_SECONDS = 60
_KEPT = timedelta(seconds=5)
_MAX_KEPT = 512
_log = logging.getLogger(__name__)


class Authorities:
    """Hands out certificates and revocation lists of this region, and what its own checks rest on."""

    def __init__(self, pool: Pool, clock: Clock, home: Home, cabinet: SignerCabinet) -> None:
        self._pool, self._clock, self._home, self._cabinet = pool, clock, home, cabinet
        self._lists: dict[tuple[bytes, int], store.CrlRow] = {}
        self._read_at: dict[tuple[bytes, int], float] = {}

    def signers(self) -> list[Signer]:
        """The anchors of this home, those that were replaced too: their lists go on."""
        return [self._cabinet.named(name) for name in self._names()]

    def certificates(self) -> list[bytes]:
        """Their certificates, DER; no private key is needed for these."""
        return [self._home.keys.certificate(name) for name in self._names()]

    def _names(self) -> list[str]:
        return sorted(name for name in self._home.keys.names() if name == ANCHOR_KEY or name.startswith(f"{ANCHOR_KEY}-"))

    def signer(self, kid: bytes) -> Signer:
        """An anchor by its key id.

        Raises:
            EtrustError: ``no_authority``.
        """
        for each in self.signers():
            if each.kid == kid:
                return each
        raise _unknown(kid)

    async def certificate(self, kid: bytes) -> bytes:
        """The certificate of an authority, DER.

        Raises:
            EtrustError: ``no_authority``.
        """
        async with self._pool.acquire() as connection:
            found = await store.authority_certificate(connection, kid)
        if found is None:
            raise _unknown(kid)
        return found

    async def crl(self, kid: bytes, shard: int) -> store.CrlRow:
        """The newest revocation list of a shard, at most five seconds behind the store.

        Raises:
            EtrustError: ``no_crl_here``; the store is out of reach and no list is at hand.
        """
        place, now = (kid, shard), asyncio.get_running_loop().time()
        kept = self._lists.get(place)
        if kept is not None and now - self._read_at[place] < _KEPT.total_seconds():
            return kept
        try:
            async with self._pool.acquire() as connection:
                found = await store.newest_crl(connection, kid, shard)
        except EtrustError:
            if kept is None:
                raise
            return kept  # good until its own end, as it says itself
        if found is None:
            raise EtrustError(Kind.NOT_FOUND, "no_crl_here", zh="没有该吊销列表。", en="There is no such revocation list.")
        if len(self._lists) >= _MAX_KEPT:
            self._lists.clear()
        self._lists[place], self._read_at[place] = found, now
        return found

    async def renew(self) -> int:
        """Issue every revocation list that is missing or a day old; returns how many."""
        async with self._pool.acquire() as connection:
            return await renew_crls(connection, self.signers(), at=self._clock(), older_than=RENEW_AFTER)

    async def keep_renewing(self) -> None:
        """Look every minute, for as long as the process serves."""
        while True:
            try:
                done = await self.renew()
            except EtrustError as error:
                _log.warning("revocation lists were not renewed: %s", error.code)
            else:
                if done:
                    _log.info("issued %d revocation lists", done)
            await asyncio.sleep(_LOOK_SECONDS)

    async def ground(self) -> Ground:
        """What this region's checks of seals, documents and timestamps rest on, now."""
        async with self._pool.acquire() as connection:
            return await load_ground(connection, anchors=self.certificates(), at=self._clock())


def _unknown(kid: bytes) -> EtrustError:
    return EtrustError(
        Kind.NOT_FOUND, "no_authority", where=kid.hex(),
        zh="本区域没有该认证机构。", en="This region has no such authority.",
    )
