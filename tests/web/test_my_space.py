"""The holder's first page and a license on the phone: found, shown, masked; strangers' licenses and markup in names are nothing."""

import pytest
from playwright.async_api import expect

from etrust.licenses.model import Holder
from etrust.onecode.model import Subject
from tests.family import CHILD, COMPANY, HUSBAND, WIFE, issue_family
from tests.licenses.issuing import COMPANY as CELLS
from tests.licenses.issuing import issue_company
from tests.web.conftest import Site
from tests.web.holder_pages import family_of, husband, license_path, read_code, revoke
from tests.web.holding import CODE, NAME, holder_token, signed_in_holder

pytestmark = pytest.mark.long


async def test_all_of_a_person_stands_on_one_page_with_what_ends_soon(site: Site) -> None:
    await family_of(site)
    async with husband(site) as page:
        await expect(page.locator("h1")).to_have_text(HUSBAND.name)
        kinds = await page.eval_on_selector_all(".shelf .my-card", "all => all.map(each => each.dataset.type)")
        assert {"resident_identity_card", "driving_license", "marriage_certificate"} <= set(kinds)
        await expect(page.locator(".ending")).to_contain_text("20")
        renew = page.locator(".ending a.button")
        assert "/matters?q=" in str(await renew.get_attribute("href"))
        past = page.locator(".past")
        await expect(past.locator(".my-card[data-type=passport]")).not_to_be_visible()
        await past.locator("summary").click()
        await expect(past.locator(".my-card[data-type=passport] .pill")).to_have_attribute("data-status", "expired")


@pytest.mark.long
async def test_a_search_finds_and_says_when_it_does_not(site: Site) -> None:
    await family_of(site)
    async with husband(site) as page:
        await page.fill("#q", "驾驶")
        await page.keyboard.press("Enter")
        await expect(page.locator(".my-card")).to_have_count(1)
        await page.fill("#q", "<script>alert(1)</script>")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status")).to_be_visible()
        await expect(page.locator("#q")).to_have_value("<script>alert(1)</script>")


async def test_who_has_nothing_is_told_what_to_do(site: Site) -> None:
    async with signed_in_holder(site) as page:
        await expect(page.locator(".empty h2")).to_be_visible()
        assert await page.locator(".empty a").get_attribute("href") == "/matters"


async def test_a_license_shows_its_face_a_code_and_hidden_numbers(site: Site) -> None:
    made = await family_of(site)
    async with husband(site, license_path(made, "driving_license")) as page:
        await expect(page.locator("#code")).to_have_attribute("data-status", "valid")
        text = await read_code(page.locator("#code .qr"))
        assert text.startswith("ET2:")
        verdict = await site.rooms.check(text, actor=await site.rooms.operator("clerk"))
        assert (verdict.kind, verdict.status.value) == ("code", "valid")
        whole = page.locator(".face-holder-code bdi")
        await expect(whole).not_to_be_visible()
        await page.locator(".face-holder-code summary").click()
        await expect(whole).to_have_text(HUSBAND.code)
        before = await page.locator(".live").inner_text()
        await expect(page.locator(".live")).not_to_have_text(before)
        await expect(page.locator(".stamp").first).to_have_text(await page.locator(".live").inner_text())


@pytest.mark.long
async def test_the_watermark_stands_still_for_those_who_ask_and_the_clock_runs_on(site: Site) -> None:
    made = await family_of(site)
    async with husband(site, license_path(made, "driving_license"), reduced_motion="reduce") as page:
        assert await page.evaluate("getComputedStyle(document.querySelector('.watermark')).animationName") == "none"
        before = await page.locator(".stamp").first.inner_text()
        await expect(page.locator(".stamp").first).not_to_have_text(before)


async def test_a_license_of_somebody_else_is_like_none(site: Site) -> None:
    made = await issue_family(site.rooms)
    hers = license_path(made, "resident_identity_card", 1)
    unknown = hers.replace(hers.split(".")[7], "A" * 20)
    token = await holder_token(site, HUSBAND.code, name=HUSBAND.name)
    answers = set()
    async with site.session() as session:
        for path in (hers, unknown):
            for rest in ("", "/code", "/saved", "/documents/pdf"):
                async with session.get(path + rest, cookies={"etrust_holder": token}) as answer:
                    text = await answer.text()
                    assert WIFE.name not in text
                    answers.add((answer.status, text.replace(path, "")[-400:]))
    assert len(answers) == 1
    assert next(iter(answers))[0] == 404


async def test_a_revoked_license_shows_no_code_and_says_why(site: Site) -> None:
    made = await family_of(site)
    async with husband(site, license_path(made, "driving_license")) as page:
        await revoke(site, made["driving_license"][0])
        await page.reload()
        await expect(page.locator("#code")).to_have_attribute("data-status", "revoked")
        await expect(page.locator("#code .qr")).to_have_count(0)
        await expect(page.locator("#keep")).to_have_count(0)


async def test_sensitive_types_ask_for_a_passkey_first(site: Site) -> None:
    made = await family_of(site)
    path = license_path(made, "medical_insurance")
    async with husband(site, path) as page:
        assert "/my/passkeys" in page.url
        await expect(page.locator(".face")).to_have_count(0)
    async with husband(site, path, strong=True) as page:
        await expect(page.locator(".face")).to_be_visible()
        await expect(page.locator("#keep")).to_have_count(0)


async def test_one_acts_for_the_company_and_the_child_and_every_page_says_so(site: Site) -> None:
    await family_of(site)
    async with husband(site) as page:
        for name, kinds in ((COMPANY.name, {"business_license"}), (CHILD.name, {"birth_certificate", "vaccination_certificate"})):
            await page.locator(".switch a").click()
            await page.locator(".who-for button", has_text=name).click()
            await expect(page.locator("h1")).to_have_text(name)
            shown = set(await page.eval_on_selector_all(".my-card", "all => all.map(each => each.dataset.type)"))
            assert kinds & shown
            await page.goto(f"{site.address}/my/code")
            await expect(page.locator(".acting-line")).to_contain_text(HUSBAND.name)
            text = await read_code(page.locator("#code .qr"))
            shown_for = await site.rooms.codes.redeem(text, operator=await site.rooms.operator("clerk"))
            assert shown_for.acting.subject.name == name
            await page.goto(f"{site.address}/my")


@pytest.mark.long
async def test_a_choice_that_does_not_stand_is_oneself(site: Site) -> None:
    await family_of(site)
    async with husband(site, "/my/acting") as page:
        await page.locator(".who-for button").last.evaluate("each => { each.value = 'f'.repeat(32); }")
        await page.locator(".who-for button").last.click()
        await expect(page.locator("h1")).to_have_text(HUSBAND.name)


async def test_whoever_finds_something_wrong_objects_from_the_page_of_the_license(site: Site) -> None:
    made = await family_of(site)
    async with husband(site, license_path(made, "driving_license")) as page:
        await page.locator("details.versions summary").first.click()
        await page.locator("form[action='/my/objections'] button").click()
        await page.wait_for_url("**/my/objections**")
        assert await page.locator("main").inner_text() != ""


async def test_markup_in_a_name_stays_text(site: Site) -> None:
    evil = '<img src=x onerror="document.title=1">'
    await issue_company(site.rooms, 法定代表人=evil, 持证主体=f"{evil}公司")
    code = CELLS["统一社会信用代码"]
    async with signed_in_holder(site, wanted="/my/acting", companies=((code, f"{evil}公司", "staff"),)) as page:
        assert await page.locator("main img").count() == 0
    async with signed_in_holder(site, CODE, name=NAME) as page:
        async with site.rooms.stores.pool.acquire() as connection:
            await connection.execute(
                "INSERT INTO license_holders (holder_key, serial, version) SELECT $1, serial, version FROM license_holders"
                " WHERE holder_key = $2", subject_of(site, CODE, NAME, "111").key, subject_of(site, code, "").key,
            )  # fmt: skip
        await page.reload()
        await expect(page.locator(".my-card")).to_contain_text(evil)
        await page.locator("a.my-card").first.click()
        await expect(page.locator(".face-legal-representative")).to_contain_text(evil)
        assert await page.locator("main img, main script").count() == 0
        assert await page.title() != "1"


async def test_no_page_of_a_person_is_kept_by_a_cache(site: Site) -> None:
    made = await family_of(site)
    token = await holder_token(site, HUSBAND.code, name=HUSBAND.name)
    license_ = license_path(made, "driving_license")
    paths = ["/my", "/my/code", "/my/code/part", "/my/cards", "/my/cards/new", license_, f"{license_}/code", f"{license_}/saved"]
    async with site.session() as session:
        for path in paths:
            async with session.get(path, cookies={"etrust_holder": token}) as answer:
                assert (path, answer.status, answer.headers["Cache-Control"]) == (path, 200, "no-store")
            async with session.get(path, allow_redirects=False) as answer:
                assert answer.status == 303, path


def subject_of(site: Site, code: str, name: str, code_type: str = "001") -> Subject:
    """A holder as the one code knows it."""
    return Subject(site.rooms.issuing.numbering.holder(Holder(name, code, code_type)), name, code, code_type)
