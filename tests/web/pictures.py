"""Pictures of the pages, to look at and for the README: ``python -m tests.web.pictures FOLDER [--all]``.

It founds a region in a temporary home.
"""

import argparse
import asyncio
import tempfile
from pathlib import Path

from playwright.async_api import Page, async_playwright

from etrust.cli.region import prepare_home
from etrust.cli.serving import serving
from etrust.licenses.model import Action
from etrust.settings import load_settings
from etrust.wiring import open_rooms
from tests.licenses.issuing import code_of, issue_company
from tests.licenses.test_status_changes import change
from tests.web.conftest import Site, launch
from tests.web.sealing import applied, used
from tests.web.test_holder_page import issue_identity_card, link_to

LOOKS = {"light": {"color_scheme": "light"}, "dark": {"color_scheme": "dark"}}


async def main(folder: Path, *, everything: bool) -> None:
    """Take the pictures."""
    with tempfile.TemporaryDirectory() as home:
        settings = load_settings(Path(home))
        passwords = await prepare_home(settings, None)
        async with (
            open_rooms(settings, follow=True) as rooms, serving(rooms, "127.0.0.1", 0) as address, async_playwright() as driver,
        ):  # fmt: skip
            site = Site(rooms, address, await launch(driver), passwords)
            good, bad = await issue_company(rooms), await issue_company(rooms, 证照编号="650000000000002")
            await change(rooms, bad, Action.REVOKE)
            card = await issue_identity_card(site)
            pages = {
                "check-valid": code_of(good), "check-revoked": code_of(bad), "check-malformed": "https://example.com",
                "check-unknown": "0" * 20 + "001" + "A", "check-empty": "",
                "holder": await link_to(site, good), "holder-card": await link_to(site, card), "holder-revoked": await link_to(site, bad),
                "front": address + "/", "signin": address + "/signin", "fault": address + "/nothing",
                **await _seal_pages(site),
            }  # fmt: skip
            await _take(site, pages, folder, everything=everything)


async def _seal_pages(site: Site) -> dict[str, str]:
    waiting, active = await applied(site.rooms), await used(site.rooms)
    seals = f"{site.address}/seals"
    return {
        "seals": seals, "seal-new": f"{seals}/new", "seal-change": f"{seals}/new?replaces={active}", "seal-waiting": f"{seals}/{waiting}",
        "seal-active": f"{seals}/{active}", "seal-step": f"{seals}/{active}/freeze", "seal-refused": f"{seals}/{waiting}/approve",
        "seal-grant": f"{seals}/{active}/grants/new", "seal-uses": f"{seals}/{active}/uses",
    }  # fmt: skip


async def _take(site: Site, pages: dict[str, str], folder: Path, *, everything: bool) -> None:
    if not everything:
        for name in ("check-valid", "check-revoked"):
            await _picture(site, name, pages[name], folder / f"{name}.png", width=1440)
        await _picture(site, "holder", pages["holder"], folder / "holder.png", width=390)
        return
    for language in ("zh", "ug", "en"):
        for width in (390, 768, 1440):
            for look in LOOKS:
                for name, target in pages.items():
                    print_size = "large" if look == "dark" and width == 768 else "normal"
                    path = folder / f"{name}-{language}-{width}-{look}-{print_size}.png"
                    await _picture(site, name, target, path, width=width, language=language, look=look, print_size=print_size)


async def _picture(
    site: Site, name: str, target: str, path: Path, *, width: int, language: str = "zh", look: str = "light", print_size: str = "normal"
) -> None:
    choice = f"lang={language}&print={print_size}"
    async with site.visitor(viewport={"width": width, "height": 800}, **LOOKS[look]) as page:
        if name.startswith("check"):
            await page.goto(f"{site.address}/signin?{choice}")
            await site.sign_in(page, "clerk")
            await _checked(page, target)
        elif name.startswith("seal"):
            await page.goto(f"{site.address}/signin?{choice}")
            await site.sign_in(page, "seals", "/signin")
            await page.goto(target)
        else:
            await page.goto(f"{target}?{choice}")
        await page.screenshot(path=path, full_page=True)


async def _checked(page: Page, presented: str) -> None:
    if presented:
        await page.fill("#presented", presented)
        await page.keyboard.press("Enter")
        await page.wait_for_selector("#verdict [data-verdict]")
        await page.wait_for_timeout(300)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--all", action="store_true")
    asked = arguments.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(asked.folder, everything=asked.all))
