"""How a verdict reaches a clerk: said to screen readers, in sound for who wants it, with times in words, and never stale."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from etrust.credentials.qr import png
from etrust.licenses.model import Action
from tests.licenses.issuing import code_of, issue_company
from tests.licenses.test_status_changes import change
from tests.web.conftest import Site

pytestmark = pytest.mark.long

LISTENING = """window.heard = []; const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...when) { heard.push(Math.round(this.frequency.value)); return start.apply(this, when); };"""


async def present(page: Page, text: str) -> None:
    await page.fill("#presented", text)
    await page.keyboard.press("Enter")


async def test_good_and_bad_sound_different_to_those_who_want_it(site: Site) -> None:
    license_ = await issue_company(site.rooms)
    code = code_of(license_)
    async with site.visitor() as page:
        await page.add_init_script(LISTENING)
        await site.sign_in(page, "clerk")
        await present(page, code)
        await expect(page.locator("[data-status=valid]")).to_be_visible()
        assert await page.evaluate("heard") == []
        await page.get_by_label("出结论时响铃并振动").check()
        await page.reload()
        await expect(page.get_by_label("出结论时响铃并振动")).to_be_checked()
        await present(page, code)
        await expect(page.locator("[data-status=valid]")).to_be_visible()
        good = await page.evaluate("heard.splice(0)")
        await change(site.rooms, license_, Action.REVOKE)
        await present(page, code)
        await expect(page.locator("[data-status=revoked]")).to_be_visible()
        bad = await page.evaluate("heard.splice(0)")
        assert good
        assert bad
        assert max(bad) < min(good)


async def test_every_new_verdict_is_announced(site: Site) -> None:
    license_ = await issue_company(site.rooms)
    async with site.clerk() as page:
        announcer = page.locator("#announcer")
        assert await announcer.get_attribute("role") == "status"
        await present(page, code_of(license_))
        await expect(announcer).to_contain_text("有效. 新疆天山达盛棉业有限公司")
        await change(site.rooms, license_, Action.SUSPEND)
        await present(page, code_of(license_))
        await expect(announcer).to_contain_text("已暂扣")


async def test_times_near_now_are_told_in_words(site: Site) -> None:
    license_ = await issue_company(site.rooms)
    await change(site.rooms, license_, Action.REVOKE)
    async with site.visitor() as page:
        await page.clock.install()
        await site.sign_in(page, "clerk")
        await present(page, code_of(license_))
        told = page.locator(".at .ago")
        await expect(told).to_have_text("刚刚")
        exact = await told.get_attribute("title")
        assert exact
        assert "年" in exact
        await page.clock.run_for("03:10")
        await expect(told).to_have_text("3 分钟前")
        await page.evaluate("dispatchEvent(new Event('beforeprint'))")
        await expect(told).to_have_text(exact)
        await expect(page.locator(".since")).to_contain_text("起")


async def test_the_last_verdict_does_not_pass_for_the_next(site: Site) -> None:
    code = code_of(await issue_company(site.rooms))
    arrived, released = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        arrived.set()
        await released.wait()
        await route.continue_()

    async with site.clerk() as page:
        await present(page, code)
        await expect(page.locator("[data-status=valid]")).to_be_visible()
        await page.route("**/check", late)
        await present(page, "https://example.com/")
        await arrived.wait()
        await expect(page.locator("#verdict")).to_have_attribute("aria-busy", "true")
        released.set()
        await expect(page.locator("#verdict [data-status=malformed]")).to_be_visible()
        assert await page.locator("#verdict").get_attribute("aria-busy") is None


async def test_the_last_thing_presented_is_the_one_shown(site: Site, tmp_path: Path) -> None:
    """A slow answer to a picture never covers the answer to a code presented later."""
    (tmp_path / "other.png").write_bytes(png("https://example.com/"))
    code = code_of(await issue_company(site.rooms))
    arrived, released = asyncio.Event(), asyncio.Event()

    async def picture_is_late(route: Route) -> None:
        if "multipart" in route.request.headers["content-type"]:
            arrived.set()
            await released.wait()
        await route.continue_()

    async with site.clerk() as page:
        await page.route("**/check", picture_is_late)
        await page.set_input_files("#image", tmp_path / "other.png")
        await arrived.wait()
        await present(page, code)
        await expect(page.locator("[data-status=valid]")).to_be_visible()
        released.set()
        await page.wait_for_load_state("networkidle")
        assert await page.locator("[data-status=valid]").count() == 1


async def test_a_scan_that_begins_before_the_last_answer_is_whole(site: Site) -> None:
    code = code_of(await issue_company(site.rooms))
    arrived, released = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        arrived.set()
        await released.wait()
        await route.continue_()

    async with site.clerk() as page:
        await page.route("**/check", late)
        await page.keyboard.type("https://example.com/")
        await page.keyboard.press("Enter")
        await arrived.wait()
        await page.keyboard.type(code[:40])
        released.set()
        await expect(page.locator("[data-status=malformed]")).to_be_visible()
        await page.keyboard.type(code[40:])
        await page.keyboard.press("Enter")
        await expect(page.locator("[data-status=valid]")).to_be_visible()


async def test_a_server_that_does_not_answer_leaves_no_verdict(site: Site) -> None:
    code = code_of(await issue_company(site.rooms))
    async with site.clerk() as page:
        await present(page, code)
        await expect(page.locator("[data-status=valid]")).to_be_visible()
        await page.context.set_offline(True)
        await present(page, code)
        await expect(page.locator("#verdict .notice")).to_contain_text("服务器")
        await expect(page.locator("#announcer")).to_contain_text("服务器")
        assert await page.locator("[data-status]").count() == 0
        assert await page.input_value("#presented") == code  # nothing to type twice
        await page.context.set_offline(False)
        await page.keyboard.press("Enter")
        await expect(page.locator("[data-status=valid]")).to_be_visible()
    site.complaints.clear()  # the browser rightly complains that the network was gone
