"""An import that kills itself with SIGKILL the nth time it passes a named point. Run by test_crashes."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from etrust.licenses.imports import import_file
from etrust.licenses.model import Provenance
from etrust.settings import Settings
from etrust.wiring import open_rooms
from tests.licenses.issuing import BODIES


async def main(home: str, database_url: str, redis_url: str, file: str, point: str, time: str) -> None:
    """Import the business licenses of a file and die."""
    left = int(time)

    def on_step(name: str) -> None:
        nonlocal left
        left -= name == point
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    settings = Settings(home=Path(home), database_url=database_url, redis_url=redis_url)
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        await import_file(
            connection, rooms.issuing, rooms.types["business_license"], Path(file),
            who=Provenance("admin", BODIES["business_license"], rooms.clock()), rejects=rooms.home.rejects / "dying.csv",
            on_progress=lambda done, total: None, on_step=on_step,
        )  # fmt: skip


asyncio.run(main(*sys.argv[1:]))
