"""The public page: genuine and in force or not, the least that is needed, and nobody to be found out about."""

import asyncio
from collections import Counter
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Playwright, expect

from etrust.credentials.online_code import CodeFor, OnlineClaims, sign_online_code
from etrust.credentials.qr import png
from etrust.licenses.model import Action, StoredLicense
from etrust.licenses.numbering import Holder
from etrust.onecode.model import Acting, Basis, CodeKind, Subject
from etrust.wiring.home import CODE_KEY
from etrust.wiring.public_check import FAILURES, PER_MINUTE
from tests.licenses.issuing import code_of, identifier_of, issue_company
from tests.licenses.test_status_changes import change
from tests.web.conftest import Site, form_token
from tests.web.test_camera import film, filmed
from tests.web.test_holder_page import PHONE, issue_identity_card

pytestmark = pytest.mark.long

SESSION = bytes(32)


def holder_of(site: Site, license_: StoredLicense) -> Acting:
    """The holder of a license, as the one code knows it."""
    name, code, code_type = license_.holders[0]
    key = site.rooms.issuing.numbering.holder(Holder(name, code, code_type))
    return Acting(Subject(key, name, code, code_type), "person", Basis.SELF)


async def live_code(site: Site, license_: StoredLicense, kind: CodeKind = CodeKind.LICENSE) -> str:
    """A fresh online code of a license, or of its holder."""
    identifier = license_.identifier.text if kind is CodeKind.LICENSE else ""
    shown = await site.rooms.codes.show(holder_of(site, license_), session=SESSION, kind=kind, identifier=identifier)
    return shown.text


async def answers(site: Site, *presented: str) -> list[str]:
    """What the public page answers to each text."""
    async with site.session() as session:
        token, told = await form_token(session, "/verify"), []
        for text in presented:
            async with session.post("/verify", data={"presented": text, "csrf": token}, headers={"HX-Request": "true"}) as answer:
                told.append(await answer.text())
    return told


def status_in(page: str) -> str:
    return page.split('data-status="')[1].split('"', maxsplit=1)[0] if "data-status" in page else "none"


async def test_a_shop_scans_with_a_phone(site: Site, playwright: Playwright, tmp_path: Path) -> None:
    license_ = await issue_identity_card(site)
    film(tmp_path / "code.y4m", code_of(license_))
    browser = await filmed(playwright, tmp_path / "code.y4m")
    try:
        async with site.visitor(browser=browser, permissions=["camera"], **PHONE) as page:
            await page.goto(f"{site.address}/verify")
            if not await page.locator(".camera").get_attribute("data-zxing"):
                pytest.skip("zxing's WebAssembly was not fetched: make browser-parts")
            await page.click(".camera-start")
            await expect(page.locator("#verdict [data-status=valid]")).to_be_visible()
            assert page.url == f"{site.address}/verify"
    finally:
        await browser.close()


async def test_the_least_is_told(site: Site) -> None:
    card, company = await issue_identity_card(site), await issue_company(site.rooms)
    (of_person, of_company, online) = await answers(site, code_of(card), code_of(company), await live_code(site, card))
    for page in (of_person, online):
        assert status_in(page) == "valid"
        assert "阿*" in page
        assert "居民身份证" in page
        assert "水磨沟" in page or "公安厅" in page
        for secret in ("古丽巴哈尔", "650104196812210708", ">维吾尔<", "1968", identifier_of(card).short, identifier_of(card).text):
            assert secret not in page, secret
    assert "新疆天山达盛棉业有限公司" in of_company  # the name of a company is public
    assert "936501021MRN4WKEFQ" not in of_company


async def test_picture_scanner_and_no_script(site: Site, tmp_path: Path) -> None:
    license_ = await issue_company(site.rooms)
    picture = tmp_path / "code.png"
    picture.write_bytes(png(code_of(license_)))
    async with site.visitor() as page:
        await page.goto(f"{site.address}/verify")
        await page.set_input_files("#image", picture)
        await expect(page.locator("#verdict [data-status=valid]")).to_be_visible()
        await page.locator("h1").click()
        await page.keyboard.type("https://example.com/")
        await page.keyboard.press("Enter")
        await expect(page.locator("#verdict [data-status=malformed]")).to_be_visible()
    await change(site.rooms, license_, Action.REVOKE)
    async with site.visitor(java_script_enabled=False) as page:
        await page.goto(f"{site.address}/verify")
        await page.fill("#presented", code_of(license_))
        await page.click("#check-form button")
        await expect(page.locator("#verdict [data-status=revoked]")).to_be_visible()
        assert await page.input_value("#presented") == ""  # the next visitor sees nothing of it


async def test_numbers_are_not_looked_up(site: Site) -> None:
    license_ = await issue_company(site.rooms)
    known, unknown = identifier_of(license_), "1.2.156.3005.2.11100000MB0143028R001.11650000MB1A0004XU.AAAAAAAAAAAAAAAAAAAA.001.5"
    told = await answers(site, known.short, known.text, unknown, "0" * 20 + "001A", "650104196812210708")
    assert {status_in(page) for page in told} == {"malformed"}
    assert all("in-force" not in page and "达盛" not in page for page in told)
    async with site.visitor() as page:  # and nothing is taken from an address
        await page.goto(f"{site.address}/verify?presented={known.short}#{code_of(license_)}")
        await expect(page.locator("#verdict .waiting")).to_be_visible()
        assert await page.input_value("#presented") == ""


async def test_unknown_used_ended_and_forged_codes_have_one_answer(site: Site) -> None:
    rooms, card = site.rooms, await issue_identity_card(site)
    used = await live_code(site, card)
    assert status_in((await answers(site, used))[0]) == "valid"
    now, signer = rooms.clock(), rooms.cabinet.current(CODE_KEY)
    what = {"kind": CodeFor.LICENSE, "name": "阿*", "type_code": card.identifier.type_code, "short": card.identifier.short.replace("-", "")}
    old = now - timedelta(minutes=5)
    unknown = sign_online_code(OnlineClaims("650000", now, now + timedelta(seconds=60), b"\1" * 16, **what), signer)  # type: ignore[arg-type]
    ended = sign_online_code(OnlineClaims("650000", old, old + timedelta(seconds=60), b"\2" * 16, **what), signer)  # type: ignore[arg-type]
    forged = unknown[:-6] + "000000"
    told = [page.split("<footer")[0] for page in await answers(site, used, unknown, ended, forged, "ET2:NONSENSE")]
    assert len(set(told)) == 1
    assert "无效" in told[0]


async def test_a_code_for_windows_is_not_used_up_by_a_shop(site: Site) -> None:
    card = await issue_identity_card(site)
    code = await live_code(site, card, CodeKind.HOLDER)
    (page,) = await answers(site, code)
    assert "政务窗口" in page
    assert "阿*" not in page
    clerk = await site.rooms.operator("clerk")
    assert (await site.rooms.codes.redeem(code, operator=clerk)).kind is CodeKind.HOLDER


async def test_a_thousand_guesses_get_nowhere(site: Site) -> None:
    """Enumeration: what one address learns from 1000 made-up codes and 1000 numbers, and what a second address still can."""
    rooms, card = site.rooms, await issue_identity_card(site)
    now, stranger = rooms.clock(), rooms.cabinet.current(CODE_KEY)
    what = {"kind": CodeFor.LICENSE, "name": "阿*", "type_code": card.identifier.type_code, "short": card.identifier.short.replace("-", "")}
    guesses = [
        sign_online_code(OnlineClaims("650000", now, now + timedelta(seconds=60), number.to_bytes(16, "big"), **what), stranger)  # type: ignore[arg-type]
        for number in range(1000)
    ] + [f"{number:020d}001A" for number in range(1000)]
    async with site.session() as session:
        token = await form_token(session, "/verify")
        told: Counter[str] = Counter()

        async def ask(text: str) -> None:
            async with session.post("/verify", data={"presented": text, "csrf": token}, headers={"HX-Request": "true"}) as answer:
                told[status_in(await answer.text()) if answer.status == 200 else str(answer.status)] += 1

        for begin in range(0, len(guesses), 50):
            await asyncio.gather(*map(ask, guesses[begin : begin + 50]))
        answered = sum(number for status, number in told.items() if status != "429")
        assert answered <= FAILURES + 50  # those that were under way when the limit was reached
        assert told["valid"] == 0
        assert told["429"] >= 2000 - FAILURES - 50
        async with session.post("/verify", data={"presented": code_of(card), "csrf": token}) as answer:
            assert answer.status == 429
            assert "请稍后再试" in await answer.text()


async def test_behind_a_proxy_each_visitor_has_a_pace_of_their_own(site: Site) -> None:
    site.rooms.settings = site.rooms.settings.model_copy(update={"trusted_proxies": 1})
    code = code_of(await issue_company(site.rooms))
    async with site.session() as session:
        token = await form_token(session, "/verify")

        async def ask(forwarded: str) -> int:
            async with session.post("/verify", data={"presented": code, "csrf": token}, headers={"X-Forwarded-For": forwarded}) as answer:
                return answer.status

        # what a visitor claims stands left of what the proxy saw, and 2001:db8:1:: is one subscriber whatever follows
        first = [await ask(f"10.0.0.{number}, 2001:db8:1::{number}") for number in range(2 * PER_MINUTE + 1)]
        assert PER_MINUTE <= first.count(200) <= 2 * PER_MINUTE  # a minute may have begun meanwhile
        assert set(first) == {200, 429}
        assert await ask("10.0.0.1, 198.51.100.7") == 200


async def test_the_form_only_from_our_page(site: Site) -> None:
    async with aiohttp.ClientSession(site.address) as session, session.post("/verify", data={"presented": "ET1:"}) as answer:
        assert answer.status == 403
