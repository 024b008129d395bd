"""Handles of codes in Redis: kept for a minute, used up by one command, remembered as used for longer.

Each key has a hash tag of its own, and every script touches one key, so all of it runs on Redis Cluster. What decides is
one script on one key: of any number of scans at once one finds the entry, and in the same step leaves the mark that
tells all others when that was. A key that Redis lost or evicted is refused, never given twice.
"""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from etrust.credentials.online_code import LIFETIME
from etrust.errors import EtrustError, Kind
from etrust.storage.redis_client import redis_unavailable

REMEMBERED = timedelta(minutes=10)
"""How long a used code is told as used; afterwards it is only expired. (The register of uses remembers without end.)"""

MAX_ASKED = 64
"""Questions of one process that Redis is asked at once: a crowd waits its turn here instead of running out of connections."""

MAX_LIVE = 3
"""Codes of one session that live at once; a further one ends the oldest."""

_MICROSECOND = timedelta(microseconds=1)

_CONSUME = """
local found = redis.call('GET', KEYS[1])
if found and string.sub(found, 1, 1) == 'L' and ARGV[2] == '1' then
  redis.call('SET', KEYS[1], 'U' .. ARGV[1], 'PX', ARGV[3])
end
return found
"""

_REGISTER = """
if redis.call('EXISTS', KEYS[2]) == 1 then return {0} end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[2])
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
local over = redis.call('ZCARD', KEYS[1]) - tonumber(ARGV[5])
if over <= 0 then return {1} end
local out = redis.call('ZPOPMIN', KEYS[1], over)
local ended = {1}
for place = 1, #out, 2 do ended[#ended + 1] = out[place] end
return ended
"""

_END = """
local live = redis.call('ZRANGE', KEYS[1], 0, -1)
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[2], '1', 'PX', ARGV[1])
return live
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """What Redis had under a handle: the sealed entry, or when it was used first, or neither."""

    sealed: bytes | None = None
    used_at: datetime | None = None


class Asking:
    """Asks Redis: so many questions at once at most, and its absence in our own words."""

    def __init__(self, redis: "Redis") -> None:
        self.redis = redis
        self._turns = asyncio.Semaphore(MAX_ASKED)

    async def __call__(self, question: Awaitable[Any]) -> Any:
        """The answer.

        Raises:
            EtrustError: ``redis_unavailable``.
        """
        try:
            async with self._turns:
                return await question
        except (RedisError, OSError, TimeoutError) as error:
            raise redis_unavailable(error) from error


class Handles:
    """The handles of one region.

    Args:
        namespace: the region's own, so that regions on one Redis keep apart.
    """

    def __init__(self, asking: Asking, namespace: str) -> None:
        self._ask = asking
        self._redis = asking.redis
        self._namespace = namespace
        self._consume = self._redis.register_script(_CONSUME)
        self._register = self._redis.register_script(_REGISTER)
        self._end = self._redis.register_script(_END)

    async def keep(self, handle: bytes, sealed: bytes, *, session: bytes, at: datetime, lifetime: timedelta) -> None:
        """Keep the entry of a handle (its digest) for its lifetime, as one of the session's; the oldest beyond three end.

        Raises:
            EtrustError: ``redis_unavailable``; ``session_ended``.
        """
        live, shown = _milliseconds(lifetime), int(at.timestamp() * 1_000_000)
        over, kept = shown - LIFETIME // _MICROSECOND, _milliseconds(LIFETIME)
        await self._ask(self._redis.set(self._key(handle), b"L" + sealed, px=live, nx=True))
        told = await self._ask(self._register(keys=self._of_session(session), args=[handle, over, shown, kept, MAX_LIVE]))
        ended = told[1:] if told[0] else [handle]
        for each in ended:
            await self._ask(self._redis.delete(self._key(each)))
        if not told[0]:
            raise _session_ended()

    async def take(self, handle: bytes, *, at: datetime, only_look: bool = False) -> Taken:
        """What a handle (its digest) stands for, used up by this very call when it was alive.

        Args:
            only_look: use nothing up; the work is the same.

        Raises:
            EtrustError: ``redis_unavailable``: nothing can be told, so the code is refused.
        """
        arguments = [_since_epoch(at), 0 if only_look else 1, _milliseconds(REMEMBERED)]
        found = await self._ask(self._consume(keys=[self._key(handle)], args=arguments))
        if found is None:
            return Taken()
        if found[:1] == b"U":
            return Taken(used_at=datetime.fromtimestamp(int(found[1:]) / 1000, UTC))
        return Taken(sealed=found[1:])

    async def end_session(self, session: bytes) -> int:
        """End the codes of a session that is over, and let it show no more; how many there were.

        Raises:
            EtrustError: ``redis_unavailable``; the codes then end by themselves within a minute.
        """
        live = await self._ask(self._end(keys=self._of_session(session), args=[_milliseconds(REMEMBERED)]))
        for handle in live:
            await self._ask(self._redis.delete(self._key(handle)))
        return len(live)

    def _key(self, handle: bytes) -> str:
        return f"etrust:code:{self._namespace}:{{{handle.hex()}}}"

    def _of_session(self, session: bytes) -> list[str]:
        tag = f"etrust:codes:{self._namespace}:{{{session.hex()[:32]}}}"
        return [tag, f"{tag}:ended"]


class Tries:
    """Counts by operator, address or key within a window that begins with the first.

    Args:
        name: what is counted, a part of the key.
        limit: how many are too many; the caller compares.
    """

    def __init__(self, asking: Asking, namespace: str, *, name: str, limit: int, window: timedelta) -> None:
        self._ask = asking
        self._place = f"etrust:{name}:{namespace}"
        self.limit = limit
        self._window = window
        self._add = asking.redis.register_script(
            "local n = redis.call('INCR', KEYS[1]) if n == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end return n"
        )
        self._take_back = asking.redis.register_script(
            "if redis.call('EXISTS', KEYS[1]) == 1 then return redis.call('DECR', KEYS[1]) end return 0"
        )

    async def add(self, who: str) -> int:
        """Count one; how many there are now."""
        return int(await self._ask(self._add(keys=[self._key(who)], args=[_milliseconds(self._window)])))

    async def count(self, who: str) -> int:
        """How many there are."""
        return int(await self._ask(self._ask.redis.get(self._key(who))) or 0)

    async def take_back(self, who: str) -> None:
        """Take back one that was counted before it turned out good."""
        await self._ask(self._take_back(keys=[self._key(who)]))

    def _key(self, who: str) -> str:
        return f"{self._place}:{{{who}}}"


def _milliseconds(length: timedelta) -> int:
    return int(length / timedelta(milliseconds=1))


def _since_epoch(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _session_ended() -> EtrustError:
    return EtrustError(
        Kind.UNAUTHENTICATED, "session_ended", zh="登录已退出，请重新登录后再出示。", en="The session is over; sign in again.",
    )
