"""One region for all tests of a file about codes: each test has a company, codes and a session of its own."""

import shutil
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from etrust.settings import Settings
from etrust.storage.stores import Stores
from tests.conftest import Founded, fresh_database


@pytest_asyncio.fixture(scope="module")
async def shared(stores: Stores, founded: Founded, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Settings]:
    """Settings of a founded region that a file's tests share."""
    home = tmp_path_factory.mktemp("counters") / "region"
    shutil.copytree(founded.home, home)
    async with fresh_database(stores.database_url, founded.database) as url:
        yield Settings(home=home, database_url=url, redis_url=stores.redis_url)
