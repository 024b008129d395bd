"""Who calls: the API key of a request, and whether it may do this."""

from datetime import timedelta

from aiohttp import web

from etrust.access.api_keys import bad_api_key, find_api_key
from etrust.access.model import ApiKey, Scope
from etrust.errors import EtrustError, Kind
from etrust.licenses.model import Provenance
from etrust.wiring import ROOMS, Rooms

_REMEMBER = timedelta(seconds=1)
_MAX_REMEMBERED = 10_000


class KeyRing:
    """Remembers keys for one second, so that a busy client does not cost a look-up each time."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._known: dict[str, tuple[float, ApiKey]] = {}

    async def find(self, text: str) -> ApiKey:
        """The key that a header names; see `find_api_key`."""
        now = self._rooms.clock()
        remembered = self._known.get(text)
        if remembered and now.timestamp() < remembered[0] and now < remembered[1].expires_at:
            return remembered[1]
        async with self._rooms.stores.pool.acquire() as connection:
            key = await find_api_key(connection, text, now)
        if len(self._known) >= _MAX_REMEMBERED:
            self._known.clear()
        self._known[text] = ((now + _REMEMBER).timestamp(), key)
        return key


KEY_RING = web.AppKey("key_ring", KeyRing)


async def require_key(request: web.Request, scope: Scope) -> ApiKey:
    """The caller's key, when it has the scope.

    Raises:
        EtrustError: ``bad_api_key``, or ``no_scope``.
    """
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not text:
        raise bad_api_key()
    key = await request.app[KEY_RING].find(text.strip())
    if scope not in key.scopes:
        raise EtrustError(
            Kind.FORBIDDEN, "no_scope", where=scope,
            zh=f"接口密钥没有“{scope}”权限。", en=f"The API key does not have the scope {scope}.",
        )
    return key


def provenance(request: web.Request, key: ApiKey) -> Provenance:
    """Operator, body and moment of a change made with a key."""
    return Provenance(key.operator, key.body, request.app[ROOMS].clock())
