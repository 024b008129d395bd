"""Signing in and out. Tokens are random; only their digests are kept."""

import hashlib
import secrets
from datetime import datetime, timedelta

from etrust.access import store
from etrust.access.accounts import USERNAME
from etrust.access.cache import MAX_FAILURES, FailedSignIns
from etrust.access.model import Operator, Role
from etrust.access.passwords import password_matches
from etrust.errors import EtrustError, Kind
from etrust.storage.postgres import Connection, Pool

SESSION_LIFETIME = timedelta(hours=8)

KIOSK_LIFETIME = timedelta(days=90)
"""Of a device that stands in a hall day and night; it can do nothing without the phone of whoever stands before it."""

_TOKEN_LENGTH = 43


async def sign_in(
    pool: Pool, failures: FailedSignIns, *, username: str, password: str, client: str, at: datetime
) -> str:
    """Open a session (eight hours; of a kiosk ninety days) and return its token.

    Raises:
        EtrustError: ``bad_credentials`` for an unknown account and a wrong password alike;
            ``too_many_attempts`` after five failures in ten minutes of an account from one address.
    """
    counted = f"{username}|{client}"
    # Counted before the password is looked at, so that guesses side by side don't slip through together.
    if await failures.add(counted, at) > MAX_FAILURES:
        raise EtrustError(
            Kind.RATE_LIMITED, "too_many_attempts",
            zh="登录失败次数过多，请十分钟后再试。", en="Too many failed attempts; try again in ten minutes.",
        )
    # No connection is held while the password is digested: a flood of sign-ins must not starve the checks.
    stored = await _stored(pool, username)
    if not await password_matches(stored, password):
        raise EtrustError(
            Kind.UNAUTHENTICATED, "bad_credentials",
            zh="用户名或密码不正确，请重新输入。", en="The username or password is wrong; please try again.",
        )
    await failures.clear(counted)
    async with pool.acquire() as connection:
        return await _open_session(connection, username, at)


async def _stored(pool: Pool, username: str) -> str | None:
    if not USERNAME.fullmatch(username):
        return None
    async with pool.acquire() as connection:
        return await store.password_hash(connection, username)


async def operator_of(connection: Connection, token: str, at: datetime) -> Operator | None:
    """The operator whose session this token opens, or None."""
    if len(token) != _TOKEN_LENGTH:
        return None
    return await store.session_operator(connection, _digest(token), at)


async def sign_out(connection: Connection, token: str) -> None:
    """End the session of this token; unknown tokens are ignored."""
    await store.end_session(connection, _digest(token))


def is_kiosk(operator: Operator) -> bool:
    """Whether an account is a device and nothing else."""
    return operator.roles == {Role.KIOSK}


async def _open_session(connection: Connection, username: str, at: datetime) -> str:
    token = secrets.token_urlsafe(32)
    await store.forget_expired_sessions(connection, at)
    operator = await store.operator(connection, username)
    lifetime = KIOSK_LIFETIME if operator is not None and is_kiosk(operator) else SESSION_LIFETIME
    await store.add_session(connection, token_hash=_digest(token), username=username, at=at, expires_at=at + lifetime)
    return token


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
