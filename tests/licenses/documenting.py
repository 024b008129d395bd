"""A region whose bodies have license seals, and documents made in it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from etrust.licenses.types import load_types
from etrust.settings import Settings
from etrust.wiring import Rooms, open_rooms
from etrust.wiring.founding_seals import found_seals
from tests.licenses.issuing import BODIES


@asynccontextmanager
async def region_with_seals(settings: Settings) -> AsyncIterator[Rooms]:
    """The rooms of a region where the issuing bodies have their seals in use."""
    async with open_rooms(settings) as rooms:
        async with rooms.stores.pool.acquire() as connection:
            types = {body: [name] for name, body in BODIES.items()}
            await found_seals(connection, rooms.workshop, officers=["seals", "seals2"], license_types=types, at=rooms.clock())
        yield rooms


def names() -> list[str]:
    """All license types."""
    return list(load_types())
