"""A region with the family for all tests of a module that do not mind each other: each opens cases of its own."""

import shutil
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from etrust.settings import Settings
from etrust.storage.stores import Stores
from tests.conftest import Founded, fresh_database
from tests.matters.scene import Scene, scene


@pytest_asyncio.fixture(scope="module")
async def at(stores: Stores, founded: Founded, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """The family at the counter."""
    home = tmp_path_factory.mktemp("shared") / "region"
    shutil.copytree(founded.home, home)
    async with (
        fresh_database(stores.database_url, founded.database) as url,
        scene(Settings(home=home, database_url=url, redis_url=stores.redis_url)) as opened,
    ):
        yield opened
