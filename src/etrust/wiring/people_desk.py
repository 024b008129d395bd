"""`rooms.people`: people sign in through the region's identity platform, and stay signed in."""

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from etrust.access import person_store, persons, sign_in_store
from etrust.access.cache import FailedSignIns
from etrust.access.claims import vouched_person
from etrust.access.id_token import LEEWAY, authenticated_at
from etrust.access.person_model import HolderSession, Vouched
from etrust.access.persons import FRESH, Opened
from etrust.access.sign_in_store import Begun
from etrust.errors import EtrustError, Kind
from etrust.wiring.identity_answers import plain_word, sign_in_expired
from etrust.wiring.identity_platform import Asked, IdentityPlatform, new_question
from etrust.wiring.identity_provider import client_of
from etrust.wiring.passkey_desk import PasskeyDesk

if TYPE_CHECKING:
    from etrust.wiring.rooms import Rooms

SIGN_IN_LASTS = timedelta(minutes=10)
"""How long a person may take at the identity platform."""
MAX_SIGN_INS = 60
"""Sign-ins begun from one address in ten minutes: a hall's phones may share one."""
MAX_WORD = 4096
"""Characters of a code, state or issuer in the platform's answer."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody who came back from the identity platform, and the page wanted."""

    opened: Opened
    wanted: str


class PeopleDesk:
    """Sign-in and sessions of people.

    Attributes:
        platform: the identity platform, None where the settings name none.
        passkeys: the second factor.
    """

    def __init__(self, rooms: "Rooms") -> None:
        self._rooms = rooms
        client = client_of(rooms.settings)
        self.platform = None if client is None else IdentityPlatform(client, rooms.clock)
        self._begun = FailedSignIns(
            rooms.stores.redis, rooms.issuing.numbering.holder_key, limit=MAX_SIGN_INS, window=SIGN_IN_LASTS,
            name="holder-sign-ins",
        )
        self.passkeys = PasskeyDesk(rooms)

    async def session(self, token: str) -> HolderSession | None:
        """The session a token opens, None when it opens none."""
        async with self._rooms.stores.pool.acquire() as connection:
            return await persons.session_of(connection, token, self._rooms.clock())

    async def begin(
        self, *, browser: str, redirect_uri: str, wanted: str, client: str, language: str, fresh: bool = False
    ) -> str:
        """Begin a sign-in and return the address at the platform.

        Args:
            browser: a secret this browser keeps; only it can bring the answer.
            wanted: the page to go on to.
            client: the visitor's address, for the limit.
            fresh: the platform must ask who it is, signed in there or not.

        Raises:
            EtrustError: ``identity_not_configured``, ``too_many_sign_ins``; see `IdentityPlatform.address`.
        """
        platform, at = self._platform(), self._rooms.clock()
        if await self._begun.add(client, at) > MAX_SIGN_INS:
            raise EtrustError(
                Kind.RATE_LIMITED, "too_many_sign_ins",
                zh="登录请求过多，请十分钟后再试。", en="Too many sign-ins; try again in ten minutes.",
            )
        asked = new_question(redirect_uri, fresh=fresh)
        address = await platform.address(asked, language=language)
        begun = Begun(asked.nonce, asked.verifier, redirect_uri, wanted, fresh, at + SIGN_IN_LASTS)
        async with self._rooms.stores.pool.acquire() as connection:
            await sign_in_store.forget_expired(connection, at)
            await sign_in_store.add(
                connection, state_hash=persons.digest(asked.state), browser_hash=persons.digest(browser), begun=begun
            )
        return address

    async def arrive(self, answer: Mapping[str, str], *, browser: str) -> Arrival:
        """Take the platform's answer and open a session.

        Args:
            answer: the query of the redirection: ``state`` with ``code`` or ``error``, perhaps ``iss``.

        Raises:
            EtrustError: ``sign_in_expired`` for a state that is unknown, used, over or another browser's;
                ``sign_in_declined``; what `IdentityPlatform.claims`, `vouched_person` and `access.persons.admit` raise.
        """
        platform, at = self._platform(), self._rooms.clock()
        begun = await self._take(answer.get("state", ""), browser, at)
        code, issuer = answer.get("code", ""), answer.get("iss", "")
        if answer.get("error") or not code:
            raise _declined(answer.get("error", ""))
        if len(code) > MAX_WORD or len(issuer) > MAX_WORD:
            raise sign_in_expired()
        asked = Asked("", begun.nonce, begun.verifier, begun.redirect_uri, begun.fresh)
        try:
            claims = await platform.claims(code, issuer, asked, begun_at=begun.expires_at - SIGN_IN_LASTS)
            vouched = vouched_person(claims, platform.client.names, platform.client.issuer)
        except EtrustError as error:
            _log.warning("a sign-in was refused: %s %s", error.code, error.where)
            raise
        return Arrival(await self.admit(vouched, fresh_until=_fresh_until(authenticated_at(claims), at)), begun.wanted)

    async def admit(self, vouched: Vouched, *, fresh_until: datetime | None = None) -> Opened:
        """Open a session for whom the platform vouched; see `access.persons.admit`."""
        async with self._rooms.stores.pool.acquire() as connection:
            return await persons.admit(connection, vouched, self._rooms.clock(), fresh_until=fresh_until)

    async def act_for(self, session: HolderSession, acting_for: str) -> None:
        """Remember for whom a person acts; see `access.persons.act_for`."""
        async with self._rooms.stores.pool.acquire() as connection:
            await persons.act_for(connection, session.digest, acting_for)

    async def sign_out(self, token: str) -> None:
        """End a session, and the codes it showed."""
        session = persons.digest(token)
        async with self._rooms.stores.pool.acquire() as connection:
            await persons.end(connection, session)
        await self._rooms.codes.end_session(session)

    async def sign_out_elsewhere(self, session: HolderSession) -> int:
        """End all other sessions of a person; how many there were."""
        async with self._rooms.stores.pool.acquire() as connection:
            ended = await person_store.end_other_sessions(connection, session.person.id, session.digest)
        for each in ended:
            await self._rooms.codes.end_session(each)
        return len(ended)

    async def end_address(self, back: str) -> str:
        """Where to sign out at the platform too; empty when it does not offer it or is out of reach."""
        if self.platform is None:
            return ""
        try:
            return await self.platform.end_address(back)
        except EtrustError:
            return ""

    async def _take(self, state: str, browser: str, at: datetime) -> Begun:
        if not state or not browser or len(state) > MAX_WORD:
            raise sign_in_expired()
        async with self._rooms.stores.pool.acquire() as connection:
            found = await sign_in_store.take(
                connection, state_hash=persons.digest(state), browser_hash=persons.digest(browser), at=at
            )
        if found is None:
            raise sign_in_expired()
        return found

    def _platform(self) -> IdentityPlatform:
        if self.platform is None:
            raise EtrustError(
                Kind.UNAVAILABLE, "identity_not_configured",
                zh="本系统尚未接入身份平台，持证人暂时无法登录。",
                en="No identity platform is connected yet; holders cannot sign in.",
            )
        return self.platform


def new_browser_secret() -> str:
    """A secret for a browser to keep while its person is at the identity platform."""
    return secrets.token_urlsafe(32)


def _fresh_until(asked_at: datetime | None, at: datetime) -> datetime | None:
    """Until when the sign-in counts as fresh: counted from when the platform asked who it is, if it tells."""
    return None if asked_at is None or at - asked_at >= FRESH else min(asked_at, at + LEEWAY) + FRESH


def _declined(error: str) -> EtrustError:
    word = plain_word(error)
    if word in {"server_error", "temporarily_unavailable"}:
        return EtrustError(
            Kind.UNAVAILABLE, "identity_unreachable",
            zh="身份平台暂时无法访问，请稍后再试。", en="The identity platform is out of reach. Please try again later.",
        )
    if word not in {"access_denied", "consent_required", "login_required", "interaction_required"}:
        _log.warning("the identity platform answered a sign-in with the error %s", word or "(none)")
    return EtrustError(
        Kind.FORBIDDEN, "sign_in_declined", where=word,
        zh="登录未完成：您在身份平台取消了登录或没有同意授权。",
        en="The sign-in was canceled, or you did not agree at the identity platform.",
    )
