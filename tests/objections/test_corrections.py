"""Error correction by feedback: reported once or by many, decided by two, answered to everyone who reported it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from etrust.access.model import Operator, Scope
from etrust.errors import EtrustError
from etrust.licenses import store as license_store
from etrust.licenses.model import StoredLicense
from etrust.notices.model import Recipient, RecipientKind
from etrust.objections import corrections as rules
from etrust.objections.corrections import CorrectionState, Difference, Taken
from etrust.settings import Settings
from etrust.wiring import Rooms, open_rooms
from tests.api.calling import new_key, running
from tests.licenses.issuing import issue_company
from tests.objections.scene import at_body, officers

RIGHT = "阿依古丽·图尔荪"
CLERKS_BODY = "12653121MB1A0011X3"
HEADER = "电子证照标识,项目,证照记载,正确内容,依据\n"


@pytest_asyncio.fixture
async def rooms(region: Settings) -> AsyncIterator[Rooms]:
    async with open_rooms(region) as opened:
        yield opened


async def reported(rooms: Rooms, license_: StoredLicense, value: str = RIGHT, field: str = "legal_representative") -> Taken:
    clerk = await rooms.operator("clerk")
    (answer,) = await rooms.corrections.report([Difference(license_.identifier.text, field, value, ground="人口库")], who=clerk)
    assert isinstance(answer, Taken), answer
    return answer


async def refused(rooms: Rooms, difference: Difference, who: Operator | None = None) -> str:
    (answer,) = await rooms.corrections.report([difference], who=who or await rooms.operator("clerk"))
    assert isinstance(answer, EtrustError)
    return answer.code


async def version_of(rooms: Rooms, license_: StoredLicense, version: int) -> StoredLicense | None:
    async with rooms.stores.pool.acquire() as connection:
        return await license_store.find(connection, license_.serial, version)


async def test_two_officers_accept_it_and_the_next_version_is_right(rooms: Rooms) -> None:
    license_ = await issue_company(rooms)
    one, two = await officers(rooms)
    taken = await reported(rooms, license_)
    (found,) = await rooms.corrections.queue(one, [CorrectionState.OPEN])
    assert (found.number, found.difference.value, found.reports) == (taken.number, RIGHT, 1)
    assert await rooms.corrections.propose([taken.number], "经核对人口库，属实。", who=one) == {taken.number: None}
    _, outcomes = await rooms.corrections.agree([taken.number], who=one)
    assert (outcomes[taken.number] or EtrustError).code == "second_person_needed"  # type: ignore[union-attr]
    assert await version_of(rooms, license_, 2) is None
    (agreed,), outcomes = await rooms.corrections.agree([taken.number], who=two)
    assert outcomes == {taken.number: None}
    new, old = await version_of(rooms, license_, 2), await version_of(rooms, license_, 1)
    assert new is not None
    assert old is not None
    assert (new.fields["legal_representative"], new.identifier.text, new.credential != b"") == (RIGHT, agreed.replaced_by, True)
    told = (await rooms.notices.inbox(Recipient(RecipientKind.BODY, CLERKS_BODY)))[0].notice
    assert (told.kind, told.content["outcome"], told.content["replaced_by"]) == ("correction.decided", "accepted", agreed.replaced_by)
    assert RIGHT not in str(told.content)


async def test_several_differences_of_one_license_make_one_version(rooms: Rooms) -> None:
    license_ = await issue_company(rooms)
    one, two = await officers(rooms)
    numbers = [(await reported(rooms, license_)).number, (await reported(rooms, license_, "股份有限公司", "company_type")).number]
    other = await issue_company(rooms, 证照编号="650000000000002")
    numbers.append((await reported(rooms, other)).number)
    assert set((await rooms.corrections.propose(numbers, "属实。", who=one)).values()) == {None}
    agreed, _ = await rooms.corrections.agree(numbers, who=two)
    assert len(agreed) == 2
    new = await version_of(rooms, license_, 2)
    assert new is not None
    assert (new.fields["legal_representative"], new.fields["company_type"]) == (RIGHT, "股份有限公司")
    assert await version_of(rooms, license_, 3) is None


async def test_the_same_difference_is_one_however_many_report_it_at_once(rooms: Rooms) -> None:
    license_ = await issue_company(rooms)
    clerk = await rooms.operator("clerk")
    bodies = [clerk, at_body(clerk, "11650000MB1A0004XU"), at_body(clerk, "11650000MB1A0002XR")]
    difference = Difference(license_.identifier.text, "法定代表人", RIGHT)
    answers = await asyncio.gather(*(rooms.corrections.report([difference], who=each) for each in bodies * 3))
    taken = [answer for each in answers for answer in each if isinstance(answer, Taken)]
    assert (len(taken), len({each.number for each in taken}), sum(not each.merged for each in taken)) == (9, 1, 1)
    one, _ = await officers(rooms)
    (found,) = await rooms.corrections.queue(one, [CorrectionState.OPEN])
    assert found.reports == 3
    await rooms.corrections.refuse([found.number], "与档案一致。", who=one)
    for each in bodies:
        notice = (await rooms.notices.inbox(Recipient(RecipientKind.BODY, each.body)))[0].notice
        assert (notice.content["outcome"], notice.content["reason"]) == ("refused", "与档案一致。")
    assert (await reported(rooms, license_)).state is CorrectionState.REFUSED  # asked again it is told what was decided


async def test_an_answer_does_not_say_whether_the_value_is_the_one_at_hand(rooms: Rooms) -> None:
    """Else the interface could be asked until it agrees."""
    license_ = await issue_company(rooms)
    same = await reported(rooms, license_, license_.fields["legal_representative"])
    other = await reported(rooms, license_, "某某")
    assert (same.state, same.merged) == (other.state, other.merged)
    one, two = await officers(rooms)
    await rooms.corrections.propose([same.number], "本来就是如此。", who=one)
    (agreed,), _ = await rooms.corrections.agree([same.number], who=two)
    assert (agreed.prepared, agreed.replaced_by) == (None, license_.identifier.text)
    assert await version_of(rooms, license_, 2) is None


async def test_two_values_of_one_item_are_not_both_accepted(rooms: Rooms) -> None:
    license_ = await issue_company(rooms)
    one, two = await officers(rooms)
    numbers = [(await reported(rooms, license_, value)).number for value in ("甲某", "乙某")]
    await rooms.corrections.propose(numbers, "属实。", who=one)
    _, outcomes = await rooms.corrections.agree(numbers, who=two)
    assert {each.code for each in outcomes.values() if each} == {"differing_corrections"}
    assert await rooms.corrections.send_back(numbers[:1], "先核清。", who=two) == {numbers[0]: None}
    agreed, _ = await rooms.corrections.agree(numbers[1:], who=two)
    assert agreed[0].prepared is not None


async def test_what_cannot_be_reported(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    license_ = await issue_company(rooms)
    text = license_.identifier.text
    assert await refused(rooms, Difference("1.2.156.3005.2.x", "address", "x")) == "no_such_license"
    assert await refused(rooms, Difference(text[:-1] + ("0" if text[-1] != "0" else "1"), "address", "x")) == "no_such_license"
    assert await refused(rooms, Difference(text, "number", "x")) == "not_correctable"
    assert await refused(rooms, Difference(text, "favourite_color", "x")) == "not_correctable"
    for value in ("", "   ", "x" * 501, "a\x00b"):
        assert await refused(rooms, Difference(text, "legal_representative", value)) == "bad_value"
    assert await refused(rooms, Difference(text, "legal_representative", "x", region="110000")) == "no_partner_region"
    with pytest.raises(EtrustError, match="too_many_differences"):
        await rooms.corrections.report([Difference(text, "legal_representative", "x")] * 1001, who=await rooms.operator("clerk"))
    with pytest.raises(EtrustError, match="no_role"):
        await rooms.corrections.report([], who=await rooms.operator("auditor"))
    await reported(rooms, license_, "甲某")
    monkeypatch.setattr(rules, "MAX_A_DAY", 1)
    assert await refused(rooms, Difference(text, "legal_representative", "乙某")) == "too_many_reports"


async def test_who_may_not_decide(rooms: Rooms) -> None:
    license_ = await issue_company(rooms)
    taken = await reported(rooms, license_)
    one, _ = await officers(rooms)
    for who in (at_body(one, CLERKS_BODY), await rooms.operator("clerk")):
        outcomes = await rooms.corrections.propose([taken.number, "JC20260101-AAAAAAAA"], "属实。", who=who)
        assert len({each.code for each in outcomes.values() if each}) == 1  # unknown and another's are told alike
    outcomes = await rooms.corrections.propose([taken.number], " ", who=one)
    assert (outcomes[taken.number] or EtrustError).code == "reason_needed"  # type: ignore[union-attr]
    clerk = await rooms.operator("clerk")
    with pytest.raises(EtrustError, match="no_such_correction"):
        await rooms.corrections.reported(taken.number, at_body(clerk, "11650000MB1A0002XR"))


def lines(license_: StoredLicense, count: int) -> str:
    return "".join(f"{license_.identifier.text},法定代表人,旧,第{place}人,人口库\n" for place in range(count))


async def test_a_file_goes_on_where_it_stopped(rooms: Rooms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    license_ = await issue_company(rooms)
    clerk = await rooms.operator("clerk")
    file, rejects = tmp_path / "差异.csv", tmp_path / "rejects.csv"
    good = lines(license_, 450)
    bad = f"{license_.identifier.text},最爱的颜色,,红,\n1.2.156.3005.2.x,法定代表人,,某,\n"
    file.write_bytes((HEADER + bad + good + lines(license_, 3)).encode("gb18030"))
    monkeypatch.setattr(rules, "MAX_A_DAY", 300)
    with pytest.raises(EtrustError, match="too_many_reports"):
        await rooms.corrections.import_file(file, who=clerk, rejects=rejects)
    assert not rejects.exists()
    monkeypatch.setattr(rules, "MAX_A_DAY", 20_000)
    seen: list[int] = []
    done = await rooms.corrections.import_file(file, who=clerk, rejects=rejects, on_progress=seen.append)
    assert (done.rows, done.skipped, done.taken, done.merged, done.rejected) == (455, 200, 252, 3, 0)
    assert seen == [200, 400, 455]
    written = rejects.read_text("utf-8-sig").splitlines()
    assert [each.split(",")[1] for each in written[1:]] == ["not_correctable", "no_such_license"]
    again = await rooms.corrections.import_file(file, who=clerk, rejects=rejects)
    assert (again.skipped, again.taken, again.merged) == (455, 0, 0)
    async with rooms.stores.pool.acquire() as connection:
        assert await connection.fetchval("SELECT count(*) FROM corrections") == 450
        assert b"\xe7\xac\xac" not in b"".join(row[0] for row in await connection.fetch("SELECT sealed FROM corrections"))


@pytest.mark.parametrize(("content", "code"), [
    ("电子证照标识,项目\n1,2\n", "missing_columns"), ("", "empty_file"),
    (HEADER + "1.2.156.3005.2.x,法定代表人,,某,\n" * 10_001, "too_many_rows"),
])  # fmt: skip
async def test_bad_files(rooms: Rooms, tmp_path: Path, content: str, code: str) -> None:
    file = tmp_path / "f.csv"
    file.write_text(content, "utf-8")
    with pytest.raises(EtrustError, match=code):
        await rooms.corrections.import_file(file, who=await rooms.operator("clerk"), rejects=tmp_path / "r.csv")


async def test_by_the_interface(region: Settings) -> None:
    async with running(region) as api:
        license_ = await issue_company(api.rooms)
        text, key = license_.identifier.text, await new_key(api.rooms, "clerk", [Scope.CORRECTIONS])
        asked = {"differences": [
            {"license": text, "field": "legal_representative", "value": RIGHT}, {"license": text, "field": "?", "value": "x"},
        ]}  # fmt: skip
        status, body, _ = await api.call("POST", "/api/v1/corrections", key=key, json=asked)
        assert isinstance(body, dict)
        assert (status, body["results"][0]["state"], body["results"][1]["code"]) == (200, "open", "not_correctable")
        number = body["results"][0]["number"]
        status, again, _ = await api.call("POST", "/api/v1/corrections", key=key, json=asked)
        assert isinstance(again, dict)
        assert again["results"][0] == {"number": number, "state": "open", "merged": True}
        status, shown, _ = await api.call("GET", f"/api/v1/corrections/{number}", key=key)
        assert isinstance(shown, dict)
        assert (status, shown["state"], RIGHT in str(shown)) == (200, "open", False)
        status, listed, _ = await api.call("GET", "/api/v1/corrections", key=key)
        assert isinstance(listed, dict)
        assert [each["number"] for each in listed["corrections"]] == [number]
        assert (await api.call("GET", "/api/v1/corrections/JC20260101-AAAAAAAA", key=key))[0] == 404
        assert (await api.call("POST", "/api/v1/corrections", key=key, json={"differences": []}))[0] == 422
        assert (await api.call("POST", "/api/v1/corrections", key="", json=asked))[0] == 401

