"""A real OpenID provider for the tests: `oidc-provider-mock` in a thread, one for the whole run; and a person's way through it."""

import atexit
import re
import time
from collections.abc import Mapping
from contextlib import ExitStack
from functools import cache
from urllib.parse import quote

import aiohttp

from etrust.cli.demo_people import DemoPerson, identity_platform
from etrust.wiring import Rooms
from etrust.wiring.identity_platform import IdentityPlatform
from etrust.wiring.identity_provider import Client


@cache
def issuer() -> str:
    """The provider's issuer; it is started when it is first asked for, and ends with the run."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(identity_platform())


def connect(rooms: Rooms, at: str = "", **how: object) -> None:
    """Let a region's people sign in with a provider."""
    rooms.people.platform = IdentityPlatform(Client(at or issuer(), "etrust", "a secret", **how), rooms.clock)  # type: ignore[arg-type]


async def set_user(client: aiohttp.ClientSession, sub: str, claims: Mapping[str, object]) -> None:
    """Tell the provider what it says of somebody, who signed in there a moment ago."""
    told = {"auth_time": int(time.time()), **claims}
    async with client.put(f"{issuer()}/users/{quote(sub, safe='')}", json=told) as answer:
        assert answer.status == 204


async def begin(client: aiohttp.ClientSession, site: str, wanted: str = "/my", *, fresh: bool = False) -> str:
    """Press the button on the sign-in page; the address at the provider the browser is sent to."""
    page = await (await client.get(f"{site}/my/signin", params={"next": wanted})).text()
    csrf = re.search(r'name="csrf" value="([0-9a-f]{64})"', page)
    assert csrf is not None
    form = {"csrf": csrf[1], "next": wanted, "fresh": "1" if fresh else ""}
    onward = await (await client.post(f"{site}/my/signin", data=form)).text()
    found = re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', onward)
    assert found is not None
    return found[1].replace("&amp;", "&")


async def choose(client: aiohttp.ClientSession, address: str, sub: str) -> str:
    """Sign in at the provider; the address back."""
    form = {"action": "deny"} if sub == "" else {"sub": sub}
    async with client.post(address, data=form, allow_redirects=False) as answer:
        assert answer.status in {302, 303}
        return answer.headers["Location"]


__all__ = ["DemoPerson", "begin", "choose", "connect", "issuer", "set_user"]
