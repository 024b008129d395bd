"""The embedded stores: they die with who uses them, come back after any crash, and are shared by several processes."""

# ruff: noqa: ASYNC220, ASYNC240 - these tests look at files and start processes while little else waits

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from etrust.errors import EtrustError
from etrust.settings import Settings
from etrust.storage.stores import Stores, open_stores
from tests.storage.processes import (
    finish_user,
    keeper_of,
    kill_user,
    processes_of,
    server_of,
    start_user,
    wait_until,
)

pytestmark = pytest.mark.long

SERVERS = ("postgres", "valkey")


@pytest_asyncio.fixture
async def home(tmp_path: Path) -> AsyncIterator[Path]:
    """A home; nothing of it runs on after the test."""
    place = tmp_path / "home"
    yield place
    await wait_until(lambda: not processes_of(place))


def only_embedded(home: Path) -> Settings:
    return Settings(home=home)


async def test_both_keep_data_from_one_opening_to_the_next(home: Path) -> None:
    async with open_stores(only_embedded(home)) as stores:
        await _write(stores)
    assert processes_of(home) == []
    async with open_stores(only_embedded(home)) as stores:
        assert await _read(stores) == ("kept", b"kept")


async def test_they_are_real_servers_and_durable(home: Path) -> None:
    async with open_stores(only_embedded(home)) as stores, stores.pool.acquire() as connection:
        names = ("fsync", "synchronous_commit", "full_page_writes", "server_encoding", "listen_addresses")
        shown = {name: await connection.fetchval(f"SHOW {name}") for name in names}
        assert shown == {
            "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "server_encoding": "UTF8",
            "listen_addresses": "",
        }  # fmt: skip
        assert await connection.fetchval(
            "SELECT datcollate FROM pg_database WHERE datname = current_database()"
        ) == "C"
        assert (await stores.redis.config_get("port"))["port"] == "0"


async def test_only_the_owner_can_reach_them(home: Path) -> None:
    async with open_stores(only_embedded(home)):
        for folder in (home, home / "run", home / "logs", home / "postgres", home / "valkey"):
            assert folder.stat().st_mode & 0o077 == 0, folder


async def test_kill_9_of_the_only_user_ends_them(home: Path) -> None:
    user = await start_user(home)
    servers = [server_of(home, name) for name in SERVERS]
    assert all(server.is_alive() for server in servers)
    await kill_user(user)
    await wait_until(lambda: not processes_of(home))
    assert not any(server.is_alive() for server in servers)
    assert not (home / "postgres" / "postmaster.pid").exists(), "PostgreSQL was not shut down in good order"


@pytest.mark.skipif(sys.platform != "linux", reason="a parent's death is told to its children on Linux only")
async def test_kill_9_of_the_keeper_ends_its_server_and_another_takes_over(home: Path) -> None:
    async with open_stores(only_embedded(home)) as stores:
        await _write(stores)
        before = {name: (keeper_of(home, name), server_of(home, name)) for name in SERVERS}
        for keeper, _ in before.values():
            keeper.send_signal(signal.SIGKILL)
        await wait_until(lambda: not any(server.is_alive() for _, server in before.values()))
        await wait_until(lambda: _usable(stores))
        assert await _read(stores) == ("kept", b"kept")


@pytest.mark.parametrize("name", SERVERS)
async def test_a_server_killed_with_9_comes_back_with_its_data(home: Path, name: str) -> None:
    async with open_stores(only_embedded(home)) as stores:
        await _write(stores)
        killed = server_of(home, name)
        killed.send_signal(signal.SIGKILL)
        await wait_until(lambda: server_of(home, name, killed.pid).is_alive())
        await wait_until(lambda: _usable(stores))
        assert await _read(stores) == ("kept", b"kept")


async def test_everything_killed_with_9_at_once_recovers(home: Path) -> None:
    user = await start_user(home)
    for pid in [user.pid, *(keeper_of(home, name).pid for name in SERVERS), *processes_of(home)]:
        _kill(pid)
    await user.wait()
    await wait_until(lambda: not processes_of(home))
    assert (home / "postgres" / "postmaster.pid").exists(), "nothing was left to recover from"
    async with open_stores(only_embedded(home)) as stores:
        assert await _usable(stores)


async def test_a_postmaster_file_that_names_a_living_stranger_is_no_hindrance(home: Path) -> None:
    async with open_stores(only_embedded(home)) as stores:
        await _write(stores)
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        (home / "postgres" / "postmaster.pid").write_text(f"{stranger.pid}\n{home / 'postgres'}\n1\n5432\n\n\n  1 1\nready\n")
        async with open_stores(only_embedded(home)) as stores:
            assert await _read(stores) == ("kept", b"kept")
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


async def test_a_half_made_data_folder_is_made_again(home: Path) -> None:
    (home / "postgres.new" / "base").mkdir(parents=True)
    (home / "postgres.new" / "PG_VERSION").write_text("18\n")
    (home / "postgres").mkdir()
    async with open_stores(only_embedded(home)) as stores:
        assert await _usable(stores)
    assert not (home / "postgres.new").exists()


async def test_a_dead_socket_is_no_hindrance(home: Path) -> None:
    async with open_stores(only_embedded(home)) as stores:
        await _write(stores)
    for name, socket in (("postgres", ".s.PGSQL.5432"), ("valkey", "valkey.sock")):
        (home / "sockets" / name).mkdir(parents=True, exist_ok=True)
        (home / "sockets" / name / socket).touch()
    async with open_stores(only_embedded(home)) as stores:
        assert await _read(stores) == ("kept", b"kept")


async def test_valkey_data_that_cannot_be_read_is_set_aside(home: Path) -> None:
    async with open_stores(only_embedded(home)) as stores:
        await _write(stores)
    for path in (home / "valkey" / "appendonlydir").iterdir():
        path.write_bytes(b"not what a server wrote")
    async with open_stores(only_embedded(home)) as stores:
        assert await _read(stores) == ("kept", None)
    assert (home / "valkey.broken").is_dir()


async def test_data_of_another_postgresql_is_refused_with_clear_words(home: Path) -> None:
    async with open_stores(only_embedded(home)):
        pass
    (home / "postgres" / "PG_VERSION").write_text("12\n")
    with pytest.raises(EtrustError, match="PostgreSQL 12") as caught:
        async with open_stores(only_embedded(home)):
            pytest.fail("it must not open")
    assert caught.value.code == "database_other_version"


async def test_a_database_that_does_not_start_is_told_with_its_log(home: Path) -> None:
    async with open_stores(only_embedded(home)):
        pass
    (home / "postgres" / "postgresql.conf").write_text("no such setting\n")
    with pytest.raises(EtrustError, match="syntax error") as caught:
        async with open_stores(only_embedded(home)):
            pytest.fail("it must not open")
    assert caught.value.code == "embedded_store_failed"
    assert caught.value.where.endswith("postgres.log")


async def test_two_processes_share_one_home_and_the_first_may_leave(home: Path) -> None:
    first = await start_user(home)
    second = await start_user(home)
    servers = [server_of(home, name).pid for name in SERVERS]
    await finish_user(first)
    assert [server_of(home, name).pid for name in SERVERS] == servers
    assert all(server_of(home, name).is_alive() for name in SERVERS)
    await finish_user(second)
    assert processes_of(home) == []


async def test_two_processes_share_one_home_and_the_first_may_be_killed(home: Path) -> None:
    first = await start_user(home)
    second = await start_user(home)
    await kill_user(first)
    await finish_user(second)
    assert processes_of(home) == []


async def test_many_at_once_start_one_server(home: Path) -> None:
    users = await asyncio.gather(*(start_user(home) for _ in range(4)))
    postmasters = [
        pid for pid in processes_of(home)
        if Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0].endswith(b"/postgres")
    ]  # fmt: skip
    assert len(postmasters) == 1
    await asyncio.gather(*(finish_user(user) for user in users))


async def test_several_homes_run_at_once(tmp_path: Path) -> None:
    async with (
        open_stores(only_embedded(tmp_path / "one")) as one,
        open_stores(only_embedded(tmp_path / "two")) as two,
    ):
        await _write(one)
        async with two.pool.acquire() as connection:
            assert await connection.fetchval("SELECT to_regclass('things')") is None
        assert await two.redis.get("thing") is None


async def test_a_home_with_a_long_path_has_its_sockets_elsewhere(tmp_path: Path) -> None:
    place = tmp_path.joinpath(*["很长的目录名" * 4] * 3)
    async with open_stores(only_embedded(place)) as stores:
        folder = Path(keeper_sockets(place))
        assert not folder.is_relative_to(place)
        assert folder.stat().st_mode & 0o777 == 0o700
        assert await _usable(stores)
    assert not folder.exists()
    assert processes_of(place) == []


async def test_a_short_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    place = tmp_path.joinpath(*["long" * 16] * 3)
    async with open_stores(only_embedded(place)):
        folder = Path(keeper_sockets(place))
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    try:
        with pytest.raises(EtrustError) as caught:
            async with open_stores(only_embedded(place)):
                pytest.fail("it must not open")
        assert caught.value.code == "foreign_socket_folder"
    finally:
        folder.rmdir()


async def test_a_home_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(EtrustError) as caught:
        async with open_stores(only_embedded(tmp_path / "file" / "home")):
            pytest.fail("it must not open")
    assert caught.value.code == "embedded_store_failed"


async def test_a_home_can_move(home: Path, tmp_path: Path) -> None:
    async with open_stores(only_embedded(home)) as stores:
        await _write(stores)
    shutil.move(home, tmp_path / "moved")
    async with open_stores(only_embedded(tmp_path / "moved")) as stores:
        assert await _read(stores) == ("kept", b"kept")


def keeper_sockets(home: Path) -> str:
    return str(json.loads((home / "run" / "postgres.keeper").read_text())["sockets"])


async def _write(stores: Stores) -> None:
    async with stores.pool.acquire() as connection:
        await connection.execute("CREATE TABLE things (name text)")
        await connection.execute("INSERT INTO things VALUES ('kept')")
    await stores.redis.set("thing", "kept")


async def _read(stores: Stores) -> tuple[str, bytes | None]:
    async with stores.pool.acquire() as connection:
        name: str = await connection.fetchval("SELECT name FROM things")
    found = await stores.redis.get("thing")
    assert found is None or isinstance(found, bytes)
    return name, found


async def _usable(stores: Stores) -> bool:
    try:
        await stores.ping_redis()
        async with stores.pool.acquire() as connection:
            return await connection.fetchval("SELECT true") is True
    except EtrustError:
        return False


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
