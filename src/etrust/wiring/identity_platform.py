"""The region's identity platform, asked over OpenID Connect: nothing it says is believed unread.

Only addresses that the discovery document of the configured issuer names are asked. An address inside the government's own
network is allowed here: the operator chose the issuer.
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from joserfc.jwk import Key

from etrust.access.id_token import Expected, UnknownKeyError, id_token_refused, judge_id_token, read_keys
from etrust.clock import Clock
from etrust.wiring.identity_answers import Answers
from etrust.wiring.identity_provider import Client, Provider, read_provider

KEPT = timedelta(hours=1)
"""How long discovery document and keys are used before they are fetched again."""
AGAIN = timedelta(seconds=30)
"""How often keys are fetched for a name that is not among them: whoever sends such names must not make us knock for each."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What one sign-in asked the platform; all of it is needed to take the answer."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    redirect_uri: str
    fresh: bool


def new_question(redirect_uri: str, *, fresh: bool) -> Asked:
    """State, nonce and PKCE verifier of a new sign-in: 256 random bits each."""
    return Asked(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(32), redirect_uri, fresh)


class IdentityPlatform:
    """One OpenID provider, with what is known of it."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self.client = client
        self._clock = clock
        self._provider: tuple[Provider, datetime] | None = None
        self._keys: tuple[tuple[Key, ...], datetime] | None = None
        self._forced_at: datetime | None = None
        self._answers = Answers()

    async def address(self, asked: Asked, *, language: str) -> str:
        """Where the browser is sent to sign in.

        Raises:
            EtrustError: ``identity_unreachable``, ``identity_misconfigured``.
        """
        provider = await self.provider()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(asked.verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code", "client_id": self.client.client_id, "redirect_uri": asked.redirect_uri,
            "scope": self.client.scopes, "state": asked.state, "nonce": asked.nonce,
            "code_challenge": challenge, "code_challenge_method": "S256", "ui_locales": language,
        }  # fmt: skip
        if asked.fresh:
            query |= {"prompt": "login", "max_age": "0"}
        return _with_query(provider.authorization, query)

    async def end_address(self, back: str) -> str:
        """Where the browser is sent to sign out there too (RP-initiated logout), empty where the platform does not offer it.

        Without ``id_token_hint``: that would put name and number into an address.
        """
        provider = await self.provider()
        query = {"client_id": self.client.client_id, "post_logout_redirect_uri": back}
        return _with_query(provider.end_session, query) if provider.end_session else ""

    async def claims(self, code: str, issuer: str, asked: Asked, *, begun_at: datetime) -> Mapping[str, object]:
        """Exchange the code of an answer for what the platform says of the person.

        Args:
            issuer: the issuer the answer names, empty when it names none.

        Raises:
            EtrustError: ``identity_unreachable``, ``identity_misconfigured``, ``sign_in_expired``, and as `judge_id_token`.
        """
        provider = await self.provider()
        if issuer != self.client.issuer and (issuer or provider.names_itself):
            raise id_token_refused("iss")
        answer = await self._exchange(provider, code, asked)
        access_token, id_token = answer.get("access_token"), answer.get("id_token")
        if not isinstance(access_token, str) or not isinstance(id_token, str):
            raise id_token_refused("token")
        expected = Expected(
            self.client.issuer, self.client.client_id, asked.nonce, access_token, begun_at, fresh=asked.fresh
        )
        told = await self._judged(provider, id_token, expected)
        if provider.userinfo and self.client.names.incomplete(told):
            told = {**await self._userinfo(provider, access_token, str(told["sub"])), **told}
        return told

    async def provider(self) -> Provider:
        """The discovery document, fetched when it is older than an hour.

        Raises:
            EtrustError: ``identity_unreachable``, ``identity_misconfigured``.
        """
        now = self._clock()
        if self._provider is None or now - self._provider[1] >= KEPT:
            url = self.client.issuer.rstrip("/") + "/.well-known/openid-configuration"
            self._provider = (read_provider(await self._answers.json("GET", url), self.client.issuer), now)
        return self._provider[0]

    async def _judged(self, provider: Provider, id_token: str, expected: Expected) -> Mapping[str, object]:
        keys = await self._signing_keys(provider)
        try:
            return judge_id_token(id_token, keys, expected, self._clock(), algorithms=provider.algorithms)
        except UnknownKeyError:
            keys = await self._signing_keys(provider, forced=True)
        try:
            return judge_id_token(id_token, keys, expected, self._clock(), algorithms=provider.algorithms)
        except UnknownKeyError as error:
            raise id_token_refused("kid") from error

    async def _signing_keys(self, provider: Provider, *, forced: bool = False) -> tuple[Key, ...]:
        now = self._clock()
        if forced and (self._forced_at is None or now - self._forced_at >= AGAIN):
            self._forced_at = now
            self._keys = None
        if self._keys is None or now - self._keys[1] >= KEPT:
            self._keys = (read_keys(await self._answers.json("GET", provider.keys)), now)
        return self._keys[0]

    async def _exchange(self, provider: Provider, code: str, asked: Asked) -> dict[str, object]:
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": asked.redirect_uri,
            "code_verifier": asked.verifier,
        }  # fmt: skip
        headers = {}
        if self.client.secret and provider.basic:
            pair = f"{quote(self.client.client_id, safe='')}:{quote(self.client.secret, safe='')}"  # RFC 6749, 2.3.1
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        else:
            form["client_id"] = self.client.client_id
            if self.client.secret:
                form["client_secret"] = self.client.secret
        return await self._answers.json("POST", provider.token, headers=headers, form=form)

    async def _userinfo(self, provider: Provider, access_token: str, sub: str) -> dict[str, object]:
        """The claims of userinfo that are asked for; they must be of the same person."""
        found = await self._answers.json("GET", provider.userinfo, headers={"Authorization": f"Bearer {access_token}"})
        if found.get("sub") != sub:
            raise id_token_refused("userinfo")
        names = self.client.names
        wanted = {names.name, names.code, names.code_type, names.companies}
        return {name: value for name, value in found.items() if name in wanted}


def _with_query(url: str, query: Mapping[str, str]) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query, quote_via=quote)}"
