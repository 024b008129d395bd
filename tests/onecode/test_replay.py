"""A thousand scans of one code at once: one succeeds, 999 are told the one time when that was. Also from several processes."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

from etrust.settings import Settings
from etrust.wiring import open_rooms
from tests.onecode.codes import Counter
from tests.onecode.figures import tell
from tests.onecode.scanning import scan

SCANS = 1000
ROOT = Path(__file__).parents[2]


async def test_of_a_thousand_scans_at_once_one_succeeds(shared: Settings) -> None:
    async with open_rooms(shared) as rooms:
        counter = await Counter.open(rooms)
        code = await counter.show()
        successes, heard = await scan(rooms, code.text, SCANS)
        assert (successes, list(heard.values())) == (1, [SCANS - 1])  # one word for all 999: the same time to the millisecond
        (told,) = heard
        assert told.startswith("code_used ")
        tell(f"{SCANS} scans at once in one process: 1 success, {SCANS - 1} times {told}")


async def test_also_from_several_processes(shared: Settings) -> None:
    environment = {**os.environ, "ETRUST_DATABASE_URL": shared.database_url or "", "ETRUST_REDIS_URL": shared.redis_url or ""}
    async with open_rooms(shared) as rooms:
        counter = await Counter.open(rooms)
        counters = [
            await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.onecode.scanning", str(shared.home), str(SCANS // 4),
                cwd=ROOT, env=environment, stdin=PIPE, stdout=PIPE,
            )
            for _ in range(2)
        ]  # fmt: skip
        for each in counters:
            assert each.stdout is not None
            assert await each.stdout.readline() == b"ready\n"
        code = await counter.show()
        elsewhere = asyncio.gather(*(each.communicate(f"{code.text}\n".encode()) for each in counters))
        successes, heard = await scan(rooms, code.text, SCANS // 2)
        for out, _ in await elsewhere:
            told = json.loads(out)
            successes += told["successes"]
            heard.update(told["heard"])
        assert (successes, list(heard.values())) == (1, [SCANS - 1])
        tell(f"{SCANS} scans from 3 processes: 1 success, {SCANS - 1} times {next(iter(heard))}")


async def test_a_code_shared_with_five_counters_is_one_use(shared: Settings) -> None:
    """Sharing (转发): the code of one screen shown at five counters at the same moment still is one use."""
    async with open_rooms(shared) as rooms:
        counter = await Counter.open(rooms)
        total = 0
        for _ in range(20):
            codes = [await counter.show() for _ in range(3)]
            found = await asyncio.gather(*(scan(rooms, code.text, 5) for code in codes))
            total += len(codes)
            assert [successes for successes, _ in found] == [1] * len(codes)
            assert all(len(heard) == 1 and heard.total() == 4 for _, heard in found)
        tell(f"{total} codes, each scanned at 5 counters at once: {total} successes")
