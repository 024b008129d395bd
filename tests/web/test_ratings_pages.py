"""好差评 on its pages: rated once from a phone, published with nobody to be told from it, followed up by the supervisor."""

import uuid
from datetime import date

import pytest
from playwright.async_api import expect

from etrust.matters.samples import NEWBORN, SHOP
from tests.web.conftest import Site, form_token
from tests.web.test_holder_page import PHONE

pytestmark = pytest.mark.long

STATION = "12653121MB1A0011X3"


async def invited(site: Site, step: int = 1) -> str:
    return await site.rooms.counter.invite(case_number=f"{NEWBORN}202601010001", step=step, matter=NEWBORN, body=STATION)


async def given(site: Site, month: date, *levels: int, matter: str = SHOP) -> None:
    """Ratings of a month that is over."""
    async with site.rooms.stores.pool.acquire() as connection:
        for level in levels:
            await connection.execute(
                "INSERT INTO ratings (rating, matter, body, month, level, reasons, words) VALUES ($1, $2, $3, $4, $5, '{}', '')",
                uuid.uuid4(), matter, STATION, month, level,
            )  # fmt: skip


async def test_a_bad_rating_from_the_phone_to_its_end(site: Site) -> None:
    path = await invited(site)
    async with site.visitor(**PHONE) as phone:
        await phone.goto(f"{site.address}{path}")
        await expect(phone.locator("main")).to_contain_text("新生儿出生登记")
        await expect(phone.locator(".blame")).not_to_be_visible()
        await phone.check("#level-5")
        await expect(phone.locator(".praise")).to_be_visible()
        await phone.check("#reason-fast")
        await phone.check("#level-1")
        await expect(phone.locator(".praise")).not_to_be_visible()
        await phone.check("#reason-paper_asked")
        await phone.fill("#words", "窗口还要复印件")
        await phone.click("form.rate-form button[type=submit]")
        await expect(phone.locator("h1")).to_contain_text("谢谢")
        await phone.goto(f"{site.address}{path}")  # the same link again, from the slip or the phone
        await expect(phone.locator("form.rate-form")).to_have_count(0)
    async with site.visitor() as page:
        await site.sign_in(page, "supervisor", "/ratings/follow-ups")
        card = page.locator(".bad-rating")
        await expect(card).to_contain_text("窗口还要复印件")
        await expect(card).to_contain_text("仍要纸质材料")
        await expect(card).not_to_contain_text("办得快")  # what was tapped before another level was chosen
        await expect(card).not_to_contain_text("202601010001")  # nobody asked to be called back
        await card.locator("input[value=yes]").check()
        await card.locator("textarea").fill("已向窗口说明，不再收复印件。")
        await card.locator("form button").click()
        await expect(page.locator(".bad-rating")).to_have_count(0)
        await expect(page.locator(".counts")).to_contain_text("1 已办结")


async def test_without_scripts_and_nothing_lost(site: Site) -> None:
    path = await invited(site)
    async with site.visitor(java_script_enabled=False) as page:
        await page.goto(f"{site.address}{path}")
        await page.check("#level-4")
        await page.fill("#words", "x")
        await page.context.clear_cookies()  # the form is out of date: refused, and kept as it was filled in
        await page.click("form.rate-form button[type=submit]")
        await expect(page.locator("[role=alert]")).to_be_visible()
        assert await page.input_value("#words") == "x"
        assert await page.is_checked("#level-4")
        await page.click("form.rate-form button[type=submit]")
        await expect(page.locator("h1")).to_contain_text("谢谢")


async def test_what_is_published(site: Site) -> None:
    await given(site, date(2026, 1, 1), 5, 5, 4, 3, 2)
    await given(site, date(2026, 1, 1), 1, 1, 1, 1, matter=NEWBORN)  # four: could be told apart
    await given(site, site.rooms.clock().date().replace(day=1), *[5] * 9)  # this month is not over
    async with site.visitor() as page:
        await page.goto(f"{site.address}/ratings")
        months = page.locator(".figures").first.locator("tbody tr")
        await expect(months).to_have_count(1)
        await expect(months.first).to_contain_text("80 %")
        await expect(page.locator("main")).not_to_contain_text("新生儿出生登记")
    async with site.session() as session, session.get("/api/v1/ratings") as answer:
        told = (await answer.json())["ratings"]
    assert told == [{
        "matter": SHOP, "body": STATION, "month": "2026-01", "total": 5, "satisfied": 0.8,
        "levels": {"5": 2, "4": 1, "3": 1, "2": 1, "1": 0},
    }]  # fmt: skip


async def test_words_are_for_the_supervisor(site: Site) -> None:
    async with site.session() as session:
        async with session.get("/ratings/follow-ups", allow_redirects=False) as answer:
            assert answer.status == 303
        await site.post_sign_in(session, "clerk", site.passwords["clerk"])
        async with session.get("/ratings/follow-ups") as answer:
            assert answer.status == 403
        data = {"rating": str(uuid.uuid4()), "founded": "yes", "note": "x", "csrf": await form_token(session, "/desk")}
        async with session.post("/ratings/follow-ups", data=data) as answer:
            assert answer.status == 403
    async with site.session() as session:
        await site.post_sign_in(session, "supervisor", site.passwords["supervisor"])
        csrf = await form_token(session, "/ratings/follow-ups")
        for rating in (str(uuid.uuid4()), "no number"):
            async with session.post("/ratings/follow-ups", data={"rating": rating, "founded": "yes", "note": "x", "csrf": csrf}) as answer:
                assert answer.status == 404
                assert "没有这条差评" in await answer.text()
