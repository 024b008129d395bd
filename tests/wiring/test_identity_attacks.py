"""Signing in beside an attacker, and beside an identity platform that is down, slow, huge or somebody else."""

import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey
from yarl import URL

from etrust.cli.serving import serving
from etrust.settings import Settings
from etrust.wiring import Rooms, open_rooms
from tests import oidc

NUMBER, OTHER_NUMBER = "650104199003070227", "653121199011023622"


@dataclass
class Platform:
    """A provider written for this test: it behaves, until it is told to do something else.

    Attributes:
        changes: claims to put in place of the right ones.
        answers: by path, what to answer instead.
    """

    issuer: str = ""
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "one"}))
    changes: dict[str, object] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    nonces: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        special = self.answers.get(request.path)
        if special is not None:
            return await special(request)  # type: ignore[no-any-return]
        if request.path == "/.well-known/openid-configuration":
            return web.json_response({
                "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize", "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys", "id_token_signing_alg_values_supported": ["ES256"],
            })  # fmt: skip
        if request.path == "/keys":
            return web.json_response({"keys": [self.key.as_dict(private=False)]})
        return await self._token(request)

    async def _token(self, request: web.Request) -> web.Response:
        nonce = self.nonces.pop(str((await request.post()).get("code")), None)
        if nonce is None:
            return web.json_response({"error": "invalid_grant"}, status=400)
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": "etrust", "sub": "17", "nonce": nonce, "iat": now, "exp": now + 300,
            "name": "阿依古丽·买买提", "citizen_number": NUMBER, **self.changes,
        }  # fmt: skip
        header = {"alg": "ES256", "kid": self.key.kid}
        return web.json_response({"access_token": "a", "token_type": "Bearer", "id_token": jwt.encode(header, claims, self.key)})


@dataclass
class Scene:
    """A region, the platform, and a browser."""

    rooms: Rooms
    site: str
    platform: Platform

    @asynccontextmanager
    async def browser(self) -> AsyncIterator[aiohttp.ClientSession]:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
            yield client

    async def begin(self, client: aiohttp.ClientSession, wanted: str = "/my") -> dict[str, str]:
        """Press the button; what the platform is asked."""
        address = await oidc.begin(client, self.site, wanted)
        return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}

    def code(self, asked: dict[str, str], code: str = "good") -> str:
        """The platform signs somebody in; the code it gives."""
        self.platform.nonces[code] = asked["nonce"]
        return code

    async def arrive(self, client: aiohttp.ClientSession, **answer: str) -> tuple[int, str, str]:
        """Come back: status, where to, and the page."""
        async with client.get(f"{self.site}/my/callback", params=answer, allow_redirects=False) as found:
            return found.status, found.headers.get("Location", ""), await found.text()


@asynccontextmanager
async def scene(region: Settings) -> AsyncIterator[Scene]:
    platform = Platform()
    runner = web.AppRunner(platform.app())
    await runner.setup()
    place = web.TCPSite(runner, "127.0.0.1", 0)
    await place.start()
    platform.issuer = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        async with open_rooms(region) as rooms, serving(rooms, "127.0.0.1", 0) as site:
            oidc.connect(rooms, platform.issuer)
            yield Scene(rooms, site, platform)
    finally:
        await runner.cleanup()


async def test_the_way_through(region: Settings) -> None:
    async with scene(region) as at, at.browser() as client:
        asked = await at.begin(client, "/my/code")
        assert asked["code_challenge_method"] == "S256"
        assert len(asked["state"]) >= 43
        assert len(asked["nonce"]) >= 43
        status, place, _ = await at.arrive(client, state=asked["state"], code=at.code(asked))
        assert (status, place) == (303, "/my/code")


async def test_a_state_is_good_once_and_in_its_own_browser(region: Settings) -> None:
    async with scene(region) as at, at.browser() as victim, at.browser() as attacker:
        mine = await at.begin(attacker)
        code = at.code(mine)
        # signing the victim in as the attacker (login CSRF), and a state nobody was given
        assert (await at.arrive(victim, state=mine["state"], code=code))[0] == 403
        assert (await at.arrive(attacker, state="A" * 43, code=code))[0] == 403
        # the attempt by another browser has not used it up; its own has, whatever came of it
        assert (await at.arrive(attacker, state=mine["state"], code="wrong"))[0] in {403, 422}
        assert (await at.arrive(attacker, state=mine["state"], code=code))[0] == 403


async def test_a_code_is_good_for_the_sign_in_it_was_given_for(region: Settings) -> None:
    async with scene(region) as at, at.browser() as client:
        first, second = await at.begin(client), await at.begin(client)
        code = at.code(first)
        status, _, page = await at.arrive(client, state=second["state"], code=code)  # the nonce of another sign-in
        assert status == 422
        assert "etrust_holder" not in page
        assert (await at.arrive(client, state=first["state"], code=code))[0] == 403  # a code is good once


async def test_another_issuer_in_the_answer_is_refused(region: Settings) -> None:
    async with scene(region) as at, at.browser() as client:
        asked = await at.begin(client)
        assert (await at.arrive(client, state=asked["state"], code=at.code(asked), iss="https://evil.example"))[0] == 422


async def test_tokens_for_others_are_refused(region: Settings) -> None:
    async with scene(region) as at, at.browser() as client:
        for name, value in (("aud", "another"), ("iss", "https://evil.example"), ("nonce", "x"), ("citizen_number", "123"), ("name", "")):
            at.platform.changes = {name: value}
            asked = await at.begin(client)
            status, _, _ = await at.arrive(client, state=asked["state"], code=at.code(asked))
            assert status in {403, 422}, name
            assert not [cookie for cookie in client.cookie_jar if cookie.key == "etrust_holder" and cookie.value]


async def test_another_number_for_a_known_account_is_refused(region: Settings) -> None:
    async with scene(region) as at, at.browser() as client:
        asked = await at.begin(client)
        assert (await at.arrive(client, state=asked["state"], code=at.code(asked)))[0] == 303
        at.platform.changes = {"citizen_number": OTHER_NUMBER}
        async with at.browser() as later:
            asked = await at.begin(later)
            status, _, page = await at.arrive(later, state=asked["state"], code=at.code(asked))
            assert status == 403
            assert OTHER_NUMBER not in page
            assert NUMBER not in page


async def test_a_new_key_is_fetched_once(region: Settings) -> None:
    async with scene(region) as at, at.browser() as client:
        asked = await at.begin(client)
        assert (await at.arrive(client, state=asked["state"], code=at.code(asked)))[0] == 303
        at.platform.key = ECKey.generate_key("P-256", {"kid": "two"})
        async with at.browser() as later:
            asked = await at.begin(later)
            assert (await at.arrive(later, state=asked["state"], code=at.code(asked)))[0] == 303
        at.platform.asked.clear()
        for number in range(3):  # keys nobody publishes don't make us ask again and again
            at.platform.answers["/keys"] = None
            at.platform.key = ECKey.generate_key("P-256", {"kid": f"more {number}"})
            async with at.browser() as later:
                asked = await at.begin(later)
                assert (await at.arrive(later, state=asked["state"], code=at.code(asked)))[0] == 422
        assert at.platform.asked.count("/keys") <= 1


async def test_a_platform_that_fails_is_told_in_words(region: Settings) -> None:
    async def huge(_: web.Request) -> web.Response:
        return web.Response(body=b"[" * 400_000)

    async def broken(_: web.Request) -> web.Response:
        return web.json_response({"error": "server_error"}, status=500)

    async def elsewhere(_: web.Request) -> web.Response:
        raise web.HTTPFound("http://169.254.169.254/")

    async with scene(region) as at:
        for answer in (huge, broken, elsewhere):
            at.platform.answers["/token"] = answer
            async with at.browser() as client:
                asked = await at.begin(client)
                status, _, page = await at.arrive(client, state=asked["state"], code=at.code(asked))
                assert status in {502, 503}, answer.__name__
                assert "身份平台" in page
        oidc.connect(at.rooms, "http://127.0.0.1:9")  # nobody listens there
        async with at.browser() as client:
            page = await (await client.get(f"{at.site}/my/signin")).text()
            csrf = re.search(r'name="csrf" value="([0-9a-f]{64})"', page)
            assert csrf is not None
            async with client.post(f"{at.site}/my/signin", data={"csrf": csrf[1], "next": "/my"}) as answer_page:
                assert answer_page.status == 503
                assert "身份平台" in await answer_page.text()


async def test_the_page_wanted_is_one_of_ours(region: Settings) -> None:
    async with scene(region) as at:
        for wanted in ("https://evil.example/", "//evil.example", "/my/../../x", "/my\\@evil", "/seals", "/my/signout", "/my?x=\x01"):
            async with at.browser() as client:
                asked = await at.begin(client, wanted)
                status, place, _ = await at.arrive(client, state=asked["state"], code=at.code(asked))
                assert (status, place) == (303, "/my"), wanted


async def test_a_session_is_new_after_sign_in(region: Settings) -> None:
    async with scene(region) as at, at.browser() as client:
        client.cookie_jar.update_cookies({"etrust_holder": "planted-by-somebody"}, response_url=URL(at.site))
        asked = await at.begin(client)
        assert (await at.arrive(client, state=asked["state"], code=at.code(asked)))[0] == 303
        first = next(cookie.value for cookie in client.cookie_jar if cookie.key == "etrust_holder")
        assert first != "planted-by-somebody"
        assert await at.rooms.people.session("planted-by-somebody") is None
        assert await at.rooms.people.session(first) is not None
