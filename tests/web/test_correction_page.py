"""The page of error reports: many decided at once, by two officers, in every look."""

import pytest
from playwright.async_api import expect

from etrust.objections.corrections import Difference, Taken
from tests.licenses.issuing import issue_company
from tests.web.conftest import Site
from tests.web.test_counter_accessibility import LOOKS, Looks


async def report(site: Site, count: int = 2) -> list[str]:
    rooms = site.rooms
    license_ = await issue_company(rooms)
    clerk = await rooms.operator("clerk")
    pairs = [("legal_representative", "阿依古丽·图尔荪"), ("company_type", "股份有限公司")][:count]
    answers = await rooms.corrections.report(
        [Difference(license_.identifier.text, field, value, observed="旧", ground="人口库") for field, value in pairs], who=clerk
    )
    return [each.number for each in answers if isinstance(each, Taken)]


async def test_picked_proposed_and_agreed_to(site: Site) -> None:
    numbers = await report(site)
    async with site.visitor() as page:
        await site.sign_in(page, "cases", "/signin")
        await page.goto(f"{site.address}/corrections")
        await expect(page.locator(".differences li")).to_have_count(2)
        await page.click("button:has-text('拟采纳')")
        await expect(page.locator(".summary")).to_contain_text("至少选择一条")
        for number in numbers:
            await page.check(f"input[name='pick.{number}']")
        await page.click("button:has-text('拟采纳')")
        await expect(page.locator(".summary")).to_contain_text("理由")
        assert await page.is_checked(f"input[name='pick.{numbers[0]}']")  # nothing is lost
        await page.fill("#reason", "与人口库一致。")
        await page.click("button:has-text('拟采纳')")
        await expect(page.locator(".notice.done")).to_contain_text("2")
        await page.context.clear_cookies()
        await site.sign_in(page, "cases2", "/signin")
        await page.goto(f"{site.address}/corrections?view=proposed")
        for number in numbers:
            await page.check(f"input[name='pick.{number}']")
        await page.click("button:has-text('同意并签发')")
        await expect(page.locator(".notice.done")).to_contain_text("2")
        await page.click("a:has-text('已办结')")
        await expect(page.locator(".differences li .chip")).to_have_count(2)


@pytest.mark.parametrize(("language", "size"), LOOKS)
async def test_accessible_in_every_look(site: Site, language: str, size: str) -> None:
    numbers = await report(site)
    await site.rooms.corrections.propose(numbers[:1], "属实。", who=await site.rooms.operator("cases"))
    async with site.visitor(viewport={"width": 1440, "height": 900}) as page:
        looks = Looks(page)
        await page.goto(f"{site.address}/signin?lang={language}&print={size}")
        await site.sign_in(page, "cases2", "/signin")
        for view in ("open", "proposed", "decided"):
            await page.goto(f"{site.address}/corrections?view={view}")
            await looks(view)
        assert looks.bad() == {}
