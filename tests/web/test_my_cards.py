"""Digital cards on pages: made, scanned, opened by a stranger, ended; a link that leads nowhere always says the same."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.family import COMPANY, HUSBAND
from tests.web.conftest import Site
from tests.web.holder_pages import family_of, husband, read_code, revoke

pytestmark = pytest.mark.long


async def make_card(page: Page, site: Site, *, views: str = "5", fields: tuple[str, ...] = (HUSBAND.name, COMPANY.name)) -> str:
    """A card with the fields that have these values; its link."""
    await page.goto(f"{site.address}/my/cards/new")
    for value in fields:
        await page.locator("label.choice", has=page.locator(f"bdi:text-is('{value}')")).first.click()
    await page.locator(f"input[name=views][value='{views}']").check()
    await page.locator(".agree .primary").click()
    return await page.locator(".link a").inner_text()


async def test_a_card_is_scanned_and_opened_by_a_stranger(site: Site) -> None:
    await family_of(site)
    async with husband(site) as page, site.visitor() as stranger:
        link = await make_card(page, site)
        assert re.fullmatch(rf"{site.address}/c/[A-Za-z0-9_-]{{22}}", link)
        assert await read_code(page.locator(".qr")) == link
        await stranger.goto(link)
        await expect(stranger.locator("main")).not_to_contain_text(HUSBAND.name)
        await stranger.locator(".door button").click()
        await expect(stranger.locator(".told-card")).to_have_count(2)
        await expect(stranger.locator("main")).to_contain_text(HUSBAND.name)
        await expect(stranger.locator(".pill[data-status=valid]")).to_have_count(2)
        text = await stranger.locator("main").inner_text()
        assert HUSBAND.code not in text
        assert COMPANY.code not in text
        async with stranger.expect_download() as download:
            await stranger.locator("a[download]").click()
        vcard = (await (await download.value).path()).read_text("utf-8")
        assert f"FN:{HUSBAND.name}\r\n" in vcard.replace("\n", "\r\n").replace("\r\r\n", "\r\n")
        assert f"ORG:{COMPANY.name}" in vcard
        assert "TEL" not in vcard
        await page.goto(f"{site.address}/my/cards")
        await expect(page.locator(".sheet")).to_contain_text("1")


async def test_previews_use_up_no_view_and_the_last_view_ends_the_card(site: Site) -> None:
    await family_of(site)
    async with husband(site) as page, site.visitor() as stranger:
        link = await make_card(page, site, views="1")
        for _ in range(3):
            await stranger.goto(link)
        await stranger.locator(".door button").click()
        await expect(stranger.locator(".told-card").first).to_be_visible()
        answer = await stranger.goto(link)
        assert answer is not None
        assert answer.status == 404


@pytest.mark.long
async def test_a_revoked_license_tells_its_state_and_nothing_else(site: Site) -> None:
    made = await family_of(site)
    async with husband(site) as page, site.visitor() as stranger:
        link = await make_card(page, site, fields=(COMPANY.name,))
        await revoke(site, made["business_license"][0])
        await stranger.goto(link)
        await stranger.locator(".door button").click()
        await expect(stranger.locator(".pill")).to_have_attribute("data-status", "revoked")
        await expect(stranger.locator("main")).not_to_contain_text(COMPANY.name)


async def test_guessed_ended_and_renewed_links_have_one_answer_and_lead_nowhere(site: Site) -> None:
    await family_of(site)
    async with husband(site) as page:
        replaced = await make_card(page, site)
        await page.goto(f"{site.address}/my/cards")
        await page.locator(".sheet form[action$='/link'] button").click()
        ended = await page.locator(".link a").inner_text()
        assert ended != replaced
        await page.locator("form[action$='/end'] button").click()
        await expect(page.locator(".sheet form")).to_have_count(0)
    told = set()
    async with site.session() as session:
        for link in (replaced, ended, f"{site.address}/c/{'A' * 22}", f"{site.address}/c/{'A' * 21}"):
            path = link.removeprefix(site.address)
            for answer in (session.get(path), session.post(path), session.get(f"{path}/contact.vcf?until=9999999999&ticket={'0' * 64}")):
                async with answer as response:
                    text = (await response.text()).replace(path, "")
                    told.add((response.status, text[text.index("<main") :].split("</main>")[0]))
                    assert "noindex" in response.headers["X-Robots-Tag"]
    assert len(told) == 1
    assert next(iter(told))[0] == 404


async def test_the_card_page_tells_nobody_where_it_was_opened(site: Site) -> None:
    await family_of(site)
    async with husband(site) as page, site.session() as session:
        path = (await make_card(page, site)).removeprefix(site.address)
        for answer, policy in ((session.get(path), "same-origin"), (session.post(path), "no-referrer")):
            async with answer as response:
                assert response.status == 200
                assert response.headers["Referrer-Policy"] == policy
                assert response.headers["Cache-Control"] == "no-store"
                assert "noindex" in response.headers["X-Robots-Tag"]
                assert "Set-Cookie" not in response.headers


@pytest.mark.long
async def test_a_card_without_a_field_is_asked_again_and_nothing_is_lost(site: Site) -> None:
    await family_of(site)
    async with husband(site, "/my/cards/new") as page:
        await page.locator("input[name=minutes][value='60']").check()
        await page.locator(".agree .primary").click()
        await expect(page.locator("[role=alert]")).to_be_visible()
        await expect(page.locator("input[name=minutes][value='60']")).to_be_checked()
