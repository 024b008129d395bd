"""Pictures that clerks choose: one code is checked, anything else is said beside the form."""

import io
import os
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import expect

from etrust.credentials.qr import png
from tests.licenses.issuing import code_of, issue_company
from tests.web.conftest import Site

pytestmark = pytest.mark.long


def two_codes(first: str, second: str) -> Image.Image:
    """Two codes side by side on one sheet."""
    shown = [Image.open(io.BytesIO(png(code))).convert("L") for code in (first, second)]
    sheet = Image.new("L", (sum(each.width for each in shown) + 60, max(each.height for each in shown)), 255)
    sheet.paste(shown[0], (0, 0))
    sheet.paste(shown[1], (shown[0].width + 60, 0))
    return sheet


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "small", "turned"])
async def test_pictures_as_people_have_them(site: Site, tmp_path: Path, kind: str) -> None:
    shown = Image.open(io.BytesIO(png(code_of(await issue_company(site.rooms)), scale=8))).convert("L")
    path = tmp_path / "photo.jpg"
    if kind == "small":
        shown.resize((shown.width // 2, shown.height // 2), Image.Resampling.BILINEAR).save(path, "JPEG", quality=70)
    elif kind == "turned":
        shown.rotate(90, expand=True).save(path, "JPEG")
    else:
        shown.save(path, kind)
    async with site.clerk() as page:
        await page.set_input_files("#image", path)
        await expect(page.locator("#verdict [data-status=valid]")).to_be_visible()


async def test_what_is_no_picture_of_one_code_is_said(site: Site, tmp_path: Path) -> None:
    first, second = await issue_company(site.rooms), await issue_company(site.rooms, 证照编号="650000000000002")
    two_codes(code_of(first), code_of(second)).save(tmp_path / "two.png")
    Image.effect_noise((640, 480), 80).save(tmp_path / "none.png")
    (tmp_path / "text.png").write_bytes(b"no picture")
    (tmp_path / "huge.png").write_bytes(os.urandom(13 << 20))
    async with site.clerk() as page:
        for name, words in (("two", "不止一个"), ("none", "没有找到"), ("text", "不是图片"), ("huge", "12 MB")):
            await page.set_input_files("#image", tmp_path / f"{name}.png")
            await expect(page.locator("#verdict .notice")).to_contain_text(words)
            await expect(page.locator("#announcer")).to_contain_text(words)
            assert await page.locator("[data-status=valid]").count() == 0
