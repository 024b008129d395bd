"""The trust officer's pages: a region and an agreement by two people, the difference, and the card that names the agreement."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Page, expect

from etrust.recognition import partner_store
from etrust.storage.stores import Stores
from tests.licenses.issuing import code_of, issue_company
from tests.licenses.test_documents import data_of, make
from tests.recognition.regions import GANSU, Partner, agree_with, another_region, know
from tests.web.conftest import Site, form_token

TYPE, OTHER = "11100000MB0143028R001", "111000000000133708001"


@pytest_asyncio.fixture(scope="module")
async def gansu(stores: Stores, tmp_path_factory) -> AsyncIterator[Partner]:  # type: ignore[no-untyped-def]
    async with another_region(tmp_path_factory.mktemp("gansu"), stores.database_url, stores.redis_url) as partner:
        yield partner


async def officer(site: Site, page: Page, name: str = "trust", path: str = "/regions") -> None:
    await site.sign_in(page, name, path)


async def test_a_region_and_an_agreement_by_two(site: Site, gansu: Partner, tmp_path: Path) -> None:
    anchor = tmp_path / "anchor.der"
    anchor.write_bytes(gansu.rooms.anchor_certificate())
    code = code_of(await issue_company(gansu.rooms, 证照编号="620000000020001"))
    async with site.visitor() as first, site.visitor() as second:
        await officer(site, first)
        await expect(first.locator(".waiting h2")).to_have_text("还没有伙伴地区")
        await first.click("text=提出增加地区")
        await first.fill("#region", GANSU)
        await first.fill("#name_zh", "甘肃省")
        await first.fill("#base_url", "ftp://nowhere")
        await first.fill("#reason", "省际互认")
        await first.set_input_files("#anchor", anchor)
        await first.click("main button[type=submit]")
        await expect(first.locator(".summary")).to_contain_text("https://")
        assert await first.input_value("#name_zh") == "甘肃省"  # nothing that was written is lost
        await first.fill("#base_url", gansu.address)
        await first.set_input_files("#anchor", anchor)
        await first.click("main button[type=submit]")
        await expect(first.locator("[data-proposal]")).to_contain_text("须由另一位信任管理员批准")
        assert await first.locator("text=批准").first.is_visible()
        assert await site.rooms.partners.region(GANSU) is None

        await officer(site, second, "trust2")
        await second.click("[data-proposal] button.primary")
        await expect(second.locator(".done")).to_contain_text("地区已增加")
        await expect(second.locator(f"[data-region='{GANSU}']")).to_contain_text("都不作数")
        assert (await site.rooms.check(code)).sub_indication == "NO_AGREEMENT"

        await second.click("text=提出协议")
        await second.check(f"input[name='type.{TYPE}']")
        await second.fill("#valid_until", "2099-12-31")
        await second.fill("#document", "新甘互认〔2026〕1号")
        await second.fill("#reason", "省际互认")
        await second.click("main button[type=submit]")  # the legal basis is missing: the browser says so
        await second.fill("#legal_basis", "国办发〔2022〕3号")
        await second.click("main button[type=submit]")
        await expect(second.locator(".agreement-page")).to_have_attribute("data-state", "proposed")
        assert await second.locator("text=批准协议").count() == 0

        await first.goto(second.url)
        await first.click("text=批准协议")
        await expect(first.locator(".agreement-page")).to_have_attribute("data-state", "in_force")
        await expect(first.locator(".facts").first).to_contain_text("营业执照")
        await expect(first.locator(".facts").first).to_contain_text("2099年12月31日")
    site.rooms.agreements._known = None
    verdict = await site.rooms.check(code)
    async with site.clerk() as page:
        await page.fill("#presented", code)
        await page.keyboard.press("Enter")
        card = page.locator("#verdict [data-status=valid]")
        await expect(card).to_contain_text("甘肃省")
        await expect(card).to_contain_text(f"依据互认协议 {verdict.evidence['agreement']}")


async def test_the_difference_and_the_end(site: Site, gansu: Partner) -> None:
    await know(site.rooms, gansu, agreed=False)
    made = await agree_with(site.rooms, GANSU, types=frozenset({TYPE, OTHER}))
    async with site.visitor() as page:
        await officer(site, page, path=f"/regions/{GANSU}/agreements/new?replaces={made.number}")
        await page.goto(f"{site.address}/regions/{GANSU}/agreements/new?replaces={made.number}")
        assert await page.is_checked(f"input[name='type.{OTHER}']")
        await page.uncheck(f"input[name='type.{OTHER}']")
        await page.check("input[name=receipt_owed]")
        await page.fill("#valid_until", "2099-12-31")
        await page.fill("#reason", "缩小范围")
        await page.click("main button[type=submit]")
        types = page.locator("[data-term=types]")
        await expect(types.locator(".less")).to_be_visible()
        assert await types.locator(".more").count() == 0
        await expect(page.locator("[data-term=receipt_owed] .more")).to_contain_text("是")
        await page.goto(f"{site.address}/regions/agreements/{made.number}")
        await page.fill("#reason", "协议终止")
        await page.click("text=终止协议")
        await expect(page.locator(".agreement-page")).to_have_attribute("data-state", "over")


async def test_only_trust_officers_and_only_with_a_token(site: Site, gansu: Partner) -> None:
    await know(site.rooms, gansu, agreed=False)
    made = await agree_with(site.rooms, GANSU)
    pages = ("/regions", "/regions/new", f"/regions/{GANSU}/remove", f"/regions/{GANSU}/agreements/new", f"/regions/agreements/{made.number}")
    async with site.session() as session:
        for path in pages:
            async with session.get(path, allow_redirects=False) as answer:
                assert answer.status in (302, 303, 401), path
        await site.post_sign_in(session, "clerk", site.passwords["clerk"])
        for path in pages:
            async with session.get(path) as answer:
                assert answer.status == 403, path
    async with site.session() as session:
        await site.post_sign_in(session, "trust", site.passwords["trust"])
        for path in (f"/regions/agreements/{made.number}/end", f"/regions/{GANSU}/remove"):
            async with session.post(path, data={"reason": "x"}) as answer:
                assert answer.status == 403, path
        token = await form_token(session, f"/regions/agreements/{made.number}")
        async with session.post(f"/regions/agreements/{made.number}/end", data={"csrf": token, "reason": ""}) as answer:
            assert answer.status == 422
        for path in ("/regions/999999/remove", "/regions/agreements/HR-620000-2020-0001"):
            async with session.get(path) as answer:
                assert answer.status == 404, path


async def test_a_region_that_lies_is_seen(site: Site, gansu: Partner) -> None:
    await know(site.rooms, gansu, address="http://127.0.0.1:1")
    async with site.rooms.stores.pool.acquire() as connection:
        await partner_store.raise_alarm(
            connection, region=GANSU, reason="older_list", detail="number 3, seen 5", token=b"x", at=site.rooms.clock()
        )
    async with site.visitor() as page:
        await officer(site, page)
        region = page.locator(f"[data-region='{GANSU}']")
        await expect(region).to_contain_text("信任列表告警：1 条")
        await expect(page.locator("[data-alarm=older_list]")).to_contain_text("更旧")


async def test_files_of_the_region_on_the_clerks_page(site: Site, gansu: Partner, tmp_path: Path) -> None:
    stored = await issue_company(gansu.rooms, 证照编号="620000000020002")
    files = dict(zip(("pdf", "ofd"), [await data_of(gansu.rooms, each) for each in await make(gansu.rooms, stored)], strict=True))
    ((_, files["esl"]),) = (await gansu.rooms.files.check(files["ofd"])).found.seals
    await know(site.rooms, gansu, agreed=False)
    async with site.clerk() as page:
        for status, words in (("unknown", "甘肃省"), ("valid", "依据互认协议 HR-620000-")):
            for name, data in files.items():
                (tmp_path / f"file.{name}").write_bytes(data)
                await page.goto(f"{site.address}/check/file")
                await page.set_input_files("input[type=file]", tmp_path / f"file.{name}")
                if await page.locator("main form button[type=submit]:visible").count():
                    await page.click("main form button[type=submit]:visible")
                await expect(page.locator(f"#verdict [data-status={status}]")).to_contain_text(words, timeout=30_000)
                if status == "unknown":
                    await expect(page.locator("#verdict")).to_contain_text("本地区不予认可")
            await agree_with(site.rooms, GANSU)
