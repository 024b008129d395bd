"""The holder's pages in three languages, normal and large print, light and dark: no finding of axe, nothing sideways, all by keyboard."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from tests.family import COMPANY, HUSBAND
from tests.web.conftest import Site
from tests.web.holder_pages import family_of, husband, license_path
from tests.web.test_accessibility import DIRECTION
from tests.web.test_my_cards import make_card

pytestmark = pytest.mark.long

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


async def findings(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA on the page as it is."""
    found = await Axe().run(page, options=RULES)
    return [f"{each['id']}: {[node['html'][:200] for node in each['nodes']][:3]}" for each in found.response["violations"]]


@pytest.mark.parametrize(("language", "size", "whole"), [
    pytest.param("zh", "normal", False, id="quick"),
    *(pytest.param(language, size, True, id=f"{language}-{size}", marks=pytest.mark.long)
      for language in ("zh", "ug", "en") for size in ("normal", "large")),
])  # fmt: skip
async def test_no_page_of_a_holder_shuts_anyone_out(site: Site, language: str, size: str, whole: bool) -> None:
    made = await family_of(site)
    found: dict[str, list[str]] = {}
    sideways: dict[tuple[str, int], int] = {}

    async def look(page: Page, name: str) -> None:
        assert await page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == list(DIRECTION[language])
        assert await page.evaluate("document.documentElement.classList.contains('large')") is (size == "large")
        for scheme in ("light", "dark") if whole else ("light",):
            await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            found[f"{name} {scheme}"] = await findings(page)
        for width in (320, 390, 768, 1440) if whole else (320,):
            await page.set_viewport_size({"width": width, "height": 844})
            sideways[name, width] = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        await page.set_viewport_size({"width": 390, "height": 844})

    how = {"bypass_csp": True, "reduced_motion": "reduce", "is_mobile": False}
    async with husband(site, f"/my?lang={language}&print={size}", strong=True, **how) as page:
        paths = [
            "/my", "/my?q=nothing", "/my/acting", license_path(made, "driving_license"), license_path(made, "passport"),
            license_path(made, "medical_insurance"), "/my/code", "/my/code/matter", "/my/cards", "/my/cards/new", "/my/offline",
        ]  # fmt: skip
        for path in paths:
            await page.goto(site.address + path)
            await look(page, path.split(".")[0] if "licenses" not in path else path[-40:])
        await page.goto(f"{site.address}/my/code/matter")
        await page.locator(".matters a").first.click()
        await look(page, "one matter")
        link = await make_card(page, site, fields=(HUSBAND.name, COMPANY.name))
        await look(page, "a card")
        await page.goto(link)
        await look(page, "the door of a card")
        await page.locator(".door button").click()
        await expect(page.locator(".told-card").first).to_be_visible()
        await look(page, "an opened card")
    assert {name: each for name, each in found.items() if each} == {}
    assert {place: pixels for place, pixels in sideways.items() if pixels > 0} == {}


async def test_a_holder_finds_the_way_by_keyboard(site: Site) -> None:
    made = await family_of(site)
    async with husband(site, "/my", is_mobile=False, has_touch=False) as page:
        reached = []
        for _ in range(40):
            await page.keyboard.press("Tab")
            reached.append(await page.evaluate("document.activeElement.getAttribute('href') || document.activeElement.tagName"))
            covered = await page.evaluate(HIDDEN_BY_TABS)
            assert covered is False, reached[-1]
        assert {"/my/code", "/my/access", "/my/cards", "SUMMARY", "BUTTON", license_path(made, "driving_license")} <= set(reached)
        await page.locator(".show-code").focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("#code .qr")).to_be_visible()


HIDDEN_BY_TABS = """(() => {
  const one = document.activeElement, tabs = document.querySelector('.tabs');
  if (!one || tabs.contains(one)) return false;
  const box = one.getBoundingClientRect(), bar = tabs.getBoundingClientRect();
  return getComputedStyle(tabs).position === 'fixed' && box.height > 0 && box.top >= bar.top;
})()"""


async def test_large_print_shows_fewer_and_larger_things(site: Site) -> None:
    await family_of(site)
    async with husband(site) as page:
        switch = page.locator(".print-size a")
        box = await switch.bounding_box()
        assert box is not None
        assert box["y"] < 844
        normal = [await page.locator(which).evaluate_all(SHOWN) for which in (".quiet-line", ".tabs a")]
        before = await page.locator(".my-card-name").first.evaluate("each => parseFloat(getComputedStyle(each).fontSize)")
        await switch.click()
        large = [await page.locator(which).evaluate_all(SHOWN) for which in (".quiet-line", ".tabs a")]
        after = await page.locator(".my-card-name").first.evaluate("each => parseFloat(getComputedStyle(each).fontSize)")
        assert after > before * 1.3
        assert normal[0] > 0
        assert large[0] == 0
        assert large[1] == normal[1] - 1
        small = await page.evaluate(
            "[...document.querySelectorAll('main a.button, main button, .show-code, .my-card, .tabs a')].filter(e => e.offsetParent)"
            ".filter(e => e.getBoundingClientRect().height < 56).map(e => e.outerHTML.slice(0, 80))"
        )
        assert small == []


SHOWN = "all => all.filter(each => each.getClientRects().length).length"


async def test_a_phone_can_be_used_with_a_thumb(site: Site) -> None:
    made = await family_of(site)
    async with husband(site) as page:
        small = {}
        for path in ("/my", "/my/code", "/my/cards", "/my/cards/new", license_path(made, "driving_license")):
            await page.goto(site.address + path)
            small[path] = await page.evaluate(
                "[...document.querySelectorAll('main button, main a.button, .my-card, .tabs a, label.choice, label.toggle, main > .my-main > p > a')]"
                ".filter(e => e.offsetParent && e.getBoundingClientRect().height > 2 && e.getBoundingClientRect().height < 44)"
                ".map(e => e.outerHTML.slice(0, 80))"
            )
        assert {path: each for path, each in small.items() if each} == {}
