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
from etrust.storage.keeping import Keeping, kept
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
        EtrustError: ``store_unavailable`` when PostgreSQL can't be had; ``embedded_store_failed`` when the
            embedded one does not start. Without Redis it opens all the same.
    """
    async with AsyncExitStack() as stack:
        database_url, redis_url = await _addresses(settings, stack)
        limit = settings.store_timeout_seconds
        pool = await open_pool(database_url, size=settings.database_pool, timeout=limit)
        stack.push_async_callback(pool.close)
        redis = open_redis(redis_url, timeout=limit)
        stack.push_async_callback(redis.aclose)
        yield Stores(pool, redis, database_url, redis_url)


async def _addresses(settings: Settings, stack: AsyncExitStack) -> tuple[str, str]:
    """Both addresses. Embedded servers start side by side, before either is waited for."""
    postgres = valkey = None
    if settings.database_url is None:
        postgres = await stack.enter_async_context(kept(settings.home, embedded_postgres.NAME))
    if settings.redis_url is None:
        valkey = await stack.enter_async_context(kept(settings.home, embedded_valkey.NAME))
    return await _database_url(settings, postgres), await _redis_url(settings, valkey)


async def _database_url(settings: Settings, embedded: Keeping | None) -> str:
    if embedded is None:
        return settings.database_url or ""
    return embedded_postgres.address(await embedded.sockets())


async def _redis_url(settings: Settings, embedded: Keeping | None) -> str:
    if embedded is None:
        return settings.redis_url or ""
    try:
        return embedded_valkey.address(await embedded.sockets())
    except EtrustError as error:
        _log.warning("%s", error)  # what Redis holds may be lost, so its absence stops nothing
        return embedded_valkey.address(settings.home / "sockets" / embedded_valkey.NAME)
