"""The husband of the sample family in front of his pages, with a company he represents."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import zxingcpp
from PIL import Image
from playwright.async_api import Locator, Page

from etrust.ids import LicenseIdentifier
from etrust.licenses.change import Ground, change_status
from etrust.licenses.model import Action, Provenance
from tests.family import COMPANY, HUSBAND, Family, issue_family
from tests.web.conftest import Site
from tests.web.holding import signed_in_holder
from tests.web.test_holder_page import PHONE

COMPANIES = ((COMPANY.code, COMPANY.name, "legal_representative"),)


@asynccontextmanager
async def husband(site: Site, wanted: str = "/my", *, strong: bool = False, **how: object) -> AsyncIterator[Page]:
    """His phone, signed in, on a page."""
    async with signed_in_holder(
        site, HUSBAND.code, name=HUSBAND.name, companies=COMPANIES, strong=strong, wanted=wanted, **{**PHONE, **how}
    ) as page:
        yield page


async def family_of(site: Site) -> Family:
    """The family's licenses, issued."""
    made = await issue_family(site.rooms)
    await site.rooms.live.refresh()
    return made


async def read_code(place: Locator) -> str:
    """What a scanner reads off a part of the page."""
    shot = Image.open(io.BytesIO(await place.screenshot()))
    found = zxingcpp.read_barcodes(shot)
    return found[0].text if found else ""


async def revoke(site: Site, identifier: LicenseIdentifier) -> None:
    """Revoke a license of the family by the body that issued it."""
    who = Provenance("admin", identifier.issuer_code, site.rooms.clock())
    async with site.rooms.stores.pool.acquire() as connection:
        await change_status(
            connection, serial=identifier.serial, version=identifier.version, action=Action.REVOKE,
            ground=Ground("测试", "《行政许可法》第六十九条"), who=who,
        )  # fmt: skip
    await site.rooms.live.refresh()


async def sign_out(site: Site, page: Page) -> None:
    """Sign out, which leads past the identity platform."""
    await page.goto(f"{site.address}/my")
    await page.locator(".account button").click()
    await page.wait_for_url(lambda address: not address.startswith(f"{site.address}/my/") and not address.endswith("/my"))
    await page.wait_for_load_state()
    site.complaints.clear()  # the platform's own page is another site, as it should be
    await page.goto(f"{site.address}/my/signin")


def license_path(made: Family, type_name: str, number: int = 0) -> str:
    """The page of a license of the family."""
    return f"/my/licenses/{made[type_name][number].text}"
