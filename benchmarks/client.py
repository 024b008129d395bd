"""A bounded client: so many checks over 32 connections; prints the seconds one took."""

import asyncio
import json
import sys
import time

import aiohttp

CONNECTIONS = 32


async def main(address: str, key: str, requests: int, asked: dict[str, str]) -> None:
    """Ask, and end with 1 on any wrong answer."""
    headers = {"Authorization": f"Bearer {key}"}
    left = iter(range(requests))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONNECTIONS), headers=headers) as session:

        async def worker() -> None:
            for _ in left:
                async with session.post(address + "/api/v1/checks", json=asked) as answer:
                    if (await answer.json())["verdict"] != "TOTAL-PASSED":
                        sys.exit(1)

        begun = time.perf_counter()
        await asyncio.gather(*(worker() for _ in range(CONNECTIONS)))
        print((time.perf_counter() - begun) / requests)


asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), json.loads(sys.argv[4])))
