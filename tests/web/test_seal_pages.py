"""The seal officers' pages in a real browser: the whole life of a seal by two people, and what one alone cannot do."""

import re

import pytest
from playwright.async_api import Page, expect

from etrust.seals import store, usage_store
from etrust.seals.model import Action, SealState
from tests.web.conftest import Site, form_token

pytestmark = pytest.mark.long

LAW = "国发〔1999〕25号"


async def fill_ground(page: Page, reason: str = "单位新设") -> None:
    await page.fill("#reason", reason)
    await page.fill("#legal_basis", LAW)


async def apply(page: Page, site: Site, **fields: str) -> str:
    """Fill in and send an application; the code of the new seal."""
    await page.goto(f"{site.address}/seals/new")
    for name, value in fields.items():
        await page.fill(f"#{name}", value)
    await fill_ground(page)
    await page.click("text=提交申请")
    await expect(page.locator(".done")).to_contain_text("申请已提交")
    return page.url.rsplit("/", 1)[1].partition("?")[0]


async def step(page: Page, site: Site, code: str, name: str, state: SealState) -> None:
    """Take one step through its link on the page of the seal."""
    await page.goto(f"{site.address}/seals/{code}")
    await page.click(f'.steps a[href$="/{name}"]')
    if name == "file-record":
        await page.fill("#record_number", "新公印备〔2026〕0017号")
    await fill_ground(page, f"{name}：按程序办理")
    await page.click(".fields button")
    await expect(page.locator(f".seal-page[data-state={state}]")).to_be_visible()


async def state_of(site: Site, code: str) -> SealState:
    async with site.rooms.stores.pool.acquire() as connection:
        found = await store.find(connection, code)
    assert found is not None
    return found.state


async def test_the_whole_life_of_a_seal(site: Site) -> None:
    async with site.visitor() as first, site.visitor() as second:
        await site.sign_in(first, "seals", "/seals")
        await expect(first).to_have_url(f"{site.address}/seals")
        await site.sign_in(second, "seals2", "/seals")
        code = await apply(first, site, inscription="行政审批专用章")
        await step(second, site, code, "approve", SealState.APPROVED)
        await step(first, site, code, "make", SealState.MADE)
        await step(first, site, code, "file-record", SealState.RECORDED)
        await expect(first.locator(".seal-page")).to_contain_text("新公印备〔2026〕0017号")
        await step(second, site, code, "activate", SealState.ACTIVE)
        await expect(second.locator(".done")).to_contain_text("印章已启用")
        await step(first, site, code, "freeze", SealState.FROZEN)
        await step(first, site, code, "propose-restore", SealState.FROZEN)
        await step(second, site, code, "restore", SealState.ACTIVE)
        await step(second, site, code, "report-lost", SealState.LOST)
        await step(second, site, code, "cancel", SealState.CANCELED)
        assert await second.locator(".steps").count() == 0
        shown = await second.locator(".history li").evaluate_all("items => items.map(each => each.dataset.action)")
    assert shown == [
        "apply", "approve", "prepare", "make", "file_record", "activate", "freeze", "propose_restore", "restore", "report_lost", "cancel",
    ]  # fmt: skip
    async with site.rooms.stores.pool.acquire() as connection:
        events = await store.events_of(connection, code)
    assert {event.legal_basis for event in events} == {LAW}
    assert [event.operator for event in events if event.action in (Action.APPROVE, Action.ACTIVATE, Action.RESTORE)] == ["seals2"] * 3


async def test_one_person_alone_is_told_why_not(site: Site) -> None:
    async with site.visitor() as first, site.visitor() as second:
        await site.sign_in(first, "seals", "/seals")
        await site.sign_in(second, "seals2", "/seals")
        code = await apply(first, site)
        await expect(first.locator(".hindered").first).to_contain_text("须由另一位印章管理员审核")
        await expect(first.locator(".hindered").first).to_contain_text("印章审核员")  # who can
        assert await first.locator('.steps a[href$="/approve"]').count() == 0
        await first.goto(f"{site.address}/seals/{code}/approve")
        await expect(first.locator(".notice")).to_contain_text("这枚印章由您申请")
        assert await first.locator(".fields").count() == 0
        await step(second, site, code, "approve", SealState.APPROVED)
        await step(second, site, code, "make", SealState.MADE)
        await step(first, site, code, "file-record", SealState.RECORDED)
        for page in (first, second):  # one recorded it, the other made it
            await page.goto(f"{site.address}/seals/{code}")
            await expect(page.locator(".hindered")).to_contain_text("由您制作或备案")
        assert await state_of(site, code) is SealState.RECORDED


async def test_a_forged_post_of_one_person_is_refused(site: Site) -> None:
    async with site.visitor() as page:
        await site.sign_in(page, "seals", "/seals")
        code = await apply(page, site)
    async with site.session() as session:
        await site.post_sign_in(session, "seals", site.passwords["seals"])
        data = {"csrf": await form_token(session, "/seals/new"), "reason": "自审", "legal_basis": LAW}
        async with session.post(f"/seals/{code}/approve", data=data) as answer:
            assert answer.status == 403
            assert "须由另一人办理" in await answer.text()
        async with session.post(f"/seals/{code}/cancel", data={**data, "csrf": "0" * 64}) as answer:
            assert answer.status == 403
    assert await state_of(site, code) is SealState.APPLIED


async def test_an_application_is_withdrawn_not_canceled(site: Site) -> None:
    async with site.visitor() as page, site.visitor() as other:
        await site.sign_in(page, "seals", "/seals")
        code = await apply(page, site)
        await site.sign_in(other, "seals2", f"/seals/{code}")
        await expect(other.locator('.steps a[href$="/reject"]')).to_be_visible()
        assert await other.locator('.steps a[href$="/withdraw"]').count() == 0
        assert await page.locator('.steps a[href$="/cancel"]').count() == 0
        await page.click('.steps a[href$="/withdraw"]')
        await expect(page.locator(".lead")).to_contain_text("尚未制作")
        await fill_ground(page)
        await page.click(".fields button")
        await expect(page.locator(".done")).to_contain_text("申请已撤回")
    assert await state_of(site, code) is SealState.CANCELED


async def test_mistakes_are_told_beside_the_field_and_nothing_is_lost(site: Site) -> None:
    async with site.visitor() as page:
        await site.sign_in(page, "seals", "/seals")
        await page.goto(f"{site.address}/seals/new")
        await page.fill("#name_zh", "新疆\u0b95局")
        await page.fill("#inscription", "专用章")
        await page.check("input[name='type.business_license']")
        await page.select_option("#years", "3")
        await fill_ground(page)
        await page.click("text=提交申请")
        await expect(page.locator("#name_zh-fault")).to_contain_text("U+0B95")
        await expect(page.locator(".summary a")).to_have_attribute("href", "#name_zh")
        assert await page.get_attribute("#name_zh", "aria-invalid") == "true"
        assert await page.input_value("#inscription") == "专用章"
        assert await page.input_value("#years") == "3"
        assert await page.input_value("#reason") == "单位新设"
        assert await page.is_checked("input[name='type.business_license']")
        await page.fill("#name_zh", "")
        await page.click("text=提交申请")
        code = page.url.rsplit("/", 1)[1].partition("?")[0]
        await page.goto(f"{site.address}/seals/{code}/withdraw")
        await page.evaluate("document.querySelectorAll('[required]').forEach(each => each.removeAttribute('required'))")
        await page.fill("#reason", "撤回")
        await page.click(".fields button")
        await expect(page.locator("#legal_basis-fault")).to_be_visible()
        assert await page.input_value("#reason") == "撤回"
    assert await state_of(site, code) is SealState.APPLIED


async def test_the_picture_follows_the_form(site: Site) -> None:
    async with site.visitor() as page:
        await site.sign_in(page, "seals", "/seals")
        await page.goto(f"{site.address}/seals/new")
        await expect(page.locator("#preview svg .ring path")).to_have_count(len("新疆维吾尔自治区数字化发展局"))
        await page.fill("#name_zh", "疏附县民政局")
        await page.locator("#inscription").focus()
        await expect(page.locator("#preview svg .ring path")).to_have_count(6)
        await page.check("input[name=with_ug]")
        await expect(page.locator("#preview svg .ring-ug path")).to_have_count(1)
        await page.check("input[value=personal]")
        await expect(page.locator("#preview svg .name path")).to_have_count(6)
        await page.fill("#name_zh", "㐀" * 41)
        await page.locator("#inscription").focus()
        await expect(page.locator("#preview .wrong")).to_be_visible()


async def test_without_scripts_everything_works(site: Site) -> None:
    async with site.visitor(java_script_enabled=False) as page:
        await site.sign_in(page, "seals", "/seals")
        await page.goto(f"{site.address}/seals/new")
        await page.fill("#name_zh", "王䶮印")
        await page.check("input[value=personal]")
        await page.click("text=查看印模")
        await expect(page.locator("#preview svg .name path")).to_have_count(3)
        assert await page.input_value("#name_zh") == "王䶮印"
        await fill_ground(page)
        await page.click("text=提交申请")
        await expect(page.locator(".seal-page[data-state=applied]")).to_be_visible()
        await page.goto(f"{site.address}/seals")
        await expect(page.locator(".seal-group").first).to_contain_text("王䶮印")


@pytest.fixture
async def active(site: Site) -> str:
    """The code of a seal in use."""
    async with site.visitor() as first, site.visitor() as second:
        await site.sign_in(first, "seals", "/seals")
        await site.sign_in(second, "seals2", "/seals")
        code = await apply(first, site)
        await step(second, site, code, "approve", SealState.APPROVED)
        await step(first, site, code, "make", SealState.MADE)
        await step(first, site, code, "file-record", SealState.RECORDED)
        await step(second, site, code, "activate", SealState.ACTIVE)
    return code


async def test_rights_of_use_are_given_and_taken_back(site: Site, active: str) -> None:
    async with site.visitor() as page:
        await site.sign_in(page, "seals", "/seals")
        await page.goto(f"{site.address}/seals/{active}")
        await expect(page.locator(".seal-main")).to_contain_text("未经授权，任何人都不能用印")
        await page.click("text=授权用印")
        await page.select_option("#grantee", "operator:officer")
        await page.check("input[name='type.business_license']")
        await page.fill("#valid_until", "2020-01-01")
        await fill_ground(page, "办理营业执照")
        await page.click(".fields button")
        await expect(page.locator("#valid_until-fault")).to_be_visible()
        assert await page.input_value("#grantee") == "operator:officer"
        await page.fill("#valid_until", "2030-12-31")
        await page.click(".fields button")
        await expect(page.locator(".done")).to_contain_text("用印授权已生效")
        await expect(page.locator(".records").first).to_contain_text("登记科经办人")
        await expect(page.locator(".records").first).to_contain_text("营业执照")
        async with site.rooms.stores.pool.acquire() as connection:
            (given,) = await usage_store.grants_of(connection, active)
        assert (given.grantee, given.license_types) == ("officer", ("business_license",))
        assert given.valid_until is not None
        assert given.valid_until.isoformat() == "2030-12-31T16:00:00+00:00"  # the end of that day in Beijing
        await page.click("text=收回授权")
        await fill_ground(page, "岗位变动")
        await page.click(".fields button")
        await expect(page.locator(".records").first).to_contain_text("已收回")
        await page.goto(f"{site.address}/seals/{active}/grants/new")
        await page.evaluate("document.querySelector('#grantee').insertAdjacentHTML('beforeend', '<option value=\"operator:seals\">')")
        await page.select_option("#grantee", "operator:seals")
        await fill_ground(page)
        await page.click(".fields button")
        await expect(page.locator("#grantee-fault")).to_contain_text("不能授权给自己")


@pytest.mark.long
async def test_a_changed_seal_is_a_new_one_that_takes_the_place(site: Site, active: str) -> None:
    async with site.visitor() as first, site.visitor() as second:
        await site.sign_in(first, "seals", "/seals")
        await site.sign_in(second, "seals2", "/seals")
        await first.goto(f"{site.address}/seals/{active}")
        await first.click("text=变更或换发印章")
        await first.check("input[name=with_ug]")
        await fill_ground(first, "加刻维吾尔文")
        await first.click("text=提交申请")
        code = first.url.rsplit("/", 1)[1].partition("?")[0]
        assert code != active
        await step(second, site, code, "approve", SealState.APPROVED)
        await step(first, site, code, "make", SealState.MADE)
        await step(first, site, code, "file-record", SealState.RECORDED)
        await step(second, site, code, "activate", SealState.ACTIVE)
    assert await state_of(site, active) is SealState.SUPERSEDED


async def test_others_do_not_get_in(site: Site, active: str) -> None:
    paths = ["/seals", "/seals/new", f"/seals/{active}", f"/seals/{active}/freeze", f"/seals/{active}/picture.svg", f"/seals/{active}/uses", f"/seals/{active}/grants/new"]
    async with site.session() as session:
        for path in paths:
            async with session.get(path, allow_redirects=False) as answer:
                assert (answer.status, answer.headers["Location"]) == (303, f"/signin?next={path}")
        await site.post_sign_in(session, "clerk", site.passwords["clerk"])
        for path in paths:
            async with session.get(path) as answer:
                assert answer.status == 403
        async with session.get("/") as answer:
            assert 'href="/seals"' not in await answer.text()
    async with site.session() as session:
        await site.post_sign_in(session, "seals", site.passwords["seals"])
        for path, status in (("/seals/65000099999999", 404), (f"/seals/{active}/explode", 404), (f"/seals/{active}/grants/999/end", 404)):
            async with session.get(path) as answer:
                assert answer.status == status


@pytest.mark.long
async def test_the_picture_is_safe_to_open_alone(site: Site, active: str) -> None:
    async with site.session() as session:
        await site.post_sign_in(session, "seals", site.passwords["seals"])
        async with session.get(f"/seals/{active}/picture.svg") as answer:
            assert answer.content_type == "image/svg+xml"
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            assert set(re.findall(r"<(\w+)", await answer.text())) == {"svg", "g", "path"}
        async with site.rooms.stores.pool.acquire() as connection:
            kept = await store.picture_of(connection, active)
        async with session.get(f"/seals/{active}/picture.svg") as answer:
            assert await answer.read() == kept
