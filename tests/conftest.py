"""Real stores for the tests: the configured servers, or embedded ones started once for the whole run."""

import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
import pytest_asyncio

from etrust.cli.region import prepare_home
from etrust.settings import Settings
from etrust.storage.stores import Stores, open_stores


@pytest_asyncio.fixture(scope="session")
async def stores() -> AsyncIterator[Stores]:
    """Both servers for the whole run; tests work in databases of their own, see `database_url`."""
    with tempfile.TemporaryDirectory(prefix="etrust-tests-") as home:
        settings = Settings(
            home=Path(home), database_url=os.environ.get("ETRUST_DATABASE_URL") or None,
            redis_url=os.environ.get("ETRUST_REDIS_URL") or None,
        )  # fmt: skip
        async with open_stores(settings) as opened:
            yield opened


@asynccontextmanager
async def fresh_database(server_url: str, template: str | None = None) -> AsyncIterator[str]:
    """The URL of a new database, empty or a copy of the template; dropped afterwards, whoever is still connected."""
    name = f"etrust_test_{secrets.token_hex(6)}"
    await _on_server(server_url, f'CREATE DATABASE "{name}" TEMPLATE "{template or "template0"}"')
    try:
        yield database_at(server_url, name)
    finally:
        await _on_server(server_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def database_at(server_url: str, name: str) -> str:
    """The URL of another database on the same server."""
    parts = urlsplit(server_url)
    return f"{parts.scheme}://{parts.netloc}/{name}" + (f"?{parts.query}" if parts.query else "")


async def _on_server(server_url: str, statement: str) -> None:
    connection = await asyncpg.connect(server_url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest_asyncio.fixture
async def database_url(stores: Stores) -> AsyncIterator[str]:
    """A fresh empty database."""
    async with fresh_database(stores.database_url) as url:
        yield url


@pytest_asyncio.fixture
async def redis_url(stores: Stores) -> str:
    """A Redis server; emptied before each test when it was started for this run, otherwise shared and left as it is."""
    if not os.environ.get("ETRUST_REDIS_URL"):
        await stores.redis.flushall()
    return stores.redis_url


@pytest.fixture
def settings(tmp_path: Path, database_url: str, redis_url: str) -> Settings:
    """Settings of a deployment with a home and a database of its own."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    return Settings(home=home, database_url=database_url, redis_url=redis_url)


@dataclass(frozen=True)
class Founded:
    """A founded region to copy from: its home folder, the name of its database, the passwords of its accounts."""

    home: Path
    database: str
    passwords: dict[str, str]


@pytest_asyncio.fixture(scope="session")
async def founded(stores: Stores, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Founded]:
    """The sample region, founded once for the whole run."""
    home = tmp_path_factory.mktemp("founded") / "home"
    async with fresh_database(stores.database_url) as url:
        passwords = await prepare_home(Settings(home=home, database_url=url, redis_url=stores.redis_url), None)
        yield Founded(home, urlsplit(url).path.lstrip("/"), passwords)


@pytest_asyncio.fixture
async def region(tmp_path: Path, stores: Stores, redis_url: str, founded: Founded) -> AsyncIterator[Settings]:
    """Settings of a founded region of its own: a copy of the sample region's home and database."""
    home = tmp_path / "region"
    shutil.copytree(founded.home, home)
    async with fresh_database(stores.database_url, founded.database) as url:
        yield Settings(home=home, database_url=url, redis_url=redis_url)
