"""A founded region to measure on: the configured servers, or embedded ones in a temporary home."""

import os
import secrets
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from etrust.cli.region import prepare_home
from etrust.licenses import store
from etrust.licenses.imports import ImportReport, import_file
from etrust.licenses.model import Provenance, StoredLicense
from etrust.settings import load_settings
from etrust.wiring import Rooms, open_rooms

TYPE = "business_license"
BODY = "11650000MB1A0004XU"
_HEADER = (
    "证照编号,持证主体,统一社会信用代码,法定代表人,类型,注册资本,成立日期,住所,经营范围,登记机关,"
    "颁发日期,有效期起始日期,有效期截止日期,备注"
)
_ROW = (
    "{number},新疆天山达丰棉业有限责任公司,936501021MRN4WKEFQ,阿不都热合曼·热依汗,股份有限公司,10万元人民币,20080825,"
    "新疆维吾尔自治区昌吉市人路849号,依法须经批准的项目，经相关部门批准后方可开展经营活动；软件开发,高新区市场监督管理局,"
    "2008年8月25日,2008/8/25,长期,合成样例"
)


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


def write_export(path: Path, first: int, rows: int) -> None:
    """An export in GB18030 with numbers never used before."""
    lines = [_HEADER, *(_ROW.format(number=10**14 + first + row) for row in range(rows))]
    path.write_bytes("\n".join(lines).encode("gb18030"))


async def import_export(rooms: Rooms, path: Path) -> ImportReport:
    """Import an export, without a progress bar."""
    async with rooms.stores.pool.acquire() as connection:
        return await import_file(
            connection, rooms.issuing, rooms.types[TYPE], path, who=Provenance("admin", BODY, rooms.clock()),
            rejects=rooms.home.rejects / "bench.csv", on_progress=lambda _done, _total: None,
        )  # fmt: skip


async def some_license(rooms: Rooms) -> StoredLicense:
    """An issued license."""
    path = rooms.home.path / "one.csv"
    write_export(path, 0, 1)
    await import_export(rooms, path)
    async with rooms.stores.pool.acquire() as connection:
        ((serial, version),) = await store.newest_of_type(connection, TYPE, 1)
        found = await store.find(connection, serial, version)
    assert found is not None
    return found
