"""Revocation lists of a partner region: fetched from its own address, judged, and kept for days on which it is down."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from etrust.errors import EtrustError
from etrust.recognition import partner_store as store
from etrust.recognition.foreign import authorities_of
from etrust.storage.postgres import Pool
from etrust.trust.crls import Crl, read_crls
from etrust.trust.model import TrustSnapshot
from etrust.trust.x509 import Certificate

REVOCATION_PLACE = re.compile(r"/crl/[0-9a-f]{16}/\d{1,9}$")
"""Where a region that runs etrust has its revocation lists; whatever host a certificate names, the partner's address is asked."""
MAX_REVOCATION_LISTS = 16
"""Looked for at one check."""
MAX_BYTES = 2 * 1024 * 1024
FRESH = timedelta(minutes=5)
"""A list is fetched again after so long."""
_MAX_KEPT = 256


class PartnerRevocation:
    """The revocation lists of one region, in one process."""

    def __init__(self, region: str, pool: Pool) -> None:
        self._region, self._pool = region, pool
        self._lists: dict[str, tuple[Crl, datetime]] = {}

    def fresh(self, place: str, now: datetime) -> Crl | None:
        """A list that was fetched a moment ago."""
        kept = self._lists.get(place)
        return kept[0] if kept is not None and now - kept[1] < FRESH else None

    async def take(self, place: str, data: bytes, trust: TrustSnapshot, anchors: Sequence[bytes], now: datetime) -> Crl | None:
        """A list that was fetched, kept when one of the region's authorities signed it; None when none did."""
        found = _read(data, authorities_of(trust, anchors))
        if found is None or found.issued_at > now:
            return None
        async with self._pool.acquire() as connection:
            await store.keep_revocation_list(
                connection, region=self._region, place=place, crl=data, issued_at=found.issued_at, at=now
            )
        if len(self._lists) >= _MAX_KEPT:
            self._lists.clear()
        self._lists[place] = (found, now)
        return found

    async def kept(self, place: str, trust: TrustSnapshot, anchors: Sequence[bytes]) -> Crl | None:
        """The newest list seen; it answers for its own time, as it says itself."""
        async with self._pool.acquire() as connection:
            data = await store.revocation_list(connection, self._region, place)
        return None if data is None else _read(data, authorities_of(trust, anchors))


def _read(data: bytes, authorities: Sequence[Certificate]) -> Crl | None:
    try:
        (found,) = read_crls(data)
    except (EtrustError, ValueError):
        return None
    return found if any(found.is_of(each) for each in authorities) else None
