"""Holders in front of a site, signed in through a real OpenID provider."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from playwright.async_api import Page

from etrust.access.persons import STRONG, digest
from tests import oidc
from tests.web.conftest import Site

NAME, CODE = "阿依古丽·买买提", "650104199003070227"
"""Somebody, for tests that do not mind who."""


@asynccontextmanager
async def signed_in_holder(
    site: Site,
    code: str = CODE,
    *,
    name: str = NAME,
    code_type: str = "111",
    companies: tuple[tuple[str, str, str], ...] = (),
    strong: bool = False,
    base: str = "",
    wanted: str = "/my",
    **how: object,
) -> AsyncIterator[Page]:
    """A page of a holder who has signed in, on the page that is wanted.

    Args:
        companies: code, name and ``legal_representative`` or ``staff`` of each the platform knows.
        strong: as after a passkey was used.
        base: the site under another name, such as ``http://localhost:PORT``.
        wanted: a path, or nothing to open none.
    """
    token = await holder_token(site, code, name=name, code_type=code_type, companies=companies, strong=strong)
    address = base or site.address
    async with site.visitor(**how) as page:
        await page.context.add_cookies([{"name": "etrust_holder", "value": token, "url": address}])
        if wanted:
            await page.goto(f"{address}{wanted}")
        yield page


async def holder_token(
    site: Site,
    code: str = CODE,
    *,
    name: str = NAME,
    code_type: str = "111",
    companies: tuple[tuple[str, str, str], ...] = (),
    strong: bool = False,
) -> str:
    """The token of a new session of a holder: for clients without a browser, as the cookie ``etrust_holder``."""
    rooms = site.rooms
    if rooms.people.platform is None:
        oidc.connect(rooms)
    claims = {"name": name, "citizen_number": code, "code_type": code_type, "companies": _told(companies)}
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
        await oidc.set_user(client, code, claims)
        back = await oidc.choose(client, await oidc.begin(client, site.address), code)
        async with client.get(back, allow_redirects=False) as answer:
            assert answer.status == 303, await answer.text()
            token = answer.cookies["etrust_holder"].value
    if strong:
        async with rooms.stores.pool.acquire() as connection:
            await connection.execute(
                "UPDATE person_sessions SET strong_until = $2 WHERE token_hash = $1", digest(token), rooms.clock() + STRONG
            )
    return token


def _told(companies: tuple[tuple[str, str, str], ...]) -> list[dict[str, str]]:
    return [{"code": code, "name": name, "role": role} for code, name, role in companies]
