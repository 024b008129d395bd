"""Importing an export file: good rows are issued in batches, bad rows go to a reject file, and nothing stops either.

The file can be imported again at any time, also after a crash: what is issued is counted as such and not repeated.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from etrust.clock import official_date
from etrust.licenses.intake.files import Table, open_table
from etrust.licenses.intake.rejects import RejectWriter
from etrust.licenses.intake.rows import RowReader
from etrust.licenses.intents import Draft, draft
from etrust.licenses.issue import Issued, Issuing, OnStep, finish_open_batches, issue_drafts
from etrust.licenses.model import Provenance, Record, Reject
from etrust.licenses.types import LicenseType
from etrust.storage.postgres import Connection

BATCH_ROWS = 1000
"""Rows of one batch: few enough that the next are read while the database takes these, and little is done twice."""
CONFLICT = "conflict"
_CONFLICT_ZH = "该证照编号已签发且内容不同；请通过变更（新版本）办理，不会重复签发。"


@dataclass(slots=True)
class ImportReport:
    """What became of a file. `rows` = `issued` + `already_issued` + all `rejected`."""

    rows: int = 0
    issued: int = 0
    already_issued: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    rejects: Path | None = None
    dry_run: bool = False


@dataclass(slots=True)
class _Chunk:
    good: list[tuple[int, tuple[str, ...], Draft]]
    bad: list[Reject]

    def __len__(self) -> int:
        return len(self.good) + len(self.bad)


OnProgress = Callable[[int, int | None], None]
"""Told how many rows are done, and how many there are where that is known."""


async def import_file(
    connection: Connection, issuing: Issuing, license_type: LicenseType, path: Path, *, who: Provenance,
    rejects: Path, on_progress: OnProgress, on_step: OnStep = lambda _: None, dry_run: bool = False,
) -> ImportReport:
    """Issue the good rows of a file and write the bad ones to `rejects` (made only when there are any).

    Args:
        connection: outside a transaction.
        who: operator, body and the moment of the import.
        dry_run: judge the rows and write the rejects, but issue nothing.

    Raises:
        EtrustError: the file cannot be read as a table of this type, or the body may not issue the type.
    """
    report = ImportReport(dry_run=dry_run)
    table = await asyncio.to_thread(open_table, path)
    reader = RowReader(license_type, table.header, official_date(who.at))
    if not dry_run:
        await finish_open_batches(connection, issuing)
    chunks = _chunks(table, reader, lambda record: draft(issuing.numbering, license_type.name, who.body, record))
    writer = RejectWriter(rejects, table.header)
    with writer:
        chunk = await asyncio.to_thread(next, chunks, None)
        while chunk:
            # The next rows are read and numbered in a thread while the database takes these.
            following = asyncio.create_task(asyncio.to_thread(next, chunks, None))
            try:
                await _take_chunk(connection, issuing, license_type, chunk, report, writer, who, path, on_step)
            finally:
                upcoming = await following
            on_progress(report.rows, table.count)
            chunk = upcoming
    report.rejects = rejects if report.rejected else None
    return report


async def _take_chunk(
    connection: Connection, issuing: Issuing, license_type: LicenseType, chunk: _Chunk, report: ImportReport,
    writer: RejectWriter, who: Provenance, path: Path, on_step: OnStep,
) -> None:
    rejects = list(chunk.bad)
    if not report.dry_run and chunk.good:
        result = await issue_drafts(
            connection, issuing, license_type, [item for _, _, item in chunk.good],
            who=Provenance(who.operator, who.body, issuing.clock()), source=path.name, on_step=on_step,
        )
        rejects += _conflicts(chunk, result)
        report.issued += len(result.issued)
        report.already_issued += result.already_issued
    elif report.dry_run:
        report.issued += len(chunk.good)
    for reject in sorted(rejects, key=lambda one: one.row):
        writer.write(reject)
        report.rejected[reject.reason] += 1
    report.rows += len(chunk)


def _conflicts(chunk: _Chunk, result: Issued) -> list[Reject]:
    changed = {id(record) for record in result.conflicts}
    return [Reject(row, CONFLICT, _CONFLICT_ZH, original) for row, original, item in chunk.good if id(item.record) in changed]


def _chunks(table: Table, reader: RowReader, drafted: Callable[[Record], Draft]) -> Iterator[_Chunk]:
    numbered = iter(table.numbered)
    while rows := list(islice(numbered, BATCH_ROWS)):
        chunk = _Chunk([], [])
        for number, cells in rows:
            read = reader.read(number, cells)
            if isinstance(read, Reject):
                chunk.bad.append(read)
            else:
                chunk.good.append((number, cells, drafted(read)))
        yield chunk
