"""Tells other processes through Redis that a status changed, so that they look at once. Only a hint: losing it costs time."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from redis.asyncio import Redis
from redis.exceptions import RedisError

CHANNEL = "etrust:status-changed"
_RETRY_SECONDS = 1.0
_log = logging.getLogger(__name__)


async def announce_change(redis: "Redis", namespace: str) -> None:
    """Say that the status history of this region's database has grown."""
    try:
        await redis.publish(f"{CHANNEL}:{namespace}", "")
    except (RedisError, OSError, TimeoutError):
        _log.warning("Redis is out of reach: other processes learn of a status change by looking, within half a second")


async def follow_changes(redis: "Redis", namespace: str, on_change: Callable[[], Awaitable[None]]) -> None:
    """Call `on_change` after every announcement, until cancelled; reconnects by itself."""
    while True:
        with contextlib.suppress(RedisError, OSError, TimeoutError):
            async with redis.pubsub() as announcements:
                await announcements.subscribe(f"{CHANNEL}:{namespace}")
                async for message in announcements.listen():
                    if message["type"] == "message":
                        await on_change()
        await asyncio.sleep(_RETRY_SECONDS)
