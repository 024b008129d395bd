"""Migrations: numbered, checked, applied once each, refused when something does not fit."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from etrust.errors import EtrustError, Kind
from etrust.resources import resource
from etrust.storage.migrations import State, Step, apply, plan, require_current
from etrust.storage.postgres import Pool, open_pool


@pytest_asyncio.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    opened = await open_pool(database_url, size=4, timeout=5)
    yield opened
    await opened.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "0001_first.sql").write_text("CREATE TABLE first (id integer);")
    (tmp_path / "0002_second.sql").write_text("INSERT INTO first VALUES (1); SELECT pg_sleep(0.05);")
    return tmp_path


async def test_planning_changes_nothing_and_applying_goes_in_order(pool: Pool, folder: Path) -> None:
    told: list[Step] = []
    async with pool.acquire() as connection:
        assert await plan(connection, folder) == [Step(1, "first", State.PENDING), Step(2, "second", State.PENDING)]
        assert await connection.fetchval("SELECT count(*) FROM pg_class WHERE relname = 'schema_migrations'") == 0
        await apply(connection, folder, told.append)
        assert told == [Step(1, "first", State.APPLIED), Step(2, "second", State.APPLIED)]
        assert await plan(connection, folder) == told
        await require_current(connection, folder)
        told.clear()
        await apply(connection, folder, told.append)
        assert told == []


async def test_pending_steps_are_refused_with_the_command_to_run(pool: Pool, folder: Path) -> None:
    async with pool.acquire() as connection:
        await apply(connection, folder, lambda _: None)
        (folder / "0003_third.sql").write_text("SELECT 1")
        with pytest.raises(EtrustError, match="etrust migrate") as caught:
            await require_current(connection, folder)
    assert (caught.value.kind, caught.value.code) == (Kind.UNAVAILABLE, "migrations_pending")
    assert caught.value.where == "0003_third"
    assert "etrust migrate" in caught.value.zh


async def test_a_changed_file_is_shown_and_refused_by_name(pool: Pool, folder: Path) -> None:
    async with pool.acquire() as connection:
        await apply(connection, folder, lambda _: None)
        (folder / "0001_first.sql").write_text("CREATE TABLE first (id bigint);")
        (folder / "0003_third.sql").write_text("CREATE TABLE third ();")
        assert [step.state for step in await plan(connection, folder)] == [State.CHANGED, State.APPLIED, State.PENDING]
        for action in (apply(connection, folder, lambda _: None), require_current(connection, folder)):
            with pytest.raises(EtrustError, match=r"0001_first\.sql") as caught:
                await action
            assert caught.value.code == "migration_changed"
        assert await connection.fetchval("SELECT to_regclass('third')") is None


async def test_other_line_ends_are_no_change(pool: Pool, folder: Path) -> None:
    (folder / "0003_lines.sql").write_bytes(b"SELECT 1;\nSELECT 2;\n")
    async with pool.acquire() as connection:
        await apply(connection, folder, lambda _: None)
        (folder / "0003_lines.sql").write_bytes(b"SELECT 1;\r\nSELECT 2;\r\n")
        await require_current(connection, folder)
        assert {step.state for step in await plan(connection, folder)} == {State.APPLIED}


async def test_a_failing_file_leaves_the_database_before_it(pool: Pool, folder: Path) -> None:
    (folder / "0003_third.sql").write_text("CREATE TABLE third (); SELECT 1 / 0;")
    async with pool.acquire() as connection:
        with pytest.raises(EtrustError, match="division by zero") as caught:
            await apply(connection, folder, lambda _: None)
        assert (caught.value.code, caught.value.where) == ("migration_failed", "0003_third.sql")
        assert await connection.fetchval("SELECT to_regclass('third')") is None
        assert [step.state for step in await plan(connection, folder)][1:] == [State.APPLIED, State.PENDING]
        (folder / "0003_third.sql").write_text("CREATE TABLE third ();")
        await apply(connection, folder, lambda _: None)
        await require_current(connection, folder)


@pytest.mark.parametrize("sql", ["SELECT 1; COMMIT; SELECT 2;", "begin;\nSELECT 1;", "SELECT 1;\n  rollback;"])
async def test_a_file_may_not_end_its_transaction(pool: Pool, folder: Path, sql: str) -> None:
    (folder / "0003_third.sql").write_text(sql)
    async with pool.acquire() as connection:
        with pytest.raises(EtrustError, match=r"0003_third\.sql") as caught:
            await apply(connection, folder, lambda _: None)
        assert caught.value.code == "bad_migrations"
        assert await connection.fetchval("SELECT to_regclass('first')") is None


async def test_several_processes_at_once_apply_each_file_once(pool: Pool, folder: Path) -> None:
    told: list[Step] = []

    async def one() -> None:
        async with pool.acquire() as connection:
            await apply(connection, folder, told.append)

    await asyncio.gather(*(one() for _ in range(4)))
    assert sorted(step.number for step in told) == [1, 2]
    async with pool.acquire() as connection:
        assert await connection.fetchval("SELECT count(*) FROM first") == 1


async def test_a_newer_database_is_refused(pool: Pool, folder: Path) -> None:
    async with pool.acquire() as connection:
        await apply(connection, folder, lambda _: None)
        (folder / "0002_second.sql").unlink()
        for action in (plan(connection, folder), apply(connection, folder, print), require_current(connection, folder)):
            with pytest.raises(EtrustError, match="0002_second") as caught:
                await action
            assert caught.value.code == "database_newer"


@pytest.mark.parametrize("name", ["0004_gap.sql", "0002_twice.sql", "3_short.sql", "0003-dash.sql", "0003_Name.sql"])
async def test_wrong_numbers_and_names_are_refused(pool: Pool, folder: Path, name: str) -> None:
    (folder / name).write_text("SELECT 1")
    async with pool.acquire() as connection:
        with pytest.raises(EtrustError, match=r"\.sql") as caught:
            await plan(connection, folder)
    assert caught.value.code == "bad_migrations"


async def test_an_empty_folder_is_refused(pool: Pool, tmp_path: Path) -> None:
    async with pool.acquire() as connection:
        with pytest.raises(EtrustError) as caught:
            await plan(connection, tmp_path)
    assert caught.value.code == "bad_migrations"


async def test_the_program_own_files_apply_to_an_empty_database(pool: Pool) -> None:
    async with pool.acquire() as connection:
        await apply(connection, resource("migrations"), lambda _: None)
        await require_current(connection, resource("migrations"))
        assert await connection.fetchval("SELECT count(*) FROM licenses") == 0
