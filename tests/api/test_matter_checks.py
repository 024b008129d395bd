"""`/api/v1/matters/{code}/checks` over real HTTP: one scan, consent on the phone, the answer, the case and its steps."""

import asyncio

from etrust.access.model import Scope
from etrust.matters.samples import NEWBORN, SHOP
from etrust.onecode.model import CodeKind
from etrust.settings import Settings
from tests.api.calling import new_key
from tests.matters.scene import COMPANY, HUSBAND, WIFE, Http, Json, Scene, http_scene

BOTH = {"applicant": WIFE, "spouse": HUSBAND}
KEY = "0f5c0a52-0000-4000-8000-000000000001"


async def parents(at: Scene) -> dict[str, str]:
    return {"applicant": await at.code(WIFE), "spouse": await at.code(HUSBAND)}


async def agree(at: Scene, told: Json) -> None:
    for party, request in told["requests"].items():
        await at.rooms.consent.answer(request, at.session(BOTH[party]), agree=True)


async def test_the_whole_way_of_a_birth(region: Settings) -> None:
    async with http_scene(region) as (at, http):
        status, waiting = await http.check(await parents(at))
        assert (status, waiting["state"], waiting["materials"], waiting["form"]) == (202, "consent_needed", [], {})
        assert set(waiting["requests"]) == {"applicant", "spouse"}
        on = f"matters/checks/{waiting['check']}"
        assert (await http.post(on, {}))[1]["state"] == "consent_needed"  # asked on and on, it waits
        await agree(at, waiting)
        status, done = await http.post(on, {})
        assert (status, done["state"], done["lacking"]) == (200, "done", [])
        assert {each["key"]: each["outcome"] for each in done["materials"]}["marriage_certificate"] == "satisfied"
        assert done["form"]["identity_card_holder_code"] == WIFE.code
        assert (await http.post(on, {}))[0] == 404  # a check is answered once
        await _steps(http, done)


async def _steps(http: Http, done: Json) -> None:
    case = f"cases/{done['case_number']}"
    assert (done["case_number"][:31], len(done["case_number"])) == (NEWBORN, 43)
    assert (await http.post(f"{case}/complete", {"reason": "办结"}))[1]["code"] == "bad_transition"
    assert (await http.post(f"{case}/accept", {"reason": "材料齐全"}))[1]["state"] == "accepted"
    status, closed = await http.post(f"{case}/complete", {"reason": "办结"})
    assert (status, closed["state"]) == (200, "completed")
    assert [event["action"] for event in closed["events"]] == ["open", "check", "accept", "complete"]
    assert closed["checks"][0]["consents"].keys() == {"applicant", "spouse"}
    assert (await http.get(case))[1] == closed
    assert (await http.get("cases?state=completed"))[1]["cases"][0]["case_number"] == done["case_number"]
    assert (await http.post(f"{case}/accept", {"reason": "再来"}))[1]["code"] == "case_closed"


async def test_a_used_code_is_told_with_the_time_of_its_first_use(region: Settings) -> None:
    async with http_scene(region) as (at, http):
        codes = await parents(at)
        answers = await asyncio.gather(http.check(codes), http.check(codes))
        statuses = sorted(status for status, _ in answers)
        assert statuses == [202, 409]  # two clerks at once: one has it
        late = next(told for status, told in answers if status == 409)
        assert (late["code"], late["where"].split(".")[0]) == ("code_used", "codes")
        again = (await http.check(codes))[1]
        assert (again["code"], again["detail"]) == ("code_used", late["detail"])
        assert "202" in again["detail"]  # the year of the first use


async def test_a_repeat_after_a_broken_connection_is_the_same_answer(region: Settings) -> None:
    async with http_scene(region) as (at, http):
        codes = await parents(at)
        first = await http.check(codes, again=KEY)
        assert first[0] == 202
        assert await http.check(codes, again=KEY) == first
        other = await http.check(codes, again=KEY, papers=["identity_card"])
        assert (other[0], other[1]["code"]) == (422, "idempotency_key_reused")
        await agree(at, first[1])
        on = f"matters/checks/{first[1]['check']}"
        done = await http.post(on, {}, **{"Idempotency-Key": KEY[:-1] + "2"})
        assert done[0] == 200
        assert await http.post(on, {}, **{"Idempotency-Key": KEY[:-1] + "2"}) == done
        assert done[1]["form"]["identity_card_holder_code"] == WIFE.code
        assert (await http.check(codes, again="short"))[1]["code"] == "bad_idempotency_key"
        colleague = Http(http.api, await new_key(at.rooms, "clerk", [Scope.MATTERS]))
        assert (await colleague.check(codes, again=KEY))[1]["code"] == "code_used"  # the name is the caller's own
        for _ in range(2):  # what failed is not kept
            assert (await http.check({**codes, "spouse": "ET2:X"}, again=KEY[:-1] + "3"))[1]["where"] == "codes.spouse"


async def test_what_is_wrong_is_told_before_a_code_is_used_up(region: Settings) -> None:
    async with http_scene(region) as (at, http):
        codes = await parents(at)
        for change, code in (
            ({"reason": " "}, "bad_reason"), ({"reason": f"代{HUSBAND.code}办理"}, "number_in_reason"), ({"ground": "duty", "legal_basis": "x"}, "duty_not_allowed"),
            ({"case_number": "1"}, "bad_case_number"), ({"case_number": SHOP + "202611250001"}, "case_of_other_matter"),
            ({"case_number": NEWBORN + "202611250001"}, "case_not_found"), ({"commitments": ["passport"]}, "unknown_material"),
            ({"commitments": ["identity_card"]}, "not_allowed_for_material"),
            ({"papers": ["identity_card"], "deferrals": ["identity_card"]}, "chosen_twice"),
            ({"fields": {"identity_card": ["address"]}}, "more_than_allowed"), ({"fields": {"passport": []}}, "more_than_allowed"),
            ({"codes": {**codes, "child": "x"}}, "unknown_party"), ({"codes": {"applicant": codes["applicant"]}}, "party_missing"),
            ({"more": 1}, "bad_request"),
        ):  # fmt: skip
            _, told = await http.check(**{"codes": codes, **change})  # type: ignore[arg-type]
            assert told["code"] == code, (change, told)
        unknown = await http.check(codes, NEWBORN[:-3] + "999")
        assert (unknown[0], unknown[1]["code"]) == (404, "unknown_matter")
        assert (await http.check(codes))[0] == 202  # the codes are still good


async def test_a_code_for_another_purpose_is_not_used_up(region: Settings) -> None:
    async with http_scene(region) as (at, http):
        spouse = await at.code(HUSBAND)
        license_ = at.family["resident_identity_card"][1].text
        for code, refused in (
            (await at.code(WIFE, kind=CodeKind.LICENSE, identifier=license_), "code_of_one_license"),
            (await at.code(WIFE, kind=CodeKind.MATTER, matter=SHOP), "code_of_other_matter"),
        ):
            assert (await http.check({"applicant": code, "spouse": spouse}))[1]["code"] == refused
            assert (await at.rooms.codes.redeem(code, operator=at.clerk)).acting.subject.code == WIFE.code
        assert (await http.check({"applicant": spouse, "spouse": spouse}))[1]["code"] == "code_used"


async def test_a_company_is_no_person_and_nobody_is_two(region: Settings) -> None:
    async with http_scene(region) as (at, http):
        wife, company = await at.code(WIFE), await at.code(HUSBAND, COMPANY)
        told = (await http.check({"applicant": wife, "spouse": company}))[1]
        assert (told["code"], told["where"]) == ("wrong_party", "codes.spouse")
        twice = {"applicant": await at.code(WIFE), "spouse": await at.code(WIFE)}
        assert (await http.check(twice))[1]["code"] == "party_twice"


async def test_keys_need_the_scope_and_cases_are_their_bodys(region: Settings) -> None:
    async with http_scene(region) as (at, http):
        codes = await parents(at)
        weak = Http(http.api, await new_key(at.rooms, "clerk", [Scope.CHECK]))
        assert (await weak.check(codes))[1]["code"] == "no_scope"
        others = Http(http.api, await new_key(at.rooms, "officer", [Scope.MATTERS]))
        assert (await others.check(codes))[1]["code"] == "not_your_matter"
        waiting = (await http.check(codes))[1]
        assert (await others.post(f"matters/checks/{waiting['check']}", {}))[1]["code"] == "no_such_check"
        assert (await others.get(f"cases/{waiting['case_number']}"))[1]["code"] == "case_not_found"
        above = Http(http.api, await new_key(at.rooms, "admin", [Scope.MATTERS]))
        assert (await above.get(f"cases/{waiting['case_number']}"))[1]["state"] == "open"
        step = await above.post(f"cases/{waiting['case_number']}/withdraw", {"reason": "x"})
        assert step[1]["code"] == "case_not_found"  # seen, not handled


async def test_figures_are_counted(region: Settings) -> None:
    async with http_scene(region) as (at, http):
        codes = await parents(at)
        await http.check(codes, fields={"identity_card": ["address"]})
        waiting = (await http.check(codes))[1]
        await agree(at, waiting)
        await http.post(f"matters/checks/{waiting['check']}", {})
        _, told, _ = await http.api.call("GET", "/metrics")
        assert isinstance(told, bytes)
        lines = told.decode().splitlines()
        for line in (
            "etrust_matter_checks_total 1", "etrust_matter_check_waits_total 1",
            'etrust_matter_materials_total{outcome="satisfied"} 6', 'etrust_matter_refusals_total{reason="more_than_allowed"} 1',
        ):
            assert line in lines
