"""The pool: its one error, its recovery, what a connection given back keeps, and jsonb."""

import asyncio
import json
import signal
from pathlib import Path

import asyncpg
import pytest

from etrust.errors import EtrustError, Kind
from etrust.settings import Settings
from etrust.storage.postgres import Pool, open_pool
from etrust.storage.stores import open_stores
from tests.storage.processes import server_of, wait_until


async def test_no_server_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(EtrustError) as caught:
        await open_pool(f"postgresql://etrust@/etrust?host={tmp_path}", size=2, timeout=1)
    assert (caught.value.kind, caught.value.code) == (Kind.UNAVAILABLE, "store_unavailable")
    assert "database_url" in caught.value.zh


async def test_a_database_that_does_not_exist_is_named(database_url: str) -> None:
    with pytest.raises(EtrustError, match="not_there") as caught:
        await open_pool(database_url.replace("etrust_test_", "not_there_"), size=2, timeout=3)
    assert caught.value.code == "store_unavailable"


async def test_a_bad_address_is_a_bad_setting() -> None:
    with pytest.raises(EtrustError) as caught:
        await open_pool("mysql://here", size=2, timeout=1)
    assert (caught.value.code, caught.value.where) == ("bad_setting", "database_url")


async def test_a_slow_statement_ends_at_the_limit_and_the_pool_works_on(database_url: str) -> None:
    pool = await open_pool(database_url, size=1, timeout=0.3)
    with pytest.raises(EtrustError) as caught:
        async with pool.acquire() as connection:
            await connection.execute("SELECT pg_sleep(30)")
    assert caught.value.code == "store_unavailable"
    assert await _one(pool) == 1
    await pool.close()


async def test_no_free_connection_is_store_unavailable(database_url: str) -> None:
    pool = await open_pool(database_url, size=1, timeout=0.3)
    async with pool.acquire():
        with pytest.raises(EtrustError) as caught:
            async with pool.acquire():
                pytest.fail("there is only one connection")
    assert caught.value.code == "store_unavailable"
    assert await _one(pool) == 1
    await pool.close()


async def test_a_cut_connection_is_store_unavailable_and_the_next_one_works(database_url: str) -> None:
    pool = await open_pool(database_url, size=1, timeout=3)
    other = await asyncpg.connect(database_url)
    with pytest.raises(EtrustError) as caught:  # noqa: PT012 - the block of the connection is what is tested
        async with pool.acquire() as connection, connection.transaction():
            await other.execute("SELECT pg_terminate_backend($1)", await connection.fetchval("SELECT pg_backend_pid()"))
            await connection.fetchval("SELECT 1")
    assert caught.value.code == "store_unavailable"
    assert await _one(pool) == 1
    await other.close()
    await pool.close()


async def test_mistakes_of_the_program_are_not_hidden(database_url: str) -> None:
    pool = await open_pool(database_url, size=1, timeout=3)
    with pytest.raises(asyncpg.UndefinedTableError):
        async with pool.acquire() as connection:
            await connection.execute("SELECT * FROM nowhere")
    with pytest.raises(asyncpg.DataError):
        async with pool.acquire() as connection:
            await connection.fetchval("SELECT $1::integer", "text")
    with pytest.raises(FileNotFoundError):
        async with pool.acquire():
            Path("/nowhere/at/all").read_bytes()  # noqa: ASYNC240 - an error of the block's own
    await pool.close()


@pytest.mark.parametrize("failure", [ValueError("of the block"), asyncio.CancelledError()])
async def test_a_block_that_fails_leaves_no_session_lock(database_url: str, failure: BaseException) -> None:
    pool = await open_pool(database_url, size=1, timeout=3)
    with pytest.raises(type(failure)):  # noqa: PT012 - the block of the connection is what is tested
        async with pool.acquire() as connection:
            assert await connection.fetchval("SELECT pg_try_advisory_lock(7)")
            raise failure
    assert await _locks(database_url) == 0
    await pool.close()


async def test_a_cancelled_statement_leaves_no_session_lock(database_url: str) -> None:
    pool = await open_pool(database_url, size=1, timeout=30)
    locked = asyncio.Event()

    async def work() -> None:
        async with pool.acquire() as connection:
            await connection.execute("SELECT pg_advisory_lock(7)")
            locked.set()
            await connection.execute("SELECT pg_sleep(30)")

    task = asyncio.create_task(work())
    await locked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    # A statement that does not end in time costs the connection; the server then lets go as soon as it notices.
    await wait_until(lambda: _no_locks(database_url))
    assert await _one(pool) == 1
    await pool.close()


async def test_giving_a_connection_back_costs_no_statement(database_url: str) -> None:
    pool = await open_pool(database_url, size=1, timeout=3)
    async with pool.acquire() as connection:
        await connection.execute("SELECT 'the last statement'")
        pid = await connection.fetchval("SELECT pg_backend_pid()")
    other = await asyncpg.connect(database_url)
    assert await other.fetchval("SELECT query FROM pg_stat_activity WHERE pid = $1", pid) == "SELECT pg_backend_pid()"
    await other.close()
    await pool.close()


async def test_the_pool_recovers_when_the_database_comes_back(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", redis_url="redis://127.0.0.1:1", store_timeout_seconds=1)
    async with open_stores(settings) as stores:
        assert await _one(stores.pool) == 1
        server = server_of(settings.home, "postgres")
        server.send_signal(signal.SIGKILL)
        await wait_until(lambda: server_of(settings.home, "postgres", server.pid).is_alive())
        await wait_until(lambda: _answers(stores.pool))
        assert await _one(stores.pool) == 1


async def test_a_frozen_database_is_answered_for_within_the_limit(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", redis_url="redis://127.0.0.1:1", store_timeout_seconds=0.5)
    async with open_stores(settings) as stores:
        async with stores.pool.acquire() as connection:
            backend = await connection.fetchval("SELECT pg_backend_pid()")
        server = server_of(settings.home, "postgres")
        server.freeze(backend)
        try:
            with pytest.raises(EtrustError) as caught:
                await asyncio.wait_for(_one(stores.pool), 20)
        finally:
            server.thaw(backend)
        assert caught.value.code == "store_unavailable"
        await wait_until(lambda: _answers(stores.pool))


async def test_jsonb_is_written_as_text_and_read_as_objects(database_url: str) -> None:
    pool = await open_pool(database_url, size=1, timeout=3)
    value = {"姓名": "阿依古丽", "list": [1, None, {"ئۇيغۇر": "\\u0000 is not in here"}]}
    async with pool.acquire() as connection:
        await connection.execute("CREATE TABLE kept (id integer, value jsonb)")
        await connection.execute("INSERT INTO kept VALUES (1, $1)", json.dumps(value))
        await connection.copy_records_to_table("kept", records=[(2, json.dumps(value, ensure_ascii=False))])
        assert await connection.fetchval("SELECT value -> 'list' -> 0 FROM kept WHERE id = 2") == 1
        rows = await connection.fetch("SELECT value FROM kept ORDER BY id")
    assert [row["value"] for row in rows] == [value, value]
    await pool.close()


async def _one(pool: Pool) -> int:
    async with pool.acquire() as connection:
        found: int = await connection.fetchval("SELECT 1")
        return found


async def _answers(pool: Pool) -> bool:
    try:
        return await _one(pool) == 1
    except EtrustError:
        return False


async def _no_locks(database_url: str) -> bool:
    return await _locks(database_url) == 0


async def _locks(database_url: str) -> int:
    connection = await asyncpg.connect(database_url)
    try:
        found: int = await connection.fetchval(
            "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database"
            " WHERE locktype = 'advisory' AND d.datname = current_database()"
        )
        return found
    finally:
        await connection.close()
