"""The auditor's page: search, older entries, export; in every look."""

import pytest
from playwright.async_api import expect

from tests.access.test_audit import looked
from tests.web.conftest import Site
from tests.web.test_counter_accessibility import LOOKS, Looks


async def test_search_and_export(site: Site) -> None:
    await looked(site.rooms, 55)
    async with site.visitor() as page:
        await site.sign_in(page, "auditor", "/signin")
        await expect(page.locator("h1")).to_contain_text("审计")  # the auditor's own first page
        await page.select_option("#source", "look")
        await page.click("button:has-text('查询')")
        await expect(page.locator("tbody tr")).to_have_count(50)
        await page.click("a:has-text('更早的记录')")
        await expect(page.locator("tbody tr")).to_have_count(5)
        await page.fill("#reason", "年度审计")
        async with page.expect_download() as download:
            await page.click("button:has-text('导出查询结果')")
        path = await (await download.value).path()
        assert len(path.read_text("utf-8-sig").splitlines()) == 56
        await page.goto(f"{site.address}/audit?since=2024-01-01")
        await expect(page.locator(".summary")).to_contain_text("366")
        await page.goto(f"{site.address}/audit?operator=nobody")
        await expect(page.locator(".waiting")).to_be_visible()


async def test_nobody_else_sees_it(site: Site) -> None:
    async with site.visitor() as page:
        await site.sign_in(page, "admin", "/signin")
        answer = await page.goto(f"{site.address}/audit")
        assert answer is not None
        assert answer.status == 403


@pytest.mark.parametrize(("language", "size"), LOOKS)
async def test_accessible_in_every_look(site: Site, language: str, size: str) -> None:
    await looked(site.rooms, 3)
    async with site.visitor(viewport={"width": 1440, "height": 900}) as page:
        looks = Looks(page)
        await page.goto(f"{site.address}/signin?lang={language}&print={size}")
        await site.sign_in(page, "auditor", "/signin")
        await page.goto(f"{site.address}/audit")
        await looks("audit")
        assert looks.bad() == {}
