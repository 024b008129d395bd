"""Signing in and out. Tokens are random; only their digests are kept."""

import hashlib
import secrets
from datetime import datetime, timedelta

from etrust.access import store
from etrust.access.cache import FailedSignIns
from etrust.access.model import Operator
from etrust.access.passwords import password_matches
from etrust.errors import EtrustError, Kind
from etrust.storage.postgres import Connection

SESSION_LIFETIME = timedelta(hours=8)
_TOKEN_LENGTH = 43


async def sign_in(
    connection: Connection, failures: FailedSignIns, *, username: str, password: str, client: str, at: datetime
) -> str:
    """Open a session (eight hours) and return its token.

    Raises:
        EtrustError: ``bad_credentials`` for an unknown account and a wrong password alike;
            ``too_many_attempts`` after five failures in ten minutes of an account from one address.
    """
    counted = f"{username}|{client}"
    if await failures.too_many(counted, at):
        raise EtrustError(
            Kind.RATE_LIMITED, "too_many_attempts",
            zh="登录失败次数过多，请十分钟后再试。", en="Too many failed attempts; try again in ten minutes.",
        )
    stored = await store.password_hash(connection, username)
    if not await password_matches(stored, password):
        await failures.add(counted, at)
        raise EtrustError(
            Kind.UNAUTHENTICATED, "bad_credentials",
            zh="用户名或密码不正确，请重新输入。", en="The username or password is wrong; please try again.",
        )
    await failures.clear(counted)
    return await _open_session(connection, username, at)


async def operator_of(connection: Connection, token: str, at: datetime) -> Operator | None:
    """The operator whose session this token opens, or None."""
    if len(token) != _TOKEN_LENGTH:
        return None
    return await store.session_operator(connection, _digest(token), at)


async def sign_out(connection: Connection, token: str) -> None:
    """End the session of this token; unknown tokens are ignored."""
    await store.end_session(connection, _digest(token))


async def _open_session(connection: Connection, username: str, at: datetime) -> str:
    token = secrets.token_urlsafe(32)
    await store.forget_expired_sessions(connection, at)
    await store.add_session(
        connection, token_hash=_digest(token), username=username, at=at, expires_at=at + SESSION_LIFETIME
    )
    return token


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
