"""A holder on the phone: agrees or not, takes back, sees who looked, objects with one tap, lets somebody act."""

import csv
import io
import re
from datetime import timedelta

import aiohttp
import pytest
from playwright.async_api import expect

from etrust.onecode.consent_model import RequestState
from etrust.onecode.model import Basis
from tests.family import CHILD, HUSBAND, WIFE, issue_family
from tests.web.conftest import Site, form_token
from tests.web.consenting import COMPANIES, NEIGHBOR, USE, ask, looked, newborn, session_of
from tests.web.holding import holder_token, signed_in_holder
from tests.web.test_holder_page import PHONE

pytestmark = pytest.mark.long


async def test_a_window_asks_beside_the_code_and_the_holder_agrees(site: Site) -> None:
    async with signed_in_holder(site, WIFE.code, name=WIFE.name, wanted="/my/code", **PHONE) as page:
        asked, acting = await ask(site.rooms, await session_of(site.rooms, page))
        question = page.locator("#requests .asked")
        await expect(question).to_contain_text("您同意吗")
        for told in ("托克扎克镇便民服务站", "新生儿出生登记", USE.reason, "结婚证", "30 分钟", USE.case_number):
            await expect(question).to_contain_text(told)
        yes = question.get_by_role("button", name="同意", exact=True)
        await expect(yes).to_be_in_viewport()
        await yes.click()
        await expect(page.locator("#requests")).to_contain_text("您已同意")
        assert (await site.rooms.consent.request(asked.id)).state is RequestState.AGREED
        matter = await newborn(site.rooms)
        await site.rooms.consent.use(asked.id, USE, subject=acting.subject, version=matter.version)
        await page.goto(f"{site.address}/my/grants")
        await page.locator("details.past").evaluate("each => each.open = true")
        await expect(page.locator(".grant[data-state=used_up]")).to_contain_text("1 次，共 1 次")


async def test_without_script_and_not_agreeing(site: Site) -> None:
    how = {"java_script_enabled": False, **PHONE}
    async with signed_in_holder(site, WIFE.code, name=WIFE.name, wanted="/my/requests", **how) as page:
        await expect(page.locator("main")).to_contain_text("目前没有请求")
        asked, _ = await ask(site.rooms, await session_of(site.rooms, page))
        await page.reload()
        await page.get_by_role("button", name="不同意").click()
        await expect(page.locator("main")).to_contain_text("您未同意")
        assert (await site.rooms.consent.request(asked.id)).state is RequestState.REFUSED
        assert page.url.endswith("/my/requests")


async def test_taking_consent_back_with_one_tap(site: Site) -> None:
    async with signed_in_holder(site, WIFE.code, name=WIFE.name, wanted="/my/grants", **PHONE) as page:
        await expect(page.locator("main")).to_contain_text("您还没有授权过")
        session = await session_of(site.rooms, page)
        given = await site.rooms.consent.give(
            await site.rooms.consent.acting(session), matter=await newborn(site.rooms), uses=3,
            until=site.rooms.clock() + timedelta(days=2), by_session=session,
        )
        await page.reload()
        await expect(page.locator(".grant")).to_contain_text("0 次，共 3 次")
        await page.get_by_role("button", name="撤回").click()
        await expect(page.get_by_role("status")).to_contain_text("已撤回")
        assert await page.get_by_role("button", name="撤回").count() == 0
        grants = await site.rooms.consent.grants(await site.rooms.consent.acting(session))
        assert [(each.id, each.revoked_at is not None) for each in grants] == [(given.id, True)]


async def test_who_looked_and_one_tap_to_object(site: Site) -> None:
    family = await issue_family(site.rooms)
    async with signed_in_holder(site, HUSBAND.code, name=HUSBAND.name, wanted="/my/access", **PHONE) as page:
        await expect(page.locator("main")).to_contain_text("还没有人查看过您的证照")
        await looked(site.rooms, family)
        await page.reload()
        own, duty, named = (page.locator(".look").nth(place) for place in range(3))
        await expect(own).to_contain_text("住址")
        await expect(duty).to_contain_text("依职能")
        await expect(named).to_contain_text("办事的是证照上的另一人")
        assert USE.case_number not in await named.inner_html()
        await duty.get_by_role("button", name="不应查看").click()
        await expect(page.get_by_role("status")).to_contain_text("异议已受理")
        number = (await page.locator(".sheet h2").inner_text()).strip()
        await expect(page.locator(".sheet")).to_contain_text("已受理")
        await page.goto(f"{site.address}/my/access")
        await expect(page.locator(".look").nth(1)).to_contain_text(number)
        async with page.expect_download() as download:
            await page.get_by_role("link", name="CSV").click()
        path = await (await download.value).path()
        rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))
        assert rows[0][:3] == ["序号", "时间", "单位"]
        assert len(rows) == 4
        assert "'=现场核查" in rows[2]
        assert number in rows[2]


async def test_a_guardian_sees_the_childs_log_and_a_delegate_nobodys(site: Site) -> None:
    await issue_family(site.rooms)
    rooms = site.rooms
    async with signed_in_holder(site, WIFE.code, name=WIFE.name, wanted="/my/access", **PHONE) as page:
        session = await session_of(rooms, page)
        ward = next(each for each in await rooms.consent.actings(session.person) if each.basis is Basis.GUARDIAN)
        await rooms.people.act_for(session, ward.choice)
        await page.reload()
        await expect(page.locator(".switch.other")).to_contain_text(CHILD.name)
        mine = (await rooms.consent.actings(session.person))[0]
        given = await rooms.consent.delegate(
            mine, session, name=NEIGHBOR.name, number=NEIGHBOR.code, matters=[USE.matter], until=rooms.clock() + timedelta(days=3)
        )
    async with signed_in_holder(site, NEIGHBOR.code, name=NEIGHBOR.name, wanted="/my/delegations", **PHONE) as page:
        await page.get_by_role("button", name="接受").click()
        await expect(page.get_by_role("status")).to_contain_text("可以代办了")
        session = await session_of(rooms, page)
        await rooms.people.act_for(session, (await rooms.consent.actings(session.person))[1].choice)
        for path in ("access", "grants", "objections", "delegations/new"):
            await page.goto(f"{site.address}/my/{path}")
            await expect(page.locator("h1")).to_have_text("只有持证人本人可以查看")
        await page.goto(f"{site.address}/my/delegations")
        assert await page.locator("form[action$='/end']").count() == 0
        assert given.id in await page.content()


async def test_letting_somebody_act(site: Site) -> None:
    async with signed_in_holder(site, WIFE.code, name=WIFE.name, wanted="/my/delegations", **PHONE) as page:
        await page.get_by_role("link", name="委托他人代办").click()
        await page.fill("#q", "新生儿出生登记")
        await page.keyboard.press("Enter")
        await page.get_by_role("link", name="新生儿出生登记").click()
        await page.fill("#name", NEIGHBOR.name)
        await page.fill("#number", NEIGHBOR.code[:-1] + "1")
        await page.get_by_text("30 天").click()
        await page.get_by_role("button", name="委托此人").click()
        await expect(page.get_by_role("alert")).to_contain_text("公民身份号码不正确")
        await expect(page.locator("#name")).to_have_value(NEIGHBOR.name)
        await expect(page.locator("input[name=days]:checked")).to_have_value("30")
        await page.fill("#number", NEIGHBOR.code)
        await page.get_by_role("button", name="委托此人").click()
        await expect(page.get_by_role("status")).to_contain_text("委托已发出")
        await expect(page.locator(".sheet")).to_contain_text("653121********")
        assert NEIGHBOR.code not in await page.content()
        await page.get_by_role("button", name="撤回").click()
        await expect(page.locator("main")).to_contain_text("目前没有人代您办理")


async def test_a_companys_staff_in_all_matters(site: Site) -> None:
    await issue_family(site.rooms)
    how = {"companies": COMPANIES, **PHONE}
    async with signed_in_holder(site, HUSBAND.code, name=HUSBAND.name, wanted="/my/delegations", **how) as page:  # type: ignore[arg-type]
        session = await session_of(site.rooms, page)
        await site.rooms.people.act_for(session, (await site.rooms.consent.actings(session.person))[1].choice)
        await page.goto(f"{site.address}/my/delegations/new")
        await page.get_by_role("link", name="本单位的所有事项").click()
        await page.fill("#name", NEIGHBOR.name)
        await page.fill("#number", NEIGHBOR.code)
        await page.get_by_role("button", name="委托此人").click()
        await expect(page.locator(".sheet")).to_contain_text("所有事项")


async def test_no_other_site_and_no_other_person(site: Site) -> None:
    """Without the form's token nothing happens; with it, another's things are not there."""
    rooms = site.rooms
    async with signed_in_holder(site, WIFE.code, name=WIFE.name, wanted="/my/access") as page:
        session = await session_of(rooms, page)
        asked, acting = await ask(rooms, session)
        until = rooms.clock() + timedelta(days=1)
        grant = await rooms.consent.give(acting, matter=await newborn(rooms), until=until, by_session=session)
        given = await rooms.consent.delegate(acting, session, name=NEIGHBOR.name, number=NEIGHBOR.code, matters=[USE.matter], until=until)
    paths = [
        "access/1/objection", "objections", f"requests/{asked.id}", f"grants/{grant.id}/end", f"delegations/{given.id}/end",
        f"delegations/{given.id}/accept", "delegations/new",
    ]  # fmt: skip
    data = {"agree": "yes", "license": "x", "matter": USE.matter, "name": "", "number": ""}
    without, with_token = [], []
    token = await holder_token(site, HUSBAND.code, name=HUSBAND.name)
    async with aiohttp.ClientSession(site.address, cookies={"etrust_holder": token}, cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
        csrf = await form_token(client, f"/my/delegations/new?matter={USE.matter}")
        for path in paths:
            async with client.post(f"/my/{path}", data=data) as answer:
                without.append(answer.status)
            async with client.post(f"/my/{path}", data={**data, "csrf": csrf}) as answer:
                with_token.append(answer.status)
    assert without == [403] * len(paths)
    assert with_token == [404] * (len(paths) - 1) + [422]
    assert (await rooms.consent.request(asked.id)).state is RequestState.PENDING
    assert [each.revoked_at for each in await rooms.consent.grants(acting)] == [None]


async def test_nothing_without_signing_in(site: Site) -> None:
    async with site.session() as client:
        for path in ("access", "access/export.csv", "grants", "requests", "requests/part", "delegations", "objections"):
            async with client.get(f"/my/{path}", allow_redirects=False) as answer:
                assert answer.status == 303
                assert re.match(r"/my/signin\?next=", answer.headers["Location"])
