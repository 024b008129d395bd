"""A code held before the camera: read by zxing in the browser, and on the server where the browser cannot."""

import io
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Browser, Playwright, Route, expect

from etrust.credentials.qr import png
from tests.licenses.issuing import code_of, issue_company
from tests.web.conftest import Site, launch

pytestmark = pytest.mark.long

WIDTH, HEIGHT = 1280, 960


def film(path: Path, code: str) -> None:
    """A Y4M film of one picture: the code, a little turned, on a gray ground."""
    picture = Image.new("L", (WIDTH, HEIGHT), 150)
    shown = Image.open(io.BytesIO(png(code, scale=9))).convert("L").rotate(4, expand=True, fillcolor=150)
    picture.paste(shown, ((WIDTH - shown.width) // 2, (HEIGHT - shown.height) // 2))
    frame = b"FRAME\n" + picture.tobytes() + bytes([128]) * (WIDTH * HEIGHT // 2)
    path.write_bytes(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode() + frame * 3)


async def filmed(playwright: Playwright, path: Path) -> Browser:
    return await launch(playwright, f"--use-file-for-fake-video-capture={path}")


@pytest.mark.parametrize("engine", ["zxing", "server"])
async def test_a_code_before_the_camera(site: Site, playwright: Playwright, tmp_path: Path, engine: str) -> None:
    license_ = await issue_company(site.rooms)
    film(tmp_path / "code.y4m", code_of(license_))
    browser = await filmed(playwright, tmp_path / "code.y4m")
    try:
        # no worker: it would hand out the decoder it kept
        async with site.clerk(browser=browser, permissions=["camera"], service_workers="block") as page:
            if engine == "zxing" and not await page.locator(".camera").get_attribute("data-zxing"):
                pytest.skip("zxing's WebAssembly was not fetched: make browser-parts")
            if engine == "server":
                await page.route("**/vendor/zxing*", _refuse)
            await page.click(".camera-start")
            await expect(page.locator("#verdict [data-status=valid]")).to_be_visible()
            assert await page.locator(".camera").get_attribute("data-engine") == engine
            await page.click(".camera-stop")
            await expect(page.locator(".camera-start")).to_be_visible()
        site.complaints[:] = [each for each in site.complaints if "Service Worker registration blocked" not in each]
    finally:
        await browser.close()


async def _refuse(route: Route) -> None:
    await route.abort()


REFUSED = "() => { navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', 'NotAllowedError'); }; }"


async def test_a_camera_that_may_not_be_used_is_said_in_words(site: Site) -> None:
    async with site.clerk() as page:
        await page.evaluate(REFUSED)
        await page.click(".camera-start")
        await expect(page.locator(".camera-word")).to_contain_text("摄像头")
        await expect(page.locator("#presented")).to_be_enabled()
