"""What the desk refuses, where and why it says so, and that nothing is lost by it."""

import pytest
from playwright.async_api import Page, expect

from etrust.matters.samples import NEWBORN, SHOP
from etrust.onecode.model import CodeKind
from tests.family import COMPANY, HUSBAND, WIFE, issue_family
from tests.licenses.issuing import code_of, issue_company
from tests.web.conftest import Site
from tests.web.counter import Phone, phone_of
from tests.web.test_desk import desk, scan

pytestmark = pytest.mark.long


async def refusal(page: Page) -> str:
    """What the newest card says."""
    card = page.locator(".scan-card").first
    await expect(card).to_have_attribute("data-tone", "bad")
    return await card.inner_text()


async def company_code(site: Site, phone: Phone) -> str:
    acting = next(each for each in await site.rooms.consent.actings(phone.session.person) if each.subject.code == COMPANY.code)
    return (await site.rooms.codes.show(acting, session=phone.session.digest, kind=CodeKind.HOLDER)).text


async def test_a_wrong_code_is_refused_at_once_and_the_others_stay(site: Site) -> None:
    await issue_family(site.rooms)
    father, mother = await phone_of(site, HUSBAND), await phone_of(site, WIFE)
    async with desk(site, NEWBORN) as page:
        await scan(page, await father.code())
        await expect(page.locator("#turn")).to_contain_text("配偶")
        await scan(page, "https://example.com/")
        told = await refusal(page)
        assert "配偶" in told
        assert "我的码" in told
        await expect(page.locator(".turn.here")).to_have_count(1)
        await expect(page.locator("#presented")).to_be_focused()
        await scan(page, code_of(await issue_company(site.rooms)))  # readable, and no consent of anybody: told with the check
        await expect(page.locator(".scan-card")).to_have_count(2)
        assert "手机上的一码" in await refusal(page)
        await expect(page.locator(".turn.here")).to_have_count(1)
        await scan(page, await mother.code())
        await expect(page.locator(".scan-card.waits")).to_be_visible()


async def test_who_refuses_on_the_phone_is_not_looked_at(site: Site) -> None:
    await issue_family(site.rooms)
    father, mother = await phone_of(site, HUSBAND), await phone_of(site, WIFE)
    async with desk(site, NEWBORN) as page:
        for phone in (father, mother):
            await scan(page, await phone.code())
            await expect(page.locator(".under-way")).to_have_count(0)
        await expect(page.locator(".scan-card.waits")).to_be_visible()
        assert (await father.answer(), await mother.answer(agree=False)) == (1, 1)
        await expect(page.locator(".scan-card.bad")).to_contain_text("不同意")
        await expect(page.locator(".filled")).to_have_count(0)


async def test_on_duty_the_legal_basis_is_asked_for_and_no_code_is_lost(site: Site) -> None:
    await issue_family(site.rooms)
    father = await phone_of(site, HUSBAND, companies=((COMPANY.code, COMPANY.name, "legal_representative"),))
    async with desk(site, SHOP) as page:
        await page.locator(".more > summary").click()
        await page.check("input[name=ground][value=duty]")
        await scan(page, await father.code())
        await expect(page.locator("#turn")).to_contain_text("企业")
        await scan(page, await company_code(site, father))
        assert "法律依据" in await refusal(page)
        await expect(page.locator("#legal_basis")).to_be_focused()
        await expect(page.locator(".turn.here")).to_have_count(2)
        await page.keyboard.type("《食品安全法》第三十五条")
        await page.keyboard.press("Enter")
        card = page.locator(".scan-card[data-case]")
        await expect(card.locator(".filled")).to_contain_text(COMPANY.name)  # nobody had to agree


MORE = """(() => {
  const box = document.querySelector('[name^="want.identity_card."]');
  box.name = "want.identity_card.photo";
  box.checked = true;
})()"""


async def test_asking_for_more_is_refused_and_counted(site: Site) -> None:
    await issue_family(site.rooms)
    father, mother = await phone_of(site, HUSBAND), await phone_of(site, WIFE)
    async with desk(site, NEWBORN) as page:
        await page.locator(".more > summary").click()
        await page.check("input[name=fewer]")
        await page.evaluate(MORE)
        await scan(page, await father.code())
        await expect(page.locator("#turn")).to_contain_text("配偶")
        await page.evaluate(MORE)
        await scan(page, await mother.code())
        told = await refusal(page)
        assert "超出本事项允许的范围" in told
        assert "已计数" in told
    async with site.rooms.stores.pool.acquire() as connection:
        kept = await connection.fetch("SELECT reason, operator FROM check_refusals")
    assert [tuple(row) for row in kept] == [("more_than_allowed", "clerk")]


async def test_a_used_code_says_when_it_was_used(site: Site) -> None:
    await issue_family(site.rooms)
    father, mother = await phone_of(site, HUSBAND), await phone_of(site, WIFE)
    code = await father.code()
    async with desk(site, NEWBORN) as page:
        for text in (code, await mother.code()):
            await scan(page, text)
            await expect(page.locator(".under-way")).to_have_count(0)
        for text in (code, await mother.code()):
            await scan(page, text)
            await expect(page.locator(".under-way")).to_have_count(0)
        told = await refusal(page)
        assert "使用过" in told
        assert "申请人" in told


async def test_refusing_a_case_takes_a_reason_and_ends_it(site: Site) -> None:
    await issue_family(site.rooms)
    father, mother = await phone_of(site, HUSBAND), await phone_of(site, WIFE)
    async with desk(site, NEWBORN) as page:
        for phone in (mother, father):
            await scan(page, await phone.code())
            await expect(page.locator(".under-way")).to_have_count(0)
        await expect(page.locator(".scan-card.waits")).to_be_visible()
        await mother.answer()
        await father.answer()
        card = page.locator(".scan-card[data-case]")
        await card.locator(".refuse summary").click()
        await card.locator(".refuse input[name=reason]").fill("婴儿户口随父或随母需先商定")
        await card.locator(".refuse button").click()
        await expect(card.locator(".case-part")).to_have_attribute("data-state", "refused")
        await expect(card.locator(".acts form")).to_have_count(0)
        number = await card.get_attribute("data-case")
        await page.goto(f"{site.address}/desk/cases/{number}")  # a reload shows the case, and nothing of what was told
        await expect(page.locator(".case-part")).to_have_attribute("data-state", "refused")
        assert WIFE.code not in await page.content()


PLACES = {
    "/desk": 200, f"/desk/{NEWBORN}": 200, f"/desk/cases/{NEWBORN}202601010001": 404, f"/desk/cases/{NEWBORN}202601010001/slip": 404,
    "/desk/receipts/AAAAAAAAAAAAAAAA.pdf": 404,
}  # fmt: skip


async def test_the_desk_is_for_clerks(site: Site) -> None:
    async with site.session() as nobody, site.session() as other, site.session() as clerk:
        await site.post_sign_in(other, "seals", site.passwords["seals"])
        await site.post_sign_in(clerk, "clerk", site.passwords["clerk"])
        for path, status in PLACES.items():
            async with nobody.get(path, allow_redirects=False) as answer:
                assert (answer.status, answer.headers["Location"]) == (303, f"/signin?next={path}")
            for session, expected in ((other, 403), (clerk, status)):
                async with session.get(path) as answer:
                    assert answer.status == expected, path
