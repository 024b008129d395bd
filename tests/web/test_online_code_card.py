"""The check page with a holder's code: the license's card, then "used" with the time, and what a code without a license says."""

import os
from pathlib import Path

import pytest
from playwright.async_api import Page

from etrust.onecode.model import CodeKind
from tests.onecode.codes import Counter
from tests.web.conftest import Site

pytestmark = pytest.mark.long

PICTURES = os.environ.get("ETRUST_PICTURES")


async def scan(page: Page, text: str) -> str:
    """Type what a scanner types; the card's words."""
    await page.fill("#presented", text)
    await page.keyboard.press("Enter")
    await page.wait_for_selector("article.card")
    return await page.inner_text("article.card")


async def keep(page: Page, name: str) -> None:
    """A picture for whoever wants to look, with ``ETRUST_PICTURES=FOLDER``."""
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


@pytest.mark.parametrize(("language", "used", "matter"), [
    ("zh", "已使用", "选择事项"), ("en", "Already used", "Choose the matter"), ("ug", "ئىشلىتىلىپ بولغان", "ئىش تۈرىنى تاللاش"),
])  # fmt: skip
async def test_a_code_is_read_once(site: Site, language: str, used: str, matter: str) -> None:
    counter = await Counter.open(site.rooms)
    async with site.clerk() as page:
        await page.goto(f"{site.address}/check?lang={language}")
        text = (await counter.show()).text
        assert "新疆天山达盛棉业有限公司" in await scan(page, text)
        await keep(page, f"code-license-{language}")
        await page.goto(f"{site.address}/check")
        words = await scan(page, text)
        assert used in words
        assert "新疆天山达盛棉业有限公司" not in words
        assert await page.locator("article.card time").count() >= 2  # when it was used, and when this was checked
        await keep(page, f"code-used-{language}")
        await page.goto(f"{site.address}/check")
        words = await scan(page, (await counter.show(CodeKind.HOLDER)).text)
        assert matter in words
        assert "新疆天山达盛棉业有限公司" in words
        await keep(page, f"code-holder-{language}")
