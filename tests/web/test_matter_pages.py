"""The public list of matters and the officers' pages: what is spared, an edit with its differences, an import with its preview."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from etrust.matters.samples import NEWBORN
from tests.web.conftest import Site
from tests.web.test_accessibility import DIRECTION, grave

pytestmark = pytest.mark.long


async def test_a_citizen_finds_what_to_bring(site: Site) -> None:
    async with site.visitor() as page:
        await page.goto(f"{site.address}/matters")
        await page.fill("main input[name=q]", "出生登记")
        await page.keyboard.press("Enter")
        await page.get_by_role("link", name="新生儿出生登记").first.click()
        await expect(page.locator("h1")).to_have_text("新生儿出生登记")
        await expect(page.locator("main")).to_contain_text("不用带")
        await expect(page.locator("main")).to_contain_text("只需出示您的码")
        listed = await page.request.get(f"{site.address}/matters.csv")
        assert NEWBORN in (await listed.body()).decode("utf-8-sig")
        answer = await page.goto(f"{site.address}/matters/{NEWBORN}/edit")
        assert answer is not None
        assert page.url.startswith(f"{site.address}/signin")


async def test_an_officer_edits_and_sees_what_changes(site: Site) -> None:
    async with site.visitor() as page:
        await site.sign_in(page, "matters", f"/matters/{NEWBORN}/edit")
        await page.fill("[name=days]", "4")
        await page.click("button[value=preview]")
        await expect(page.locator("main")).to_contain_text("承诺办结时限")
        await page.get_by_role("button", name="公布", exact=True).click()
    matter = await site.rooms.catalogue.matter(NEWBORN)
    assert matter is not None
    assert (matter.version, matter.days) == (2, 4)


async def test_an_import_is_previewed_before_it_is_done(site: Site, tmp_path: Path) -> None:
    async with site.visitor() as page:
        await site.sign_in(page, "matters", "/matters/import")
        exported = await page.request.get(f"{site.address}/matters/export.csv")
        path = tmp_path / "list.csv"
        path.write_bytes((await exported.body()).replace("新生儿出生登记".encode(), "新生儿出生登记（改）".encode()))
        await page.set_input_files("main input[type=file]", path)
        await page.locator("main form[enctype] button[type=submit]").click()
        await expect(page.locator("main")).to_contain_text("有变化")
        before = await site.rooms.catalogue.matter(NEWBORN)
        assert before is not None
        assert before.version == 1
        await page.locator("main form[action$=confirm] button[type=submit]").click()
        await page.wait_for_load_state()
    after = await site.rooms.catalogue.matter(NEWBORN)
    assert after is not None
    assert (after.version, after.name.zh) == (2, "新生儿出生登记（改）")


@pytest.mark.parametrize(("language", "size"), [
    ("zh", "normal"),
    *(pytest.param(language, size, marks=pytest.mark.long) for language, size in (
        ("zh", "large"), ("ug", "normal"), ("ug", "large"), ("en", "normal"), ("en", "large"))),
])  # fmt: skip
async def test_no_page_of_matters_shuts_anyone_out(site: Site, language: str, size: str) -> None:
    found = {}
    async with site.visitor(bypass_csp=True, reduced_motion="reduce") as page:
        await site.sign_in(page, "matters", "/matters/drafts")
        for path in ("", "/themes/birth", f"/{NEWBORN}", "/drafts", "/new", "/import", f"/{NEWBORN}/edit", f"/{NEWBORN}/edit/materials/birth_certificate"):
            await page.goto(f"{site.address}/matters{path}?lang={language}&print={size}")
            assert await page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == list(DIRECTION[language])
            for scheme in ("light", "dark"):
                await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                found[f"{path} {scheme}"] = await grave(page)
    assert {name: each for name, each in found.items() if each} == {}
