"""The holder's page (亮证): a code that scans, a clock that runs, numbers that stay hidden, nothing to see for strangers."""

import io
from datetime import timedelta

import pytest
import zxingcpp
from PIL import Image
from playwright.async_api import expect

from etrust.licenses import store
from etrust.licenses.holder_links import make_holder_link
from etrust.licenses.issue import issue_one
from etrust.licenses.model import Action, StoredLicense
from tests.licenses.issuing import code_of, issue_company, officer
from tests.licenses.test_status_changes import change
from tests.web.conftest import Site

pytestmark = pytest.mark.long

CITIZEN = {
    "ZZBH": "650104196812210708", "CZZT": "阿不都热合曼·古丽巴哈尔", "CZZTDM": "650104196812210708", "CZZTDMLXDM": "111", "XB": "女",
    "MZ": "维吾尔", "CSRQ": "1968-12-21", "ZZ": "新疆维吾尔自治区水磨沟区15号", "ZZBFJG": "水磨沟区公安局", "ZZBFRQ": "20250929",
    "ZZYXQQSRQ": "20250929", "ZZYXQJZRQ": "20350901", "XM_UG": "ئابدۇراخمان گۈلباھار",
}  # fmt: skip
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}


async def link_to(site: Site, license_: StoredLicense) -> str:
    async with site.rooms.stores.pool.acquire() as connection:
        token = await make_holder_link(
            connection, serial=license_.serial, version=license_.version, at=site.rooms.clock(), lifetime=timedelta(days=1)
        )
    return f"{site.address}/my/{token}"


async def issue_identity_card(site: Site) -> StoredLicense:
    async with site.rooms.stores.pool.acquire() as connection:
        identifier = await issue_one(
            connection, site.rooms.issuing, site.rooms.types["resident_identity_card"], CITIZEN,
            who=officer(site.rooms, "resident_identity_card"),
        )  # fmt: skip
        found = await store.find(connection, identifier.serial, identifier.version)
    assert found is not None
    return found


async def test_the_code_scans_off_the_screen_and_the_clock_runs(site: Site) -> None:
    license_ = await issue_company(site.rooms)
    async with site.visitor(**PHONE) as page:
        await page.goto(await link_to(site, license_))
        await expect(page.locator("#code")).to_have_attribute("data-status", "valid")
        shot = Image.open(io.BytesIO(await page.locator(".qr").screenshot()))
        assert [barcode.text for barcode in zxingcpp.read_barcodes(shot)] == [code_of(license_)]
        before = await page.locator(".live").inner_text()
        await expect(page.locator(".live")).not_to_have_text(before)
        await expect(page.locator(".countdown")).to_be_visible()


async def test_in_the_dark_a_code_is_still_black_on_white(site: Site) -> None:
    license_ = await issue_company(site.rooms)
    async with site.visitor(color_scheme="dark", **PHONE) as page:
        await page.goto(await link_to(site, license_))
        shot = Image.open(io.BytesIO(await page.locator(".qr svg").screenshot())).convert("L")
        assert shot.getpixel((3, 3)) == 255
        assert [barcode.text for barcode in zxingcpp.read_barcodes(shot)] == [code_of(license_)]


async def test_numbers_are_hidden_until_tapped(site: Site) -> None:
    license_ = await issue_identity_card(site)
    async with site.visitor(**PHONE) as page:
        await page.goto(await link_to(site, license_))
        await expect(page.get_by_text("650104********0708").first).to_be_visible()
        await expect(page.get_by_text("650104196812210708").first).not_to_be_visible()
        await page.locator("details.masked summary").first.click()
        await expect(page.get_by_text("650104196812210708").first).to_be_visible()


async def test_a_revoked_license_shows_no_code(site: Site) -> None:
    license_ = await issue_company(site.rooms)
    await change(site.rooms, license_, Action.REVOKE)
    async with site.visitor(**PHONE) as page:
        await page.goto(await link_to(site, license_))
        await expect(page.locator("#code")).to_have_attribute("data-status", "revoked")
        assert await page.locator(".qr").count() == 0


async def test_the_page_learns_of_a_revocation_when_it_comes_back_into_view(site: Site) -> None:
    license_ = await issue_company(site.rooms)
    async with site.visitor(**PHONE) as page:
        await page.goto(await link_to(site, license_))
        await change(site.rooms, license_, Action.REVOKE)
        await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        await expect(page.locator("#code")).to_have_attribute("data-status", "revoked")


async def test_the_code_renews_itself(site: Site) -> None:
    license_ = await issue_company(site.rooms)
    async with site.visitor(**PHONE) as page:
        await page.clock.install()
        await page.goto(await link_to(site, license_))
        left = page.locator(".countdown b")
        await expect(left).to_have_text("59")
        await page.clock.run_for(9_000)
        await expect(left).to_have_text("50")
        await change(site.rooms, license_, Action.SUSPEND)
        await page.clock.run_for(50_000)
        await expect(page.locator("#code")).to_have_attribute("data-status", "suspended")


async def test_a_code_that_could_not_be_renewed_says_so(site: Site) -> None:
    license_ = await issue_company(site.rooms)
    async with site.visitor(**PHONE) as page:
        await page.clock.install()
        await page.goto(await link_to(site, license_))
        await page.context.set_offline(True)
        await page.clock.run_for(60_000)
        await expect(page.locator(".stale")).to_be_visible()
        await expect(page.locator(".countdown")).not_to_be_visible()
        await page.context.set_offline(False)
        await page.clock.run_for(11_000)
        await expect(page.locator(".countdown")).to_be_visible()
        await expect(page.locator(".stale")).not_to_be_visible()
    site.complaints.clear()  # the browser rightly complains that the network was gone


async def test_without_scripts_the_code_is_there(site: Site) -> None:
    license_ = await issue_company(site.rooms)
    async with site.visitor(java_script_enabled=False, **PHONE) as page:
        await page.goto(await link_to(site, license_))
        shot = Image.open(io.BytesIO(await page.locator(".qr").screenshot()))
        assert [barcode.text for barcode in zxingcpp.read_barcodes(shot)] == [code_of(license_)]
        await expect(page.locator(".countdown")).not_to_be_visible()


async def test_a_name_stands_in_every_script_it_has(site: Site) -> None:
    license_ = await issue_identity_card(site)
    async with site.visitor(**PHONE) as page:
        await page.goto(await link_to(site, license_))
        await expect(page.locator(".holder")).to_contain_text(CITIZEN["CZZT"])
        await expect(page.locator(".holder [lang=ug]")).to_have_text(CITIZEN["XM_UG"])


async def test_unknown_and_expired_links_have_one_answer(site: Site) -> None:
    license_ = await issue_company(site.rooms)
    expired = await link_to(site, license_)
    async with site.rooms.stores.pool.acquire() as connection:
        await connection.execute("UPDATE holder_links SET expires_at = now()")
    async with site.visitor() as page:
        told = []
        for address in (expired, f"{site.address}/my/{'A' * 32}", f"{site.address}/my/{'A' * 40}"):
            answer = await page.goto(address)
            assert answer is not None
            told.append((answer.status, await page.locator("main").inner_text()))
        assert len(set(told)) == 1
        assert told[0][0] == 404
