"""The line to one partner region: its lists kept, what is sent to it bounded, left alone for a while when it fails.

Only the address that an administrator entered is ever asked: a credential's status list is looked for under it by number,
and counts only when it names the credential's own URI.
"""

import asyncio
import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import aiohttp

from etrust.clock import Clock
from etrust.errors import EtrustError
from etrust.recognition import partner_store as store
from etrust.recognition.breaker import Breaker
from etrust.recognition.messages import MAX_ANSWER
from etrust.recognition.model import PartnerFault, PartnerOutcome, PartnerRegion
from etrust.recognition.signatures import Request
from etrust.status.tokens import MAX_TOKEN, SignedList, read_status_list
from etrust.storage.postgres import Pool
from etrust.trust.crls import Crl
from etrust.trust.following import ALARMS, Known, Named, follow
from etrust.trust.lists import read_trust_list
from etrust.trust.model import TrustSnapshot
from etrust.wiring.partner_revocation import MAX_BYTES, PartnerRevocation

SECONDS = 2.0
"""What one question may take in all, lists included: a counter waits no longer for a partner."""
_LIST_SECONDS = 0.9
"""What fetching one list may take while a kept one could answer: two of them stay within `SECONDS`."""
BACKGROUND_SECONDS = 30.0
"""What it may take in the background, where nobody waits."""
LIST_AGE = timedelta(minutes=10)
"""A partner's trust list is fetched again after so long."""
MAX_TTL = timedelta(minutes=5)
"""A partner's status list is fetched again after its own ``ttl``, but never kept longer than this."""
MAX_TRUST_LIST = 8 * 1024 * 1024
MAX_LISTS = 64
"""Status lists of one partner kept at once; each is a bitmap of 256 KiB."""

_STATUS_PATH = re.compile(r"/status/(\d{1,9})")
CWT_TYPE = "application/statuslist+cwt"
_OK = 200


class PartnerLine:
    """Of one partner region, in one process.

    Attributes:
        answered_at: when it answered last, None when it has not yet.
    """

    def __init__(
        self, partner: PartnerRegion, session: aiohttp.ClientSession, pool: Pool, clock: Clock,
        named: Callable[[str], Named | None] = lambda _: None,
    ) -> None:
        self.partner = partner
        self._named = named
        self.answered_at: datetime | None = None
        self._session = session
        self._pool = pool
        self._clock = clock
        self._breaker = Breaker()
        self._pinned = hashlib.sha256(partner.anchor).digest()
        self._known: Known | None = None
        self._token = b""
        self._looked: datetime | None = None
        self._lists: dict[str, tuple[SignedList, datetime]] = {}
        self._revocation = PartnerRevocation(partner.region, pool)
        self._turn = asyncio.Lock()

    def told(self, fault: PartnerFault | None) -> None:
        """Remember how a question ended; a refusal is an answer, too."""
        if fault is None or fault.outcome is PartnerOutcome.REFUSED:
            self._breaker.answered()
        elif fault.reason != "partner_resting":
            self._breaker.failed(self._clock())

    def require_rest_over(self) -> None:
        """Return quietly when the partner may be asked.

        Raises:
            PartnerFault: ``partner_resting`` while the breaker is open.
        """
        if not self._breaker.lets_through(self._clock()):
            raise PartnerFault.unreachable("partner_resting")

    async def trust(self, *, kid: bytes | None = None, seconds: float = SECONDS) -> TrustSnapshot:
        """The partner's trust list, followed from the anchor that was pinned; see `trust.following`.

        A list that is refused changes nothing: the one known goes on until its own end, and an alarm says what came. The
        same holds for a partner that is down or slow; and nobody waits for a list that another is fetching already.

        Args:
            kid: of a credential at hand; a list without it is fetched again, once a minute at most.
            seconds: what fetching may take where no list is known.

        Raises:
            PartnerFault: ``partner_unreachable``; the word of the refusal where no list is known; ``expired_list``.
        """
        now = self._clock()
        if self._known is not None and (self._turn.locked() or not self._is_due(now, kid)):
            return self._in_force(self._known, now)
        async with self._turn:
            if self._known is None:
                await self._load(now)
            if self._known is None or self._is_due(now, kid):
                await self._look(now, seconds)
            if self._known is None:
                raise PartnerFault.unreachable("partner_unreachable")
            return self._in_force(self._known, now)

    def _in_force(self, known: Known, now: datetime) -> TrustSnapshot:
        if now >= known.snapshot.trust_list.next_update:
            raise PartnerFault.untrusted("expired_list")
        return known.snapshot

    async def refresh(self) -> TrustSnapshot:
        """The trust list, fetched again well before a counter would have to; takes its time."""
        async with self._turn:
            now = self._clock()
            if self._known is None:
                await self._load(now)
            if self._known is None or self._looked is None or now - self._looked >= LIST_AGE / 2:
                await self._look(now, BACKGROUND_SECONDS, waited_for=False)
        return await self.trust()

    @property
    def token(self) -> bytes:
        """The trust list in use, as it was signed."""
        return self._token

    @property
    def anchors(self) -> tuple[bytes, ...]:
        """The certificates (DER) that its lists are judged by: the pinned one, and the one that signs today."""
        known = () if self._known is None or self._known.anchor == self.partner.anchor else (self._known.anchor,)
        return self.partner.anchor, *known

    @property
    def list_ends(self) -> datetime | None:
        """Until when the trust list in use counts."""
        return None if self._known is None else self._known.snapshot.trust_list.next_update

    @property
    def sequence(self) -> int | None:
        """The number of the trust list in use."""
        return None if self._known is None else self._known.snapshot.trust_list.sequence

    @property
    def is_resting(self) -> bool:
        """Whether it is left alone for a while."""
        return self._breaker.is_open(self._clock())

    @property
    def looked_at(self) -> datetime | None:
        """When the trust list was looked for last."""
        return self._looked

    def _is_due(self, now: datetime, kid: bytes | None) -> bool:
        assert self._known is not None  # noqa: S101 - the caller has looked
        age = timedelta.max if self._looked is None else now - self._looked
        listed = self._known.snapshot.trust_list
        known = kid is None or any(entry.kid == kid for entry in listed.keys)
        named = self._named(self.partner.region)
        is_behind = named is not None and named.sequence > listed.sequence
        return age >= LIST_AGE or now >= listed.next_update or ((is_behind or not known) and age >= timedelta(minutes=1))

    async def _load(self, now: datetime) -> None:
        """The list accepted last, by this process or another before it; one whose time is over is known, and not used."""
        async with self._pool.acquire() as connection:
            kept = await store.newest_snapshot(connection, self.partner.region, self._pinned)
        if kept is None:
            return
        token, anchor = kept
        try:
            self._known, self._token = Known(read_trust_list(token, anchors=[anchor], at=now), anchor), token
        except EtrustError:
            return

    async def _look(self, now: datetime, seconds: float, *, waited_for: bool = True) -> None:
        if not self._breaker.lets_through(now):
            if self._known is None:
                raise PartnerFault.unreachable("partner_resting")
            return
        if self._known is not None and waited_for:
            seconds = min(seconds, _LIST_SECONDS)
        try:
            status, token = await self._get("/.well-known/etrust/trust-list", MAX_TRUST_LIST, seconds=seconds)
            if status != _OK:
                raise PartnerFault.unreachable("partner_unreachable")
        except PartnerFault as fault:
            self.told(fault)
            if self._known is None:
                raise
            self._looked = now  # not again at every question
            return
        self.told(None)
        self._looked = now
        try:
            found = follow(
                self._known, token, region=self.partner.region, anchor=self.partner.anchor, at=now,
                named=self._named(self.partner.region),
            )
        except EtrustError as error:
            await self._refused(error, token, now)
            return
        await self._accept(found, token, now)

    async def _accept(self, found: Known, token: bytes, now: datetime) -> None:
        """Kept first, then in use, all at once."""
        content = found.snapshot
        async with self._pool.acquire() as connection:
            await store.keep_snapshot(
                connection, region=self.partner.region, pinned=self._pinned, sequence=content.trust_list.sequence,
                digest=content.digest, anchor=found.anchor, token=token, at=now,
            )  # fmt: skip
        self._known, self._token = found, token

    async def _refused(self, error: EtrustError, token: bytes, now: datetime) -> None:
        if error.code in ALARMS:
            async with self._pool.acquire() as connection:
                await store.raise_alarm(
                    connection, region=self.partner.region, reason=error.code, detail=error.en, token=token, at=now
                )
        if self._known is None:
            raise PartnerFault.untrusted(error.code) from error

    async def status_list(
        self, uri: str, trust: TrustSnapshot, *, seconds: float = _LIST_SECONDS
    ) -> SignedList | None:
        """The status list of that URI, None when none can be had: the license's status then is unknown, never valid.

        With the partner out of reach the newest list seen goes on within its own time, also after a restart.
        """
        now = self._clock()
        kept = self._lists.get(uri)
        if kept is not None and now < kept[1]:
            return kept[0]
        number = _STATUS_PATH.search(uri)
        if number is None:
            return None
        found = await self._fetched_status(uri, number[1], trust, now, seconds)
        if found is None:
            return await self._older_status(uri, trust, now)
        if len(self._lists) >= MAX_LISTS:
            self._lists.clear()
        ttl = MAX_TTL if found.ttl is None else min(timedelta(seconds=found.ttl), MAX_TTL)
        self._lists[uri] = (found, now + ttl)
        return found

    def is_current(self, uri: str) -> bool:
        """Whether the status list at hand was fetched within its ``ttl``, and is not one kept from before."""
        kept = self._lists.get(uri)
        return kept is not None and self._clock() < kept[1]

    async def _fetched_status(
        self, uri: str, number: str, trust: TrustSnapshot, now: datetime, seconds: float
    ) -> SignedList | None:
        data = await self.get_quietly(f"/status/{number}", MAX_TOKEN, accept=CWT_TYPE, seconds=seconds)
        try:
            found = None if data is None else read_status_list(data, trust=trust, at=now)
        except EtrustError:
            return None
        if data is None or found is None or found.uri != uri:
            return None
        async with self._pool.acquire() as connection:
            await store.keep_status_list(
                connection, region=self.partner.region, uri=uri, token=data, issued_at=found.issued_at, at=now
            )
        return found

    async def revocation_list(self, place: str, trust: TrustSnapshot, *, seconds: float = _LIST_SECONDS) -> Crl | None:
        """The revocation list at a path of the partner; the newest one seen while the partner is out of reach."""
        now = self._clock()
        found = self._revocation.fresh(place, now)
        if found is None:
            data = await self.get_quietly(place, MAX_BYTES, seconds=seconds)
            found = None if data is None else await self._revocation.take(place, data, trust, self.anchors, now)
        return found or await self._revocation.kept(place, trust, self.anchors)

    async def get_quietly(self, path: str, limit: int, *, accept: str = "", seconds: float = _LIST_SECONDS) -> bytes | None:
        """A public file of the partner; None when it is resting, slow, or has none such."""
        if not self._breaker.lets_through(self._clock()):
            return None
        try:
            status, content = await self._get(path, limit, accept=accept, seconds=seconds)
        except PartnerFault as fault:
            self.told(fault)
            return None
        self.told(None)  # that it has none such is an answer, too: a forged code must not let it rest
        return content if status == _OK else None

    async def _older_status(self, uri: str, trust: TrustSnapshot, now: datetime) -> SignedList | None:
        async with self._pool.acquire() as connection:
            data = await store.status_list(connection, self.partner.region, uri)
        if data is None:
            return None
        try:
            return read_status_list(data, trust=trust, at=now)
        except EtrustError:
            return None

    async def _get(self, path: str, limit: int, *, accept: str = "", seconds: float = SECONDS) -> tuple[int, bytes]:
        request = Request("GET", self.partner.base_url + path, {"Accept": accept} if accept else {})
        status, _, content = await self.send(request, limit=limit, seconds=seconds)
        return status, content

    async def send(
        self, request: Request, *, limit: int | None = None, seconds: float = SECONDS
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Send a request as it is; status, headers and content of the answer.

        Raises:
            PartnerFault: ``partner_unreachable``, ``bad_answer`` for one that is too long.
        """
        answer = await fetch(self._session, request, limit=MAX_ANSWER if limit is None else limit, seconds=seconds)
        self.answered_at = self._clock()
        return answer


async def fetch(
    session: aiohttp.ClientSession, request: Request, *, limit: int, seconds: float
) -> tuple[int, Mapping[str, str], bytes]:
    """Send a request as it is, within bounds; status, headers and content of the answer.

    Raises:
        PartnerFault: ``partner_unreachable``, ``bad_answer`` for one that is too long.
    """
    try:
        async with session.request(
            request.method, request.url, data=request.body or None, allow_redirects=False,
            headers={"Accept-Encoding": "identity", **request.headers}, timeout=aiohttp.ClientTimeout(total=seconds),
        ) as answer:  # fmt: skip
            return answer.status, _headers(answer), await _bounded(answer, limit)
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
        raise PartnerFault.unreachable("partner_unreachable") from error


def _headers(answer: aiohttp.ClientResponse) -> dict[str, str]:
    """The headers, by name; of one that stands twice nothing is taken."""
    names = [name.lower() for name in answer.headers]
    return {name: value for name, value in answer.headers.items() if names.count(name.lower()) == 1}


async def _bounded(answer: aiohttp.ClientResponse, limit: int) -> bytes:
    content = bytearray()
    async for chunk in answer.content.iter_any():
        content += chunk
        if len(content) > limit:
            raise PartnerFault.unreachable("bad_answer")
    return bytes(content)


def new_session() -> aiohttp.ClientSession:
    """A client for partners: no cookies, no proxies, bounded connections."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=64, limit_per_host=8), timeout=aiohttp.ClientTimeout(total=SECONDS),
        cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False, trust_env=False,
    )
