"""Changes of the trust list: proposed by one officer, seen as a difference, published by another."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio
from tests.licenses.issuing import issue_company

from etrust.errors import EtrustError
from etrust.ids.uscc import make_uscc_check
from etrust.settings import Settings
from etrust.trust.differences import ChangeKind, differences
from etrust.trust.drafts import Edit, Op
from etrust.trust.lists import content_of, read_trust_list
from etrust.trust.model import RightKind
from etrust.wiring import Rooms, open_rooms

TOP, MARKET = "11650000MB1A0001XQ", "11650000MB1A0004XU"
NEW = "11653122MB1A0099X"
NEW += make_uscc_check(NEW)


@pytest_asyncio.fixture
async def rooms(region: Settings) -> AsyncIterator[Rooms]:
    async with open_rooms(region) as opened:
        yield opened


def added(**changes: object) -> Edit:
    fields = {
        "op": Op.ADD_BODY, "body": NEW, "name_zh": "疏勒县市场监督管理局", "name_ug": "", "name_en": "", "level": 3, "division": "653122",
        "parent": MARKET,
    }  # fmt: skip
    return Edit(**{**fields, **changes})


def granted(body: str, license_type: str = "business_license") -> Edit:
    return Edit(op=Op.GRANT, body=body, license_type=license_type)


async def proposed(rooms: Rooms, *edits: Edit) -> int:
    return await rooms.trusted.propose(edits, "机构改革", "新政发〔2026〕1号", who=await rooms.operator("trust"))


async def refused(rooms: Rooms, *edits: Edit) -> str:
    with pytest.raises(EtrustError) as caught:
        await proposed(rooms, *edits)
    return f"{caught.value.code} {caught.value.where}"


async def test_the_list_says_who_may_do_what_and_where(rooms: Rooms) -> None:
    found = (await rooms.trust.snapshot()).trust_list
    market = {each.name for each in found.rights if each.body == MARKET and each.kind is RightKind.LICENSE}
    assert rooms.types["business_license"].code in market
    assert any(each.kind is RightKind.SEAL for each in found.rights)
    assert {each.kind for each in found.endpoints} == {"api", "recognition", "status", "log", "lists", "notices"}
    assert {each.code for each in found.types} == {each.code for each in rooms.types.values()}
    assert {each.word for each in found.states} >= {"valid", "suspended", "revoked", "under_objection"}


async def test_two_officers_add_a_body_that_issues(rooms: Rooms) -> None:
    before = await rooms.trust.snapshot()
    number = await proposed(rooms, added(), granted(NEW))
    changes = await rooms.trusted.preview((await rooms.trusted.draft(number)).edits)
    assert [each.kind for each in changes] == [ChangeKind.BODY_ADDED, ChangeKind.RIGHT_ADDED]
    assert (await rooms.trusted.published())[0].sequence == before.trust_list.sequence  # to look changes nothing
    with pytest.raises(EtrustError, match="second_person_needed"):
        await rooms.trusted.publish(number, who=await rooms.operator("trust"))
    with pytest.raises(EtrustError, match="no_role"):
        await rooms.trusted.publish(number, who=await rooms.operator("admin"))
    snapshot = await rooms.trusted.publish(number, who=await rooms.operator("trust2"))
    assert snapshot.trust_list.sequence == before.trust_list.sequence + 1
    assert NEW in {each.code for each in snapshot.trust_list.entities}
    assert [each.kind for each in await rooms.trusted.changes(snapshot.trust_list.sequence)] == [each.kind for each in changes]
    with pytest.raises(EtrustError, match="not_proposed"):
        await rooms.trusted.publish(number, who=await rooms.operator("trust2"))
    found = await rooms.trusted.draft(number)
    assert (found.end, found.ended_by, found.sequence) == ("publish", "trust2", snapshot.trust_list.sequence)


async def test_a_closed_body_issues_no_more_and_stays_listed(rooms: Rooms) -> None:
    await rooms.trusted.publish(await proposed(rooms, added(), granted(NEW)), who=await rooms.operator("trust2"))
    await rooms.trusted.publish(
        await proposed(rooms, Edit(op=Op.CLOSE_BODY, body=NEW)), who=await rooms.operator("trust2")
    )
    found = (await rooms.trusted.published())[0]
    content = await rooms.trusted.content(found.sequence)
    assert NEW in {each.code for each in content.entities}
    assert all(each.valid_until is not None for each in content.rights if each.body == NEW)
    assert await refused(rooms, granted(NEW)) == "bad_edit 1 grant"
    assert await refused(rooms, Edit(op=Op.CLOSE_BODY, body=NEW)) == "bad_edit 1 close_body"


async def test_a_right_that_ended_stops_issuing_and_can_be_given_again(rooms: Rooms) -> None:
    end = Edit(op=Op.END_RIGHT, body=MARKET, license_type="business_license")
    await rooms.trusted.publish(await proposed(rooms, end), who=await rooms.operator("trust2"))
    with pytest.raises(EtrustError, match="no_mandate"):
        await issue_company(rooms)
    assert await refused(rooms, end) == "bad_edit 1 end_right"
    await rooms.trusted.publish(await proposed(rooms, granted(MARKET)), who=await rooms.operator("trust2"))
    assert await issue_company(rooms)


async def test_edits_that_do_not_fit(rooms: Rooms) -> None:
    assert await refused(rooms) == "no_edits "
    assert await refused(rooms, *[granted(TOP)] * 51) == "no_edits "
    for changes in (
        {"body": NEW[:-1] + ("A" if NEW[-1] != "A" else "B")}, {"name_zh": " "}, {"level": 0}, {"division": "x"}, {"parent": "x"},
        {"level": 1}, {"body": MARKET},
    ):  # fmt: skip
        assert await refused(rooms, added(**changes)) == "bad_edit 1 add_body"
    assert await refused(rooms, added(), granted(NEW, "no_such_type")) == "bad_edit 2 grant"
    assert await refused(rooms, granted(MARKET)) == "bad_edit 1 grant"  # it has it
    assert await refused(rooms, Edit(op=Op.CLOSE_BODY, body=TOP)) == "bad_edit 1 close_body"  # others are below it
    assert await refused(rooms, Edit(op=Op.RENAME_BODY, body=NEW, name_zh="x")) == "bad_edit 1 rename_body"
    with pytest.raises(EtrustError, match="bad_ground"):
        await rooms.trusted.propose([added()], " ", "x", who=await rooms.operator("trust"))
    with pytest.raises(EtrustError, match="no_role"):
        await rooms.trusted.propose([added()], "x", "x", who=await rooms.operator("admin"))
    with pytest.raises(EtrustError, match="no_such_draft"):
        await rooms.trusted.publish(999, who=await rooms.operator("trust2"))


async def test_a_draft_that_does_not_fit_any_more_publishes_nothing(rooms: Rooms) -> None:
    one, other = await proposed(rooms, added()), await proposed(rooms, added(), granted(NEW))
    await rooms.trusted.publish(one, who=await rooms.operator("trust2"))
    sequence = (await rooms.trusted.published())[0].sequence
    with pytest.raises(EtrustError, match="bad_edit"):
        await rooms.trusted.publish(other, who=await rooms.operator("trust2"))
    assert (await rooms.trusted.published())[0].sequence == sequence
    await rooms.trusted.refuse(other, "已由另一草案办理", who=await rooms.operator("trust"))
    assert (await rooms.trusted.draft(other)).end == "withdraw"


async def test_changed_settings_make_a_new_list(rooms: Rooms) -> None:
    await rooms.trusted.follow_settings()
    assert not await rooms.trusted.follow_settings()
    before = (await rooms.trusted.published())[0].sequence
    rooms.settings = rooms.settings.model_copy(update={"public_url": "https://elsewhere.example"})
    assert await rooms.trusted.follow_settings()
    content = await rooms.trusted.content(before + 1)
    assert all(each.url.startswith("https://elsewhere.example/") for each in content.endpoints)
    assert {each.kind for each in await rooms.trusted.changes(before + 1)} == {ChangeKind.ENDPOINT_CHANGED}


async def test_both_forms_say_the_same(rooms: Rooms) -> None:
    newest = (await rooms.trusted.published())[0]
    json_form, cbor_form = await rooms.trusted.form(), await rooms.trusted.form(digest=newest.digest, cbor=True)
    read = [read_trust_list(each, anchors=[rooms.anchor_certificate()], at=rooms.clock()) for each in (json_form, cbor_form)]
    assert read[0].digest == read[1].digest == newest.digest
    assert read[0].trust_list == read[1].trust_list == content_of(json_form)


async def test_what_is_gone_is_said(rooms: Rooms) -> None:
    content = content_of(await rooms.trusted.form())
    assert differences(content, content) == []
    less = replace(content, entities=content.entities[:-1], keys=content.keys[:-1], rights=content.rights[:-1])
    assert {each.kind for each in differences(content, less)} == {ChangeKind.BODY_GONE, ChangeKind.KEY_GONE, ChangeKind.RIGHT_GONE}
    lost = replace(content, keys=(replace(content.keys[0], compromised_since=rooms.clock()), *content.keys[1:]))
    assert [(each.kind, each.is_grave) for each in differences(content, lost)] == [(ChangeKind.KEY_COMPROMISED, True)]
