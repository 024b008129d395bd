"""`serve` and `up`: the API and the pages over HTTP."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import click
from aiohttp import web
from aiohttp.typedefs import Handler

from etrust.api.batch_checks import BATCH
from etrust.api.problems import problem
from etrust.api.routes import add_api
from etrust.cli.options import asynchronous, home_option
from etrust.cli.region import prepare_home
from etrust.errors import EtrustError, Kind
from etrust.settings import Settings
from etrust.web.routes import add_pages
from etrust.wiring import Rooms, open_rooms
from etrust.wiring.background import end
from etrust.wiring.partner_tls import PartnerTls, server_context

MAX_BODY = 17 * 1024 * 1024
"""Bytes of a request: a picture of 12 MiB in base64 and a little more."""

SLOWEST_SECONDS = 30.0
_GRACE = timedelta(seconds=5)


@web.middleware
async def plain_bodies(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse compressed request bodies."""
    if request.headers.get("Content-Encoding", "identity").strip().lower() not in {"", "identity"}:
        return problem(
            415, code="compressed_body", zh="请求内容不得压缩。", en="The request body must not be compressed.",
        )  # fmt: skip
    return await handler(request)


@web.middleware
async def bounded_time(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give up on a request that does not come to an end, such as a body sent a byte at a time."""
    if request.match_info.route.name == BATCH:  # it bounds the time between its lines
        return await handler(request)
    try:
        async with asyncio.timeout(SLOWEST_SECONDS):
            return await handler(request)
    except TimeoutError:
        return problem(408, code="too_slow", zh="请求用时过长，已中止，请重试。", en="The request took too long; try again.")


def make_app(rooms: Rooms) -> web.Application:
    """The whole web application of one process."""
    app = web.Application(client_max_size=MAX_BODY, middlewares=[plain_bodies, bounded_time])
    add_api(app, rooms)
    add_pages(app)
    return app


@asynccontextmanager
async def serving(rooms: Rooms, host: str, port: int) -> AsyncIterator[str]:
    """Serve until the block ends; yields the address, with the port that was really taken."""
    async with listening(rooms, host, port) as addresses:
        yield addresses[0]


@asynccontextmanager
async def listening(rooms: Rooms, host: str, port: int) -> AsyncIterator[list[str]]:
    """The same with the address of the partners' port besides, where there is one."""
    # Bodies stay as they come: a few megabytes of gzip unpack to gigabytes before any handler is asked.
    runner = web.AppRunner(
        make_app(rooms), access_log=None, shutdown_timeout=_GRACE.total_seconds(), auto_decompress=False
    )
    settings = rooms.settings
    context = server_context(settings.tls_certificate_file, settings.tls_key_file)
    scheme = "http" if context is None else "https"
    await runner.setup()
    try:
        async with AsyncExitStack() as stack:
            await web.TCPSite(runner, host, port, ssl_context=context).start()
            if settings.partner_port is not None:
                partners = await stack.enter_async_context(_partner_tls(rooms))
                await web.TCPSite(runner, host, settings.partner_port, ssl_context=partners.context).start()
            yield [f"{scheme if place == 0 else 'https'}://{host}:{each[1]}" for place, each in enumerate(runner.addresses)]
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _partner_tls(rooms: Rooms) -> AsyncIterator[PartnerTls]:
    context = server_context(rooms.settings.tls_certificate_file, rooms.settings.tls_key_file)
    if context is None:
        raise EtrustError(
            Kind.INVALID, "bad_tls_files", where="partner_port",
            zh="partner_port 需要 tls_certificate_file 与 tls_key_file。",
            en="partner_port needs tls_certificate_file and tls_key_file.",
        )
    partners = PartnerTls(rooms, context)
    await partners.refresh()
    work = asyncio.create_task(partners.keep())
    try:
        yield partners
    finally:
        await end([work])


async def until_told_to_stop() -> None:
    """Wait for SIGINT or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    await stop.wait()


@click.command()
@home_option
@click.option("--host", help="监听地址 · address to listen on")
@click.option("--port", type=click.IntRange(0, 65535), help="端口 · port")
@asynchronous
async def serve(settings: Settings, *, host: str | None, port: int | None) -> None:
    """提供接口与页面 · Serve the API and the pages of a home that has been made."""
    await _serve(settings, host, port)


@click.command()
@home_option
@click.option("--host")
@click.option("--port", type=click.IntRange(0, 65535))
@asynchronous
async def up(settings: Settings, *, host: str | None, port: int | None) -> None:
    """一条命令启动全部：建目录、升级数据库、启动服务 · Make the home if there is none, migrate, and serve."""
    for username, password in (await prepare_home(settings, None)).items():
        click.echo(f"  {username:10} {password}   （仅显示一次 · shown once）")
    await _serve(settings, host, port)


async def _serve(settings: Settings, host: str | None, port: int | None) -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    async with (
        open_rooms(settings, follow=True) as rooms,
        listening(rooms, host or settings.host, settings.port if port is None else port) as addresses,
    ):
        address = addresses[0]
        rooms.files.warm()
        click.echo(f"{address}/   {address}/check   {address}/openapi.json")
        for partners in addresses[1:]:
            click.echo(f"伙伴地区（双向 TLS） · partner regions, mutual TLS: {partners}/")
        await until_told_to_stop()
