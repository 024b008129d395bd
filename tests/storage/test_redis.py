"""Redis gone: opening goes on, asking says so clearly, and nothing hangs."""

import asyncio
import socket

import pytest
from redis.exceptions import RedisError

from etrust.errors import EtrustError, Kind
from etrust.settings import Settings
from etrust.storage.redis_client import open_redis
from etrust.storage.stores import open_stores


async def test_a_missing_redis_does_not_stop_opening(settings: Settings) -> None:
    away = settings.model_copy(update={"redis_url": "redis://127.0.0.1:1/0"})
    async with open_stores(away) as stores:
        async with stores.pool.acquire() as connection:
            assert await connection.fetchval("SELECT 1") == 1
        with pytest.raises(EtrustError) as caught:
            await stores.ping_redis()
    assert (caught.value.kind, caught.value.code) == (Kind.UNAVAILABLE, "redis_unavailable")
    assert "redis_url" in caught.value.zh


async def test_a_redis_that_does_not_answer_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = open_redis(f"redis://127.0.0.1:{silent.getsockname()[1]}/0", timeout=0.2)
        with pytest.raises((RedisError, TimeoutError)):
            await asyncio.wait_for(client.get("anything"), 15)
        await client.aclose()


async def test_configured_stores_leave_the_home_empty(settings: Settings) -> None:
    async with open_stores(settings) as stores:
        await stores.ping_redis()
        assert (stores.database_url, stores.redis_url) == (settings.database_url, settings.redis_url)
    assert list(settings.home.iterdir()) == []


async def test_a_missing_database_stops_opening_with_clear_words(settings: Settings) -> None:
    away = settings.model_copy(update={"database_url": "postgresql://nobody@127.0.0.1:1/nothing"})
    with pytest.raises(EtrustError) as caught:
        async with open_stores(away):
            pytest.fail("it must not open")
    assert caught.value.code == "store_unavailable"


async def test_a_bad_redis_address_is_a_bad_setting() -> None:
    with pytest.raises(EtrustError) as caught:
        open_redis("http://here", timeout=1)
    assert (caught.value.code, caught.value.where) == ("bad_setting", "redis_url")
