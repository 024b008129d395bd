"""The queue of archive renewals: documents whose last timestamp's certificate is about to end, the most urgent first.

Each document is renewed and kept by itself, so an interrupted run is carried on by the next. What cannot be renewed keeps
its reason in the register, is counted, and is tried again a day later.
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from etrust.clock import Clock
from etrust.documents import store
from etrust.documents.frames import Question
from etrust.documents.jobs import RenewJob
from etrust.documents.levels import Level, renewal_due
from etrust.documents.register import DocumentKey, DocumentRecord, Revision
from etrust.documents.timestamper import ValidationData
from etrust.documents.workers import Workers
from etrust.errors import EtrustError, Kind
from etrust.storage.postgres import Connection
from etrust.trust.chains import Ground
from etrust.trust.x509 import read_certificate

AGAIN = timedelta(days=1)
_PAGE = 100


@dataclass(frozen=True, slots=True)
class Renewing:
    """What renewals are made with; fields as in `licenses.documents.Making`."""

    workers: Workers
    clock: Clock
    ground: Callable[[], Awaitable[Ground]]
    stamp_evidence: Callable[[], Awaitable[ValidationData]]
    stamp: Callable[[bytes], Awaitable[bytes]]


@dataclass(slots=True)
class RenewalReport:
    """What a run did; `failed` is how many for each reason."""

    renewed: int = 0
    busy: int = 0
    failed: dict[str, int] = field(default_factory=dict)

    @property
    def done(self) -> int:
        """Documents that were dealt with."""
        return self.renewed + self.busy + sum(self.failed.values())


async def renew_due(
    connection: Connection, renewing: Renewing, *, before: datetime, operator: str,
    on_progress: Callable[[int, int | None], None],
) -> RenewalReport:
    """Renew every document that is due before a moment.

    Args:
        connection: outside a transaction.
        on_progress: is told documents done and how many there are.
    """
    report, seen = RenewalReport(), set[DocumentKey]()
    total = (await store.counts(connection, before=before, now=renewing.clock()))["due"]
    while True:
        page = [each for each in await store.due(connection, before, len(seen) + _PAGE) if each.key not in seen]
        if not page:
            return report
        for record in page:
            seen.add(record.key)
            await _one(connection, renewing, record, operator, report)
            on_progress(report.done, total)


async def _one(
    connection: Connection, renewing: Renewing, record: DocumentRecord, operator: str, report: RenewalReport
) -> None:
    if not await store.hold_document(connection, record.key):
        report.busy += 1
        return
    try:
        await _renew(connection, renewing, record, operator)
        report.renewed += 1
    except EtrustError as error:
        if error.kind is Kind.UNAVAILABLE:
            raise  # the clock, a store or the workers: nothing is wrong with the document
        report.failed[error.code] = report.failed.get(error.code, 0) + 1
        await store.note_trouble(connection, record.key, error.code, due_at=renewing.clock() + AGAIN)
    finally:
        await store.release_document(connection, record.key)


async def _renew(connection: Connection, renewing: Renewing, record: DocumentRecord, operator: str) -> None:
    pdf = await store.read(connection, record.key)
    if pdf is None or hashlib.sha256(pdf).digest() != record.digest:
        raise EtrustError(
            Kind.UNTRUSTED, "document_damaged", where=str(record.key.serial),
            zh="库中的文书与登记的摘要不符，不予续期。", en="The stored document is not the one registered; it is not renewed.",
        )
    evidence = await renewing.stamp_evidence()

    async def reply(question: Question) -> bytes:
        return await renewing.stamp(question.digest)

    data = await renewing.workers.run(RenewJob(pdf, await renewing.ground(), evidence), reply)
    certificate = evidence.certificates[0]
    await store.add_revision(connection, record.key, record.revision + 1, Revision(
        level=Level.B_LTA.value, digest=hashlib.sha256(data).digest(), size=len(data), added=data[len(pdf):],
        made_at=renewing.clock(), operator=operator, timestamp_until=read_certificate(certificate).not_after,
        due_at=renewal_due(certificate),
    ))  # fmt: skip
