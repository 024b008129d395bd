"""People who hold licenses, and their sessions. Who someone is, the region's identity platform says; nothing here is guessed."""

import hashlib
import logging
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from etrust.access import person_store as store
from etrust.access.person_model import CompanyRole, HolderSession, Person, Position, Vouched
from etrust.errors import EtrustError, Kind
from etrust.storage.postgres import Connection

LIFETIME = timedelta(hours=12)
IDLE = timedelta(minutes=60)
FRESH = timedelta(minutes=10)
"""How long after the platform asked who it is passkeys may be made and removed."""
STRONG = timedelta(minutes=10)
"""How long a used passkey opens sensitive licenses."""
_NOTICED = timedelta(minutes=1)  # a session is not written at every request
_TOKEN_LENGTH = 43
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Opened:
    """A new session: its token, told once, and what it opens."""

    token: str = field(repr=False)
    session: HolderSession


async def admit(connection: Connection, vouched: Vouched, at: datetime, *, fresh_until: datetime | None = None) -> Opened:
    """Open a session for whom the platform vouched; name, code and companies are brought up to date.

    Raises:
        EtrustError: ``other_citizen`` when the platform gives a known account the number of somebody else.
    """
    async with connection.transaction():
        person = await store.keep_person(connection, secrets.token_hex(16), vouched, at)
        if person is None:
            known = await store.known_person(connection, vouched.issuer, vouched.sub)
            _log.error("the identity platform gave the account of person %s the number of somebody else", known)
            raise EtrustError(
                Kind.FORBIDDEN, "other_citizen",
                zh="身份平台给出的证件号码与此前登记的不一致，为保护您的证照，登录已被拒绝。请联系身份平台核对。",
                en="The identity platform gives another document number than before; the sign-in was refused. Ask the platform.",
            )
        await store.forget_expired(connection, at, at - IDLE)
        token = secrets.token_urlsafe(32)
        session = HolderSession(person, digest(token), at, at + LIFETIME, fresh_until=fresh_until)
        await store.add_session(connection, session, at)
    return Opened(token, session)


async def session_of(connection: Connection, token: str, at: datetime) -> HolderSession | None:
    """The session a token opens, None when there is none, it is over, or nobody used it for an hour."""
    if len(token) != _TOKEN_LENGTH:
        return None
    found = await store.session(connection, digest(token), at, at - IDLE)
    if found is None:
        return None
    session, seen_at = found
    if at - seen_at >= _NOTICED:
        await store.notice(connection, session.digest, at)
    return session


async def renew(connection: Connection, session: HolderSession, at: datetime, *, strong_until: datetime) -> Opened | None:
    """The same session under a new token, strong until a moment; None when it ended meanwhile. The old token is worth nothing."""
    token = secrets.token_urlsafe(32)
    if not await store.change_token(connection, session.digest, digest(token), strong_until):
        return None
    found = await store.session(connection, digest(token), at, at - IDLE)
    return None if found is None else Opened(token, found[0])


async def end(connection: Connection, session: bytes) -> None:
    """End a session by its digest; unknown ones are ignored."""
    await store.end_session(connection, session)


async def act_for(connection: Connection, session: bytes, acting_for: str) -> None:
    """Remember for whom the person of a session acts; whether it may is asked anew at each use."""
    await store.set_acting(connection, session, acting_for)


def digest(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).digest()


__all__ = [
    "FRESH", "IDLE", "LIFETIME", "STRONG", "CompanyRole", "HolderSession", "Opened", "Person", "Position", "Vouched",
    "act_for", "admit", "digest", "end", "renew", "session_of",
]  # fmt: skip
