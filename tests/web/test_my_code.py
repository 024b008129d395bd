"""My one code: renews itself while somebody looks, a picture of it is soon worth nothing, and its use is told."""

from datetime import timedelta

import pytest
from playwright.async_api import expect

from etrust.credentials.qr import version
from etrust.errors import EtrustError
from etrust.onecode.model import CodeKind
from tests.family import HUSBAND
from tests.web.conftest import Site
from tests.web.consenting import ask, session_of
from tests.web.holder_pages import family_of, husband, license_path, read_code, sign_out
from tests.web.holding import signed_in_holder

pytestmark = pytest.mark.long


async def test_the_code_is_read_off_the_screen_and_stands_for_its_holder(site: Site) -> None:
    async with husband(site, "/my/code") as page:
        text = await read_code(page.locator("#code .qr"))
        assert text.startswith("ET2:")
        assert version(text) <= 10
        shown = await site.rooms.codes.redeem(text, operator=await site.rooms.operator("clerk"))
        assert (shown.kind, shown.acting.subject.code) == (CodeKind.HOLDER, HUSBAND.code)


@pytest.mark.long
async def test_it_renews_itself_and_the_old_one_still_lives_its_minute(site: Site) -> None:
    async with husband(site, "") as page:
        await page.clock.install()
        await page.goto(f"{site.address}/my/code")
        first = await read_code(page.locator("#code .qr"))
        await expect(page.locator(".countdown b")).to_be_visible()
        async with page.expect_response(lambda answer: "/my/code/part" in answer.url):
            await page.clock.run_for(47_000)
        await expect(page.locator(".veil")).not_to_be_visible()
        second = await read_code(page.locator("#code .qr"))
        assert second != first
        clerk = await site.rooms.operator("clerk")
        assert (await site.rooms.codes.redeem(first, operator=clerk)).kind is CodeKind.HOLDER
        assert (await site.rooms.codes.redeem(second, operator=clerk)).kind is CodeKind.HOLDER


async def test_a_picture_of_it_is_worth_nothing_after_a_minute(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async with husband(site, "/my/code") as page:
        picture = await read_code(page.locator("#code .qr"))
    later = site.rooms.clock() + timedelta(seconds=71)
    monkeypatch.setattr(site.rooms, "clock", lambda: later)
    with pytest.raises(EtrustError, match="code_expired"):
        await site.rooms.codes.redeem(picture, operator=await site.rooms.operator("clerk"))
    assert (await site.rooms.check(picture, actor=await site.rooms.operator("clerk"))).status.value == "expired"


async def test_nothing_is_asked_for_while_nobody_looks(site: Site) -> None:
    async with husband(site, "") as page:
        await page.add_init_script("Object.defineProperty(document, 'hidden', {get: () => window.away === true})")
        await page.clock.install()
        await page.goto(f"{site.address}/my/code")
        await expect(page.locator(".countdown b")).to_be_visible()
        asked: list[str] = []
        await page.evaluate("window.away = true")
        page.on("request", lambda request: asked.append(request.url))
        await page.clock.run_for(120_000)
        assert asked == []
        await expect(page.locator(".veil")).to_be_visible()
        await page.evaluate("window.away = false; document.dispatchEvent(new Event('visibilitychange'))")
        await expect(page.locator(".veil")).not_to_be_visible()
        assert [url for url in asked if "/my/code/part" in url]


async def test_the_old_code_is_veiled_when_there_is_no_network(site: Site) -> None:
    async with husband(site, "") as page:
        await page.clock.install()
        await page.goto(f"{site.address}/my/code")
        await expect(page.locator(".countdown b")).to_be_visible()
        await page.context.set_offline(True)
        await page.clock.run_for(61_000)
        await expect(page.locator(".veil")).to_be_visible()
        await expect(page.locator(".stale")).to_be_visible()
        await page.context.set_offline(False)
        await page.clock.run_for(6_000)
        await expect(page.locator(".veil")).not_to_be_visible()
    site.complaints.clear()  # the browser rightly complains that the network was gone


async def test_a_license_falls_back_to_its_offline_code(site: Site) -> None:
    made = await family_of(site)
    async with husband(site, "") as page:
        await page.clock.install()
        await page.goto(site.address + license_path(made, "driving_license"))
        await expect(page.locator(".online-word")).to_be_visible()
        await page.context.set_offline(True)
        await page.clock.run_for(47_000)
        await expect(page.locator(".offline-word")).to_be_visible()
        text = await read_code(page.locator("#code .qr"))
        assert text.startswith("ET1")
        assert version(text) <= 14
        assert (await site.rooms.check(text)).status.value == "valid"
        await page.context.set_offline(False)
    site.complaints.clear()


async def test_the_holder_is_told_that_the_code_was_used_when_and_by_whom(site: Site) -> None:
    async with husband(site, "/my/code") as page:
        text = await read_code(page.locator("#code .qr"))
        clerk = await site.rooms.operator("clerk")
        await site.rooms.codes.redeem(text, operator=clerk)
        note = page.locator("#used .used-note")
        await expect(note).to_be_visible()
        await expect(note).to_contain_text(clerk.username)
        await expect(note.locator("h2")).to_be_focused()


@pytest.mark.long
async def test_the_question_of_a_window_is_read_first_and_the_answer_after_it(site: Site) -> None:
    async with husband(site, "/my/code") as page:
        await ask(site.rooms, await session_of(site.rooms, page))
        await expect(page.locator("#requests .asked h2")).to_be_focused()
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.locator("#requests .answered")).to_be_focused()
        await page.wait_for_timeout(3_500)  # two looks later it is still there to be read
        await expect(page.locator("#requests .answered")).to_be_visible()


@pytest.mark.long
async def test_without_scripts_there_is_a_code_and_a_link_to_renew_it(site: Site) -> None:
    async with husband(site, "/my/code", java_script_enabled=False) as page:
        first = await read_code(page.locator("#code .qr"))
        assert first.startswith("ET2:")
        await page.locator(".refresh a").click()
        assert await read_code(page.locator("#code .qr")) not in {"", first}


async def test_a_code_dies_with_the_session(site: Site) -> None:
    async with husband(site, "/my/code") as page:
        text = await read_code(page.locator("#code .qr"))
        await sign_out(site, page)
    with pytest.raises(EtrustError, match="code_ended"):
        await site.rooms.codes.redeem(text, operator=await site.rooms.operator("clerk"))


async def test_for_one_matter_the_holder_sees_what_is_told_to_whom_and_agrees_first(site: Site) -> None:
    await family_of(site)
    async with husband(site, "/my/code") as page:
        await page.locator(".choose a").click()
        await page.locator(".matters a").first.click()
        await expect(page.locator(".agree .told li").first).to_be_visible()
        await expect(page.locator(".agree .answer")).not_to_be_empty()
        await page.locator("label.choice", has_text="10").first.click()
        await page.locator(".agree .primary").click()
        await expect(page.locator(".for-matter")).to_be_visible()
        shown = await site.rooms.codes.redeem(
            await read_code(page.locator("#code .qr")), operator=await site.rooms.operator("clerk")
        )
        assert (shown.kind, len(shown.matter), shown.grant[:2]) == (CodeKind.MATTER, 31, "G-")


@pytest.mark.long
async def test_the_use_of_a_code_is_told_to_nobody_who_is_not_signed_in(site: Site) -> None:
    async with site.session() as session, session.get(f"/my/code/use/{'0' * 32}", allow_redirects=False) as answer:
        assert answer.status == 303
    async with signed_in_holder(site, wanted="/my") as page:
        answer = await page.request.get(f"{site.address}/my/code/use/{'0' * 32}")
        assert answer.status == 204
