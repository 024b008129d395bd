"""The clerk's desk: the matter once, then scan after scan; consent, decisions, refusals, all by keyboard."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Page, expect

from etrust.matters.samples import NEWBORN, SCHOOL
from etrust.onecode.model import CodeKind
from tests.family import CHILD, HUSBAND, WIFE, issue_family
from tests.web.conftest import Site
from tests.web.counter import phone_of


@asynccontextmanager
async def desk(site: Site, matter: str = "", **how: object) -> AsyncIterator[Page]:
    """A clerk at the desk, with a matter chosen."""
    async with site.visitor(**how) as page:
        await site.sign_in(page, "clerk", f"/desk/{matter}" if matter else "/desk")
        yield page


async def scan(page: Page, text: str) -> None:
    """What a hand scanner does: types, wherever the focus is."""
    await page.keyboard.insert_text(text) if await page.evaluate("document.activeElement.id === 'presented'") else await page.keyboard.type(text)
    await page.keyboard.press("Enter")


async def test_newborn_from_search_to_acceptance_by_keyboard(site: Site) -> None:
    await issue_family(site.rooms)
    father, mother = await phone_of(site, HUSBAND), await phone_of(site, WIFE)
    async with desk(site) as page:
        await expect(page.locator("#q")).to_be_focused()
        await page.keyboard.type("出生")
        await expect(page.locator(f'#found a[href="/desk/{NEWBORN}"]')).to_be_visible()
        while await page.evaluate("document.activeElement.getAttribute('href')") != f"/desk/{NEWBORN}":
            await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        await expect(page.locator("#presented")).to_be_focused()
        await expect(page.locator("#turn")).to_contain_text("申请人")
        await scan(page, await father.code())
        await expect(page.locator("#turn")).to_contain_text("配偶")
        await expect(page.locator("#presented")).to_be_focused()
        await scan(page, await mother.code())
        await expect(page.locator(".scan-card.waits")).to_contain_text("请申请人在手机上确认")
        assert (await father.answer(), await mother.answer()) == (1, 1)
        card = page.locator(".scan-card[data-case]")
        await expect(card).to_be_visible()
        await expect(page.locator("#announcer")).not_to_be_empty()
        await expect(page.locator("#presented")).to_be_focused()
        await expect(page.locator(".material[data-tone=bad]")).to_have_count(0)
        await expect(card.locator(".filled")).to_contain_text(HUSBAND.name)
        await page.keyboard.press("F8")
        await expect(card.locator(".case-part")).to_have_attribute("data-state", "accepted")
        await expect(card.locator(".filled")).to_contain_text(HUSBAND.name)  # what was filled in stays


async def test_decisions_are_one_tap_each_with_their_text(site: Site) -> None:
    await issue_family(site.rooms)
    father = await phone_of(site, HUSBAND)
    child = next(each for each in await site.rooms.consent.actings(father.session.person) if each.subject.code == CHILD.code)
    async with desk(site, SCHOOL) as page:
        await scan(page, await father.code())
        await expect(page.locator("#turn")).to_contain_text("子女")
        await scan(page, (await site.rooms.codes.show(child, session=father.session.digest, kind=CodeKind.HOLDER)).text)
        await expect(page.locator(".scan-card.waits")).to_be_visible()
        assert await father.answer() == 2
        card = page.locator(".scan-card[data-case]")
        await expect(card.locator(".acts")).to_contain_text("才能受理")
        residence = card.locator("[data-material=residence]")
        await residence.locator("summary").click()
        await expect(residence.locator("blockquote")).to_contain_text("承诺")  # what is agreed to can be read before
        await residence.locator("button.primary").click()
        await expect(card.locator("[data-material=residence]")).to_have_attribute("data-tone", "good")
        await page.keyboard.press("F8")
        await expect(card.locator(".case-part")).to_have_attribute("data-state", "accepted")
