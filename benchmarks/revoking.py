"""How long after a revocation another process still answers "valid"; here another set of rooms with caches of its own."""

import asyncio
import time

from benchmarks.pairs import Cost, Result
from benchmarks.region import BODY, region, some_licenses
from etrust.credentials.code import encode_code
from etrust.licenses.change import Ground, change_status
from etrust.licenses.model import Action, Provenance, StoredLicense
from etrust.verification.model import Status
from etrust.wiring import Rooms, open_rooms

LATEST = 1.0
"""Seconds within which every process must know."""


async def run(*, rounds: int = 15) -> list[Result]:
    """Every revocation must be seen elsewhere within a second; beside the revocation itself, its commit included."""
    async with region() as rooms:
        valid = [each for each in await some_licenses(rooms, rounds * 6 + 20) if each.valid_until is None]
        if len(valid) < 2 * rounds:
            raise AssertionError("too few licenses without an end")
        told, untold = valid[:rounds], valid[rounds : 2 * rounds]
        return [
            await _measure("a revocation is seen in a serving process", rooms, told, announced=True),
            await _measure("the same with its announcement lost", rooms, untold, announced=False),
        ]


async def _measure(name: str, rooms: Rooms, licenses: list[StoredLicense], *, announced: bool) -> Result:
    result = Result(name, "the revocation itself")
    async with open_rooms(rooms.settings, follow=announced) as elsewhere:
        for license_ in licenses:
            code = encode_code(license_.credential)
            await _demand(elsewhere, code, Status.VALID)
            begun = time.perf_counter()
            await _revoke(rooms, license_)
            committed = time.perf_counter()
            if announced:
                await rooms.announce()
            while (await elsewhere.check(code)).status is not Status.REVOKED:
                if time.perf_counter() - committed > LATEST:
                    raise AssertionError("still valid a second after its revocation")
                await asyncio.sleep(0.001)
            result.ours.append(Cost(time.perf_counter() - committed, 0))
            result.bare.append(Cost(committed - begun, 0))
            await rooms.live.refresh()
            await _demand(rooms, code, Status.REVOKED)
    result.note = f"longest {max(cost.wall for cost in result.ours) * 1000:.0f} ms, asked for {LATEST:.0f} s"
    return result


async def _revoke(rooms: Rooms, license_: StoredLicense) -> None:
    async with rooms.stores.pool.acquire() as connection:
        await change_status(
            connection, serial=license_.serial, version=license_.version, action=Action.REVOKE,
            ground=Ground("benchmark", "benchmark"), who=Provenance("admin", BODY, rooms.clock()),
        )  # fmt: skip


async def _demand(rooms: Rooms, code: str, wanted: Status) -> None:
    found = (await rooms.check(code)).status
    if found is not wanted:
        raise AssertionError(f"{found} instead of {wanted}")
