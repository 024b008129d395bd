"""Using an embedded server of a home: join the keeper that runs or start one, and leave again."""

import asyncio
import contextlib
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from etrust.errors import EtrustError, Kind
from etrust.storage.filelock import FileLock, is_held

_LOOK_SECONDS = 0.01
_WATCH_SECONDS = 0.5
_START_SECONDS = 90.0
_STOP_SECONDS = 30.0
_JOINED_SECONDS = 1.0  # after that long, a keeper with no users would have begun to stop
_log = logging.getLogger(__name__)


class Keeping:
    """One process's share in an embedded server."""

    def __init__(self, home: Path, name: str) -> None:
        self._home = home.absolute()
        self._name = name
        self._run = self._home / "run"
        self._keeper_path = self._run / f"{name}.keeper"
        self._users_path = self._run / f"{name}.users"
        self._users = FileLock(self._users_path)
        self._keeper: subprocess.Popen[bytes] | None = None

    async def join(self) -> None:
        """Become a user of the server and see that it is being started; does not wait until it is ready."""
        try:
            for folder in (self._home, self._run, self._home / "logs"):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            async with asyncio.timeout(_STOP_SECONDS):
                while not self._users.take(shared=True):  # noqa: ASYNC110 - a server is just being stopped
                    await asyncio.sleep(_LOOK_SECONDS)
            self._ensure_keeper()
        except (OSError, TimeoutError) as error:
            self._users.release()
            raise self._unusable(error) from error

    async def sockets(self) -> Path:
        """The folder of the server's socket, once the server is ready.

        Raises:
            EtrustError: the keeper's own words about why the server does not start.
        """
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            told = self._told()
            if told.get("state") == "ready" and is_held(self._keeper_path):
                return Path(told["sockets"])
            if self._keeper is not None and self._keeper.poll():
                raise self._failure(told)
            self._ensure_keeper()
            await asyncio.sleep(_LOOK_SECONDS)
        raise self._unusable(TimeoutError(f"not ready after {_START_SECONDS:.0f} s"))

    async def watch(self) -> None:
        """Start a new keeper whenever there is none, until cancelled."""
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            with contextlib.suppress(OSError):
                if not is_held(self._keeper_path) and self._ensure_keeper():
                    _log.warning("the keeper of the embedded %s was gone; started another", self._name)

    async def leave(self) -> None:
        """Stop using the server; the last user waits until it has stopped."""
        last = self._users.take()
        self._users.release()
        if last:
            await self._see_it_stop()

    def _ensure_keeper(self) -> bool:
        """Start a keeper when none runs; True when one was started."""
        if self._keeper_lives() or not self._forget_earlier():
            return False
        package = Path(__file__).resolve().parents[2]
        paths = [str(package), *filter(None, [os.environ.get("PYTHONPATH")])]
        with (self._home / "logs" / "keeper.log").open("ab") as output:
            self._keeper = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-P", "-m", "etrust.storage.keeper", str(self._home), self._name],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True, cwd=self._home,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
            )  # fmt: skip
        return True

    def _forget_earlier(self) -> bool:
        """Take back the word "ready" that a killed keeper has left; False when a keeper lives after all."""
        lock = FileLock(self._keeper_path)
        try:
            if not lock.take():
                return False
            lock.write(json.dumps({"state": "none", "server": self._told().get("server")}))
        finally:
            lock.release()
        return True

    async def _see_it_stop(self) -> None:
        """Wait while the keeper stops the server; not when somebody joins in that instant and it goes on."""
        begin = time.monotonic()
        while self._keeper_lives() and time.monotonic() - begin < _STOP_SECONDS:
            if time.monotonic() - begin > _JOINED_SECONDS and not is_held(self._users_path):
                return
            await asyncio.sleep(_LOOK_SECONDS)

    def _keeper_lives(self) -> bool:
        return (self._keeper is not None and self._keeper.poll() is None) or is_held(self._keeper_path)

    def _told(self) -> dict[str, Any]:
        with contextlib.suppress(OSError, ValueError):
            found = json.loads(self._keeper_path.read_text("utf-8"))
            return found if isinstance(found, dict) else {}
        return {}

    def _failure(self, told: dict[str, Any]) -> EtrustError:
        """The keeper's own words, or where to look when it could not leave any."""
        if told.get("state") != "failed":
            return self._unusable(OSError(f"see {self._home / 'logs' / 'keeper.log'}"))
        words = told["error"]
        return EtrustError(
            Kind(words["kind"]), words["code"], zh=words["zh"], en=words["en"], where=words["where"]
        )

    def _unusable(self, error: BaseException) -> EtrustError:
        return EtrustError(
            Kind.UNAVAILABLE, "embedded_store_failed", where=str(self._home),
            zh=f"无法在工作目录 {self._home} 中使用内置的 {self._name}：{error}。请检查目录权限与 logs 子目录中的日志。",
            en=f"The embedded {self._name} in home {self._home} cannot be used: {error}."
               " Check the folder's permissions and its logs.",
        )  # fmt: skip


@asynccontextmanager
async def kept(home: Path, name: str) -> AsyncIterator[Keeping]:
    """A share in the embedded server of that name for as long as the block runs.

    Raises:
        EtrustError: ``embedded_store_failed`` when the home cannot be used.
    """
    keeping = Keeping(home, name)
    await keeping.join()
    watching = asyncio.create_task(keeping.watch())
    try:
        yield keeping
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await keeping.leave()
