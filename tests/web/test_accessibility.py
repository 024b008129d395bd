"""Every page in three languages, light, dark and large: no serious finding of axe, the right direction, all by keyboard."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from tests.licenses.issuing import code_of, issue_company
from tests.web.conftest import Site
from tests.web.test_holder_page import PHONE, issue_identity_card, link_to

pytestmark = pytest.mark.long

DIRECTION = {"zh": ("zh-CN", "ltr"), "ug": ("ug", "rtl"), "en": ("en", "ltr")}


async def grave(page: Page) -> list[str]:
    """Serious and critical findings of axe on the page as it is."""
    found = await Axe().run(page)
    return [
        f"{each['id']}: {[node['html'] for node in each['nodes']][:3]}" for each in found.response["violations"]
        if each["impact"] in {"serious", "critical"}
    ]  # fmt: skip


@pytest.mark.parametrize(("language", "size"), [
    ("zh", "normal"),
    *(pytest.param(language, size, marks=pytest.mark.long) for language, size in (
        ("zh", "large"), ("ug", "normal"), ("ug", "large"), ("en", "normal"), ("en", "large"))),
])  # fmt: skip
async def test_no_page_shuts_anyone_out(site: Site, language: str, size: str) -> None:
    license_ = await issue_company(site.rooms)
    link = await link_to(site, await issue_identity_card(site))
    found = {}

    async def look(page: Page, name: str) -> None:
        assert await page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == list(DIRECTION[language])
        assert await page.evaluate("document.documentElement.classList.contains('large')") is (size == "large")
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            found[f"{name} {scheme}"] = await grave(page)

    async with site.visitor(bypass_csp=True, reduced_motion="reduce") as page:
        for address in (f"{site.address}/", f"{site.address}/signin", f"{site.address}/nothing", f"{site.address}/check/offline", link):
            await page.goto(f"{address}?lang={language}&print={size}")
            await look(page, address.removeprefix(site.address))
        await site.sign_in(page, "clerk")
        await look(page, "check")
        for presented, status in ((code_of(license_), "valid"), ("nonsense", "malformed")):
            await page.fill("#presented", presented)
            await page.keyboard.press("Enter")
            await expect(page.locator(f"#verdict [data-status={status}]")).to_be_visible()
            await look(page, status)
    assert {name: each for name, each in found.items() if each} == {}


async def test_everything_by_keyboard(site: Site) -> None:
    code = code_of(await issue_company(site.rooms))
    async with site.visitor() as page:
        await page.goto(f"{site.address}/check")
        await expect(page.locator("#username")).to_be_focused()
        await page.keyboard.type("clerk")
        await page.keyboard.press("Tab")
        await page.keyboard.type(site.passwords["clerk"])
        await page.keyboard.press("Enter")
        await expect(page.locator("#presented")).to_be_focused()
        await page.keyboard.type(code)
        await page.keyboard.press("Enter")
        await expect(page.locator("#verdict [data-status=valid]")).to_be_visible()
        reached = set()
        for _ in range(20):
            await page.keyboard.press("Tab")
            reached.add(await page.evaluate(FOCUSED))
        assert {"SUMMARY", "BUTTON.primary", "BUTTON.secondary camera-start", "INPUT#image", "INPUT#signals", "BUTTON.quiet"} <= reached
        await page.locator("summary").focus()
        await page.keyboard.press("Enter")
        await expect(page.locator(".findings ol")).to_be_visible()
        await page.locator("#signals").focus()
        await page.keyboard.type("https://example.com/")  # a hand scanner
        await page.keyboard.press("Enter")
        await expect(page.locator("#verdict [data-status=malformed]")).to_be_visible()
        await expect(page.locator("#presented")).to_be_focused()


FOCUSED = """(({tagName, id, className}) => tagName + (id ? '#' + id : className ? '.' + className : ''))(document.activeElement)"""


@pytest.mark.parametrize("language", ["ug", pytest.param("zh", marks=pytest.mark.long), pytest.param("en", marks=pytest.mark.long)])
async def test_nothing_sticks_out_sideways(site: Site, language: str) -> None:
    license_ = await issue_company(site.rooms)
    addresses = [
        f"{site.address}/", f"{site.address}/nothing", await link_to(site, license_), await link_to(site, await issue_identity_card(site)),
        f"{site.address}/signin", f"{site.address}/check",
    ]  # fmt: skip
    over = {}
    async with site.visitor() as page:
        for size in ("normal", "large"):
            for address in addresses:
                await page.goto(f"{address}?lang={language}&print={size}")
                if address.endswith("/check"):
                    await page.fill("#presented", code_of(license_))
                    await page.keyboard.press("Enter")
                    await page.locator(".findings summary").click()
                for width in (320, 390, 768, 1440):
                    await page.set_viewport_size({"width": width, "height": 900})
                    over[address, size, width] = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
                if address.endswith("/signin") and size == "normal":
                    await site.sign_in(page, "clerk")
    assert {place: pixels for place, pixels in over.items() if pixels > 0} == {}


async def test_a_phone_can_be_used_with_a_thumb(site: Site) -> None:
    async with site.clerk(**PHONE) as page:
        small = await page.evaluate("""[...document.querySelectorAll('main button, main .button, main input:not([type=hidden], [type=checkbox]), main label.toggle')]
            .filter(e => e.offsetParent && e.getBoundingClientRect().height > 2 && e.getBoundingClientRect().height < 44).map(e => e.outerHTML)""")
        assert small == []
