"""A founded region to measure on: the configured servers, or embedded ones in a temporary home."""

import csv
import os
import secrets
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import asyncpg

from etrust.cli.region import prepare_home
from etrust.clock import official_date
from etrust.licenses import store
from etrust.licenses.imports import ImportReport, import_file
from etrust.licenses.model import Provenance, StoredLicense
from etrust.licenses.samples.export import write_export
from etrust.settings import load_settings
from etrust.storage.postgres import Connection
from etrust.wiring import Rooms, open_rooms

TYPE = "business_license"
BODY = "11650000MB1A0004XU"


@asynccontextmanager
async def region() -> AsyncIterator[Rooms]:
    """The rooms of a region founded for this run; on a configured server in a database of its own."""
    with tempfile.TemporaryDirectory(prefix="etrust-bench-") as folder:
        settings = load_settings(Path(folder), os.environ)
        async with _own_database(settings.database_url) as url:
            settings = settings.model_copy(update={"database_url": url})
            await prepare_home(settings, None)
            async with open_rooms(settings) as rooms:
                yield rooms


@asynccontextmanager
async def _own_database(server_url: str | None) -> AsyncIterator[str | None]:
    """A new database on a configured server, dropped afterwards; nothing for embedded stores."""
    if server_url is None:
        yield None
        return
    name = f"etrust_bench_{secrets.token_hex(6)}"
    connection = await asyncpg.connect(server_url)
    try:
        await connection.execute(f'CREATE DATABASE "{name}"')
        parts = urlsplit(server_url)
        yield f"{parts.scheme}://{parts.netloc}/{name}" + (f"?{parts.query}" if parts.query else "")
        await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        await connection.close()


@dataclass(frozen=True, slots=True)
class Export:
    """An export of business licenses in GB18030 as a department sends it: mixed dates, stray blanks, some bad rows."""

    rows: list[list[str]]
    rejects: Counter[str]

    @classmethod
    def make(cls, rooms: Rooms, rows: int) -> Self:
        """So many synthetic rows, and how many of them must be refused for which reason."""
        path = rooms.home.path / "sample.csv"
        bad = write_export(path, rooms.types[TYPE], rows, seed=1, form="csv-gb18030", today=official_date(rooms.clock()))
        with path.open(encoding="gb18030", newline="") as file:
            return cls(list(csv.reader(file)), Counter(bad.values()))

    def write(self, path: Path, turn: int) -> None:
        """Write the file with printed numbers of its own for every turn."""
        column = self.rows[0].index("证照编号")
        with path.open("w", encoding="gb18030", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(self.rows[0])
            for row in self.rows[1:]:
                number = row[column]
                own = f"{turn:05d}{number[5:]}" if number.isdecimal() else number
                writer.writerow([*row[:column], own, *row[column + 1 :]])


async def import_export(rooms: Rooms, connection: Connection, path: Path) -> ImportReport:
    """Import an export, without a progress bar."""
    return await import_file(
        connection, rooms.issuing, rooms.types[TYPE], path, who=Provenance("admin", BODY, rooms.clock()),
        rejects=rooms.home.rejects / "bench.csv", on_progress=lambda _done, _total: None,
    )  # fmt: skip


async def some_licenses(rooms: Rooms, count: int = 1) -> list[StoredLicense]:
    """Issued licenses."""
    path = rooms.home.path / "some.csv"
    Export.make(rooms, count + 20).write(path, 0)
    async with rooms.stores.pool.acquire() as connection:
        await import_export(rooms, connection, path)
        found = [await store.find(connection, *place) for place in await store.newest_of_type(connection, TYPE, count)]
    licenses = [license_ for license_ in found if license_ is not None]
    if len(licenses) != count:
        raise AssertionError(f"{len(licenses)} of {count} licenses")
    return licenses
