"""The pages of consent in three languages, light, dark and large: nothing grave for axe, nothing sticks out."""

from datetime import timedelta

import pytest

from tests.family import HUSBAND, issue_family
from tests.web.conftest import Site
from tests.web.consenting import COMPANIES, NEIGHBOR, USE, ask, looked, newborn, session_of
from tests.web.holding import signed_in_holder
from tests.web.test_accessibility import DIRECTION, grave

pytestmark = pytest.mark.long

SCHEMES = {"normal": ("light",), "large": ("dark",)}
PATHS = ("access", "grants", "requests", "delegations", "delegations/new", f"delegations/new?matter={USE.matter}", "objections")


@pytest.mark.parametrize(("language", "size"), [
    ("ug", "large"),
    *(pytest.param(language, size, marks=pytest.mark.long) for language, size in (
        ("zh", "normal"), ("zh", "large"), ("ug", "normal"), ("en", "normal"), ("en", "large"))),
])  # fmt: skip
async def test_no_page_shuts_a_holder_out(site: Site, language: str, size: str) -> None:
    rooms, found, over = site.rooms, {}, {}
    family = await issue_family(rooms)
    how = {"companies": COMPANIES, "bypass_csp": True, "reduced_motion": "reduce"}
    async with signed_in_holder(site, HUSBAND.code, name=HUSBAND.name, wanted="/my/objections", **how) as page:  # type: ignore[arg-type]
        await page.goto(f"{site.address}/my/objections?lang={language}&print={size}")
        found["empty"] = await grave(page)
        session = await session_of(rooms, page)
        _, acting = await ask(rooms, session)
        await looked(rooms, family)
        until = rooms.clock() + timedelta(days=1)
        await rooms.consent.give(acting, matter=await newborn(rooms), until=until, by_session=session)
        await rooms.consent.delegate(acting, session, name=NEIGHBOR.name, number=NEIGHBOR.code, matters=[USE.matter], until=until)
        for entry in (await rooms.consent.log(acting.subject.key)).entries[:1]:
            await rooms.consent.object(acting, entry=entry.number)
        for path in PATHS:
            await page.goto(f"{site.address}/my/{path}")
            assert await page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == list(DIRECTION[language])
            for scheme in SCHEMES[size]:
                await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of two words
                found[f"{path} {scheme}"] = await grave(page)
            for width in (320, 390, 768, 1440):
                await page.set_viewport_size({"width": width, "height": 900})
                over[path, width] = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert {place: each for place, each in found.items() if each} == {}
    assert {place: pixels for place, pixels in over.items() if pixels > 0} == {}
