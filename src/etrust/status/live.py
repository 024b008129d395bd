"""The status of every license as this process knows it: bitmaps in memory, brought up to date from the store."""

import asyncio
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from etrust.clock import Clock
from etrust.status import store
from etrust.status.bits import Bitmap
from etrust.status.events import StatusEvent, latest
from etrust.status.model import State, StatusAnswer, StatusUnknown
from etrust.storage.postgres import Connection, Pool

MAX_AGE = timedelta(milliseconds=500)
"""A snapshot older than this is brought up to date before it answers: half of the second a revocation may take."""

_PAGE = 50_000


@dataclass(slots=True)
class _List:
    number: int
    bitmap: Bitmap
    events: dict[int, StatusEvent]
    digest: str = ""

    def apply(self, event: StatusEvent) -> None:
        self.bitmap.set(event.list_index, State(event.state))
        self.events[event.list_index] = event
        self.digest = ""

    def current_digest(self) -> str:
        if not self.digest:
            self.digest = self.bitmap.digest()
        return self.digest


class LiveStatus:
    """Follows the status history. Its answers are never older than `MAX_AGE`, or they are refused."""

    def __init__(self, pool: Pool, clock: Clock, uri_prefix: str) -> None:
        self._uri_prefix = uri_prefix
        self._pool = pool
        self._clock = clock
        self._lists: dict[str, _List] = {}
        self._numbers: dict[int, _List] = {}
        self._seq = 0
        self._fresh_until: datetime | None = None
        self._turn = asyncio.Lock()

    @property
    def sequence(self) -> int:
        """Number of the last event seen."""
        return self._seq

    async def snapshot(self) -> "LiveSnapshot":
        """A snapshot at most `MAX_AGE` old.

        Raises:
            EtrustError: the store can't be reached (``store_unavailable``).
        """
        if self._is_stale():
            async with self._turn:
                if self._is_stale():
                    await self.refresh()
        return LiveSnapshot(self._lists)

    def bitmap(self, list_no: int) -> Bitmap | None:
        """The bitmap of one list, None when there is no such list."""
        found = self._numbers.get(list_no)
        return None if found is None else found.bitmap

    def digest(self, list_no: int) -> str | None:
        """The digest of one list's present content."""
        found = self._numbers.get(list_no)
        return None if found is None else found.current_digest()

    def uri(self, list_no: int) -> str | None:
        """The URI of one list."""
        return next((uri for uri, entry in self._lists.items() if entry.number == list_no), None)

    def number(self, uri: str) -> int | None:
        """The number of one list."""
        found = self._lists.get(uri)
        return None if found is None else found.number

    def own_uri(self, list_no: int) -> str:
        """The URI that a list of this region has or would have."""
        return f"{self._uri_prefix}{list_no}"

    def is_ours(self, uri: str) -> bool:
        """Whether a URI has the form of this region's lists, so that it may be one begun a moment ago."""
        return uri.startswith(self._uri_prefix)

    async def refresh(self) -> None:
        """Read what has happened since the last look."""
        asked_at = self._clock()
        async with self._pool.acquire() as connection:
            while await self._read_page(connection) == _PAGE:
                pass
        self._fresh_until = asked_at + MAX_AGE

    async def _read_page(self, connection: Connection) -> int:
        events = await store.events_after(connection, self._seq, _PAGE)
        if self._fresh_until is None or any(event.list_no not in self._numbers for event in events):
            await self._read_lists(connection)
        for event in events:
            self._numbers[event.list_no].apply(event)
            self._seq = event.seq
        return len(events)

    async def _read_lists(self, connection: Connection) -> None:
        for uri, number in (await store.lists(connection)).items():
            if uri not in self._lists:
                self._lists[uri] = self._numbers[number] = _List(number, Bitmap(store.LIST_CAPACITY), {})

    async def know(self, uri: str) -> None:
        """Look for a list that another process may have begun since."""
        if uri not in self._lists:
            async with self._pool.acquire() as connection:
                await self._read_lists(connection)

    async def look_for_lists(self) -> None:
        """Look for every list that another process may have begun since: for questions about licenses yet to be found."""
        async with self._pool.acquire() as connection:
            await self._read_lists(connection)

    def _is_stale(self) -> bool:
        return self._fresh_until is None or self._clock() >= self._fresh_until


class LiveSnapshot:
    """Answers for the present moment from the bitmaps in memory."""

    def __init__(self, lists: Mapping[str, _List]) -> None:
        self._lists = lists

    def knows(self, uri: str) -> bool:
        """Whether it can answer for a list."""
        return uri in self._lists

    def lookup(self, uri: str, index: int, at: datetime) -> StatusAnswer:  # noqa: ARG002 - the port's signature
        """The state of one index now; `at` must be the present (see `HistorySnapshot` for the past)."""
        found = self._lists.get(uri)
        if found is None:
            raise StatusUnknown.missing(uri)
        try:
            state = found.bitmap.get(index)
        except IndexError:
            raise StatusUnknown.out_of_range(uri) from None
        event = found.events.get(index) if state != State.VALID else None
        return StatusAnswer(
            state=state, reason=event.reason if event else "", since=event.effective_at if event else None,
            digest=found.current_digest(),
        )


class HistorySnapshot:
    """Answers for a past moment, as known at another, for one index whose history was read."""

    def __init__(self, uri: str, index: int, events: list[StatusEvent], *, known_at: datetime) -> None:
        self._place = (uri, index)
        self._events = [event for event in events if event.recorded_at <= known_at]
        self._known_at = known_at
        self._digest = _digest(uri, index, self._events)

    def lookup(self, uri: str, index: int, at: datetime) -> StatusAnswer:
        """The state of the index at that moment."""
        if (uri, index) != self._place:
            raise StatusUnknown.missing(uri)
        event = latest(self._events, at=at, known_at=self._known_at)
        if event is None:
            return StatusAnswer(State.VALID, "", None, self._digest)
        return StatusAnswer(State(event.state), event.reason, event.effective_at, self._digest)


def _digest(uri: str, index: int, events: list[StatusEvent]) -> str:
    """What a past answer rests on: the recorded history of one index."""
    told = [[event.seq, event.state, event.effective_at.isoformat(), event.recorded_at.isoformat()] for event in events]
    return "sha256:" + hashlib.sha256(json.dumps([uri, index, told]).encode()).hexdigest()


class UnreachableSnapshot:
    """Stands where no status could be had: every question is answered with "unknown", never with "valid"."""

    def lookup(self, uri: str, index: int, at: datetime) -> StatusAnswer:  # noqa: ARG002 - the port's signature
        """Always raises `StatusUnknown`."""
        raise StatusUnknown.unreachable(uri)
