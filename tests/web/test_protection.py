"""What protects the pages: forms only we can send, cookies nobody reads, doors that stay closed."""

import aiohttp
import pytest

from etrust.access.accounts import open_account
from etrust.access.model import Role
from tests.web.conftest import Site


async def test_nobody_checks_without_signing_in(site: Site) -> None:
    async with site.visitor() as page:
        await page.goto(f"{site.address}/check")
        assert page.url == f"{site.address}/signin?next=/check"
        await page.fill("#username", "clerk")
        await page.fill("#password", "wrong password")
        await page.click("main button[type=submit]")
        assert "不正确" in await page.locator("[role=alert]").inner_text()
        assert await page.input_value("#username") == "clerk"


async def test_cookies(site: Site) -> None:
    async with site.clerk() as page:
        cookies = await page.context.cookies()
        assert cookies
        assert all(cookie["httpOnly"] for cookie in cookies)
        assert {cookie["sameSite"] for cookie in cookies} <= {"Strict", "Lax"}


async def test_signing_out_ends_the_session_on_the_server(site: Site) -> None:
    async with site.clerk() as page:
        kept = await page.context.cookies()
        await page.click(".who button")
        await page.context.add_cookies(kept)  # type: ignore[arg-type]
        await page.goto(f"{site.address}/check")
        assert "/signin" in page.url


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


@pytest.mark.parametrize("headers", [
    {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}, {},
])  # fmt: skip
async def test_a_form_from_elsewhere_is_refused(site: Site, headers: dict[str, str]) -> None:
    async with site.clerk() as page:
        cookies = {cookie["name"]: cookie["value"] for cookie in await page.context.cookies()}
        data = {"presented": "ET1:", "csrf": "0" * 64}
        async with (
            aiohttp.ClientSession(cookies=cookies) as session,
            session.post(f"{site.address}/check", data=data, headers=headers) as answer,
        ):
            assert answer.status == 403
            assert "data-verdict" not in await answer.text()


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "/%0d%0aX: y"])
async def test_signing_in_leads_to_no_other_site(site: Site, wanted: str) -> None:
    async with site.visitor() as page:
        await page.goto(f"{site.address}/signin?next={wanted}")
        await page.fill("#username", "clerk")
        await page.fill("#password", site.passwords["clerk"])
        await page.click("main button[type=submit]")
        assert page.url.startswith(f"{site.address}/")


async def test_headers_of_pages_and_files(site: Site) -> None:
    async with aiohttp.ClientSession() as session:
        for path in ("/", "/signin", "/nothing"):
            async with session.get(site.address + path, headers={"Accept": "text/html"}) as answer:
                assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert answer.headers["Cache-Control"] == "no-store"
        for path in ("/static/0000000000000000/../../etc/passwd", "/static/0000000000000000/..%2f..%2fpyproject.toml"):
            async with session.get(site.address + path) as answer:
                assert answer.status == 404


async def test_too_large_a_body(site: Site) -> None:
    async with site.clerk() as page:
        cookies = {cookie["name"]: cookie["value"] for cookie in await page.context.cookies()}
        async with aiohttp.ClientSession(cookies=cookies) as session:
            for data in ({"presented": "A" * (18 << 20)}, {"presented": "A" * 9000}):
                async with session.post(f"{site.address}/check", data=data) as answer:
                    assert answer.status in {403, 413}
