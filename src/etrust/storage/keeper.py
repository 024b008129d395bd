"""The supervisor of one embedded server: ``python -m etrust.storage.keeper HOME postgres|valkey``.

It is a process of its own, so that several commands can use one home at once and any of them may be the last to
leave. Every user of a server holds a shared lock on ``HOME/run/NAME.users``; the kernel takes it back when the user
dies, kill -9 included. The keeper holds ``HOME/run/NAME.keeper`` alone and writes there how it stands. It looks many
times a second whether it can have the users' lock alone: then nobody is left, and it stops the server and goes. The
server in turn dies with the keeper (see `privileges`), and a keeper that finds its server dead starts it again.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Protocol

from etrust.errors import EtrustError
from etrust.storage import privileges
from etrust.storage.embedded_postgres import EmbeddedPostgres, clean_environment, failed
from etrust.storage.embedded_valkey import EmbeddedValkey
from etrust.storage.filelock import FileLock
from etrust.storage.privileges import Drop
from etrust.storage.sockets import socket_folder

LOOK_SECONDS = 0.05
_START_SECONDS = 60.0  # recovery after a crash reads the log since the last checkpoint
_STOP_SECONDS = 20.0
_ATTEMPTS = 8
_PAUSE_SECONDS = 0.25
_LOG_BYTES = 4 * 1024 * 1024


class Server(Protocol):
    """An embedded server. It promises that what `command` starts writes only its data and its socket's folder."""

    name: str
    socket: str
    data: Path
    program: Path
    stop_signal: signal.Signals

    def prepare(self, drop: Drop) -> None:
        """Make or repair the data folder."""

    def command(self, sockets: Path) -> list[str]:
        """The command line of the server."""

    def is_ready(self, sockets: Path) -> bool:
        """Whether it can be used now."""

    def left_over(self) -> int | None:
        """The process number of an earlier server that the data folder names."""

    def set_aside(self) -> bool:
        """Move data that can't be loaded out of the way, where it may be lost; False where it may not."""


class Keeper:
    """Keeps one server of one home running while anybody uses it."""

    def __init__(self, home: Path, server: Server, lock: FileLock) -> None:
        self._server = server
        self._home = home
        self._lock = lock
        self._users = FileLock(home / "run" / f"{server.name}.users")
        self._log = home / "logs" / f"{server.name}.log"
        self._told_to_stop = False
        self._process: subprocess.Popen[bytes] | None = None
        self._sockets = home
        self._drop = Drop.NOTHING

    def keep(self) -> None:
        """Start the server, keep it running until nobody uses it, and stop it."""
        signal.signal(signal.SIGTERM, self._stop_soon)
        signal.signal(signal.SIGINT, self._stop_soon)
        self._sockets = socket_folder(self._home, self._server.name, self._server.socket)
        self._drop = privileges.choose(self._server.program, self._home, self._sockets)
        try:
            self._start()
            self._say("ready")
            while not self._may_go():
                if self._process is None or self._process.poll() is not None:
                    self._start()
                    self._say("ready")
                time.sleep(LOOK_SECONDS)
        finally:
            self._stop()
            self._remove_sockets()
            with contextlib.suppress(OSError):
                self._sockets.rmdir()

    def _may_go(self) -> bool:
        return self._told_to_stop or self._users.take()

    def _stop_soon(self, _number: int, _frame: FrameType | None) -> None:
        self._told_to_stop = True

    def _say(self, state: str) -> None:
        process = None if self._process is None else self._process.pid
        told = {"pid": os.getpid(), "state": state, "server": process, "sockets": str(self._sockets)}
        self._lock.write(json.dumps(told))

    def _start(self) -> None:
        self._server.prepare(self._drop)
        for attempt in range(_ATTEMPTS):
            # A server killed a moment ago may leave children that hold its memory or socket for an instant.
            if self._start_once():
                return
            if attempt == _ATTEMPTS // 2 and self._server.set_aside():
                self._server.prepare(self._drop)
            if self._may_go():
                return
            time.sleep(_PAUSE_SECONDS)
        raise failed(self._server.name, self._log)

    def _start_once(self) -> bool:
        _shorten(self._log)
        self._remove_sockets()  # a dead server's; PostgreSQL takes a zombie for a living owner
        with self._log.open("ab") as output:
            self._process = privileges.start(
                self._drop, self._server.command(self._sockets), death_signal=self._server.stop_signal,
                stdout=output, stderr=subprocess.STDOUT, env=clean_environment(), cwd=self._home,
            )
        self._say("starting")
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None and not self._may_go():
            if self._server.is_ready(self._sockets):
                return True
            time.sleep(LOOK_SECONDS / 5)
        self._stop()
        return False

    def _stop(self) -> None:
        if self._process is None:
            return
        for number in (self._server.stop_signal, signal.SIGQUIT, signal.SIGKILL):
            if self._process.poll() is not None:
                return
            self._process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_STOP_SECONDS)

    def _remove_sockets(self) -> None:
        for path in self._sockets.glob(f"{self._server.socket}*"):
            path.unlink(missing_ok=True)


def end_left_over(server: Server, candidates: Sequence[int | None]) -> None:
    """End a server of this data folder that outlived its keeper; processes of others are left alone."""
    for number in (server.stop_signal, signal.SIGQUIT, signal.SIGKILL):
        alive = {pid for pid in candidates if pid and _serves(pid, server.data)}
        if not alive:
            return
        for pid in alive:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)
        deadline = time.monotonic() + _STOP_SECONDS / 2
        while time.monotonic() < deadline and any(_serves(pid, server.data) for pid in alive):
            time.sleep(LOOK_SECONDS)


def _serves(pid: int, data: Path) -> bool:
    """Whether a living process was started on that data folder."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        if Path("/proc/self").exists():
            return False
        question = ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)]
        shown = subprocess.run(question, capture_output=True, check=False)  # noqa: S603
        return os.fsencode(data) in shown.stdout
    return os.fsencode(data) in words or any(os.fsencode(data) + b"/" in word for word in words)


def _shorten(log: Path) -> None:
    """Keep at most two files of bounded size."""
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > _LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))


def _wait_for_turn(lock: FileLock) -> bool:
    """Others look at the lock for an instant; only another keeper holds it longer."""
    for _ in range(20):
        if lock.take():
            return True
        time.sleep(LOOK_SECONDS)
    return False


def main(home: Path, name: str) -> int:
    """Run the keeper of one server; what goes wrong is written into the lock's file for those who wait."""
    path = home / "run" / f"{name}.keeper"
    lock = FileLock(path)
    if not _wait_for_turn(lock):
        return 0
    try:
        earlier = _recorded_server(path)
        server: Server = EmbeddedPostgres(home) if name == EmbeddedPostgres.name else EmbeddedValkey(home)
        end_left_over(server, [earlier, server.left_over()])
        Keeper(home, server, lock).keep()
        lock.write(json.dumps({"state": "stopped"}))
    except EtrustError as error:
        told = {"kind": error.kind, "code": error.code, "zh": error.zh, "en": error.en, "where": error.where}
        lock.write(json.dumps({"state": "failed", "error": told}))
        return 1
    except OSError as error:
        words = {"zh": f"内置的 {name} 无法运行：{error}", "en": f"The embedded {name} cannot run: {error}"}
        told = {"kind": "unavailable", "code": "embedded_store_failed", "where": str(home), **words}
        lock.write(json.dumps({"state": "failed", "error": told}))
        return 1
    return 0


def _recorded_server(path: Path) -> int | None:
    with contextlib.suppress(ValueError, OSError, AttributeError):
        found = json.loads(path.read_text("utf-8")).get("server")
        return found if isinstance(found, int) else None
    return None


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
