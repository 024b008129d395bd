"""Links that show one license to its holder: random, expiring, kept only as digests.

They stand in until holders sign in through the region's identity platform.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from etrust.errors import EtrustError, Kind
from etrust.licenses import store
from etrust.licenses.change import not_found
from etrust.licenses.model import StoredLicense
from etrust.storage.postgres import Connection

MAX_LIFETIME = timedelta(days=30)
_TOKEN_LENGTH = 32


async def make_holder_link(
    connection: Connection, *, serial: str, version: int, at: datetime, lifetime: timedelta
) -> str:
    """Make the token of a link to one license; it cannot be shown again.

    Raises:
        EtrustError: there is no such license, or the lifetime is not between a minute and thirty days.
    """
    if not timedelta(minutes=1) <= lifetime <= MAX_LIFETIME:
        raise EtrustError(
            Kind.INVALID, "bad_lifetime", where="days",
            zh="链接有效期须在 1 分钟至 30 天之间。", en="A link lives between one minute and thirty days.",
        )
    if await store.find(connection, serial, version) is None:
        raise not_found()
    token = secrets.token_urlsafe(24)
    await store.add_holder_link(
        connection, token_hash=_digest(token), serial=serial, version=version, at=at, expires_at=at + lifetime
    )
    return token


async def linked_license(connection: Connection, token: str, at: datetime) -> StoredLicense | None:
    """The license a link shows, or None for an unknown and an expired link alike."""
    if len(token) != _TOKEN_LENGTH:
        return None
    place = await store.linked_license(connection, _digest(token), at)
    return None if place is None else await store.find(connection, *place)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
