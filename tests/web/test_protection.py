"""What protects the pages: forms only we can send, cookies nobody reads, doors that stay closed."""

import aiohttp
import pytest
from playwright.async_api import expect

from etrust.access.accounts import open_account
from etrust.access.model import Role
from tests.licenses.issuing import code_of, issue_company
from tests.web.conftest import Site, form_token
from tests.web.test_holder_page import link_to

ELSEWHERE = ["https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "/\r\nX: y", "/\t/evil.example"]


async def test_nobody_checks_without_signing_in(site: Site) -> None:
    async with site.visitor() as page:
        await page.goto(f"{site.address}/check")
        assert page.url == f"{site.address}/signin?next=/check"
        await page.fill("#username", "clerk")
        await page.fill("#password", "wrong password")
        await page.click("main button[type=submit]")
        assert "不正确" in await page.locator("[role=alert]").inner_text()
        assert await page.input_value("#username") == "clerk"
    async with site.session() as session:
        for path in ("/check", "/check/frame", "/signout"):
            async with session.post(path, data=b"", allow_redirects=False) as answer:
                assert answer.status in {303, 403}
                assert answer.headers.get("Location", "/signin").startswith("/signin")


async def test_an_unknown_name_and_a_wrong_password_have_one_answer(site: Site) -> None:
    told = set()
    for username in ("clerk", "nobody.known"):
        async with site.session() as session:
            answer = await site.post_sign_in(session, username, "wrong password")
            page = (await answer.text()).replace(username, "NAME").replace(await form_token(session, "/signin"), "TOKEN")
            told.add((answer.status, page))
    assert len(told) == 1


async def test_five_failures_close_the_door_even_to_the_right_password(site: Site) -> None:
    async with site.session() as session:
        for _ in range(5):
            assert (await site.post_sign_in(session, "clerk", "wrong password")).status == 401
        answer = await site.post_sign_in(session, "clerk", site.passwords["clerk"])
        assert answer.status == 429
        assert "十分钟" in await answer.text()
        assert (await site.post_sign_in(session, "admin", site.passwords["admin"])).status == 303


async def test_cookies(site: Site) -> None:
    async with site.clerk() as page:
        await page.goto(f"{site.address}/check?lang=zh&print=normal")
        cookies = {cookie["name"]: cookie for cookie in await page.context.cookies()}
        assert cookies.keys() == {"etrust", "form", "lang", "print"}
        assert all(cookie["httpOnly"] for cookie in cookies.values())
        assert cookies["etrust"]["sameSite"] == cookies["form"]["sameSite"] == "Strict"
        assert cookies["etrust"]["expires"] == -1


async def test_signing_out_ends_the_session_on_the_server(site: Site) -> None:
    async with site.clerk() as page:
        kept = await page.context.cookies()
        await page.click(".who button")
        await page.context.add_cookies(kept)  # type: ignore[arg-type]
        await page.goto(f"{site.address}/check")
        assert "/signin" in page.url


async def test_a_session_that_ended_meanwhile_leads_to_signing_in(site: Site) -> None:
    async with site.clerk() as page:
        await page.context.clear_cookies(name="etrust")
        await page.fill("#presented", "ET1:")
        await page.keyboard.press("Enter")
        await expect(page.locator("#username")).to_be_visible()
        assert page.url == f"{site.address}/signin?next=/check"


async def test_an_account_without_the_role_is_refused(site: Site) -> None:
    async with site.rooms.stores.pool.acquire() as connection:
        await open_account(
            connection, username="issuer.only", name="仅签发", body="11650000MB1A0004XU", roles=[Role.ISSUER],
            password="long enough 1", at=site.rooms.clock(),
        )  # fmt: skip
    site.passwords = {**site.passwords, "issuer.only": "long enough 1"}
    async with site.visitor() as page:
        await site.sign_in(page, "issuer.only")
        assert "没有" in await page.locator("main").inner_text()
        answer = await page.goto(f"{site.address}/check")
        assert answer is not None
        assert answer.status == 403


async def test_a_form_from_elsewhere_is_refused(site: Site) -> None:
    code = code_of(await issue_company(site.rooms))
    async with site.session() as stranger, site.session() as session:
        assert (await site.post_sign_in(session, "clerk", site.passwords["clerk"])).status == 303
        ours, theirs = await form_token(session, "/check"), await form_token(stranger, "/signin")
        for csrf, headers in (
            (ours, {"Sec-Fetch-Site": "cross-site"}), (ours, {"Sec-Fetch-Site": "same-site"}), (ours, {"Origin": "https://evil.example"}),
            (ours, {"Origin": "null"}), ("", {}), ("0" * 64, {}), (theirs, {}), ("证", {}),
        ):  # fmt: skip
            async with session.post("/check", data={"presented": code, "csrf": csrf}, headers=headers) as answer:
                page = await answer.text()
                assert answer.status == 403, (csrf, headers)
                assert "data-verdict" not in page
                assert "请" in page  # says what to do
        async with session.post("/check", data={"presented": code, "csrf": ours}) as answer:
            assert 'data-status="valid"' in await answer.text()
        async with session.post("/check/frame", data=b"", headers={"X-CSRF-Token": theirs}) as answer:
            assert answer.status == 403


async def test_signing_in_leads_to_no_other_site(site: Site) -> None:
    for wanted in ELSEWHERE:
        async with site.session() as session:
            answer = await site.post_sign_in(session, "clerk", site.passwords["clerk"], wanted)
            assert (answer.status, answer.headers["Location"]) == (303, "/check"), wanted
    async with site.clerk() as page:
        for wanted in ELSEWHERE:
            await page.goto(f"{site.address}/signin?next={wanted}")
            assert page.url.startswith(f"{site.address}/"), wanted


async def test_headers_of_pages_and_files(site: Site) -> None:
    link = await link_to(site, await issue_company(site.rooms))
    async with aiohttp.ClientSession() as session:
        for path in ("/", "/signin", "/nothing", link.removeprefix(site.address)):
            async with session.get(site.address + path, headers={"Accept": "text/html"}) as answer:
                policy = answer.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy
                assert "unsafe-inline" not in policy
                assert "'unsafe-eval'" not in policy
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert answer.headers["X-Frame-Options"] == "DENY"
                assert answer.headers["Referrer-Policy"] == "same-origin"
                assert answer.headers["Cache-Control"] == "no-store"
        for path in ("/static/0000000000000000/../../etc/passwd", "/static/0000000000000000/..%2f..%2fpyproject.toml"):
            async with session.get(site.address + path) as answer:
                assert answer.status == 404


@pytest.mark.parametrize("size", [9_000, 18 << 20])
async def test_too_large_a_body(site: Site, size: int) -> None:
    async with site.session() as session:
        await site.post_sign_in(session, "clerk", site.passwords["clerk"])
        token = await form_token(session, "/check")
        async with session.post("/check", data={"presented": "A" * size, "csrf": token}) as answer:
            assert 'data-status="valid"' not in await answer.text()
            assert answer.status == 413 if size > 1 << 20 else answer.status < 500
