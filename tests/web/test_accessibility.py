"""Every page in three languages, light, dark and large: no serious finding of axe, the right direction, all by keyboard."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from tests.licenses.issuing import code_of, issue_company
from tests.web.conftest import Site
from tests.web.test_holder_page import PHONE, issue_identity_card, link_to

DIRECTION = {"zh": ("zh-CN", "ltr"), "ug": ("ug", "rtl"), "en": ("en", "ltr")}


async def grave(page: Page) -> list[str]:
    """Serious and critical findings of axe on the page as it is."""
    found = await Axe().run(page)
    return [
        f"{each['id']}: {[node['html'] for node in each['nodes']][:3]}" for each in found.response["violations"]
        if each["impact"] in {"serious", "critical"}
    ]  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", DIRECTION)
async def test_no_page_shuts_anyone_out(site: Site, language: str, scheme: str) -> None:
    license_ = await issue_company(site.rooms)
    link = await link_to(site, await issue_identity_card(site))
    size = "large" if scheme == "dark" else "normal"
    choice = f"lang={language}&print={size}"
    async with site.visitor(color_scheme=scheme, bypass_csp=True) as page:
        found = {}
        for path in ("/", "/signin", "/nothing"):
            await page.goto(f"{site.address}{path}?{choice}")
            assert await page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == list(DIRECTION[language])
            found[path] = await grave(page)
        await page.goto(f"{link}?{choice}")
        found["/my"] = await grave(page)
        await site.sign_in(page, "clerk")
        found["/check"] = await grave(page)
        for presented, status in ((code_of(license_), "valid"), ("nonsense", "malformed")):
            await page.fill("#presented", presented)
            await page.keyboard.press("Enter")
            await expect(page.locator(f"#verdict [data-status={status}]")).to_be_visible()
            await page.wait_for_timeout(300)  # the card fades in
            found[f"/check {status}"] = await grave(page)
        assert {path: each for path, each in found.items() if each} == {}


async def test_everything_by_keyboard(site: Site) -> None:
    code = code_of(await issue_company(site.rooms))
    async with site.visitor() as page:
        await page.goto(f"{site.address}/check")
        await page.keyboard.type("clerk")  # the name field has the focus
        await page.keyboard.press("Tab")
        await page.keyboard.type(site.passwords["clerk"])
        await page.keyboard.press("Enter")
        await expect(page.locator("#presented")).to_be_focused()
        await page.keyboard.type(code)
        await page.keyboard.press("Enter")
        await expect(page.locator("#verdict [data-status=valid]")).to_be_visible()
        reached = set()
        for _ in range(25):
            await page.keyboard.press("Tab")
            reached.add(await page.evaluate("document.activeElement.tagName + '.' + document.activeElement.className"))
        assert {"SUMMARY.", "BUTTON.primary"} <= reached


@pytest.mark.parametrize("width", [320, 390, 768, 1440])
async def test_nothing_sticks_out_sideways(site: Site, width: int) -> None:
    license_ = await issue_company(site.rooms)
    link = await link_to(site, license_)
    for language in DIRECTION:
        async with site.visitor(viewport={"width": width, "height": 900}) as page:
            for address in (f"{site.address}/", f"{site.address}/signin", link):
                for size in ("normal", "large"):
                    await page.goto(f"{address}?lang={language}&print={size}")
                    over = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                    assert over <= 0, (address, language, size, over)


async def test_a_phone_can_be_used_with_a_thumb(site: Site) -> None:
    async with site.clerk(**PHONE) as page:
        small = await page.evaluate("""[...document.querySelectorAll('main button, main .button, main input:not([type=hidden])')]
            .filter(e => e.offsetParent && e.getBoundingClientRect().height > 2 && e.getBoundingClientRect().height < 44).map(e => e.outerHTML)""")
        assert small == []
