"""Where an auditor reads the files of a log: a folder, the web, or the deployment itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from etrust.errors import EtrustError, Kind
from etrust.ledger.audit import Source
from etrust.wiring import Rooms

MAX_FILE = 32 * 1024 * 1024
_SECONDS = 30


@asynccontextmanager
async def source_of(rooms: Rooms, url: str | None, files: Path | None) -> AsyncIterator[Source]:
    """A folder, an address, or the own deployment when neither is named."""
    if files is not None:
        yield FolderSource(files)
    elif url is not None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_SECONDS)) as session:
            yield WebSource(session, url.rstrip("/"))
    else:
        yield OwnSource(rooms)


class FolderSource:
    """The files of a log in a folder; keeps the promise of `Source`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def read(self, name: str) -> bytes:
        """The content of a file."""
        try:
            return (self._folder / name).read_bytes()
        except OSError as error:
            raise _missing(name) from error


class WebSource:
    """The files of a log on the web; keeps the promise of `Source`."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def read(self, name: str) -> bytes:
        """The content of a file."""
        return await self._fetch(f"{self._url}/{name}", name)

    async def beside(self, name: str) -> bytes:
        """What the region publishes beside its log.

        Raises:
            EtrustError: as `read`.
        """
        return await self._fetch(f"{self._url.rpartition('/')[0]}/{name}", name)

    async def _fetch(self, url: str, name: str) -> bytes:
        try:
            async with self._session.get(url, allow_redirects=False) as answer:
                content = await _bounded(answer)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise _missing(name) from error
        if answer.status != 200:  # noqa: PLR2004 - HTTP
            raise _missing(name)
        return content


async def _bounded(answer: aiohttp.ClientResponse) -> bytes:
    content = bytearray()
    async for chunk in answer.content.iter_any():
        content += chunk
        if len(content) > MAX_FILE:
            raise _missing(answer.url.path)
    return bytes(content)


class OwnSource:
    """The files as this deployment would publish them now; keeps the promise of `Source`."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def read(self, name: str) -> bytes:
        """The content of a file."""
        if name == "checkpoint":
            note = await self._rooms.ledger.checkpoint()
            if note is None:
                raise _missing(name)
            return note.data
        return await self._rooms.ledger.tile(name.removeprefix("tile/"))


def _missing(name: str) -> EtrustError:
    return EtrustError(
        Kind.NOT_FOUND, "no_such_tile", where=name,
        zh=f"读不到日志文件 {name}。", en=f"The file {name} of the log cannot be read.",
    )
