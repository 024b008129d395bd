"""Uploaded files are read in processes that can be killed: two seconds, 256 MB, no network, and another at once after a kill.

Workers are started before they are needed, so that a check costs no import. A file that is too much ends in a word:
``too_slow``, ``too_large`` or ``too_complex``; one that the reader stumbles over in ``reader_failed``.
"""

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from etrust.documents.sandbox_frames import Message, receive_frame
from etrust.errors import EtrustError, Kind

SECONDS = 1.8
"""Wall time of one job; with what surrounds it a caller has his answer within two seconds."""
MEGABYTES = 256
MAX_WAITING = 16
_JOBS = 500  # per process: whatever a library keeps is given back in time
_START_SECONDS = 30.0
_STREAM = 2**20
_log = logging.getLogger(__name__)
_WORDS = {
    "too_slow": (
        "文件处理超过两秒，已中止：结构过于复杂或系恶意构造。",
        "Reading the file took longer than two seconds and was stopped; it may be malicious.",
    ),
    "too_large": ("文件展开后超过内存上限，已中止。", "The file unpacks to more than the memory allowed and was stopped."),
    "reader_failed": ("文件无法解析：内容异常。", "The file cannot be read: something in it is out of order."),
    "too_complex": ("文件结构过于复杂，已中止。", "The file is too complex to be read and was stopped."),
}  # fmt: skip


@dataclass(slots=True)
class _Worker:
    process: asyncio.subprocess.Process
    jobs: int = 0

    @classmethod
    async def start(cls, target: str, megabytes: int) -> "_Worker":
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "etrust.documents.sandbox_worker", target, str(megabytes), limit=_STREAM,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            env=_environment(), start_new_session=True,
        )  # fmt: skip
        worker = cls(process)
        try:
            async with asyncio.timeout(_START_SECONDS):
                await worker._receive()
        except BaseException:
            await worker.end()
            raise
        return worker

    async def run(self, job: Message, seconds: float) -> Message:
        """One job, within its time."""
        assert self.process.stdin is not None  # noqa: S101 - a pipe was asked for
        self.jobs += 1
        async with asyncio.timeout(seconds):
            self.process.stdin.write(job.encode())
            await self.process.stdin.drain()
            return await self._receive()

    async def _receive(self) -> Message:
        assert self.process.stdout is not None  # noqa: S101 - a pipe was asked for
        return await receive_frame(self.process.stdout)

    async def end(self) -> None:
        """Kill the process and take its leave."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        if self.process.stdin is not None:
            self.process.stdin.close()
        await self.process.wait()


class Sandbox:
    """A few warm workers and a short queue before them."""

    def __init__(self, target: str, *, workers: int = 1, seconds: float = SECONDS, megabytes: int = MEGABYTES) -> None:
        """Describe the workers; `open_sandbox` starts them.

        Args:
            target: ``module:function`` that answers a `Message` with a `Message`, imported by each worker at its start.
        """
        self._target = target
        self._seconds = seconds
        self._megabytes = megabytes
        self._turn = asyncio.Semaphore(workers)
        self._waiting = 0
        self._idle: list[asyncio.Task[_Worker]] = []
        self._count = workers

    def warm(self) -> None:
        """Start workers in the background until there are enough."""
        while len(self._idle) < self._count:
            self._idle.append(asyncio.create_task(_Worker.start(self._target, self._megabytes)))

    async def run(self, job: Message) -> Message:
        """What a worker answers.

        Raises:
            EtrustError: TOO_LARGE ``too_slow``, ``too_large`` or ``too_complex``; MALFORMED ``reader_failed``;
                RATE_LIMITED ``too_many_checks``; UNAVAILABLE ``no_sandbox``: no worker can be started.
        """
        if self._waiting >= MAX_WAITING:
            raise EtrustError(
                Kind.RATE_LIMITED, "too_many_checks",
                zh="查验请求过多，请稍后再试。", en="Too many files at once; try again shortly.",
            )
        self._waiting += 1
        try:
            async with self._turn:
                return await self._run(job)
        finally:
            self._waiting -= 1

    async def _run(self, job: Message) -> Message:
        worker = await self._take()
        kept = False
        try:
            reply = await worker.run(job, self._seconds)
            kept = not reply.data.get("last") and worker.jobs < _JOBS
        except TimeoutError as error:
            raise stopped("too_slow") from error
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise stopped("too_complex") from error
        finally:
            await self._give_back(worker, kept=kept)
        word = reply.data.get("error")
        if word == "reader_failed":
            _log.error("a reader failed: %s at %s", reply.data.get("where"), reply.data.get("frames"))
        if word in _WORDS:
            raise stopped(str(word))
        return reply

    async def _take(self) -> _Worker:
        self.warm()
        task = self._idle.pop()
        try:
            return await task
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            raise EtrustError(
                Kind.UNAVAILABLE, "no_sandbox",
                zh="查验进程无法启动，请联系管理员。", en="The process that reads files cannot be started.",
            ) from error

    async def _give_back(self, worker: _Worker, *, kept: bool) -> None:
        if kept:
            self._idle.append(asyncio.ensure_future(_known(worker)))
            return
        await worker.end()
        self.warm()

    async def close(self) -> None:
        """End all workers, those that are still starting too."""
        tasks, self._idle = self._idle, []
        for task in tasks:
            task.cancel()  # does nothing to one that has started
        for found in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(found, _Worker):
                await found.end()


async def _known(worker: _Worker) -> _Worker:
    return worker


@asynccontextmanager
async def open_sandbox(target: str, *, workers: int = 1, seconds: float = SECONDS) -> AsyncIterator[Sandbox]:
    """A sandbox with its workers starting; they end with the block."""
    sandbox = Sandbox(target, workers=workers, seconds=seconds)
    sandbox.warm()
    try:
        yield sandbox
    finally:
        await sandbox.close()


def stopped(code: str) -> EtrustError:
    """The word for a file that was too much, or could not be read."""
    zh, en = _WORDS[code]
    return EtrustError(Kind.MALFORMED if code == "reader_failed" else Kind.TOO_LARGE, code, zh=zh, en=en)


def _environment() -> dict[str, str]:
    """Only what an interpreter needs: no passwords of stores, no addresses."""
    kept = ("PATH", "PYTHONPATH", "VIRTUAL_ENV", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SYSTEMROOT", "PYTHONHOME")
    return {name: os.environ[name] for name in kept if name in os.environ}
