"""The check page with no network: it opens, judges by the lists kept, keeps scans and tells them when the network is back."""

import contextlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from etrust.cli.serving import serving
from etrust.credentials.online_code import LIFETIME, CodeFor, OnlineClaims, sign_online_code
from etrust.licenses.model import Action
from etrust.matters.samples import SHOP
from etrust.settings import Settings
from etrust.wiring import Rooms, open_rooms
from etrust.wiring.home import CODE_KEY
from tests.conftest import Founded
from tests.licenses.issuing import code_of, issue_company
from tests.licenses.test_status_changes import change
from tests.web.conftest import Site

pytestmark = pytest.mark.long


class Switch:
    """A server that can be switched off and on again at the same address."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._stack = AsyncExitStack()
        self.address = ""

    async def on(self) -> None:
        port = urlsplit(self.address).port or 0 if self.address else 0
        self.address = await self._stack.enter_async_context(serving(self._rooms, "127.0.0.1", port))

    async def off(self) -> None:
        await self._stack.aclose()
        self._stack = AsyncExitStack()


@pytest_asyncio.fixture
async def switch(region: Settings) -> AsyncIterator[Switch]:
    async with open_rooms(region, follow=True) as rooms:
        switch = Switch(rooms)
        await switch.on()
        yield switch
        await switch.off()


@pytest_asyncio.fixture
async def shop(switch: Switch, founded: Founded, chromium: Browser) -> Site:
    """The site of that server; complaints of the browser about a server that is off are meant."""
    return Site(switch._rooms, switch.address, chromium, founded.passwords)


@asynccontextmanager
async def prepared(site: Site) -> AsyncIterator[Page]:
    """A clerk's browser that has seen the check page once: worker and lists are kept."""
    async with site.clerk() as page:
        await page.evaluate("navigator.serviceWorker.ready")
        await page.evaluate("import(document.querySelector('script[src*=\"check.js\"]').src.replace('check.js', 'verifier/lists.js')).then(m => m.refresh())")
        yield page


async def open_without_network(page: Page, site: Site, path: str = "/check") -> None:
    await page.goto(f"{site.address}{path}")
    await expect(page.locator("html.ready")).to_be_attached()
    await expect(page.locator("h1")).to_have_text("断网查验")


async def present(page: Page, code: str, status: str) -> None:
    await page.fill("#presented", code)
    await page.keyboard.press("Enter")
    await expect(page.locator(f"#verdict [data-status={status}]")).to_be_visible()


async def test_licenses_are_judged_by_the_lists_kept(switch: Switch, shop: Site) -> None:
    good, revoked = await issue_company(switch._rooms), await issue_company(switch._rooms, 证照编号="650000000000002")
    await change(switch._rooms, revoked, Action.REVOKE)
    await switch._rooms.announce()
    async with prepared(shop) as page:
        await switch.off()
        await open_without_network(page, shop)
        await expect(page.locator("[data-slot=lists]")).to_contain_text("可用于查验至")
        await present(page, code_of(good), "valid")
        await expect(page.locator("#verdict")).to_contain_text("新疆天山达盛棉业有限公司")
        await expect(page.locator("#verdict [data-slot=rests]")).to_contain_text("依据")
        await expect(page.locator("#announcer")).to_contain_text("有效")
        await present(page, code_of(revoked), "revoked")
        await present(page, "https://example.com/", "malformed")
        await present(page, "8R2R-1NGM-KGCP-T8W7-O958-001N", "malformed")


async def test_old_lists_call_nothing_valid(switch: Switch, shop: Site) -> None:
    good = await issue_company(switch._rooms)
    async with prepared(shop) as page:
        await switch.off()
        await page.clock.install(time=switch._rooms.clock() + timedelta(hours=25))
        await open_without_network(page, shop)
        await expect(page.locator("[data-slot=lists]")).to_contain_text("已过期")
        await present(page, code_of(good), "unknown")
        await expect(page.locator("#verdict")).to_contain_text("无法确定")


async def test_scans_are_kept_and_told_when_the_network_is_back(switch: Switch, shop: Site) -> None:
    rooms = switch._rooms

    def shown(handle: int) -> str:
        now = rooms.clock().replace(microsecond=0)
        claims = OnlineClaims(rooms.settings.region, now, now + LIFETIME, bytes([handle] * 16), CodeFor.HOLDER, "买*")
        return sign_online_code(claims, rooms.cabinet.current(CODE_KEY))

    async with prepared(shop) as page:
        await switch.off()
        await open_without_network(page, shop)
        code = shown(1)
        await present(page, code, "unknown")
        await expect(page.locator("#verdict")).to_contain_text("真实且新鲜")
        await expect(page.locator("#verdict")).to_contain_text("买*")
        await present(page, code, "unknown")  # the same once more is one scan
        await present(page, shown(2), "unknown")
        await expect(page.locator("[data-slot=waiting]")).to_contain_text("2 条等待上报")
        await page.reload()  # nothing is lost
        await expect(page.locator("[data-slot=waiting]")).to_contain_text("2 条等待上报")
        await switch.on()
        await page.evaluate("dispatchEvent(new Event('online'))")
        await expect(page.locator("[data-slot=reported] li.good")).to_have_count(2)
        await expect(page.locator("[data-slot=waiting]")).to_be_empty()
        await expect(page.locator("[data-slot=back] a")).to_be_visible()


async def test_the_desk_goes_on_with_the_code_it_could_not_send(switch: Switch, shop: Site) -> None:
    rooms = switch._rooms
    now = rooms.clock().replace(microsecond=0)
    claims = OnlineClaims(rooms.settings.region, now, now + LIFETIME, bytes(range(16)), CodeFor.HOLDER, "艾*")
    async with prepared(shop) as page:
        await page.goto(f"{shop.address}/desk/{SHOP}")
        await expect(page.locator("#presented")).to_be_focused()
        await switch.off()
        await page.keyboard.insert_text(sign_online_code(claims, rooms.cabinet.current(CODE_KEY)))
        await page.keyboard.press("Enter")
        await page.locator("#queue a[href='/check/offline']").click()
        await expect(page.locator("#verdict")).to_contain_text("真实且新鲜")
        await expect(page.locator("[data-slot=waiting]")).to_contain_text("1 条等待上报")
        await switch.on()
        await page.evaluate("dispatchEvent(new Event('online'))")
        await expect(page.locator("[data-slot=reported] li.good")).to_have_count(1)
    async with rooms.stores.pool.acquire() as connection:
        assert await connection.fetchval("SELECT matter FROM code_uses WHERE offline") == SHOP


KEEP = """([value, key]) => import(document.querySelector('script[src*="page.js"]').src.replace('page.js', 'keeping.js'))
    .then(m => m.put('lists', typeof value === 'number' ? value : new Uint8Array(value), key))"""


async def refused_when_fetched(page: Page, value: int | list[int], key: str) -> None:
    """With this kept, what is fetched anew is refused; a fetch already under way may overwrite it, so another one is made."""
    for _ in range(5):
        await page.evaluate(KEEP, [value, key])
        await page.evaluate("dispatchEvent(new Event('online'))")
        with contextlib.suppress(AssertionError):
            await expect(page.locator("[data-slot=lists]")).to_contain_text("已拒绝", timeout=4000)
            return
    raise AssertionError(await page.locator("[data-slot=lists]").inner_text())


async def test_another_anchor_or_an_older_list_is_refused(switch: Switch, shop: Site) -> None:
    async with prepared(shop) as page:
        await page.goto(f"{shop.address}/check/offline")
        await expect(page.locator("html.ready")).to_be_attached()
        await refused_when_fetched(page, 10**6, "sequence")
        await refused_when_fetched(page, [1, 2, 3], "anchor")


async def test_the_worker_keeps_nothing_of_anybody(shop: Site) -> None:
    async with prepared(shop) as page:
        await page.reload()
        texts = await page.evaluate("""async () => {
          const texts = [];
          for (const name of await caches.keys()) for (const request of await (await caches.open(name)).keys())
            texts.push(request.url, (await (await caches.match(request)).text()).slice(0, 200000));
          return texts;
        }""")
        assert any("/check/offline" in text for text in texts)
        assert not any("窗口工作人员" in text for text in texts)
