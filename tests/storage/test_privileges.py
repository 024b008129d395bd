"""The embedded servers as root: no privileges, and nothing outside the home is touched. Other users drop nothing."""

# ruff: noqa: ASYNC240 - these tests look at files and start processes while little else waits

import asyncio
import os
import sys
import tempfile
from pathlib import Path

import pytest

from etrust.settings import Settings
from etrust.storage.embedded_postgres import EmbeddedPostgres
from etrust.storage.privileges import Drop, choose
from etrust.storage.stores import open_stores
from tests.storage.processes import PROGRAM, server_of

_WITHOUT_NAMESPACES = """
import ctypes, os, pathlib, sys
made, mapped = os.pipe(), os.pipe()
child = os.fork()
if child == 0:
    if ctypes.CDLL(None).unshare(0x10000000):
        os._exit(1)
    os.write(made[1], b".")
    os.read(mapped[0], 1)
    pathlib.Path("/proc/sys/user/max_user_namespaces").write_text("0")
    print("inside", flush=True)
    os.execv(sys.argv[1], sys.argv[1:])
os.close(made[1])
if os.read(made[0], 1):
    for name in ("uid_map", "gid_map"):
        pathlib.Path(f"/proc/{child}/{name}").write_text("0 0 65536")
    os.write(mapped[1], b".")
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
"""Runs the command after it as root of a user namespace that may make no others."""

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has privileges to drop")
as_user = pytest.mark.skipif(os.geteuid() == 0, reason="only for ordinary users")


@as_root
async def test_servers_of_root_have_no_capability_and_another_user(tmp_path: Path) -> None:
    async with open_stores(Settings(home=tmp_path / "home")):
        for name in ("postgres", "valkey"):
            status = _status(server_of(tmp_path / "home", name).pid)
            assert int(status["CapEff"], 16) == 0
            assert int(status["CapPrm"], 16) == 0
            namespace = Path(f"/proc/{server_of(tmp_path / 'home', name).pid}/ns/user").readlink()
            assert namespace != Path("/proc/self/ns/user").readlink() or status["Uid"].split()[0] == "65534"


@as_root
async def test_root_changes_nothing_outside_the_home(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    beside = closed / "beside"
    beside.write_text("as it was")
    accounts = Path("/etc/passwd").read_bytes()
    before = [_look(path) for path in (tmp_path, closed, beside, *tmp_path.parents)]
    async with open_stores(Settings(home=closed / "home")) as stores:
        await stores.ping_redis()
    assert [_look(path) for path in (tmp_path, closed, beside, *tmp_path.parents)] == before
    assert sorted(path.name for path in closed.iterdir()) == ["beside", "home"]
    assert Path("/etc/passwd").read_bytes() == accounts


@as_root
async def test_without_user_namespaces_root_becomes_nobody() -> None:
    if not all(folder.stat().st_mode & 0o001 for folder in EmbeddedPostgres(Path("/")).program.parents):
        pytest.skip("the programs are in a folder closed to other users, so this way cannot work here")
    with tempfile.TemporaryDirectory(prefix="etrust-nobody-") as folder:
        Path(folder).chmod(0o755)
        result, server = await _run_without_namespaces(Path(folder) / "home")
        assert result == b"closed\n"
        assert server["Uid"].split()[0] == "65534"
        assert int(server["CapEff"], 16) == 0


@as_root
async def test_where_no_way_works_root_is_told_why() -> None:
    with tempfile.TemporaryDirectory(prefix="etrust-closed-") as folder:  # closed to everybody else
        process = await _start_without_namespaces(Path(folder) / "home")
        _, errors = await asyncio.wait_for(process.communicate(), 60)
    told = errors.decode()
    assert "cannot_drop_privileges" in told
    assert "user namespace: " in told
    assert "user nobody: " in told


@as_user
def test_an_ordinary_user_drops_nothing(tmp_path: Path) -> None:
    assert choose(Path("/bin/true"), tmp_path, tmp_path) is Drop.NOTHING


async def _run_without_namespaces(home: Path) -> tuple[bytes, dict[str, str]]:
    process = await _start_without_namespaces(home)
    assert process.stdout is not None
    assert await asyncio.wait_for(process.stdout.readline(), 60) == b"open\n"
    status = _status(server_of(home, "postgres").pid)
    output, _ = await asyncio.wait_for(process.communicate(b"\n"), 60)
    return output, status


async def _start_without_namespaces(home: Path) -> asyncio.subprocess.Process:
    """Root in a namespace of its own in which no further ones are allowed; the machine stays as it is."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _WITHOUT_NAMESPACES, sys.executable, "-c", PROGRAM, str(home),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    if await process.stdout.readline() != b"inside\n":
        await process.communicate()
        pytest.skip("no user namespace could be made to try this in")
    return process


def _status(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _look(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_uid, found.st_gid, found.st_mode
