"""The two stores of a deployment: the configured servers, or embedded ones kept running in the home."""

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.exceptions import RedisError

from etrust.errors import EtrustError
from etrust.settings import Settings
from etrust.storage import embedded_postgres, embedded_valkey
from etrust.storage.keeping import kept
from etrust.storage.postgres import Pool, open_pool
from etrust.storage.redis_client import open_redis, redis_unavailable

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stores:
    """PostgreSQL holds the truth; Redis holds what may be lost."""

    pool: Pool
    redis: "Redis"
    database_url: str
    redis_url: str

    async def ping_redis(self) -> None:
        """Return quietly when Redis answers.

        Raises:
            EtrustError: ``redis_unavailable``.
        """
        try:
            await self.redis.ping()
        except (RedisError, OSError, TimeoutError) as error:
            raise redis_unavailable(error) from error


@asynccontextmanager
async def open_stores(settings: Settings) -> AsyncIterator[Stores]:
    """Open the stores of a deployment; each is embedded in the home when no server of its kind is configured.

    Raises:
        EtrustError: ``store_unavailable`` when PostgreSQL can't be had; ``embedded_store_failed`` when the embedded one
            does not start. Without Redis it opens all the same.
    """
    async with AsyncExitStack() as stack:
        database_url, redis_url = await _addresses(settings, stack)
        pool = await open_pool(database_url, size=settings.database_pool, timeout=settings.store_timeout_seconds)
        stack.push_async_callback(pool.close)
        redis = open_redis(redis_url, timeout=settings.store_timeout_seconds)
        stack.push_async_callback(redis.aclose)
        yield Stores(pool, redis, database_url, redis_url)


async def _addresses(settings: Settings, stack: AsyncExitStack) -> tuple[str, str]:
    """Both addresses. The embedded servers are started side by side, before either is waited for."""
    valkey = postgres = None
    if settings.redis_url is None:
        valkey = await stack.enter_async_context(kept(settings.home, embedded_valkey.NAME))
    if settings.database_url is None:
        postgres = await stack.enter_async_context(kept(settings.home, embedded_postgres.NAME))
    database_url = settings.database_url or embedded_postgres.address(await _folder(postgres))
    try:
        redis_url = settings.redis_url or embedded_valkey.address(await _folder(valkey))
    except EtrustError as error:
        _log.warning("%s", error)
        redis_url = embedded_valkey.address(settings.home / "sockets")
    return database_url, redis_url
