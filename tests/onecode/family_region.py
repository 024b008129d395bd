"""A region with the sample family's licenses, for tests that change nothing another test of the file would see."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from etrust.settings import Settings
from etrust.storage.stores import Stores
from etrust.wiring import Rooms, open_rooms
from tests.conftest import Founded, fresh_database
from tests.family import issue_family


@asynccontextmanager
async def family_rooms(stores: Stores, founded: Founded, folders: pytest.TempPathFactory) -> AsyncIterator[Rooms]:
    """The rooms of such a region."""
    home = folders.mktemp("family") / "home"
    shutil.copytree(founded.home, home)
    async with (
        fresh_database(stores.database_url, founded.database) as url,
        open_rooms(Settings(home=home, database_url=url, redis_url=stores.redis_url)) as rooms,
    ):
        await issue_family(rooms)
        yield rooms
