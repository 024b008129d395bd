"""Looking at the real processes of a home's embedded servers."""

import asyncio
import contextlib
import inspect
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

PROGRAM = """
import asyncio, sys
from pathlib import Path
from etrust.settings import Settings
from etrust.storage.stores import open_stores

async def main():
    async with open_stores(Settings(home=Path(sys.argv[1]))) as stores:
        await stores.ping_redis()
        async with stores.pool.acquire() as connection:
            await connection.fetchval("SELECT 1")
        print("open", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        async with stores.pool.acquire() as connection:
            await connection.fetchval("SELECT 1")
        await stores.ping_redis()
    print("closed", flush=True)

asyncio.run(main())
"""
"""Opens the stores of a home, says "open", waits for a line, uses them once more, closes them and says "closed"."""


@dataclass(frozen=True, slots=True)
class Process:
    """A server or keeper, by its number."""

    pid: int

    def is_alive(self) -> bool:
        """Whether it runs; a zombie does not."""
        try:
            return "\nState:\tZ" not in Path(f"/proc/{self.pid}/status").read_text()
        except OSError:
            return False

    def send_signal(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def freeze(self, *others: int) -> None:
        """Stop it, and others, from running."""
        for pid in (self.pid, *others):
            os.kill(pid, signal.SIGSTOP)

    def thaw(self, *others: int) -> None:
        """Let them run again, those that still live."""
        for pid in (*others, self.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


_NOBODY = Process(0)


def keeper_of(home: Path, name: str) -> Process:
    """The keeper of a home's server as its record has it."""
    return _recorded(home, name, "pid")


def server_of(home: Path, name: str, before: int = 0) -> Process:
    """A home's server as its keeper's record has it; a process that never lives while it is still the one before."""
    found = _recorded(home, name, "server")
    return _NOBODY if found.pid == before else found


def _recorded(home: Path, name: str, key: str) -> Process:
    try:
        told = json.loads((home / "run" / f"{name}.keeper").read_text())
        return Process(told[key])
    except (OSError, ValueError, KeyError):
        return _NOBODY


def processes_of(home: Path) -> list[int]:
    """Every living process whose command line names something in the home."""
    return [pid for pid, words in _command_lines() if any(os.fsencode(home) in word for word in words)]


def _command_lines() -> Iterator[tuple[int, list[bytes]]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                yield int(entry.name), (entry / "cmdline").read_bytes().split(b"\0")


async def wait_until(condition: Callable[[], bool | Awaitable[bool]]) -> None:
    """Wait for something that must come; half a minute without it is a failure."""
    async with asyncio.timeout(30):
        while True:
            found = condition()
            if await found if inspect.isawaitable(found) else found:
                return
            await asyncio.sleep(0.05)


async def start_user(home: Path) -> asyncio.subprocess.Process:
    """Another process that uses the stores of a home; returns when it has them open."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, str(home), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert await asyncio.wait_for(process.stdout.readline(), 60) == b"open\n"
    return process


async def finish_user(process: asyncio.subprocess.Process) -> None:
    """Let it use the stores once more and leave in good order."""
    output, _ = await asyncio.wait_for(process.communicate(b"\n"), 60)
    assert output == b"closed\n"
    assert process.returncode == 0


async def kill_user(process: asyncio.subprocess.Process) -> None:
    """End it by kill -9."""
    process.kill()
    await process.wait()
