"""The line to one partner region: its lists kept, its answers fetched within bounds, left alone for a while when it fails.

Only the address that an administrator entered is ever asked: a credential's status list is looked for under it by number,
and counts only when it names the credential's own URI.
"""

import asyncio
import hashlib
import json
import re
from datetime import datetime, timedelta

import aiohttp

from etrust.clock import Clock
from etrust.errors import EtrustError
from etrust.recognition import partner_store as store
from etrust.recognition.breaker import Breaker
from etrust.recognition.messages import MAX_ANSWER, Question, question_json, read_answer
from etrust.recognition.model import PartnerFault, PartnerOutcome, PartnerRegion
from etrust.status.tokens import MAX_TOKEN, SignedList, read_status_list
from etrust.storage.postgres import Pool
from etrust.trust.lists import read_trust_list
from etrust.trust.model import TrustSnapshot

SECONDS = 2.0
"""What one question may take in all, lists included: a counter waits no longer for a partner."""
LIST_AGE = timedelta(minutes=10)
"""A partner's trust list is fetched again after so long."""
MAX_TTL = timedelta(minutes=5)
"""A partner's status list is fetched again after its own ``ttl``, but never kept longer than this."""
MAX_TRUST_LIST = 8 * 1024 * 1024
MAX_LISTS = 64
"""Status lists of one partner kept at once; each is a bitmap of 256 KiB."""

_STATUS_PATH = re.compile(r"/status/(\d{1,9})")
_REFUSALS = {400, 401, 403, 404, 409, 413, 422, 429}
CWT_TYPE = "application/statuslist+cwt"


class PartnerLine:
    """Of one partner region, in one process."""

    def __init__(self, partner: PartnerRegion, session: aiohttp.ClientSession, pool: Pool, clock: Clock, key: str) -> None:
        self.partner = partner
        self._session = session
        self._pool = pool
        self._clock = clock
        self._key = key
        self._breaker = Breaker()
        self._trust: tuple[TrustSnapshot, datetime] | None = None
        self._lists: dict[str, tuple[SignedList, datetime]] = {}
        self._turn = asyncio.Lock()

    async def ask(self, question: Question) -> list[str]:
        """The texts of the credentials the partner answers with, none of them judged.

        Raises:
            PartnerFault: ``partner_resting`` while the breaker is open; ``partner_refuses``, ``partner_unreachable``,
                ``bad_answer``.
        """
        self._require_rest_over()
        data = await self._fetch(
            "POST", "/api/v1/recognition/holdings", MAX_ANSWER, body=json.dumps(question_json(question)).encode(),
            headers={"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"},
        )
        return read_answer(data)

    def told(self, fault: PartnerFault | None) -> None:
        """Remember how a question ended; a refusal is an answer, too."""
        if fault is None or fault.outcome is PartnerOutcome.REFUSED:
            self._breaker.answered()
        elif fault.reason != "partner_resting":
            self._breaker.failed(self._clock())

    def _require_rest_over(self) -> None:
        if not self._breaker.lets_through(self._clock()):
            raise PartnerFault(PartnerOutcome.UNREACHABLE, "partner_resting")

    async def trust(self, *, kid: bytes | None = None) -> TrustSnapshot:
        """The partner's trust list, verified by the anchor that was pinned; never one older than any seen before.

        Args:
            kid: of a credential at hand; a list without it is fetched again, once a minute at most.

        Raises:
            PartnerFault: ``partner_unreachable``; ``untrusted_list`` and other words of `read_trust_list`; ``older_list``.
        """
        async with self._turn:
            now = self._clock()
            if self._trust is not None and not self._is_due(now, kid):
                return self._trust[0]
            snapshot = await self._newest(now)
            self._trust = (snapshot, now)
            return snapshot

    def _is_due(self, now: datetime, kid: bytes | None) -> bool:
        assert self._trust is not None  # noqa: S101 - the caller has looked
        snapshot, fetched = self._trust
        known = kid is None or any(entry.kid == kid for entry in snapshot.trust_list.keys)
        age = now - fetched
        return age >= LIST_AGE or now >= snapshot.trust_list.next_update or (not known and age >= timedelta(minutes=1))

    async def _newest(self, now: datetime) -> TrustSnapshot:
        anchor = hashlib.sha256(self.partner.anchor).digest()
        try:
            token = await self._fetch("GET", "/.well-known/etrust/trust-list", MAX_TRUST_LIST)
        except PartnerFault:
            return await self._kept_list(anchor, now)
        snapshot = self._read(token, now)
        async with self._pool.acquire() as connection:
            kept = await store.keep_list(
                connection, region=self.partner.region, anchor=anchor, sequence=snapshot.trust_list.sequence, token=token, at=now
            )
        if not kept:
            raise PartnerFault(PartnerOutcome.UNTRUSTED, "older_list")
        return snapshot

    async def _kept_list(self, anchor: bytes, now: datetime) -> TrustSnapshot:
        """The newest list seen before, while its own time lasts."""
        async with self._pool.acquire() as connection:
            known = await store.newest_list(connection, self.partner.region, anchor)
        if known is None:
            raise PartnerFault(PartnerOutcome.UNREACHABLE, "partner_unreachable")
        return self._read(known[1], now)

    def _read(self, token: bytes, now: datetime) -> TrustSnapshot:
        try:
            snapshot = read_trust_list(token, anchors=[self.partner.anchor], at=now)
        except EtrustError as error:
            raise PartnerFault(PartnerOutcome.UNTRUSTED, error.code) from error
        if snapshot.trust_list.region != self.partner.region:
            raise PartnerFault(PartnerOutcome.UNTRUSTED, "another_region")
        return snapshot

    async def status_list(self, uri: str, trust: TrustSnapshot) -> SignedList | None:
        """The status list of that URI, None when it cannot be had: the license's status then is unknown, never valid."""
        now = self._clock()
        kept = self._lists.get(uri)
        if kept is not None and now < kept[1]:
            return kept[0]
        number = _STATUS_PATH.search(uri)
        if number is None:
            return None
        try:
            data = await self._fetch("GET", f"/status/{number[1]}", MAX_TOKEN, headers={"Accept": CWT_TYPE})
            found = read_status_list(data, trust=trust, at=now)
        except (PartnerFault, EtrustError):
            return None
        if len(self._lists) >= MAX_LISTS:
            self._lists.clear()
        ttl = MAX_TTL if found.ttl is None else min(timedelta(seconds=found.ttl), MAX_TTL)
        self._lists[uri] = (found, now + ttl)
        return found

    async def _fetch(
        self, method: str, path: str, limit: int, *, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> bytes:
        try:
            async with self._session.request(
                method, self.partner.base_url + path, data=body, allow_redirects=False,
                headers={"Accept-Encoding": "identity", **(headers or {})},
            ) as answer:
                if answer.status in _REFUSALS:
                    raise PartnerFault(PartnerOutcome.REFUSED, "partner_refuses")
                if answer.status != 200:  # noqa: PLR2004 - HTTP
                    raise PartnerFault(PartnerOutcome.UNREACHABLE, "partner_unreachable")
                return await _bounded(answer, limit)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise PartnerFault(PartnerOutcome.UNREACHABLE, "partner_unreachable") from error


async def _bounded(answer: aiohttp.ClientResponse, limit: int) -> bytes:
    content = bytearray()
    async for chunk in answer.content.iter_any():
        content += chunk
        if len(content) > limit:
            raise PartnerFault(PartnerOutcome.UNREACHABLE, "bad_answer")
    return bytes(content)


def new_session() -> aiohttp.ClientSession:
    """A client for partners: no cookies, no proxies, bounded connections."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=64, limit_per_host=8), timeout=aiohttp.ClientTimeout(total=SECONDS),
        cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False, trust_env=False,
    )
