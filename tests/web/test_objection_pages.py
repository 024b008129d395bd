"""An objection on its pages, from the phone of a holder to the second officer, in three languages and two sizes."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from etrust.licenses.model import StoredLicense
from etrust.objections.model import Outcome
from tests.objections.scene import acting_for
from tests.web.conftest import Site
from tests.web.holding import signed_in_holder
from tests.web.test_counter_accessibility import LOOKS, Looks
from tests.web.test_holder_page import PHONE, issue_identity_card

PNG = b"\x89PNG\r\n\x1a\nx"


async def card_of(site: Site) -> StoredLicense:
    return await issue_identity_card(site)


async def officers(site: Site, page: Page, username: str, path: str = "/objections") -> None:
    await page.context.clear_cookies()
    await site.sign_in(page, username, "/signin")
    await page.goto(f"{site.address}{path}")


async def test_from_the_phone_to_the_second_officer(site: Site) -> None:
    license_ = await card_of(site)
    name, code, _ = license_.holders[0]
    async with signed_in_holder(site, code, name=name, strong=True, wanted=f"/my/licenses/{license_.identifier.text}", **PHONE) as phone:
        await phone.click("summary:has-text('有误')")
        await phone.click("a:has-text('说明哪里有误')")
        await phone.select_option("#field", "address")
        await phone.fill("#claim", "新疆维吾尔自治区疏附县托克扎克镇2号")
        await phone.fill("#words", "住址写错了门牌号。")
        await phone.click("form.fields button[type=submit]")
        await expect(phone.locator(".notice.done")).to_contain_text("编号")
        number = await phone.locator("article h2 .code").first.inner_text()
        await phone.click("summary:has-text('补充证据')")
        await phone.set_input_files("input[type=file]", {"name": "户口簿.png", "mimeType": "image/png", "buffer": PNG})
        await phone.click("button:has-text('提交材料')")
        await expect(phone.locator(".notice.done")).to_contain_text("材料已收到")
        await phone.set_input_files("input[type=file]", {"name": "x.exe", "mimeType": "image/png", "buffer": b"MZ"})
        await phone.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
        await phone.click("button:has-text('提交材料')")
        await expect(phone.locator(".summary")).to_contain_text("PDF")

    async with site.visitor() as page:
        # The issuer's own officers are none in the sample; the body above handles it.
        await officers(site, page, "appeals")
        await expect(page.locator("li[data-state=received]")).to_have_count(1)
        await page.click(f"a[href='/objections/{number}']")
        await expect(page.locator(".compare")).to_contain_text("托克扎克镇2号")
        async with page.expect_download() as download:
            await page.click(".files a")
        assert (await download.value).suggested_filename == "户口簿.png"
        await page.click("button:has-text('受理此件')")
        await expect(page.locator(".notice.done")).to_be_visible()
        await page.check("input[name=outcome][value=corrected]")
        await page.fill("#value", "")
        await page.fill("#reason", "门牌号录入有误。")
        await page.click("button:has-text('提交复核')")
        await expect(page.locator(".summary")).to_be_visible()
        assert await page.input_value("#reason") == "门牌号录入有误。"  # nothing is lost
        await page.check("input[name=outcome][value=corrected]")
        await page.fill("#value", "新疆维吾尔自治区疏附县托克扎克镇2号")
        await page.click("button:has-text('提交复核')")
        await expect(page.locator(".hindered")).to_contain_text("本人")
        await officers(site, page, "appeals2", f"/objections/{number}")
        await page.click("button:has-text('同意')")
        await expect(page.locator(".history li").first).to_contain_text("更正")
        await page.click("a:has-text('通知对象')")
        await expect(page.locator("table.rows tbody tr")).to_have_count(2)  # progress and decision, to the holder

    async with signed_in_holder(site, code, name=name, strong=True, wanted="/my/notices", **PHONE) as phone:
        await expect(phone.locator("article").first).to_contain_text("异议已办结")
        await phone.goto(f"{site.address}/my/objections")
        await expect(phone.locator("article").first).to_contain_text("已更正")


async def test_dismissed_and_appealed_on_the_phone(site: Site) -> None:
    license_ = await card_of(site)
    name, code, _ = license_.holders[0]
    rooms, acting = site.rooms, acting_for(site.rooms, license_)
    opened = await rooms.objections.open_by_holder(acting, license_=license_.identifier.text, words="不对。")
    one, two = await rooms.operator("appeals"), await rooms.operator("appeals2")
    await rooms.objections.accept(opened.number, who=one)
    await rooms.objections.propose(opened.number, Outcome.STANDS, "与档案一致。", who=one)
    await rooms.objections.decide(opened.number, who=two)
    async with signed_in_holder(site, code, name=name, strong=True, wanted="/my/objections", **PHONE) as phone:
        await expect(phone.locator("article")).to_contain_text("与档案一致。")
        await phone.click("summary:has-text('申请复核')")
        await phone.fill("textarea", "请核对户籍底册。")
        await phone.click("article button.primary")
        await expect(phone.locator(".notice.done")).to_contain_text("复核申请")
        await expect(phone.locator("summary:has-text('申请复核')")).to_have_count(0)


async def test_who_may_not_see_it(site: Site) -> None:
    license_ = await card_of(site)
    opened = await site.rooms.objections.open_by_holder(
        acting_for(site.rooms, license_), license_=license_.identifier.text, words="不对。"
    )
    async with site.visitor() as page:
        await site.sign_in(page, "cases", "/signin")  # the officer of another body
        for path in (f"/objections/{opened.number}", "/objections/YY20260101-AAAAAAAA", f"/objections/{opened.number}/files/1"):
            answer = await page.goto(f"{site.address}{path}")
            assert answer is not None
            assert answer.status == 404
        await page.context.clear_cookies()
        await site.sign_in(page, "clerk", "/signin")
        answer = await page.goto(f"{site.address}/objections")
        assert answer is not None
        assert answer.status == 403


@pytest.mark.parametrize(("language", "size"), LOOKS)
async def test_accessible_in_every_look(site: Site, language: str, size: str) -> None:
    rooms, choice = site.rooms, f"lang={language}&print={size}"
    license_ = await card_of(site)
    name, code, _ = license_.holders[0]
    acting = acting_for(rooms, license_)
    one = await rooms.operator("appeals")
    numbers = [
        (await rooms.objections.open_by_holder(acting, license_=license_.identifier.text, field="address", claim="x", words="不对。")).number
        for _ in range(3)
    ]
    await rooms.objections.accept(numbers[1], who=one)
    await rooms.objections.accept(numbers[2], who=one)
    changes: dict[str, Any] = {"changes": {"address": "新疆维吾尔自治区疏附县2号"}}
    await rooms.objections.propose(numbers[2], Outcome.CORRECTED, "有误。", who=one, **changes)
    async with site.visitor(viewport={"width": 1440, "height": 900}) as page:
        looks = Looks(page)
        await page.goto(f"{site.address}/signin?{choice}")
        await site.sign_in(page, "appeals2", "/signin")
        for path in ("/objections", *(f"/objections/{each}" for each in numbers), "/notices", "/notices/inbox"):
            await page.goto(f"{site.address}{path}")
            await looks(path.replace(numbers[0], "received").replace(numbers[1], "review").replace(numbers[2], "proposed"))
        assert looks.bad() == {}
    async with signed_in_holder(site, code, name=name, strong=True, wanted=f"/my/objections?{choice}", viewport={"width": 390, "height": 844}) as phone:
        looks = Looks(phone)
        await looks("mine")
        await phone.goto(f"{site.address}/my/objections/new?license={license_.identifier.text}")
        await looks("new")
        await phone.goto(f"{site.address}/my/notices")
        await looks("notices")
        assert looks.bad() == {}
