"""An objection from its opening to its archive, with every wrong turn refused."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from etrust.access import store as access_store
from etrust.clock import official_date
from etrust.errors import EtrustError
from etrust.licenses import store as license_store
from etrust.licenses.change import Ground as ChangeGround
from etrust.licenses.change import change_status
from etrust.licenses.issue import finish_open_batches
from etrust.licenses.model import Action as LicenseAction
from etrust.licenses.model import Provenance, StoredLicense
from etrust.notices.model import Recipient, RecipientKind
from etrust.objections import review
from etrust.objections.model import Outcome, State
from etrust.onecode.access_log_model import AccessEntry
from etrust.onecode.model import Ground, Use
from etrust.settings import Settings
from etrust.wiring import Rooms, open_rooms
from tests.licenses.issuing import issue_company
from tests.objections.scene import acting_for, objected, officers
from tests.onecode.codes import MATTER

RIGHT = {"legal_representative": "阿依古丽·图尔荪"}


@pytest_asyncio.fixture
async def rooms(region: Settings) -> AsyncIterator[Rooms]:
    async with open_rooms(region) as opened:
        yield opened


async def status_of(rooms: Rooms, license_: StoredLicense) -> str:
    await rooms.live.refresh()
    return (await rooms.check(license_.identifier.text)).status.value


async def refused(awaitable) -> str:  # type: ignore[no-untyped-def]
    with pytest.raises(EtrustError) as caught:
        await awaitable
    return caught.value.code


async def looked_at(rooms: Rooms, license_: StoredLicense, *, operator: str = "clerk", body: str = "11653121MB1A0009XQ") -> None:
    """Somebody used the license for a case."""
    subject = acting_for(rooms, license_).subject
    entry = AccessEntry(
        subject.key, rooms.clock(), Use(Ground.CONSENT, MATTER, "1" * 43, operator, body, "企业开办"), (license_.identifier.text,),
        ("business_license.holder_name",), "told",
    )  # fmt: skip
    await rooms.consent.record(entry)


async def test_upheld_by_a_correction_everything_follows_in_one_step(rooms: Rooms) -> None:
    license_, opened = await objected(rooms)
    assert (opened.state, opened.charge, opened.claim) == (State.RECEIVED, license_.issuer, RIGHT["legal_representative"])
    assert opened.due == rooms.objections.handling.days.after(official_date(opened.opened_at), 2)
    assert await status_of(rooms, license_) == "under_objection"
    await looked_at(rooms, license_)
    await looked_at(rooms, license_, operator="region:620000/clerk", body="11620000MB1A0009X0")
    one, two = await officers(rooms)
    await rooms.objections.accept(opened.number, who=one)
    await rooms.objections.propose(opened.number, Outcome.CORRECTED, "经核对登记档案，译写有误。", who=one, changes=RIGHT)
    assert await refused(rooms.objections.decide(opened.number, who=one)) == "second_person_needed"
    assert await status_of(rooms, license_) == "under_objection"
    settled = await rooms.objections.decide(opened.number, who=two)
    assert settled.prepared is not None
    assert await status_of(rooms, license_) == "superseded"
    async with rooms.stores.pool.acquire() as connection:
        new = await license_store.find(connection, license_.serial, 2)
    assert new is not None
    assert (new.fields["legal_representative"], new.number) == (RIGHT["legal_representative"], license_.number)
    assert (await rooms.check(new.identifier.text)).status == "valid"
    assert settled.told == 2
    stream = f"objection/{opened.number}"
    told = {(each.notice.recipient.text, each.notice.kind) for each in await rooms.notices.of_stream(stream)}
    holder = f"person:{acting_for(rooms, license_).subject.key.hex()}"
    assert told == {
        (holder, "objection.progress"), (holder, "objection.decided"), ("body:11653121MB1A0009XQ", "license.corrected"),
        ("region:620000", "license.corrected"),
    }  # fmt: skip
    found = await rooms.objections.own(opened.number, acting_for(rooms, license_))
    assert [each.action.value for each in found.events] == ["open", "accept", "propose", "correct"]


async def test_dismissed_the_license_stands_and_the_appeal_goes_one_level_up_once(rooms: Rooms) -> None:
    license_, opened = await objected(rooms)
    one, two = await officers(rooms)
    holder = acting_for(rooms, license_)
    await rooms.objections.accept(opened.number, who=one)
    await rooms.objections.propose(opened.number, Outcome.STANDS, "与档案一致。", who=one)
    await rooms.objections.decide(opened.number, who=two)
    assert await status_of(rooms, license_) == "valid"
    await rooms.objections.appeal(await rooms.objections.own(opened.number, holder), "请再核对户籍。")
    found = await rooms.objections.own(opened.number, holder)
    assert (found.state, found.charge, found.appealed) == (State.REVIEW, "11650000MB1A0001XQ", True)
    assert await refused(rooms.objections.propose(opened.number, Outcome.STANDS, "x", who=one)) == "no_such_objection"
    above, above2 = await rooms.operator("appeals"), await rooms.operator("appeals2")
    await rooms.objections.propose(opened.number, Outcome.REVOKED, "登记基础有误。", who=above)
    await rooms.objections.decide(opened.number, who=above2)
    assert await status_of(rooms, license_) == "revoked"
    assert await refused(rooms.objections.appeal(await rooms.objections.own(opened.number, holder), "x")) == "bad_step"


async def test_whoever_had_a_part_does_not_review_the_appeal(rooms: Rooms) -> None:
    license_, opened = await objected(rooms)
    above, above2 = await rooms.operator("appeals"), await rooms.operator("appeals2")
    await rooms.objections.accept(opened.number, who=above)  # the body above may act, too
    await rooms.objections.propose(opened.number, Outcome.STANDS, "一致。", who=above)
    await rooms.objections.decide(opened.number, who=above2)
    await rooms.objections.appeal(await rooms.objections.own(opened.number, acting_for(rooms, license_)), "请复核。")
    assert await refused(rooms.objections.propose(opened.number, Outcome.STANDS, "x", who=above)) == "had_part_before"


async def test_two_officers_at_the_same_moment_take_one_step(rooms: Rooms) -> None:
    _, opened = await objected(rooms)
    one, two = await officers(rooms)
    done = await asyncio.gather(
        *(rooms.objections.accept(opened.number, who=who) for who in (one, two, one, two)), return_exceptions=True
    )
    assert sum(not isinstance(each, BaseException) for each in done) == 1
    await rooms.objections.propose(opened.number, Outcome.CORRECTED, "有误。", who=one, changes=RIGHT)
    decided = await asyncio.gather(*(rooms.objections.decide(opened.number, who=two) for _ in range(4)), return_exceptions=True)
    assert sum(not isinstance(each, BaseException) for each in decided) == 1


async def test_a_proposal_sent_back_is_made_anew(rooms: Rooms) -> None:
    _, opened = await objected(rooms)
    one, two = await officers(rooms)
    await rooms.objections.accept(opened.number, who=one)
    await rooms.objections.propose(opened.number, Outcome.CORRECTED, "有误。", who=one, changes=RIGHT)
    assert await refused(rooms.objections.send_back(opened.number, "x", who=one)) == "second_person_needed"
    await rooms.objections.send_back(opened.number, "请附档案页。", who=two)
    await rooms.objections.propose(opened.number, Outcome.STANDS, "维持。", who=two)
    assert await refused(rooms.objections.decide(opened.number, who=two)) == "second_person_needed"
    await rooms.objections.decide(opened.number, who=one)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "correction_needed"), ({"nothing_such": "x"}, "not_correctable"), ({"number": "1"}, "not_correctable"),
        ({"valid_from": "2024-13-01"}, "bad_date"), ({"holder_code": "123"}, "bad_holder_code"), ({"legal_representative": "阿依古丽·吐尔逊"}, "nothing_changed"),
        ({"address": "x" * 400}, "too_long"),
    ],
)  # fmt: skip
async def test_corrections_that_cannot_be(rooms: Rooms, changes: dict[str, str], code: str) -> None:
    _, opened = await objected(rooms)
    one, _ = await officers(rooms)
    await rooms.objections.accept(opened.number, who=one)
    assert await refused(rooms.objections.propose(opened.number, Outcome.CORRECTED, "x", who=one, changes=changes)) == code


async def test_who_may_not(rooms: Rooms) -> None:
    license_, opened = await objected(rooms)
    one, _ = await officers(rooms)
    for username, code in (("clerk", "no_role"), ("admin", "no_role")):
        assert await refused(rooms.objections.accept(opened.number, who=await rooms.operator(username))) == code
    assert await refused(rooms.objections.accept("YY20260101-AAAAAAAA", who=one)) == "no_such_objection"
    other = acting_for(rooms, await issue_company(rooms, 证照编号="000000000000009", 统一社会信用代码="91652701UNG992JFD8", 持证主体="别的公司"))
    assert await refused(rooms.objections.own(opened.number, other)) == "no_such_objection"
    assert await refused(rooms.objections.open_by_holder(other, license_="nothing", words="x")) in {"bad_identifier", "no_such_license"}
    for bad in ({"field": "nothing"}, {"words": ""}, {"words": "x" * 600}, {"claim": "x" * 600}):
        how = {"words": "有误。", **bad}
        code = await refused(rooms.objections.open_by_holder(acting_for(rooms, license_), license_=license_.identifier.text, **how))
        assert code in {"not_correctable", "reason_needed", "bad_claim"}


async def test_withdrawn_and_refused_cases_take_the_mark_away(rooms: Rooms) -> None:
    license_, opened = await objected(rooms)
    holder = acting_for(rooms, license_)
    second = await rooms.objections.open_by_holder(holder, license_=license_.identifier.text, words="还有一处。")
    await rooms.objections.withdraw(opened)
    assert await status_of(rooms, license_) == "under_objection"  # the other one is still open
    await rooms.objections.refuse(second.number, "不属于登记事项。", who=(await officers(rooms))[0])
    assert await status_of(rooms, license_) == "valid"
    assert await refused(rooms.objections.withdraw(opened)) == "bad_step"


async def test_a_suspended_license_stays_suspended(rooms: Rooms) -> None:
    license_ = await issue_company(rooms)
    async with rooms.stores.pool.acquire() as connection:
        await change_status(
            connection, serial=license_.serial, version=1, action=LicenseAction.SUSPEND, ground=ChangeGround("x", "x"),
            who=Provenance("officer", license_.issuer, rooms.clock()),
        )  # fmt: skip
    opened = await rooms.objections.open_by_holder(acting_for(rooms, license_), license_=license_.identifier.text, words="不应暂扣。")
    assert await status_of(rooms, license_) == "suspended"
    await rooms.objections.withdraw(opened)
    assert await status_of(rooms, license_) == "suspended"


async def test_a_check_says_that_and_not_what(rooms: Rooms) -> None:
    license_, opened = await objected(rooms)
    await rooms.live.refresh()
    told = str(await rooms.check(license_.identifier.text))
    for secret in (opened.number, "译写", RIGHT["legal_representative"], "legal_representative"):
        assert secret not in told


async def test_the_database_alone_tells_nothing_of_it(rooms: Rooms) -> None:
    license_, opened = await objected(rooms)
    await rooms.objections.add_evidence(opened, "阿依古丽的护照.png", b"\x89PNG\r\n\x1a\n" + "阿依古丽".encode(), given_by="holder")
    one, _ = await officers(rooms)
    await rooms.objections.accept(opened.number, who=one)
    await rooms.objections.propose(opened.number, Outcome.CORRECTED, "译写有误。", who=one, changes=RIGHT)
    async with rooms.stores.pool.acquire() as connection:
        for table in ("objections", "objection_events", "objection_files", "audit_trail", "notices", "status_events"):
            for row in await connection.fetch(f"SELECT * FROM {table}"):
                text = str(dict(row)).encode() + b"".join(each for each in row if isinstance(each, bytes))
                assert "图尔荪".encode() not in text
                assert "阿依古丽的护照".encode() not in text
        await connection.execute("ALTER TABLE objections DISABLE TRIGGER ALL")
        await connection.execute("UPDATE objections SET sealed = overlay(sealed placing '\\x00' from 20)")
    assert await refused(rooms.objections.own(opened.number, acting_for(rooms, license_))) == "sealed_altered"


async def test_what_is_late_goes_up_once_and_what_is_over_is_archived(rooms: Rooms) -> None:
    license_, opened = await objected(rooms)
    now = rooms.clock()
    rooms.clock = lambda: now + timedelta(days=8)
    assert await rooms.objections.look_after() == (1, 0)
    assert await rooms.objections.look_after() == (0, 0)
    above = Recipient(RecipientKind.BODY, "11650000MB1A0001XQ")
    assert [each.notice.kind for each in await rooms.notices.inbox(above)] == ["objection.overdue"]
    found = await rooms.objections.own(opened.number, acting_for(rooms, license_))
    assert (found.state, found.is_overdue((now + timedelta(days=8)).date())) == (State.RECEIVED, True)
    one, two = await officers(rooms)
    await rooms.objections.accept(opened.number, who=one)
    await rooms.objections.propose(opened.number, Outcome.STANDS, "一致。", who=one)
    await rooms.objections.decide(opened.number, who=two)
    assert await rooms.objections.look_after() == (0, 0)
    rooms.clock = lambda: now + timedelta(days=40)
    late = await rooms.objections.own(opened.number, acting_for(rooms, license_))
    assert await refused(rooms.objections.appeal(late, "x")) == "too_late"
    assert await rooms.objections.look_after() == (0, 1)
    assert (await rooms.objections.own(opened.number, acting_for(rooms, license_))).state is State.ARCHIVED


async def test_a_crash_after_the_decision_leaves_a_version_that_the_next_start_signs(rooms: Rooms) -> None:
    license_, opened = await objected(rooms)
    one, two = await officers(rooms)
    await rooms.objections.accept(opened.number, who=one)
    await rooms.objections.propose(opened.number, Outcome.CORRECTED, "有误。", who=one, changes=RIGHT)
    async with rooms.stores.pool.acquire() as connection:
        settled = await review.decide(connection, rooms.objections.handling, opened.number, who=two, at=rooms.clock())
        assert settled.prepared is not None
        await connection.reset()  # the process is gone, and its lock with it
    async with rooms.stores.pool.acquire() as connection:
        assert await license_store.find(connection, license_.serial, 2) is None
        assert await finish_open_batches(connection, rooms.issuing) == 1
        assert await license_store.find(connection, license_.serial, 2) is not None
    assert (await rooms.objections.own(opened.number, acting_for(rooms, license_))).state is State.CORRECTED


async def test_a_crash_before_the_commit_leaves_nothing(rooms: Rooms) -> None:
    license_, opened = await objected(rooms)
    one, two = await officers(rooms)
    await rooms.objections.accept(opened.number, who=one)
    await rooms.objections.propose(opened.number, Outcome.CORRECTED, "有误。", who=one, changes=RIGHT)
    async with rooms.stores.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await review.decide(connection, rooms.objections.handling, opened.number, who=two, at=rooms.clock())
        await transaction.rollback()
        assert await license_store.versions(connection, license_.serial) == [1]
    assert (await rooms.objections.own(opened.number, acting_for(rooms, license_))).state is State.PROPOSED
    await rooms.objections.decide(opened.number, who=two)


PNG, PDF = b"\x89PNG\r\n\x1a\nx", b"%PDF-1.7 x"


async def test_evidence_is_bounded_and_judged_by_its_content(rooms: Rooms) -> None:
    _, opened = await objected(rooms)
    add = rooms.objections.add_evidence
    for content in (b"", b"MZ\x90", b"PK\x03\x04", b"<html>", PDF + b"0" * 5 * 1024 * 1024):
        assert await refused(add(opened, "x.pdf", content, given_by="holder")) == "bad_evidence"
    first = await add(opened, "../../etc/passwd<script>.png", PNG, given_by="holder")
    assert (first.name, first.media_type, first.place) == ("passwdscript.png", "image/png", 1)
    assert (await add(opened, "again.png", PNG, given_by="holder")).place == 1
    for number in range(2, 6):
        await add(opened, f"{number}.pdf", PDF + bytes((number,)), given_by="holder")
    assert await refused(add(opened, "6.pdf", PDF + b"6", given_by="holder")) == "too_many_files"
    assert [(file.place, content[:4]) for file, content in await rooms.objections.files(opened)][:1] == [(1, b"\x89PNG")]
    await rooms.objections.withdraw(opened)
    assert await refused(add(opened, "7.pdf", PDF, given_by="holder")) == "bad_step"


async def test_every_step_is_on_the_audit_trail_without_a_word_of_it(rooms: Rooms) -> None:
    _, opened = await objected(rooms)
    one, _ = await officers(rooms)
    await rooms.objections.accept(opened.number, who=one)
    async with rooms.stores.pool.acquire() as connection:
        rows = await connection.fetch("SELECT operator, action FROM audit_trail WHERE subject = $1 ORDER BY entry", opened.number)
        assert [tuple(each) for each in rows] == [("holder", "objection.open"), ("cases", "objection.accept")]
        assert await access_store.operator(connection, "cases") == one
