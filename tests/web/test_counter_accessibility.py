"""Desk, kiosk, public check and ratings in three languages and two sizes: no finding of axe, nothing sticks out, thumbs fit."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from etrust.matters.ratings import Level, Opinion
from etrust.matters.samples import NEWBORN, SHOP
from tests.family import COMPANY, HUSBAND, WIFE, issue_family
from tests.licenses.issuing import code_of, issue_company
from tests.web.conftest import Site
from tests.web.counter import phone_of
from tests.web.test_counter_refusals import company_code
from tests.web.test_desk import scan
from tests.web.test_ratings_pages import given, invited

pytestmark = pytest.mark.long

LOOKS = [
    ("zh", "normal"),
    *(pytest.param(language, size, marks=pytest.mark.long) for language, size in (
        ("zh", "large"), ("ug", "normal"), ("ug", "large"), ("en", "normal"), ("en", "large"))),
]  # fmt: skip
WIDTHS = (320, 390, 768, 1440)
TAGS = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
SMALL = """[...document.querySelectorAll('main button, main .button, main input[type=text], main label.toggle, main summary')]
  .filter(e => e.offsetParent && e.getBoundingClientRect().height > 2 && e.getBoundingClientRect().height < 44).map(e => e.outerHTML.slice(0, 120))"""


@dataclass
class Looks:
    """What was found on each page, in light and dark, at every width."""

    page: Page
    found: dict[str, object] = field(default_factory=dict)

    async def __call__(self, name: str) -> None:
        for scheme in ("light", "dark"):
            await self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            seen = await Axe().run(self.page, options=TAGS)
            self.found[f"{name} {scheme}"] = [
                f"{each['id']}: {[node['html'][:160] for node in each['nodes']][:3]}" for each in seen.response["violations"]
            ]
        before = self.page.viewport_size
        for width in WIDTHS:
            await self.page.set_viewport_size({"width": width, "height": 900})
            over = await self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            self.found[f"{name} {width}"] = over if over > 0 else None
        self.found[f"{name} thumbs"] = await self.page.evaluate(SMALL) if name != "slip" else None
        assert before is not None
        await self.page.set_viewport_size(before)

    def bad(self) -> dict[str, object]:
        return {name: each for name, each in self.found.items() if each}


@asynccontextmanager
async def looking(site: Site, language: str, size: str) -> AsyncIterator[tuple[Page, Looks]]:
    async with site.visitor(bypass_csp=True, reduced_motion="reduce") as page:
        await page.goto(f"{site.address}/verify?lang={language}&print={size}")
        look = Looks(page)
        yield page, look
        assert look.bad() == {}


@pytest.mark.parametrize(("language", "size"), LOOKS)
async def test_the_desk(site: Site, language: str, size: str) -> None:
    await issue_family(site.rooms)
    father = await phone_of(site, HUSBAND, companies=((COMPANY.code, COMPANY.name, "legal_representative"),))
    async with looking(site, language, size) as (page, look):
        await site.sign_in(page, "clerk", "/desk")
        await look("choose")
        await page.goto(f"{site.address}/desk/{SHOP}")
        await look("empty")
        await scan(page, await father.code())
        await expect(page.locator(".turn.here")).to_have_count(1)
        await scan(page, "https://example.com/")
        await expect(page.locator(".scan-card.bad")).to_be_visible()
        await look("refused")
        await scan(page, await company_code(site, father))
        await expect(page.locator(".scan-card.waits")).to_be_visible()
        await look("waits")
        await father.answer()
        await expect(page.locator(".scan-card[data-case]")).to_be_visible()
        for summary in await page.locator("main summary").all():
            await summary.click()
        await look("decisions")
        number = await page.locator(".scan-card[data-case]").get_attribute("data-case")
        await page.goto(f"{site.address}/desk/cases/{number}/slip")
        await look("slip")


@pytest.mark.parametrize(("language", "size"), LOOKS)
async def test_what_anyone_sees(site: Site, language: str, size: str) -> None:
    await given(site, site.rooms.clock().date().replace(year=2026, month=1, day=1), 5, 5, 4, 3, 2, 1)
    late = await invited(site, 2)
    await site.rooms.counter.rate(late.removeprefix("/rate/"), Opinion(Level.BAD, ("slow",), "等得久", call_back=True))
    async with looking(site, language, size) as (page, look):
        await look("verify")
        for text, status in ((code_of(await issue_company(site.rooms)), "valid"), ("ET2:AAAA", "already_used")):
            await page.fill("#presented", text)
            await page.keyboard.press("Enter")
            await expect(page.locator(f"#verdict [data-status={status}]")).to_be_visible()
            await look(f"verify {status}")
        await page.goto(f"{site.address}{await invited(site)}")
        await page.check("#level-3")
        await look("rate")
        await page.click("form.rate-form button[type=submit]")
        await look("rated")
        await page.goto(f"{site.address}/ratings")
        await look("ratings")
        await site.sign_in(page, "supervisor", "/ratings/follow-ups")
        await expect(page.locator(".bad-rating")).to_be_visible()
        await look("follow-ups")


@pytest.mark.parametrize("language", ["zh", pytest.param("ug", marks=pytest.mark.long), pytest.param("en", marks=pytest.mark.long)])
async def test_the_kiosk(site: Site, language: str) -> None:
    await issue_family(site.rooms)
    father, mother = await phone_of(site, HUSBAND), await phone_of(site, WIFE)
    async with looking(site, language, "normal") as (page, look):
        await site.sign_in(page, "kiosk", "/kiosk")
        await look("welcome")
        await page.locator(f"[data-language][href*='lang={language}']").click()
        await page.locator("[data-go='/kiosk/themes/birth']").click()
        await look("matters")
        await page.locator(f"[data-go*='{NEWBORN}']").click()
        await expect(page.locator("[data-stage='2']")).to_be_visible()
        await page.keyboard.type("https://example.com/")
        await page.keyboard.press("Enter")
        await expect(page.locator("[role=alert]")).to_be_visible()
        await look("scan")
        for phone in (mother, father):
            await page.keyboard.type(await phone.code())
            await page.keyboard.press("Enter")
            await expect(page.locator(".party.here, [data-poll]")).to_be_visible()
        await expect(page.locator("[data-poll]")).to_be_visible()
        await look("waits")
        await mother.answer()
        await father.answer()
        await expect(page.locator("[data-stage='3']")).to_be_visible()
        await look("result")


