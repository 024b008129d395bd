"""The client of Redis, which holds what may be lost: short limits and no retries, so its absence costs little."""

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from etrust.errors import EtrustError, Kind

SLOWEST_SECONDS = 1.0
"""Waiting longer than this for what may be lost is never worth it."""


def open_redis(url: str, *, timeout: float) -> "Redis":
    """A client; nothing is connected before its first command.

    Args:
        url: ``redis://host:port/number``, ``rediss://…`` or ``unix:///path?db=number``.
        timeout: seconds for connecting and for one command, at most `SLOWEST_SECONDS`.

    Raises:
        EtrustError: ``bad_setting`` when the URL cannot be read.
    """
    limit = min(timeout, SLOWEST_SECONDS)
    try:
        return Redis.from_url(
            url, socket_timeout=limit, socket_connect_timeout=limit, retry=Retry(NoBackoff(), 0),
            decode_responses=False,
        )
    except ValueError as error:
        raise EtrustError(
            Kind.INVALID, "bad_setting", where="redis_url",
            zh=f"Redis 地址 redis_url 无法识别：{error}。", en=f"Setting redis_url cannot be read: {error}.",
        ) from error


def redis_unavailable(error: Exception) -> EtrustError:
    """The answer where Redis is needed and can't be had."""
    told = str(error) or type(error).__name__
    return EtrustError(
        Kind.UNAVAILABLE, "redis_unavailable",
        zh=f"暂时无法访问 Redis（{told}）。请稍后再试；"
           "持续出现时请检查 Redis 是否运行以及 redis_url 配置。",
        en=f"Redis is out of reach ({told}). Try again; if it stays so, check that Redis runs"
           " and the setting redis_url.",
    )
