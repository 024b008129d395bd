"""A license's documents: asked for once, made once, and what others can read in them."""

import asyncio
import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from datetime import timedelta

import pikepdf
import pytest

from etrust.clock import official_date
from etrust.documents import store as document_store
from etrust.documents.register import DocumentKind, DocumentRecord
from etrust.errors import EtrustError
from etrust.licenses.change import Ground, change_status
from etrust.licenses.document_copies import CopyRequest, make_copy
from etrust.licenses.documents import make_documents
from etrust.licenses.model import Action, StoredLicense
from etrust.seals import store as seal_store
from etrust.seals import usage_store
from etrust.seals.model import Actor
from etrust.seals.model import Ground as SealGround
from etrust.seals.suspend import freeze
from etrust.ses.ofd import Ofd, judge_ofd
from etrust.settings import Settings
from etrust.trust.findings import Outcome
from etrust.wiring import Rooms, open_rooms
from tests.documents.referee import holds
from tests.licenses.issuing import issue_company, officer

BOTH = tuple(DocumentKind)


async def make(rooms: Rooms, stored: StoredLicense, kinds: Sequence[DocumentKind] = BOTH) -> list[DocumentRecord]:
    async with rooms.stores.pool.acquire() as connection:
        return await make_documents(connection, rooms.documents.making, stored, kinds, who=officer(rooms))


async def data_of(rooms: Rooms, record: DocumentRecord) -> bytes:
    async with rooms.stores.pool.acquire() as connection:
        data = await document_store.read(connection, record.key)
    assert data is not None
    return data


def attached(pdf: bytes) -> dict[str, bytes]:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return {name: spec.get_file().read_bytes() for name, spec in opened.attachments.items()}


async def test_made_once_and_found_from_then_on(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        stored = await issue_company(rooms)
        made = await make(rooms, stored)
        again = await make(rooms, stored)
        assert [each.key.kind for each in made] == list(BOTH)
        assert [each.digest for each in again] == [each.digest for each in made]
        for record in made:
            assert hashlib.sha256(await data_of(rooms, record)).digest() == record.digest


async def test_two_who_ask_at_once_get_one_document(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        stored = await issue_company(rooms)
        first, second = await asyncio.gather(*(make(rooms, stored, [DocumentKind.PDF]) for _ in range(2)))
        assert first == second
        async with rooms.stores.pool.acquire() as connection:
            assert await connection.fetchval("SELECT count(*) FROM document_revisions") == 1


async def test_the_pdf_holds_before_an_independent_reader(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        stored = await issue_company(rooms)
        (record,) = await make(rooms, stored, [DocumentKind.PDF])
        pdf = await data_of(rooms, record)
        assert record.level == "B-LTA"
        assert record.timestamp_until is not None
        assert record.due_at == record.timestamp_until - timedelta(days=180)
        assert await holds(pdf, [rooms.anchor_certificate()], rooms.clock())
        found = attached(pdf)
        assert found["license.cwt"] == stored.credential
        assert json.loads(found["license.json"])["number"] == stored.number


async def test_the_seal_on_the_ofd_is_good(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        stored = await issue_company(rooms)
        (record,) = await make(rooms, stored, [DocumentKind.OFD])
        data = await data_of(rooms, record)
        findings = judge_ofd(Ofd(data), ground=await rooms.authorities.ground())
        assert [finding for finding in findings if finding.outcome is Outcome.FAILED] == []
        assert record.level == "SES"
        tampered = judge_ofd(Ofd(_changed(data)), ground=await rooms.authorities.ground())
        assert any(finding.outcome is Outcome.FAILED for finding in tampered)


def _changed(ofd: bytes) -> bytes:
    """The package with one more blank in its page."""
    output = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(ofd)) as source, zipfile.ZipFile(output, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name) + (b" " if name.endswith("Content.xml") else b""))
    return output.getvalue()


async def test_the_use_of_the_seal_is_logged_with_its_digest(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        stored = await issue_company(rooms)
        made = await make(rooms, stored)
        async with rooms.stores.pool.acquire() as connection:
            (seal,) = await seal_store.list_seals(connection, bodies=[stored.issuer])
            uses = await usage_store.uses_of(connection, seal.code)
        assert len(uses) == len(made)
        assert all(use.signed_at is not None and use.purpose.document == stored.identifier.text for use in uses)


async def test_a_license_not_in_force_gets_none(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        stored = await issue_company(rooms)
        async with rooms.stores.pool.acquire() as connection:
            await change_status(
                connection, serial=stored.serial, version=stored.version, action=Action.SUSPEND,
                ground=Ground("核查", "《行政许可法》第六十九条"), who=officer(rooms),
            )  # fmt: skip
        with pytest.raises(EtrustError) as refused:
            await make(rooms, stored)
        assert refused.value.code == "not_in_force"


async def test_without_a_seal_there_is_no_document_but_an_intent(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        stored = await issue_company(rooms)
        async with rooms.stores.pool.acquire() as connection:
            (seal,) = await seal_store.list_seals(connection, bodies=[stored.issuer])
            seals = await rooms.operator("seals")
            await freeze(connection, seal.code, who=Actor.of(seals, rooms.clock()), ground=SealGround("核查", "办法第三条"))
        with pytest.raises(EtrustError) as refused:
            await make(rooms, stored, [DocumentKind.PDF])
        assert refused.value.code == "no_license_seal"
        async with rooms.stores.pool.acquire() as connection:
            (record,) = await document_store.of_license(connection, stored.serial, stored.version)
        assert (record.revision, record.trouble) == (0, "no_license_seal")


async def test_an_annotated_copy_says_what_it_is_for(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        stored = await issue_company(rooms)
        today = official_date(rooms.clock())
        asked = CopyRequest("申请住房公积金贷款", "乌鲁木齐住房公积金管理中心", today + timedelta(days=30))
        async with rooms.stores.pool.acquire() as connection:
            number, (pdf, ofd) = await make_copy(
                connection, rooms.documents.making, stored, asked, BOTH, who=officer(rooms)
            )
            copies = await document_store.copies_of(connection, stored.serial, stored.version)
        data = await data_of(rooms, pdf)
        told = json.loads(attached(data)["annotation.json"])
        assert told == {
            "identifier": stored.identifier.text, "number": number, "purpose": asked.purpose, "recipient": asked.recipient,
            "valid_until": asked.valid_until.isoformat(),
        }  # fmt: skip
        assert await holds(data, [rooms.anchor_certificate()], rooms.clock())
        assert [(copy.number, copy.copy_no) for copy in copies] == [(number, 1)]
        assert (pdf.key.copy_no, ofd.key.copy_no) == (1, 1)


async def test_a_copy_may_not_outlive_a_year(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        stored = await issue_company(rooms)
        asked = CopyRequest("备案", "税务局", official_date(rooms.clock()) + timedelta(days=400))
        async with rooms.stores.pool.acquire() as connection:
            with pytest.raises(EtrustError) as refused:
                await make_copy(connection, rooms.documents.making, stored, asked, BOTH, who=officer(rooms))
        assert refused.value.code == "bad_annotation"
