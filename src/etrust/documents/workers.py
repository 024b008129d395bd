"""Worker processes that set and sign documents off the event loop.

Setting a face and signing it is pure computation of tens of milliseconds. Each worker is a process of its own, started when
first needed, with one job at a time; it is killed when a job outstays its deadline and replaced when it dies, and the job is
tried once more. Workers end when this process does, however that comes: their standard input ends with it.
"""

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from etrust.documents.frames import LENGTH, MAX_FRAME, Answer, Message, Question, Start, Trouble, pack, unpack
from etrust.documents.jobs import Job
from etrust.errors import EtrustError, Kind
from etrust.signing.files import KeyFolder

DEADLINE_SECONDS = 30.0
WAITING = 64
"""Jobs that may wait for each worker; more are refused at once rather than kept in memory."""
JOBS_EACH = 2_000
"""A worker is replaced after so many jobs, so that whatever it has gathered is given back."""
_TRIES = 2
_ONE_CORE = {"RAYON_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}  # the typesetter would take every core and room for each
_log = logging.getLogger(__name__)

Reply = Callable[[Question], Awaitable[bytes]]
"""Answers what a worker asks on the way; an `EtrustError` it raises ends the job with that error."""


class WorkerDiedError(Exception):
    """The process ended, or was ended, before its job was done."""


class _Worker:
    """One process, and how many jobs it has done."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.jobs = 0

    @classmethod
    async def start(cls, keys: KeyFolder) -> "_Worker":
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "etrust.documents.worker", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            env={**os.environ, **_ONE_CORE}, start_new_session=True,  # Ctrl-C is for whoever started them
        )
        worker = cls(process)
        await worker.say(Start(keys))
        return worker

    async def say(self, message: Message) -> None:
        assert self.process.stdin is not None  # noqa: S101 - it was started with a pipe
        try:
            self.process.stdin.write(pack(message))
            await self.process.stdin.drain()
        except (BrokenPipeError, ConnectionResetError) as error:
            raise WorkerDiedError from error

    async def hear(self) -> Any:
        assert self.process.stdout is not None  # noqa: S101 - as above
        try:
            length = LENGTH.unpack(await self.process.stdout.readexactly(LENGTH.size))[0]
            if length > MAX_FRAME:
                raise WorkerDiedError
            return unpack(await self.process.stdout.readexactly(length))
        except asyncio.IncompleteReadError as error:
            raise WorkerDiedError from error

    async def do(self, job: Job, reply: Reply) -> bytes:
        """The result of a job; what the job raises, or what answering it raises."""
        self.jobs += 1
        await self.say(job)
        while True:
            heard = await self.hear()
            if isinstance(heard, Answer):
                return heard.data
            if isinstance(heard, Trouble):
                raise heard.error()
            try:
                await self.say(Answer(await reply(heard)))
            except EtrustError as error:
                await self.say(Trouble.of(error))

    async def end(self) -> None:
        """End the process, by force: it has nothing to put away."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()


class Workers:
    """A fixed number of workers and a bounded queue before them."""

    def __init__(self, keys: KeyFolder, count: int, *, deadline: float = DEADLINE_SECONDS) -> None:
        self._keys = keys
        self._count = count
        self._deadline = deadline
        self._turns = asyncio.Semaphore(count)
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._asked = 0

    async def run(self, job: Job, reply: Reply) -> bytes:
        """Have a job done.

        Raises:
            EtrustError: ``documents_busy`` when too many wait; ``document_failed`` when two workers died over it or ran out of
                time; what the job itself raises.
        """
        if self._asked >= self._count * (1 + WAITING):
            raise EtrustError(
                Kind.UNAVAILABLE, "documents_busy",
                zh="正在制作的文书过多，请稍后重试。", en="Too many documents are being made; try again in a moment.",
            )
        self._asked += 1
        try:
            async with self._turns:
                return await self._tries(job, reply)
        finally:
            self._asked -= 1

    @property
    def processes(self) -> list[int]:
        """Process ids of the workers that live."""
        return [worker.process.pid for worker in (*self._idle, *self._busy)]

    async def _tries(self, job: Job, reply: Reply) -> bytes:
        for turn in range(_TRIES):
            try:
                return await self._once(job, reply)
            except (WorkerDiedError, TimeoutError) as error:
                _log.warning("a document worker failed: %s (try %d)", type(error).__name__, turn + 1)
        raise EtrustError(
            Kind.UNAVAILABLE, "document_failed",
            zh="文书制作进程异常终止，文书未制成，请重试；仍失败请联系管理员。",
            en="The process making the document died or took too long, twice; try again, then tell the administrator.",
        )

    async def _once(self, job: Job, reply: Reply) -> bytes:
        worker = self._idle.pop() if self._idle else await _Worker.start(self._keys)
        self._busy.add(worker)
        sound = False
        try:
            async with asyncio.timeout(self._deadline):
                made = await worker.do(job, reply)
            sound = worker.jobs < JOBS_EACH
        except EtrustError:
            sound = True  # the worker told of it and waits for its next job
            raise
        else:
            return made
        finally:
            self._busy.discard(worker)
            if sound:
                self._idle.append(worker)
            else:
                await worker.end()

    async def close(self) -> None:
        """End all workers."""
        ending = [*self._idle, *self._busy]
        self._idle, self._busy = [], set()
        await asyncio.gather(*(worker.end() for worker in ending))


@asynccontextmanager
async def open_workers(keys: KeyFolder, count: int, *, deadline: float = DEADLINE_SECONDS) -> AsyncIterator[Workers]:
    """Workers for as long as the block runs; none is started before the first job."""
    workers = Workers(keys, count, deadline=deadline)
    try:
        yield workers
    finally:
        await workers.close()
