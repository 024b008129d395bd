"""The whole walk in two browsers: the mother shows her code to the clerk's camera, both parents agree on their phones, every
material of the birth is there, the case is accepted; she sees who looked, objects with one tap, and rates the service."""

from pathlib import Path

from playwright.async_api import Playwright, expect

from etrust.matters.samples import NEWBORN
from tests.family import HUSBAND, WIFE, issue_family
from tests.web.conftest import Site
from tests.web.counter import phone_of
from tests.web.holder_pages import read_code
from tests.web.holding import signed_in_holder
from tests.web.test_camera import film, filmed
from tests.web.test_desk import scan

PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2}


async def test_a_birth_is_registered_without_paper(site: Site, playwright: Playwright, tmp_path: Path) -> None:
    await issue_family(site.rooms)
    father = await phone_of(site, HUSBAND)
    async with signed_in_holder(site, WIFE.code, name=WIFE.name, wanted="/my/code", **PHONE) as mother:
        code = await read_code(mother.locator("#code .qr"))
        film(tmp_path / "code.y4m", code)
        browser = await filmed(playwright, tmp_path / "code.y4m")
        try:
            async with site.clerk(browser=browser, permissions=["camera"]) as clerk:
                await clerk.goto(f"{site.address}/desk/{NEWBORN}")
                await expect(clerk.locator("#turn")).to_contain_text("申请人")
                await clerk.click(".camera-start")  # her phone is before the camera
                await expect(clerk.locator("#turn")).to_contain_text("配偶")
                await scan(clerk, await father.code())
                await expect(clerk.locator(".scan-card.waits")).to_contain_text("请申请人在手机上确认")
                # her phone asks her: who, for what, what will be seen, how long
                question = mother.locator("#requests .asked")
                await expect(question).to_contain_text("新生儿出生登记")
                await expect(question).to_contain_text("出生医学证明")
                await question.locator("button[value=yes]").click()
                assert await father.answer() == 1
                # every material, the form, and the clerk accepts
                card = clerk.locator(".scan-card[data-case]")
                await expect(card).to_be_visible()
                await expect(card.locator(".material[data-tone=good]")).to_have_count(6)
                await expect(card.locator(".filled")).to_contain_text(WIFE.name)
                await clerk.keyboard.press("F8")
                await expect(card.locator(".case-part")).to_have_attribute("data-state", "accepted")
                number = await card.get_attribute("data-case") or ""
                # the receipt, sealed, and the slip with the code for the rating
                await clerk.goto(f"{site.address}/desk/cases/{number}/slip")
                place = await clerk.locator(".slip-receipts a").first.get_attribute("href")
                receipt = await clerk.request.get(f"{site.address}{place}")
                assert (await receipt.body()).startswith(b"%PDF-1.7")
                rating = await clerk.locator(".slip-rate .code").inner_text()
                # a picture of her code, shown once more, is refused and told when it was used
                await clerk.goto(f"{site.address}/desk/{NEWBORN}")
                await scan(clerk, code)
                await expect(clerk.locator("#turn")).to_contain_text("配偶")
                await scan(clerk, await father.code())
                await expect(clerk.locator(".scan-card.bad, .notice.fault, [role=alert]").first).to_contain_text("使用过")
        finally:
            await browser.close()
        await expect(mother.locator("#used")).to_contain_text("已被使用")
        await mother.goto(f"{site.address}/my/access")
        look = mother.locator("article.look").first
        await expect(look).to_contain_text("托克扎克镇便民服务站")
        await expect(look).to_contain_text("新生儿出生登记")
        await look.locator(".sheet-acts button").click()
        await expect(mother).to_have_url(f"{site.address}/my/objections?done=objection")
        await mother.goto(f"{site.address}/rate/{rating.rsplit('/rate/', 1)[1]}")
        await mother.check("#level-5")
        await mother.locator("form.rate-form button[type=submit]").click()
        await expect(mother.locator("h1")).to_contain_text("谢谢")
