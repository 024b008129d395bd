"""The seal officer's pages in three languages, light, dark and large: nothing grave for axe, nothing sticks out, all by keyboard."""

import pytest
from playwright.async_api import expect

from etrust.seals.model import SealState
from tests.web.conftest import Site
from tests.web.sealing import applied, in_state, used
from tests.web.test_accessibility import DIRECTION, grave

pytestmark = pytest.mark.long

SCHEMES = {"normal": ("light",), "large": ("dark",)}
FOCUSED = "(({tagName, name, id}) => tagName + '#' + (id || name || ''))(document.activeElement)"


async def addresses(site: Site) -> list[str]:
    """Every kind of page there is about seals."""
    waiting, active, frozen = await applied(site.rooms), await used(site.rooms), await in_state(site.rooms, SealState.FROZEN)
    paths = [
        "", "/new", f"/new?replaces={active}", f"/{waiting}", f"/{waiting}/approve", f"/{active}?done=activate", f"/{frozen}", f"/{active}/freeze",
        f"/{active}/grants/new", f"/{active}/uses",
    ]  # fmt: skip
    return [f"{site.address}/seals{path}" for path in paths]


@pytest.mark.parametrize(("language", "size"), [
    ("ug", "large"),
    *(pytest.param(language, size, marks=pytest.mark.long) for language, size in (
        ("zh", "normal"), ("zh", "large"), ("ug", "normal"), ("en", "normal"), ("en", "large"))),
])  # fmt: skip
async def test_no_page_shuts_an_officer_out(site: Site, language: str, size: str) -> None:
    found, over = {}, {}
    async with site.visitor(bypass_csp=True, reduced_motion="reduce") as page:
        await page.goto(f"{site.address}/signin?lang={language}&print={size}")
        await site.sign_in(page, "seals", "/seals")
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


async def test_an_application_by_keyboard_alone(site: Site) -> None:
    async with site.visitor() as page:
        await site.sign_in(page, "seals", "/seals")
        await page.goto(f"{site.address}/seals/new")
        await page.locator("#body").focus()
        reached = []
        for _ in range(24):
            await page.keyboard.press("Tab")
            reached.append(await page.evaluate(FOCUSED))
            if reached[-1] == "INPUT#name_zh":
                await page.keyboard.type("疏附县民政局")
            if reached[-1] in {"INPUT#reason", "INPUT#legal_basis"}:
                await page.keyboard.type("单位新设")
            if reached[-1] == "INPUT#legal_basis":
                break
        order = ["INPUT#name_zh", "INPUT#with_ug", "INPUT#name_ug", "INPUT#inscription", "SELECT#years", "INPUT#reason", "INPUT#legal_basis"]
        assert [each for each in reached if each in order] == order
        await page.keyboard.press("Enter")
        await expect(page.locator(".seal-page[data-state=applied]")).to_contain_text("疏附县民政局")


async def test_a_thumb_is_enough(site: Site) -> None:
    async with site.visitor(viewport={"width": 390, "height": 844}, has_touch=True) as page:
        await site.sign_in(page, "seals", "/seals")
        for address in await addresses(site):
            await page.goto(address)
            small = await page.evaluate("""[...document.querySelectorAll('main button, main .button, main input:not([type=hidden], [type=checkbox], [type=radio]), main select, main label.toggle, main .next a, main .back a')]
                .filter(e => e.offsetParent && e.getBoundingClientRect().height > 2 && e.getBoundingClientRect().height < 44).map(e => e.outerHTML)""")
            assert small == [], address


async def test_signing_in_leads_an_officer_to_the_seals(site: Site) -> None:
    async with site.session() as session:
        answer = await site.post_sign_in(session, "seals", site.passwords["seals"], wanted="")
        assert answer.headers["Location"] == "/seals"
        async with session.get("/signin", allow_redirects=False) as again:
            assert again.headers["Location"] == "/seals"
    async with site.session() as session:
        answer = await site.post_sign_in(session, "clerk", site.passwords["clerk"], wanted="")
        assert answer.headers["Location"] == "/check"
