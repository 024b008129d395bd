"""Documents in bulk: every license in force gets its own once, even when the run is killed in the middle."""

import asyncio
import os
import sys
from pathlib import Path

from etrust.documents.register import DocumentKind
from etrust.licenses.bulk_documents import BulkReport, make_in_bulk
from etrust.licenses.change import Ground, change_status
from etrust.licenses.model import Action
from etrust.settings import Settings
from etrust.wiring import Rooms, open_rooms
from tests.licenses.issuing import issue_company, officer

LICENSES = 10


async def issue_some(rooms: Rooms) -> None:
    for number in range(LICENSES):
        await issue_company(rooms, 证照编号=f"6500000000001{number:02d}")


async def run(rooms: Rooms, told: list[tuple[int, int | None]] | None = None) -> BulkReport:
    return await make_in_bulk(
        rooms.stores.pool, rooms.documents.making, license_type="business_license", body=None, kinds=[DocumentKind.PDF],
        who=officer(rooms), at_once=2, on_progress=lambda done, total: (told if told is not None else []).append((done, total)),
    )  # fmt: skip


async def made(rooms: Rooms) -> tuple[int, int]:
    """Documents in the register that are made, and revisions kept."""
    async with rooms.stores.pool.acquire() as connection:
        return (
            await connection.fetchval("SELECT count(*) FROM documents WHERE revision = 1"),
            await connection.fetchval("SELECT count(*) FROM document_revisions"),
        )


async def test_all_of_a_type_and_nothing_twice(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        await issue_some(rooms)
        revoked = await issue_company(rooms, 证照编号="650000000000199")
        async with rooms.stores.pool.acquire() as connection:
            await change_status(
                connection, serial=revoked.serial, version=revoked.version, action=Action.REVOKE,
                ground=Ground("核查", "《行政许可法》第六十九条"), who=officer(rooms),
            )  # fmt: skip
        told: list[tuple[int, int | None]] = []
        report = await run(rooms, told)
        assert (report.licenses, report.failed) == (LICENSES, {"not_in_force": 1})
        assert told[-1] == (LICENSES + 1, LICENSES + 1)
        again = await run(rooms)
        assert (again.licenses, again.failed) == (0, {"not_in_force": 1})
        assert await made(rooms) == (LICENSES, LICENSES)


async def test_killed_in_the_middle_and_run_again(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        await issue_some(rooms)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "etrust", "--home", str(region.home), "documents", "bulk", "--type", "business_license",
            "--kind", "pdf", "--json", cwd=Path(__file__).parents[2], stdout=asyncio.subprocess.DEVNULL,
            env={**os.environ, "ETRUST_DATABASE_URL": str(region.database_url), "ETRUST_REDIS_URL": str(region.redis_url)},
        )  # fmt: skip
        while (await made(rooms))[0] < 2:
            assert process.returncode is None
            await asyncio.sleep(0.02)
        process.kill()
        await process.wait()
        before, _ = await made(rooms)
        assert 2 <= before < LICENSES
        report = await run(rooms)
        assert report.failed == {}
        assert await made(rooms) == (LICENSES, LICENSES)
        assert before + report.licenses == LICENSES
