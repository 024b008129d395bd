"""When something is missing or broken: words, what to do, and never a traceback or a false "valid"."""

import asyncio
from urllib.parse import urlsplit

import pytest
from playwright.async_api import expect

from etrust.settings import Settings
from etrust.storage.stores import Stores
from tests.api.test_stopped_stores import rename
from tests.licenses.issuing import code_of, issue_company
from tests.web.conftest import Site
from tests.web.test_holder_page import link_to


@pytest.mark.parametrize(("language", "words"), [("zh", "没有这个页面"), ("ug", "بۇ بەت مەۋجۇت ئەمەس"), ("en", "does not exist")])
async def test_an_unknown_page(site: Site, language: str, words: str) -> None:
    async with site.visitor() as page:
        answer = await page.goto(f"{site.address}/nothing?lang={language}")
        assert answer is not None
        assert answer.status == 404
        assert words in await page.locator("main").inner_text()


async def test_a_database_that_is_gone(site: Site, region: Settings, stores: Stores) -> None:
    name = urlsplit(region.database_url or "").path.lstrip("/")
    license_ = await issue_company(site.rooms)
    code, link = code_of(license_), await link_to(site, license_)
    async with site.clerk() as page:
        await rename(stores, name, name + "_gone")
        try:
            await asyncio.sleep(0.6)
            await page.fill("#presented", code)
            await page.keyboard.press("Enter")
            await expect(page.locator("#verdict")).to_contain_text("暂时无法")
            assert await page.locator("#verdict [data-status=valid]").count() == 0
            for address in (f"{site.address}/check", link):
                answer = await page.goto(address)
                assert answer is not None
                assert answer.status == 503
                told = await page.locator("main").inner_text()
                assert "Traceback" not in told
                assert "暂时无法" in told
        finally:
            await rename(stores, name + "_gone", name)
        await page.goto(f"{site.address}/check")
        await page.fill("#presented", code)
        await page.keyboard.press("Enter")
        await expect(page.locator("#verdict [data-status=valid]")).to_be_visible()
