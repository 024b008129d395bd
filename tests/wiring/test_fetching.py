"""Fetching for validation: public addresses only, no redirects, bounded; lists come back, everything else as nothing."""

import socket
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from etrust.settings import Settings
from etrust.wiring import fetching
from etrust.wiring.fetching import Fetcher, PublicResolver, is_allowed, is_public
from tests.documents.signing_people import TODAY, make_authority


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True), ("2606:2800:220:1::1", True), ("127.0.0.1", False), ("10.1.2.3", False), ("192.168.0.1", False),
        ("172.16.0.1", False), ("169.254.169.254", False), ("100.64.0.1", False), ("0.0.0.0", False), ("224.0.0.1", False),  # noqa: S104 - refused
        ("::1", False), ("fe80::1%eth0", False), ("fc00::1", False), ("::ffff:127.0.0.1", False), ("2002:7f00:1::", False),
        ("::ffff:10.0.0.1", False), ("no address", False),
    ],
)  # fmt: skip
def test_what_is_public(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://crl.example/a.crl", True), ("https://crl.example/a.crl", True), ("https://crl.example:443/", True),
        ("http://crl.example:8080/", False), ("ftp://crl.example/a", False), ("file:///etc/passwd", False), ("ldap://x/", False),
        ("http://user@crl.example/", False), ("http://127.0.0.1/", False), ("http://[::1]/", False), ("http://2130706433/", True),
        ("http://", False), ("http://[", False), ("http://x:99999/", False), ("", False),
    ],
)
def test_what_may_be_asked(url: str, allowed: bool) -> None:
    """Other ways to write a private address are names to us, and refused when they are resolved."""
    assert is_allowed(url) is allowed


@pytest.mark.parametrize("name", ["localhost", "2130706433", "127.1"])
async def test_names_of_private_addresses_are_refused(name: str) -> None:
    with pytest.raises(OSError, match=r"not a public address|not known|No address"):
        await PublicResolver().resolve(name, 80)


class ToServer(AbstractResolver):
    """Leads every name to a server of the test, as a public name would."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC) -> list[ResolveResult]:
        return [ResolveResult(hostname=host, host="127.0.0.1", port=self.port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing."""


@pytest_asyncio.fixture
async def server() -> AsyncIterator[tuple[int, list[str]]]:
    """Lists, a redirect, too much, and nonsense."""
    asked: list[str] = []
    crl = make_authority().crl(TODAY)

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        if request.path == "/moved":
            raise web.HTTPFound("/a.crl")
        return web.Response(body={"/a.crl": crl, "/large": bytes(3 * 2**20), "/nonsense": b"x"}.get(request.path, crl))

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield runner.addresses[0][1], asked
    await runner.cleanup()


async def test_lists_come_back_and_nothing_else(server: tuple[int, list[str]]) -> None:
    port, asked = server
    fetcher = Fetcher(ToServer(port))
    found = await fetcher.lists(f"http://crl.example/{each}" for each in ("a.crl", "moved", "large", "nonsense"))
    assert [each.next_update for each in found] == [TODAY + timedelta(days=7)]
    assert sorted(asked) == ["/a.crl", "/large", "/moved", "/nonsense"]
    asked.clear()
    await fetcher.lists(f"http://crl.example/{number}" for number in range(20))
    assert len(asked) == fetching.MAX_LISTS


async def test_an_honest_resolver_asks_nobody_inside(server: tuple[int, list[str]]) -> None:
    _, asked = server
    assert await Fetcher().lists(["http://localhost/a.crl", "http://127.0.0.1/a.crl", "http://127.1/a.crl"]) == []
    assert asked == []


def test_it_is_off_unless_it_is_set(settings: Settings) -> None:
    assert settings.fetch_for_validation is False
