"""A region's API over real HTTP, with a key that may do everything."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import aiohttp

from etrust.access.api_keys import make_api_key
from etrust.access.model import Scope
from etrust.cli.serving import serving
from etrust.settings import Settings
from etrust.wiring import Rooms, open_rooms


@dataclass
class Api:
    """A client of a running region."""

    rooms: Rooms
    address: str
    session: aiohttp.ClientSession
    key: str

    async def call(self, method: str, path: str, *, key: str | None = None, **more) -> tuple[int, object, dict[str, str]]:  # type: ignore[no-untyped-def]
        """Status, body and headers of an answer; ``key=""`` sends none."""
        token = self.key if key is None else key
        headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **more.pop("headers", {})}
        async with self.session.request(method, self.address + path, headers=headers, **more) as answer:
            body = await answer.json(content_type=None) if "json" in answer.content_type else await answer.read()
            return answer.status, body, dict(answer.headers)

    async def check(self, **asked: object) -> dict[str, object]:
        """The verdict of one check."""
        status, body, _ = await self.call("POST", "/api/v1/checks", json=asked)
        assert status == 200, body
        assert isinstance(body, dict)
        return body


@asynccontextmanager
async def running(region: Settings) -> AsyncIterator[Api]:
    """Serve a region on a port of its own."""
    async with open_rooms(region, follow=True) as rooms, serving(rooms, "127.0.0.1", 0) as address:
        key = await new_key(rooms, "officer", list(Scope))
        async with aiohttp.ClientSession() as session:
            yield Api(rooms, address, session, key)


async def new_key(rooms: Rooms, operator: str, scopes: list[Scope], lifetime: timedelta = timedelta(days=1)) -> str:
    """A key of an operator."""
    async with rooms.stores.pool.acquire() as connection:
        return await make_api_key(connection, operator=operator, scopes=scopes, at=rooms.clock(), lifetime=lifetime)
