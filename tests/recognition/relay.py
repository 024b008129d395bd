"""A way to the other region that a test can cut, or make slow: what comes over it is the region's own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web

from tests.recognition.regions import Partner, liar


@dataclass
class Relay:
    """How the way is, and what was asked over it."""

    address: str = ""
    is_up: bool = True
    is_slow: bool = False
    asked: list[str] = field(default_factory=list)


@asynccontextmanager
async def relay_to(partner: Partner) -> AsyncIterator[Relay]:
    """A server that hands every question on."""
    way = Relay()

    async def hand_on(request: web.Request) -> web.Response:
        way.asked.append(request.path)
        if not way.is_up:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if way.is_slow:
            await asyncio.sleep(30)
        data = await request.read()
        async with (
            aiohttp.ClientSession(auto_decompress=False) as session,
            session.request(request.method, partner.address + request.path_qs, headers=request.headers, data=data) as answer,
        ):
            kept = {name: value for name, value in answer.headers.items() if name not in ("Transfer-Encoding", "Content-Length", "Date", "Server")}
            return web.Response(status=answer.status, body=await answer.read(), headers=kept)

    async with liar(hand_on) as address:
        way.address = address
        yield way
