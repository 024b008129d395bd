"""`etrust.client` against a running region: what departments' programs ask, and how failures come."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from aiohttp import web

from etrust.access.model import Scope
from etrust.client import (
    BadAddress,
    BadAnswer,
    Checked,
    Client,
    Difference,
    Ground,
    RegionRefused,
    RegionUnreachable,
    Retry,
    Totals,
    Use,
)
from etrust.licenses.model import Action
from etrust.matters.samples import SHOP
from etrust.settings import Settings
from tests.api.calling import Api, new_key, running
from tests.licenses.issuing import COMPANY, code_of, issue_company
from tests.licenses.test_status_changes import change
from tests.onecode.codes import Counter

USE = Use(
    ground=Ground.DUTY, matter=SHOP, case_number=f"{SHOP}202611250001", operator="wang", body="12653121MB1A0011X3",
    reason="企业开办核验", legal_basis="《行政许可法》第三十四条",
)  # fmt: skip
QUICK = Retry(tries=3, wait=0.01, timeout=2)


@pytest_asyncio.fixture
async def api(region: Settings) -> AsyncIterator[Api]:
    async with running(region) as api:
        yield api


def officer(api: Api) -> Client:
    return Client(api.address, api.key, account="officer", retry=QUICK)


async def test_issue_check_revoke_and_check_again(api: Api) -> None:
    async with officer(api) as client:
        made = await client.issue("business_license", COMPANY)
        assert (await client.check(made.code)).is_good
        assert (await client.license(made.identifier)).verdict is not None
        done = await client.suspend(made.identifier, reason="核查", legal_basis="《行政许可法》")
        assert (done.action, (await client.check(made.code)).status) == ("suspend", "suspended")
        await client.restore(made.identifier, reason="核查完毕", legal_basis="《行政许可法》")
        await client.revoke(made.identifier, reason="登记有误", legal_basis="《行政许可法》")
        verdict = await client.check(made.code)
        assert (verdict.is_good, verdict.status) == (False, "revoked")


async def test_asked_again_under_one_key_it_is_done_once(api: Api) -> None:
    async with officer(api) as client:
        key = "k" * 24
        first = await client.issue("business_license", COMPANY, key=key)
        assert await client.issue("business_license", COMPANY, key=key) == first
        with pytest.raises(RegionRefused) as reused:
            await client.issue("business_license", {**COMPANY, "证照编号": "650000000000002"}, key=key)
        assert (reused.value.status, reused.value.code) == (409, "idempotency_key_reused")
        with pytest.raises(RegionRefused) as twice:
            await client.issue("business_license", COMPANY)
        assert twice.value.status in (409, 422)


async def test_a_code_that_is_used_up_is_used_once_however_often_it_is_sent(api: Api) -> None:
    counter = await Counter.open(api.rooms)
    text = (await counter.show()).text
    async with flaky(api.address, lose=1) as (address, asked), Client(address, api.key, retry=QUICK) as client:
        assert (await client.check(text)).is_good  # the first answer was lost on its way
        assert len(asked) == 2
        assert asked[0] == asked[1] != ""
    async with officer(api) as client:
        assert (await client.check(text)).status == "already_used"


async def test_many_codes_in_one_stream_with_totals(api: Api) -> None:
    good, bad = await issue_company(api.rooms), await issue_company(api.rooms, 证照编号="650000000000002")
    await change(api.rooms, bad, Action.REVOKE)
    await api.rooms.announce()
    texts = [("a", code_of(good)), ("b", code_of(bad)), ("c", "https://example.com/")]
    async with officer(api) as client:
        found = [each async for each in client.check_many(texts)]
        lines = [each for each in found if isinstance(each, Checked)]
        assert [(each.id, each.status, each.is_good) for each in lines] == [
            ("a", "valid", True), ("b", "revoked", False), ("c", "malformed", False)
        ]  # fmt: skip
        assert lines[0].full is not None
        assert lines[0].full.license is not None
        assert found[-1] == Totals(lines=3, by_status={"malformed": 1, "revoked": 1, "valid": 1})
        brief = [each async for each in client.check_many([code_of(good)] * 1200, brief=True)]
        assert (len(brief), brief[-1]) == (1201, Totals(lines=1200, by_status={"valid": 1200}))
        with pytest.raises(RegionRefused, match="bad_api_key"):
            await batch_of_nobody(api)


async def batch_of_nobody(api: Api) -> None:
    async with Client(api.address, "etk_0123456789ab_" + "x" * 43, retry=QUICK) as client:
        async for _ in client.check_many(["x"]):
            raise AssertionError


async def test_shared_queries_differences_and_notices(api: Api) -> None:
    license_ = (await Counter.open(api.rooms)).license_
    key = await new_key(api.rooms, "clerk", list(Scope))
    async with Client(api.address, key, account="clerk", retry=QUICK) as client:
        told = await client.query(license_.identifier.text, USE)
        assert (told.identifier, told.status) == (license_.identifier.text, "valid")
        (held,) = await client.query_by_holder(license_.holders[0][1], "001", license_.type_code, USE)
        assert held == told
        assert (await client.query_by_code(code_of(license_), USE)).identifier == told.identifier
        assert (await client.compare(told.identifier, {"holder_name": license_.holders[0][0]}, USE)).matches
        assert not (await client.compare(told.identifier, {"holder_name": "猜"}, USE)).matches
        (code,) = await client.holdings(license_.holders[0][1], "001", license_.type_code, USE)
        assert code == code_of(license_)
        taken, other = await client.report([
            Difference(license=told.identifier, field="legal_representative", value="阿依古丽·买买提"),
            Difference(license="1.2.3", field="x", value="y"),
        ])  # fmt: skip
        assert taken.number
        assert other.code
        assert (await client.report([Difference(license=told.identifier, field="legal_representative", value="阿依古丽·买买提")]))[0].merged
        assert await client.notices(only_open=True) == []
        assert (await client.call("GET", "/api/v1/corrections"))["corrections"][0]["number"] == taken.number
        with pytest.raises(RegionRefused) as refused:
            await client.query("1.2.3", USE)
        assert (refused.value.status, refused.value.code) == (100, "no_such_license")
        assert "没有该证照" in refused.value.zh


async def test_a_file_is_judged(api: Api) -> None:
    async with officer(api) as client:
        assert (await client.verify_file(b"%PDF-1.7 nothing")).status == "malformed"


@asynccontextmanager
async def flaky(behind: str, *, lose: int = 0, answer: Callable[[], web.Response] | None = None) -> AsyncIterator[tuple[str, list[str]]]:
    """A proxy that breaks the line after the first answers, or gives one of its own."""
    import aiohttp  # noqa: PLC0415 - only this helper speaks HTTP by itself

    asked: list[str] = []

    async def hand_on(request: web.Request) -> web.Response:
        asked.append(request.headers.get("Idempotency-Key", ""))
        body = await request.read()
        if answer is not None and len(asked) <= lose:
            return answer()
        async with aiohttp.ClientSession() as session, session.request(
            request.method, behind + request.path_qs, data=body, headers={k: v for k, v in request.headers.items() if k != "Host"}
        ) as real:  # fmt: skip
            content = await real.read()
        if len(asked) <= lose:
            assert request.transport is not None
            request.transport.close()
        return web.Response(status=real.status, body=content, content_type=real.content_type)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", hand_on)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", asked
    finally:
        await runner.cleanup()


async def test_what_is_busy_is_asked_again_and_what_refuses_is_not(api: Api) -> None:
    text = code_of(await issue_company(api.rooms))

    def busy() -> web.Response:
        return web.Response(status=503, headers={"Retry-After": "0"})

    async with flaky(api.address, lose=2, answer=busy) as (address, asked), Client(address, api.key, retry=QUICK) as client:
        assert (await client.check(text)).is_good
        assert len(asked) == 3
    async with flaky(api.address) as (address, asked), Client(address, "etk_0123456789ab_" + "x" * 43, retry=QUICK) as client:
        with pytest.raises(RegionRefused) as refused:
            await client.check(text)
        assert (refused.value.status, refused.value.code, len(asked)) == (401, "bad_api_key", 1)


async def test_no_answer_is_never_a_verdict() -> None:
    async with Client("http://127.0.0.1:9", "etk_x", retry=Retry(tries=2, wait=0.01, timeout=1)) as client:
        with pytest.raises(RegionUnreachable):
            await client.check("8R2R-1NGM-KGCP-T8W7-O958-001N")

    def wrong() -> web.Response:
        return web.json_response({"verdict": "YES"})

    async with flaky("", lose=9, answer=wrong) as (address, _), Client(address, "etk_x", retry=QUICK) as client:
        with pytest.raises(BadAnswer):
            await client.check("8R2R-1NGM-KGCP-T8W7-O958-001N")


@pytest.mark.parametrize("address", ["http://etrust.example", "ftp://127.0.0.1", "127.0.0.1", "https://user@etrust.example"])
def test_a_key_is_told_to_no_other_address(address: str) -> None:
    with pytest.raises(BadAddress):
        Client(address, "etk_secret")


@pytest.mark.parametrize("path", ["@evil.example/x", "/api/../admin", "/api/v1/licenses/%2e%2e/revoke"])
async def test_nor_along_another_path(path: str) -> None:
    async with Client("http://127.0.0.1:9", "etk_secret") as client:
        with pytest.raises(BadAddress):
            await client.call("GET", path)


async def test_a_redirect_is_not_followed() -> None:
    seen: list[str] = []

    def elsewhere() -> web.Response:
        seen.append("once")
        return web.Response(status=302, headers={"Location": "http://127.0.0.1:9/steal"})

    async with flaky("", lose=9, answer=elsewhere) as (address, _), Client(address, "etk_secret", retry=QUICK) as client:
        with pytest.raises(BadAnswer):
            await client.check("8R2R-1NGM-KGCP-T8W7-O958-001N")
    assert seen == ["once"]


@pytest.mark.parametrize(("tried", "said", "least", "most"), [(1, None, 0.25, 0.4), (3, None, 1.0, 1.6), (1, "7", 7, 7), (1, "99999", 60, 60)])
def test_the_time_between_tries(tried: int, said: str | None, least: float, most: float) -> None:
    assert least <= Retry().pause(tried, said) <= most


def test_nothing_of_the_server_is_imported() -> None:
    program = "import etrust.client, sys; print([m for m in ('asyncpg', 'redis', 'pyhanko', 'etrust.wiring', 'etrust.api') if m in sys.modules])"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


async def test_sixty_questions_at_once(api: Api) -> None:
    text = code_of(await issue_company(api.rooms))
    async with officer(api) as client:
        assert all(each.is_good for each in await asyncio.gather(*(client.check(text) for _ in range(60))))
