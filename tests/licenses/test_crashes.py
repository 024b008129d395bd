"""kill -9 in the middle of an import, at every named point; run again: finished, nothing lost, nothing doubled."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from etrust.settings import Settings
from etrust.verification.model import Overall
from etrust.wiring import open_rooms
from tests.licenses.issuing import code_of, some_licenses
from tests.licenses.test_import_of_exports import EXPECTED, EXPORTS, run_import

pytestmark = pytest.mark.long

GOOD = EXPECTED["business.csv"]["rows"] - len(EXPECTED["business.csv"]["rejected"])


async def import_and_die(region: Settings, point: str, time: int) -> int:
    """Import in a process of its own that kills itself the nth time it passes a point; its exit code."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.licenses.dying_import", str(region.home), str(region.database_url), str(region.redis_url),
        str(EXPORTS / "business.csv"), point, str(time), cwd=Path(__file__).parents[2],
    )  # fmt: skip
    return await process.wait()


@pytest.mark.parametrize(("point", "time"), [
    ("prepared", 1), ("signed", 1), ("closed", 1), ("prepared", 2), ("signed", 2), ("closed", 2),
])  # fmt: skip
async def test_killed_and_run_again(region: Settings, point: str, time: int) -> None:
    assert await import_and_die(region, point, time) == -signal.SIGKILL
    async with open_rooms(region) as rooms:
        async with rooms.stores.pool.acquire() as connection:
            prepared = await connection.fetchval("SELECT count(*) FROM licenses")
        report = await run_import(rooms, EXPORTS / "business.csv", "business_license")
        assert report.issued + report.already_issued == GOOD
        assert report.already_issued == prepared  # what the dead run had prepared was finished, not made anew
        async with rooms.stores.pool.acquire() as connection:
            assert await connection.fetchval("SELECT count(*) FROM credentials") == GOOD
            assert await connection.fetchval("SELECT count(DISTINCT (list_no, list_index)) FROM licenses") == GOOD
            assert await connection.fetchval("SELECT count(DISTINCT number) FROM licenses") == GOOD
            assert await connection.fetchval("SELECT count(*) FROM issue_batches WHERE closed_at IS NULL") == 0
        for license_ in await some_licenses(rooms, "business_license", GOOD):
            verdict = await rooms.check(code_of(license_))
            assert verdict.verdict is Overall.PASSED or verdict.status == "expired"


async def test_a_server_finishes_what_a_dead_import_left(region: Settings) -> None:
    assert await import_and_die(region, "prepared", 1) == -signal.SIGKILL
    async with open_rooms(region, follow=True) as rooms, rooms.stores.pool.acquire() as connection:
        for _ in range(200):
            if await connection.fetchval("SELECT count(*) FROM issue_batches WHERE closed_at IS NULL") == 0:
                break
            await asyncio.sleep(0.05)
        prepared = await connection.fetchval("SELECT count(*) FROM licenses")
        assert prepared > 0
        assert await connection.fetchval("SELECT count(*) FROM credentials") == prepared
