"""The archive's queue: what is due is renewed and still holds; what cannot be renewed is counted, and stops nothing."""

import hashlib
from datetime import timedelta

import pytest

from etrust.documents import store
from etrust.documents.archive import RenewalReport, renew_due
from etrust.documents.register import DocumentKey, DocumentKind, DocumentRecord
from etrust.documents.renew import last_timestamp
from etrust.licenses.documents import make_documents
from etrust.settings import Settings
from etrust.wiring import Rooms, open_rooms
from tests.documents.referee import holds
from tests.licenses.issuing import issue_company, officer

TEN_YEARS = timedelta(days=3650)


async def a_document(rooms: Rooms, number: str = "650000000000001") -> DocumentRecord:
    stored = await issue_company(rooms, 证照编号=number)
    async with rooms.stores.pool.acquire() as connection:
        (record,) = await make_documents(
            connection, rooms.documents.making, stored, [DocumentKind.PDF], who=officer(rooms)
        )
    return record


async def renew(rooms: Rooms, ahead: timedelta) -> RenewalReport:
    async with rooms.stores.pool.acquire() as connection:
        return await renew_due(
            connection, rooms.documents.renewing, before=rooms.clock() + ahead, operator="admin",
            on_progress=lambda done, total: None,
        )


async def read(rooms: Rooms, key: DocumentKey) -> tuple[bytes, DocumentRecord]:
    async with rooms.stores.pool.acquire() as connection:
        data, record = await store.read(connection, key), await store.find(connection, key)
    assert data is not None
    assert record is not None
    return data, record


async def test_nothing_is_renewed_before_its_time(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        record = await a_document(rooms)
        assert (await renew(rooms, timedelta(days=365))).done == 0
        assert (await read(rooms, record.key))[1].revision == 1


async def test_a_due_document_gets_one_more_timestamp(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        made = await a_document(rooms)
        before, _ = await read(rooms, made.key)
        report = await renew(rooms, TEN_YEARS)
        assert (report.renewed, report.failed) == (1, {})
        data, record = await read(rooms, made.key)
        assert record.revision == 2
        assert record.digest == hashlib.sha256(data).digest()
        assert data.startswith(before)
        last = last_timestamp(data)
        assert last is not None
        assert (last.number, last.whole) == (2, True)
        assert await holds(data, [rooms.anchor_certificate()], rooms.clock())


async def test_a_damaged_document_is_told_of_and_stops_nothing(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        damaged, sound = await a_document(rooms), await a_document(rooms, "650000000000002")
        async with rooms.stores.pool.acquire() as connection:
            await connection.execute("ALTER TABLE document_revisions DISABLE TRIGGER ALL")
            await connection.execute(
                "UPDATE document_revisions SET added = overlay(added PLACING '\\x00'::bytea FROM 5000) WHERE serial = $1",
                damaged.key.serial,
            )
        report = await renew(rooms, TEN_YEARS)
        assert (report.renewed, report.failed) == (1, {"document_damaged": 1})
        assert (await read(rooms, sound.key))[1].revision == 2
        kept = (await read(rooms, damaged.key))[1]
        assert (kept.revision, kept.trouble) == (1, "document_damaged")


async def test_counts_for_the_dry_run(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        await a_document(rooms)
        async with rooms.stores.pool.acquire() as connection:
            soon = await store.counts(connection, before=rooms.clock(), now=rooms.clock())
            late = await store.counts(connection, before=rooms.clock() + TEN_YEARS, now=rooms.clock() + 2 * TEN_YEARS)
        assert (soon["made"], soon["due"], soon["overdue"]) == (1, 0, 0)
        assert (late["due"], late["overdue"]) == (1, 1)


async def test_a_document_another_process_works_on_is_left_to_it(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        record = await a_document(rooms)
        async with rooms.stores.pool.acquire() as connection:
            assert await store.hold_document(connection, record.key)
            report = await renew(rooms, TEN_YEARS)
            await store.release_document(connection, record.key)
        assert (report.renewed, report.busy) == (0, 1)
        assert pytest.approx(record.size or 0) == (await read(rooms, record.key))[1].size
