"""The kiosk: three steps for a passer-by, and nothing left of them: not on the page, not behind it, not in the browser."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Page, expect

from etrust.matters.samples import NEWBORN
from tests.family import HUSBAND, WIFE, issue_family
from tests.web.conftest import Site
from tests.web.counter import Phone, phone_of
from tests.web.test_accessibility import grave

pytestmark = pytest.mark.long

EVERYWHERE = """async () => {
  const kept = [document.documentElement.outerHTML, JSON.stringify(localStorage), JSON.stringify(sessionStorage), location.href, document.cookie];
  for (const field of document.querySelectorAll("input, textarea")) kept.push(field.value);
  for (const name of await caches.keys()) for (const request of await (await caches.open(name)).keys()) kept.push(request.url, await (await caches.match(request)).text());
  for (const each of await indexedDB.databases()) kept.push(each.name);
  return kept.join("\\n");
}"""


@asynccontextmanager
async def kiosk(site: Site, **how: object) -> AsyncIterator[Page]:
    """A terminal, signed in as a device."""
    async with site.visitor(viewport={"width": 1080, "height": 1920}, **how) as page:
        await site.sign_in(page, "kiosk", "/kiosk")
        yield page


async def choose_birth(page: Page) -> None:
    """Language, theme, matter."""
    await page.locator("[data-language]").first.click()
    await page.get_by_text("新生儿出生一件事").click()
    await page.locator(f"[data-go*='{NEWBORN}']").click()
    await expect(page.locator("[data-stage='2']")).to_be_visible()


async def show(page: Page, code: str) -> None:
    """Hold a code to the scanner, which types."""
    await page.keyboard.type(code)
    await page.keyboard.press("Enter")


async def to_the_result(page: Page, mother: Phone, father: Phone) -> None:
    await choose_birth(page)
    await show(page, await mother.code())
    await expect(page.locator("main .party.here")).to_have_count(1)
    await show(page, await father.code())
    await expect(page.locator("[data-poll]")).to_be_visible()
    assert (await mother.answer(), await father.answer()) == (1, 1)
    await expect(page.locator("[data-stage='3']")).to_contain_text("出生医学证明")


async def test_three_steps_and_then_nobody_was_here(site: Site) -> None:
    await issue_family(site.rooms)
    mother, father = await phone_of(site, WIFE), await phone_of(site, HUSBAND)
    async with kiosk(site) as page:
        await to_the_result(page, mother, father)
        told = await page.locator("[data-stage='3']").inner_text()
        assert WIFE.code not in told  # only whether each license is there
        case = (await page.evaluate(EVERYWHERE)).split(NEWBORN)
        assert len(case) > 1
        await page.locator(".kiosk-top [data-leave]").click()
        await expect(page.locator("[data-stage='0']")).to_be_visible()
        left = await page.evaluate(EVERYWHERE)
        for trace in (WIFE.name, WIFE.code, HUSBAND.name, NEWBORN, "ET2:"):
            assert trace not in left, trace
        await page.go_back(wait_until="commit")
        assert NEWBORN not in await page.content()
        assert WIFE.name not in await page.content()


async def test_who_walks_away_is_forgotten(site: Site) -> None:
    await issue_family(site.rooms)
    mother = await phone_of(site, WIFE)
    async with kiosk(site) as page:
        await page.clock.install()
        await page.goto(f"{site.address}/kiosk")
        await choose_birth(page)
        await show(page, await mother.code())
        await expect(page.locator("main .party.here")).to_have_count(1)
        await page.clock.run_for(61_000)
        await expect(page.locator("#leaving")).to_be_visible()
        await page.locator("#leaving [data-stay]").click()
        await page.clock.run_for(1_000)
        await expect(page.locator("#leaving")).not_to_be_visible()
        await page.clock.run_for(85_000)
        await expect(page.locator("[data-stage='0']")).to_be_visible()
        assert "ET2:" not in await page.evaluate(EVERYWHERE)


async def test_its_parts_are_no_pages_and_the_device_may_nothing_else(site: Site) -> None:
    async with kiosk(site) as page:
        await page.goto(f"{site.address}/kiosk/matters/{NEWBORN}")
        assert page.url.endswith("/kiosk")
        for path in ("/desk", "/check", "/matters/drafts"):
            answer = await page.goto(f"{site.address}{path}")
            assert answer is not None
            assert answer.status == 403, path
    async with site.clerk() as page:
        answer = await page.goto(f"{site.address}/kiosk")
        assert answer is not None
        assert answer.status == 403


@pytest.mark.parametrize("language", ["zh", *(pytest.param(each, marks=pytest.mark.long) for each in ("ug", "en"))])
async def test_it_shuts_nobody_out(site: Site, language: str) -> None:
    async with kiosk(site, bypass_csp=True, reduced_motion="reduce") as page:
        found = {}
        for place in (f"/kiosk?lang={language}", f"/kiosk?lang={language}&begin=1"):
            await page.goto(f"{site.address}{place}")
            await expect(page.locator("[data-stage]")).to_be_visible()
            for scheme in ("light", "dark"):
                await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                found[f"{place} {scheme}"] = await grave(page)
        assert {name: each for name, each in found.items() if each} == {}
