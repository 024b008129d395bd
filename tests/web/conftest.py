"""A real Chromium on real pages. Where there is none, the tests say so instead of running."""

import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, Playwright, async_playwright

from etrust.cli.serving import serving
from etrust.settings import Settings
from etrust.wiring import Rooms, open_rooms
from tests.conftest import Founded

CHROMIUM = os.environ.get("ETRUST_CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"))), None
)
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run",
    "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
]  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a browser, with the reason, where no browser is installed."""
    if CHROMIUM is None:
        reason = "no Chromium found: install chromium, or name one in ETRUST_CHROMIUM"
        for item in items:
            if Path(__file__).parent in item.path.parents and "site" in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest_asyncio.fixture(scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    """The driver."""
    async with async_playwright() as driver:
        yield driver


@pytest_asyncio.fixture(scope="session")
async def chromium(playwright: Playwright) -> AsyncIterator[Browser]:
    """One browser for the whole run."""
    browser = await launch(playwright)
    yield browser
    await browser.close()


async def launch(playwright: Playwright, *flags: str) -> Browser:
    """A Chromium with further flags."""
    return await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])


@dataclass
class Site:
    """The pages of a running region, and what a browser complained about while it looked at them."""

    rooms: Rooms
    address: str
    browser: Browser
    passwords: dict[str, str]
    complaints: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def visitor(self, *, browser: Browser | None = None, **how: object) -> AsyncIterator[Page]:
        """A page in a browser profile of its own; requests to anywhere else are complaints."""
        context: BrowserContext = await (browser or self.browser).new_context(**{"locale": "zh-CN", **how})  # type: ignore[arg-type]
        page = await context.new_page()
        page.on("console", lambda message: self._hear(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self._see(request.url))
        page.set_default_timeout(15_000)
        try:
            yield page
        finally:
            await context.close()

    @asynccontextmanager
    async def clerk(self, **how: object) -> AsyncIterator[Page]:
        """A signed-in clerk on the check page."""
        async with self.visitor(**how) as page:
            await self.sign_in(page, "clerk")
            yield page

    async def sign_in(self, page: Page, username: str, wanted: str = "/check") -> None:
        """Sign in and arrive at the page that was wanted."""
        await page.goto(f"{self.address}{wanted}")
        await page.fill("#username", username)
        await page.fill("#password", self.passwords[username])
        await page.click("main button[type=submit]")
        await page.wait_for_load_state("load")

    @asynccontextmanager
    async def session(self) -> AsyncIterator[aiohttp.ClientSession]:
        """A client that keeps cookies and lets its sender write every header and field."""
        async with aiohttp.ClientSession(self.address, cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
            yield session

    async def post_sign_in(
        self, session: aiohttp.ClientSession, username: str, password: str, wanted: str = "/check"
    ) -> aiohttp.ClientResponse:
        """Send the sign-in form; the redirection that answers a success is not followed."""
        data = {"username": username, "password": password, "next": wanted, "csrf": await form_token(session, "/signin")}
        return await session.post("/signin", data=data, allow_redirects=False)

    def _hear(self, kind: str, text: str) -> None:
        # A refused request is told on the console too; the tests look at the answers themselves.
        if kind in {"error", "warning"} and "Failed to load resource" not in text:
            self.complaints.append(text)

    def _see(self, url: str) -> None:
        if not url.startswith((self.address, "data:", "blob:")):
            self.complaints.append(f"request to {url}")


async def form_token(session: aiohttp.ClientSession, path: str) -> str:
    """The token in the forms of a page."""
    async with session.get(path) as answer:
        found = re.search(r'name="csrf" value="([0-9a-f]{64})"', await answer.text())
    assert found is not None
    return found[1]


@pytest_asyncio.fixture
async def site(region: Settings, founded: Founded, chromium: Browser) -> AsyncIterator[Site]:
    """The pages of a region of its own; a test fails when the browser complained."""
    async with open_rooms(region, follow=True) as rooms, serving(rooms, "127.0.0.1", 0) as address:
        opened = Site(rooms, address, chromium, founded.passwords)
        yield opened
        assert opened.complaints == []
