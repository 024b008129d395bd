"""Keys of programs: scoped, expiring, kept only as digests."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from etrust.access import store
from etrust.access.model import ApiKey, Scope
from etrust.errors import EtrustError, Kind
from etrust.storage.postgres import Connection

MAX_LIFETIME = timedelta(days=400)
_SHAPE = re.compile(r"etk_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")


async def make_api_key(
    connection: Connection, *, operator: str, scopes: Iterable[Scope], at: datetime, lifetime: timedelta
) -> str:
    """Make a key that acts as an operator and return it; it cannot be shown again.

    Raises:
        EtrustError: the lifetime is not between a minute and 400 days.
    """
    if not timedelta(minutes=1) <= lifetime <= MAX_LIFETIME:
        raise EtrustError(
            Kind.INVALID, "bad_lifetime", where="days",
            zh="密钥有效期须在 1 分钟至 400 天之间。", en="A key lives between one minute and 400 days.",
        )
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    await store.add_api_key(
        connection, key_id=key_id, secret_hash=_digest(secret), operator=operator,
        scopes=sorted({str(scope) for scope in scopes}), at=at, expires_at=at + lifetime,
    )
    return f"etk_{key_id}_{secret}"


async def find_api_key(connection: Connection, text: str, at: datetime) -> ApiKey:
    """The key that this text is.

    Raises:
        EtrustError: ``bad_api_key`` for a malformed, unknown, expired or revoked key alike.
    """
    match = _SHAPE.fullmatch(text)
    found = await store.api_key(connection, match[1], at) if match else None
    if match is None or found is None or not hmac.compare_digest(found[1], _digest(match[2])):
        raise bad_api_key()
    return found[0]


def bad_api_key() -> EtrustError:
    """The one refusal for every key that does not open anything."""
    return EtrustError(
        Kind.UNAUTHENTICATED, "bad_api_key",
        zh="接口密钥无效或已过期，请向管理员申请新的密钥。",
        en="The API key is not valid or has expired; ask the administrator for a new one.",
    )


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
