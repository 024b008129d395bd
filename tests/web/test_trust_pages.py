"""The pages of the trust list: a draft of one officer, seen and published by another, in every look."""

import pytest
from playwright.async_api import expect

from etrust.trust.drafts import Edit, Op
from tests.web.conftest import Site
from tests.web.test_counter_accessibility import LOOKS, Looks

MARKET = "11650000MB1A0004XU"


async def test_proposed_seen_and_published(site: Site) -> None:
    async with site.visitor() as page:
        await site.sign_in(page, "trust", "/signin")
        await page.goto(f"{site.address}/trust")
        before = int(await page.locator("#now + dl dd").first.inner_text())
        await page.select_option("#op", "end_right")
        await page.select_option("#body", MARKET)
        await page.select_option("#license_type", "marriage_certificate")
        await page.fill("#reason", "职能调整")
        await page.fill("#legal_basis", "新政发〔2026〕1号")
        await page.click("button:has-text('提交草案')")
        await expect(page.locator(".summary")).to_contain_text("没有此签发权")
        assert await page.input_value("#reason") == "职能调整"  # nothing is lost
        await page.select_option("#license_type", "business_license")
        await page.click("button:has-text('提交草案')")
        await expect(page.locator(".changes li")).to_contain_text("权限变更")
        await expect(page.locator("button:has-text('批准并发布')")).to_have_count(0)
        draft = page.url.partition("?")[0]
        await page.context.clear_cookies()
        await site.sign_in(page, "trust2", "/signin")
        await page.goto(draft)
        await expect(page.locator(".changes li")).to_have_count(1)
        await page.click("button:has-text('批准并发布')")
        await expect(page.locator(".notice.done")).to_contain_text("已发布")
        assert int(await page.locator("#now + dl dd").first.inner_text()) == before + 1
        await page.click(f"a[href='/trust/lists/{before + 1}']")
        await expect(page.locator(".changes li")).to_have_count(1)
        answer = await page.request.get(f"{site.address}/.well-known/etrust/trust-lists/{before + 1}")
        assert (answer.status, answer.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
        await page.goto(draft)
        await expect(page.locator("text=trust2").first).to_be_visible()


async def test_only_trust_officers_see_it(site: Site) -> None:
    async with site.visitor() as page:
        await site.sign_in(page, "clerk", "/signin")
        for path in ("/trust", "/trust/drafts/1", "/trust/lists/1"):
            answer = await page.goto(f"{site.address}{path}")
            assert answer is not None
            assert answer.status == 403


@pytest.mark.parametrize(("language", "size"), LOOKS)
async def test_accessible_in_every_look(site: Site, language: str, size: str) -> None:
    edits = [Edit(op=Op.END_RIGHT, body=MARKET, license_type="business_license")]
    number = await site.rooms.trusted.propose(edits, "职能调整", "新政发〔2026〕1号", who=await site.rooms.operator("trust"))
    async with site.visitor(viewport={"width": 1440, "height": 900}) as page:
        looks = Looks(page)
        await page.goto(f"{site.address}/signin?lang={language}&print={size}")
        await site.sign_in(page, "trust2", "/signin")
        for path, name in (("/trust", "trust"), (f"/trust/drafts/{number}", "draft"), ("/trust/lists/1", "list")):
            await page.goto(f"{site.address}{path}")
            await looks(name)
        assert looks.bad() == {}
