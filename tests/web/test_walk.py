"""The clerk's walk in a real browser: sign in, check by text, scanner, number and picture, see a revocation."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from etrust.credentials.qr import png
from etrust.licenses.model import Action
from tests.licenses.issuing import code_of, identifier_of, issue_company
from tests.licenses.test_status_changes import change
from tests.web.conftest import Site


async def shows(page: Page, status: str) -> None:
    """Wait for a verdict card with this status."""
    await expect(page.locator(f"#verdict [data-status={status}]")).to_be_visible()


async def test_the_whole_walk(site: Site, tmp_path: Path) -> None:
    license_ = await issue_company(site.rooms)
    code = code_of(license_)
    async with site.clerk() as page:
        await expect(page.locator("#presented")).to_be_focused()
        # typed or pasted into the field
        await page.fill("#presented", code)
        await page.click("#check-form button")
        await shows(page, "valid")
        await expect(page.locator("#verdict")).to_contain_text("有效")
        await expect(page.locator("#verdict")).to_contain_text("新疆天山达盛棉业有限公司")
        await expect(page.locator("#announcer")).to_contain_text("有效")
        # a picture
        picture = tmp_path / "code.png"
        picture.write_bytes(png(code))
        await page.set_input_files("#image", picture)
        await shows(page, "valid")
        # the number below the code
        await page.fill("#presented", identifier_of(license_).short)
        await page.keyboard.press("Enter")
        await shows(page, "valid")
        # revoked, and the next check says so
        await change(site.rooms, license_, Action.REVOKE)
        await page.fill("#presented", code)
        await page.keyboard.press("Enter")
        await shows(page, "revoked")
        await expect(page.locator("#verdict")).to_contain_text("无效")


async def test_a_hand_scanner_types_wherever_the_focus_is(site: Site) -> None:
    code = code_of(await issue_company(site.rooms))
    async with site.clerk() as page:
        await page.locator("body").click(position={"x": 5, "y": 5})
        await page.evaluate("document.activeElement.blur()")
        await page.keyboard.type(code)
        await page.keyboard.press("Enter")
        await shows(page, "valid")
        await expect(page.locator("#presented")).to_have_value("")  # ready for the next
        await page.keyboard.type("https://example.com/")
        await page.keyboard.press("Enter")
        await shows(page, "malformed")
        await expect(page.locator("#verdict")).to_contain_text("不是证照码")


@pytest.mark.parametrize("how", ["text", "picture"])
async def test_pasted(site: Site, how: str) -> None:
    code = code_of(await issue_company(site.rooms))
    async with site.clerk() as page:
        await page.evaluate(PASTE, [code, how, list(png(code))])
        await shows(page, "valid")
        assert "新疆天山达盛棉业有限公司" in await page.locator("#verdict").inner_text()


PASTE = """([code, how, bytes]) => {
  const data = new DataTransfer();
  if (how === "text") data.setData("text", code);
  else data.items.add(new File([new Uint8Array(bytes)], "code.png", {type: "image/png"}));
  document.body.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}"""


async def test_what_cannot_be_checked_is_said_beside_the_form(site: Site, tmp_path: Path) -> None:
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no picture")
    async with site.clerk() as page:
        await page.set_input_files("#image", bad)
        await expect(page.locator("#verdict .notice")).to_contain_text("图片")
        await page.click("#check-form button")
        await expect(page.locator("#verdict .notice")).to_contain_text("还没有内容")


async def test_without_scripts_the_forms_work(site: Site, tmp_path: Path) -> None:
    code = code_of(await issue_company(site.rooms))
    picture = tmp_path / "code.png"
    picture.write_bytes(png(code))
    async with site.clerk(java_script_enabled=False) as page:
        await page.fill("#presented", code)
        await page.click("#check-form button")
        await shows(page, "valid")
        await page.set_input_files("#image", picture)
        await page.click("#image-form button")
        await shows(page, "valid")
