"""A process of its own that scans one code many times at once: ``python -m tests.onecode.scanning HOME COUNT``, code on stdin.

It says ``ready``, waits for a line, scans, and prints one JSON object: successes, and what the others were told.
"""

import asyncio
import json
import os
import sys
from collections import Counter
from pathlib import Path

from etrust.errors import EtrustError
from etrust.onecode.redeem import CodeUsed
from etrust.settings import load_settings
from etrust.wiring import Rooms, open_rooms
from tests.onecode.figures import tell


async def scan(rooms: Rooms, text: str, times: int, *, operator: str = "clerk") -> tuple[int, Counter[str]]:
    """How many of so many scans at once succeeded, and what the others heard: the code, and the first use's time."""
    clerk = await rooms.operator(operator)
    answers = await asyncio.gather(
        *(rooms.codes.redeem(text, operator=clerk) for _ in range(times)), return_exceptions=True
    )
    heard: Counter[str] = Counter()
    for answer in answers:
        if isinstance(answer, CodeUsed):
            heard[f"code_used {answer.first_used_at.isoformat()}"] += 1
        elif isinstance(answer, EtrustError):
            heard[answer.code] += 1
        elif isinstance(answer, BaseException):
            raise answer
    return len(answers) - heard.total(), heard


async def main(home: Path, times: int) -> None:
    """Open the region, wait for the word, scan."""
    async with open_rooms(load_settings(home, os.environ)) as rooms:
        tell("ready")
        text = (await asyncio.to_thread(sys.stdin.readline)).strip()
        successes, heard = await scan(rooms, text, times)
        tell(json.dumps({"successes": successes, "heard": heard}))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
