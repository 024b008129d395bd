"""Documents of a whole license type, several at once; stopped at any moment, the next run makes what is missing."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

from etrust.clock import official_date
from etrust.documents.register import DocumentKind
from etrust.errors import EtrustError, Kind
from etrust.licenses import store
from etrust.licenses.documents import Making, make_documents
from etrust.licenses.model import Provenance
from etrust.storage.postgres import Pool

_PAGE = 500
_STOPS = (Kind.UNAVAILABLE, Kind.FORBIDDEN)
"""What is wrong with more than one license: the stores, the clock, the right to use the seal."""


@dataclass(slots=True)
class BulkReport:
    """What a run did; `failed` is how many licenses for each reason."""

    licenses: int = 0
    made: int = 0
    failed: dict[str, int] = field(default_factory=dict)

    @property
    def done(self) -> int:
        """Licenses dealt with."""
        return self.licenses + sum(self.failed.values())


async def make_in_bulk(
    pool: Pool, making: Making, *, license_type: str, body: str | None, kinds: Sequence[DocumentKind], who: Provenance,
    at_once: int, on_progress: Callable[[int, int | None], None],
) -> BulkReport:
    """Make the documents of every license in force of a type that lacks one.

    Args:
        body: only those this body issued; None for all.
        at_once: how many licenses are worked on together, each with a connection of its own.
        on_progress: is told licenses done and in all.

    Raises:
        EtrustError: what stops all of them alike, such as ``seal_not_usable`` or ``clock_unsure``.
    """
    report = BulkReport()
    async with pool.acquire() as connection:
        total = await store.count_without(
            connection, license_type=license_type, body=body, kinds=[kind.value for kind in kinds],
            today=official_date(making.clock()),
        )
    on_progress(0, total)
    source = _waiting(pool, making, license_type, body, kinds)

    async def work() -> None:
        async for serial, version, issuer in _shared(source, lock):
            await _one(pool, making, (serial, version), kinds, Provenance(who.operator, issuer, making.clock()), report)
            on_progress(report.done, total)

    lock = asyncio.Lock()
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(work())
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None
    return report


async def _one(
    pool: Pool, making: Making, place: tuple[str, int], kinds: Sequence[DocumentKind], who: Provenance, report: BulkReport
) -> None:
    try:
        async with pool.acquire() as connection:
            stored = await store.find(connection, *place)
            if stored is not None:
                report.made += len(await make_documents(connection, making, stored, kinds, who=who))
                report.licenses += 1
    except EtrustError as error:
        if error.kind in _STOPS:
            raise
        report.failed[error.code] = report.failed.get(error.code, 0) + 1


async def _waiting(
    pool: Pool, making: Making, license_type: str, body: str | None, kinds: Sequence[DocumentKind]
) -> AsyncIterator[tuple[str, int, str]]:
    """Serial, version and issuer of licenses that lack a document, page by page."""
    last, names = ("", 0), [kind.value for kind in kinds]
    while True:
        async with pool.acquire() as connection:
            page = await store.next_without(
                connection, license_type=license_type, body=body, kinds=names, after=last, limit=_PAGE,
                today=official_date(making.clock()),
            )
        if not page:
            return
        for each in page:
            yield each
        last = page[-1][0], page[-1][1]


async def _shared(
    source: AsyncIterator[tuple[str, int, str]], lock: asyncio.Lock
) -> AsyncIterator[tuple[str, int, str]]:
    """The source for several takers, one at a time."""
    while True:
        async with lock:
            item = await anext(source, None)
        if item is None:
            return
        yield item
