"""A migrated database for each test, copied from one that was migrated once."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import asyncpg
import pytest_asyncio
from tests.conftest import fresh_database

from etrust.resources import resource
from etrust.storage.migrations import apply
from etrust.storage.postgres import Connection
from etrust.storage.stores import Stores


@pytest_asyncio.fixture(scope="session")
async def migrated(stores: Stores) -> AsyncIterator[str]:
    """The name of a database with every migration applied and nothing in it."""
    async with fresh_database(stores.database_url) as url:
        connection = await asyncpg.connect(url)
        await apply(connection, resource("migrations"), lambda _: None)
        await connection.close()
        yield urlsplit(url).path.lstrip("/")


@pytest_asyncio.fixture
async def connection(stores: Stores, migrated: str) -> AsyncIterator[Connection]:
    """A connection to a fresh migrated database."""
    async with fresh_database(stores.database_url, migrated) as url:
        opened = await asyncpg.connect(url)
        yield opened
        await opened.close()
