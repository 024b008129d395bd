"""The clerk drops a file and reads the report, in a real browser: by choosing, by dropping, and without script."""

import asyncio
import json
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.data.ses.generate import FOLDER
from tests.documents import attacks, hostile
from tests.documents.signed_pdfs import plain_pdf, sign
from tests.web.conftest import Site

pytestmark = pytest.mark.long

GOOD = sign(plain_pdf(), "B-LTA")


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    """A properly signed file of a signer unknown to the region."""
    path = tmp_path / "证照.pdf"
    path.write_bytes(GOOD)
    return path


async def shows(page: Page, status: str) -> None:
    """Wait for a report with this status."""
    await expect(page.locator(f"#verdict [data-status={status}]")).to_be_visible(timeout=30_000)


async def test_a_file_is_chosen_and_the_report_taken_along(site: Site, signed: Path, tmp_path: Path) -> None:
    async with site.clerk(accept_downloads=True) as page:
        await page.click("a[href='/check/file']")
        await expect(page.locator("#file-hint")).to_contain_text("20 MB")
        await page.set_input_files("#file", signed)
        await shows(page, "unknown_issuer")
        report = page.locator("#verdict")
        await expect(report.locator("#verdict-word")).to_contain_text("无法确定")
        await expect(report).to_contain_text("证照.pdf")
        await expect(report).to_contain_text("Signer")
        await expect(report.locator(".findings ol")).to_be_hidden()
        await report.locator("summary").click()
        await expect(report.locator(".findings")).to_contain_text("证书不出自所信任的机构")
        async with page.expect_download() as waiting:
            await report.get_by_role("link", name="JSON").click()
        taken = await (await waiting.value).path()
        found = json.loads(await asyncio.to_thread(taken.read_bytes))
        assert (found["kind"], found["verdict"]) == ("pdf", "INDETERMINATE")
        await page.emulate_media(media="print")
        await expect(page.locator(".present")).to_be_hidden()
        await expect(report.locator(".paper-only")).to_be_visible()
        # changed after signing: never passed, and said so
        forged = tmp_path / "forged.pdf"
        forged.write_bytes(attacks.incremental_save(GOOD))
        await page.emulate_media(media="screen")
        await page.set_input_files("#file", forged)
        await shows(page, "bad_signature")
        await expect(report).to_contain_text("签署后被改动")
    assert site.complaints == []


DROP = """([bytes, name]) => {
  const files = new DataTransfer();
  files.items.add(new File([new Uint8Array(bytes)], name));
  document.body.dispatchEvent(new DragEvent("drop", {dataTransfer: files, bubbles: true, cancelable: true}));
}"""


async def test_a_file_is_dropped_anywhere_on_the_page(site: Site) -> None:
    async with site.clerk() as page:
        await page.goto(f"{site.address}/check/file")
        await page.evaluate(DROP, [list((FOLDER / "v4.ofd").read_bytes()), "v4.ofd"])
        await shows(page, "unknown_issuer")
        await expect(page.locator("#verdict")).to_contain_text("OFD 文件")
        # what is too large is told before it is sent
        await page.evaluate("document.getElementById('file-form').dataset.limit = '0.001'")
        await page.evaluate(DROP, [[0] * 5000, "large.pdf"])
        await expect(page.locator(".file-word")).to_contain_text("没有发送")


@pytest.mark.parametrize(("language", "word"), [("zh", "无法确定"), ("ug", "ئېنىقلىغىلى بولمىدى"), ("en", "Cannot be determined")])
async def test_without_script(site: Site, signed: Path, language: str, word: str) -> None:
    async with site.visitor(java_script_enabled=False) as page:
        await site.sign_in(page, "clerk", "/check/file")
        await page.goto(f"{site.address}/check/file?lang={language}")
        await page.set_input_files("#file", signed)
        await page.click("#file-form button")
        await shows(page, "unknown_issuer")
        await expect(page.locator("#verdict-word")).to_contain_text(word)


async def test_a_hostile_file_ends_in_a_word(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "deep.pdf"
    path.write_bytes(hostile.nested_arrays())
    async with site.clerk() as page:
        await page.goto(f"{site.address}/check/file")
        await page.set_input_files("#file", path)
        await shows(page, "malformed")
        await page.locator("#verdict summary").click()
        await expect(page.locator("#verdict")).to_contain_text("过于复杂")


async def test_only_clerks_may_ask(site: Site) -> None:
    async with site.session() as session:
        answer = await session.get("/check/file", allow_redirects=False)
        assert (answer.status, answer.headers["Location"].startswith("/signin")) == (303, True)
        answer = await session.post("/check/file", data={"file": "x"}, allow_redirects=False)
        assert answer.status == 303
