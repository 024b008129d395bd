"""`POST /api/v1/checks/batch`: every line is answered in its place as a single check would answer it, and the totals fit."""

import asyncio
import json
from collections import Counter

from etrust.api import batch_checks
from etrust.licenses.model import Action
from etrust.settings import Settings
from tests.api.calling import Api, running
from tests.licenses.issuing import code_of, identifier_of, issue_company


async def post(api: Api, body: object, query: str = "", *, key: str | None = None) -> tuple[int, bytes]:
    headers = {"Authorization": f"Bearer {api.key if key is None else key}"}
    async with api.session.post(f"{api.address}/api/v1/checks/batch{query}", data=body, headers=headers) as answer:
        if answer.status == 200:
            assert answer.headers["Content-Type"] == batch_checks.NDJSON
        return answer.status, await answer.read()


async def refused(api: Api, body: object, query: str = "", *, key: str | None = None) -> tuple[int, str]:
    status, raw = await post(api, body, query, key=key)
    return status, json.loads(raw)["code"]


async def batch(api: Api, lines: list[object], query: str = "") -> tuple[list[dict[str, object]], dict[str, int]]:
    status, raw = await post(api, "\n".join(each if isinstance(each, str) else json.dumps(each) for each in lines).encode(), query)
    assert status == 200, raw
    *answers, last = map(json.loads, raw.splitlines())
    return answers, last["totals"]


async def test_every_line_is_answered_as_a_single_check_is(region: Settings) -> None:
    async with running(region) as api:
        first, second = await issue_company(api.rooms), await issue_company(api.rooms, 证照编号="91650000MA7BDTP39X")
        await api.call(
            "POST", f"/api/v1/licenses/{identifier_of(second).text}/revoke", json={"reason": "注销", "legal_basis": "条例"}
        )
        presented = [
            code_of(first), identifier_of(first).text, identifier_of(first).short, code_of(second), identifier_of(second).short,
            code_of(first)[:80], "https://example.com/", "1.2.156.3005.2.x.y.z",
        ]  # fmt: skip
        alone = [await api.check(presented=each) for each in presented]
        answers, totals = await batch(api, [{"presented": each, "id": f"n{place}"} for place, each in enumerate(presented)])
        for place, (answer, single) in enumerate(zip(answers, alone, strict=True)):
            assert (answer.pop("line"), answer.pop("id")) == (place + 1, f"n{place}")
            assert {**answer, "at": ""} == {**single, "at": ""}
        assert totals == {"lines": len(presented), **Counter(str(each["status"]) for each in alone)}
        assert Action.REVOKE + "d" in totals


async def test_brief_answers_and_bare_strings(region: Settings) -> None:
    async with running(region) as api:
        license_ = await issue_company(api.rooms)
        answers, _ = await batch(api, [json.dumps(code_of(license_)), "", '"6901234567892"'], "?answers=brief")
        assert [each["status"] for each in answers] == ["valid", "malformed"]
        assert answers[0] == {
            "line": 1, "verdict": "TOTAL-PASSED", "sub_indication": "", "status": "valid",
            "identifier": identifier_of(license_).text,
        }  # fmt: skip


async def test_lines_that_cannot_be_read_keep_their_place(region: Settings) -> None:
    async with running(region) as api:
        code = code_of(await issue_company(api.rooms))
        answers, totals = await batch(
            api, ["{", json.dumps({"presented": code}), "[1]", json.dumps({"presented": "x" * 5000}), '{"presented": 7}', "\x00"]
        )
        assert [each["status"] for each in answers] == ["malformed", "valid", *["malformed"] * 4]
        assert [each.get("error") for each in answers] == ["bad_line", None, *["bad_line"] * 4]
        assert totals == {"lines": 6, "malformed": 5, "valid": 1}


async def test_a_code_of_the_moment_is_not_used_up_by_a_batch(region: Settings) -> None:
    async with running(region) as api:
        answers, _ = await batch(api, ['"ET2:ABC"'])
        assert [finding["reason"] for finding in answers[0]["findings"]] == ["shown_code_alone"]  # type: ignore[attr-defined]
        assert answers[0]["verdict"] == "INDETERMINATE"


async def test_several_groups_and_an_empty_batch(region: Settings, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(batch_checks, "GROUP", 7)
    async with running(region) as api:
        code = code_of(await issue_company(api.rooms))
        answers, totals = await batch(api, [{"presented": code, "id": str(each)} for each in range(200)], "?answers=brief")
        assert [each["id"] for each in answers] == [str(each) for each in range(200)]
        assert totals == {"lines": 200, "valid": 200}
        assert await batch(api, []) == ([], {"lines": 0})


async def test_bounds(region: Settings, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(batch_checks, "MAX_LINES", 5)
    monkeypatch.setattr(batch_checks, "IDLE_SECONDS", 0.3)
    async with running(region) as api:
        assert await refused(api, b"x" * 9000) == (413, "too_large")
        assert await refused(api, b'"a"\n' * 6) == (413, "too_large")
        assert await refused(api, b'"a"\n', "?answers=all") == (422, "bad_answers")
        assert (await post(api, b'"a"', key=""))[0] == 401

        async def dripping():  # type: ignore[no-untyped-def]
            yield b'"a"\n'
            await asyncio.sleep(2)
            yield b'"b"\n'

        assert await refused(api, dripping()) == (408, "too_slow")


async def test_answers_arrive_while_lines_are_still_sent(region: Settings, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(batch_checks, "GROUP", 2)
    seen = asyncio.Event()

    async def lines():  # type: ignore[no-untyped-def]
        yield b'"6901234567892"\n"6901234567892"\n'
        await seen.wait()
        yield b'"6901234567892"\n'

    async with running(region) as api:
        headers = {"Authorization": f"Bearer {api.key}"}
        async with api.session.post(api.address + "/api/v1/checks/batch", data=lines(), headers=headers) as answer:
            assert json.loads(await answer.content.readline())["line"] == 1
            seen.set()
            rest = [json.loads(line) for line in (await answer.read()).splitlines()]
        assert rest[-1] == {"totals": {"lines": 3, "malformed": 3}}


async def test_one_too_many_after_answers_began(region: Settings, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """There are no totals then, and the last line says why."""
    monkeypatch.setattr(batch_checks, "GROUP", 2)
    monkeypatch.setattr(batch_checks, "MAX_LINES", 5)
    async with running(region) as api:
        status, raw = await post(api, b'"a"\n' * 6)
        *answers, last = map(json.loads, raw.splitlines())
        assert (status, [each["line"] for each in answers], last["error"]) == (200, [1, 2, 3, 4], "too_large")
