"""Counts failed sign-ins in Redis. With Redis gone the counting falls back to this process: never unlimited."""

import hashlib
from collections import OrderedDict
from datetime import datetime, timedelta

from redis.asyncio import Redis
from redis.exceptions import RedisError

MAX_FAILURES = 5
WINDOW = timedelta(minutes=10)
_REMEMBERED = 10_000


class FailedSignIns:
    """How often signing in failed lately, by account and client address together.

    Args:
        key: the region's own, so that regions on one Redis do not count for each other and nobody reads names out of it.
        limit: so many tries within the window are too many.
        name: what is counted; each name counts apart.
    """

    def __init__(
        self, redis: "Redis", key: bytes, *, limit: int = MAX_FAILURES, window: timedelta = WINDOW, name: str = "failed-sign-ins"
    ) -> None:
        self._redis = redis
        self._key = key
        self._limit = limit
        self._window = window
        self._counted = name
        self._local: OrderedDict[str, tuple[int, datetime]] = OrderedDict()

    async def too_many(self, who: str, at: datetime) -> bool:
        """Whether there were too many tries within the window."""
        key = self._name(who)
        return max(self._local_count(key, at), await self._shared_count(key)) >= self._limit

    async def add(self, who: str, at: datetime) -> int:
        """Count one try, which a success takes back with `clear`; how many there are now."""
        key = self._name(who)
        mine = self._local_count(key, at) + 1
        self._local[key] = (mine, at)
        self._local.move_to_end(key)
        if len(self._local) > _REMEMBERED:
            self._local.popitem(last=False)
        try:
            async with self._redis.pipeline(transaction=True) as pipeline:
                pipeline.incr(key)
                pipeline.expire(key, int(self._window.total_seconds()))
                shared = (await pipeline.execute())[0]
        except (RedisError, OSError, TimeoutError):
            return mine  # the local count stands
        return int(shared)

    async def clear(self, who: str) -> None:
        """Forget the failures after a success."""
        key = self._name(who)
        self._local.pop(key, None)
        try:
            await self._redis.delete(key)
        except (RedisError, OSError, TimeoutError):
            return  # it expires by itself

    def _local_count(self, key: str, at: datetime) -> int:
        count, last = self._local.get(key, (0, at))
        return count if at - last < self._window else 0

    async def _shared_count(self, key: str) -> int:
        try:
            return int(await self._redis.get(key) or 0)
        except (RedisError, OSError, TimeoutError):
            return 0

    def _name(self, who: str) -> str:
        # A digest, because a mistyped username may be a password or a citizen number.
        digest = hashlib.blake2b(who.encode(), key=self._key, person=b"sign-ins", digest_size=16)
        return f"etrust:{self._counted}:{{" + digest.hexdigest() + "}"
