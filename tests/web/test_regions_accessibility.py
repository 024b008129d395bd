"""The pages of regions and agreements in three languages, light, dark and large: nothing grave for axe, nothing sticks out."""

from datetime import timedelta

import pytest

from etrust.recognition import partner_store
from etrust.recognition.agree import Terms
from etrust.recognition.model import RegionAction, RegionProposal
from tests.recognition.regions import GANSU, add_partner, agree_with
from tests.web.conftest import Site
from tests.web.test_accessibility import DIRECTION, grave

SCHEMES = {"normal": ("light",), "large": ("dark",)}
TYPE, OTHER = "11100000MB0143028R001", "111000000000133708001"


async def addresses(site: Site) -> list[str]:
    """Every kind of page there is, with something on it."""
    rooms = site.rooms
    now, anchor, second = rooms.clock(), rooms.anchor_certificate(), await rooms.operator("trust2")
    for region, name in ((GANSU, "甘肃省"), ("630000", "青海省")):
        await add_partner(rooms, region, name, "http://127.0.0.1:1", anchor)
    first = await agree_with(rooms, GANSU, types=frozenset({TYPE}))
    terms = Terms(
        GANSU, frozenset({OTHER}), now + timedelta(days=9), now + timedelta(days=99), "2号", "扩大", "国办发〔2022〕3号", receipt_owed=True,
        matters=frozenset({"11653121MB1A0009XQ4000100010000"}), replaces=first.number,
    )  # fmt: skip
    proposed = await rooms.agreements.propose(terms, who=second)
    wanted = RegionProposal(0, RegionAction.ADD, "610000", "陕西省", "", "", "https://etrust.shaanxi.example", anchor, None, "互认", "", now)
    await rooms.agreements.propose_region(wanted, who=second)
    async with rooms.stores.pool.acquire() as connection:
        await partner_store.raise_alarm(connection, region=GANSU, reason="older_list", detail="number 3, seen 5", token=b"x", at=now)
    paths = (
        "?done=approve", "/new", f"/{GANSU}/remove", f"/{GANSU}/agreements/new?replaces={first.number}", f"/agreements/{first.number}",
        f"/agreements/{proposed.number}",
    )  # fmt: skip
    return [f"{site.address}/regions{path}" for path in paths]


@pytest.mark.parametrize(("language", "size"), [
    ("ug", "large"),
    *(pytest.param(language, size, marks=pytest.mark.long) for language, size in (
        ("zh", "normal"), ("zh", "large"), ("ug", "normal"), ("en", "normal"), ("en", "large"))),
])  # fmt: skip
async def test_no_page_shuts_an_officer_out(site: Site, language: str, size: str) -> None:
    found, over = {}, {}
    async with site.visitor(bypass_csp=True, reduced_motion="reduce") as page:
        await page.goto(f"{site.address}/signin?lang={language}&print={size}")
        await site.sign_in(page, "trust", "/regions")
        for address in await addresses(site):
            await page.goto(address)
            assert await page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == list(DIRECTION[language])
            for scheme in SCHEMES[size]:
                await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of two words
                found[address, scheme] = await grave(page)
            for width in (320, 390, 768, 1440):
                await page.set_viewport_size({"width": width, "height": 900})
                over[address, width] = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert {place: each for place, each in found.items() if each} == {}
    assert {place: pixels for place, pixels in over.items() if pixels > 0} == {}
