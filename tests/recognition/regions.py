"""A second region, founded for real: a home, a database and a server of its own, in Gansu (620000)."""

import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from etrust.access.model import Scope
from etrust.cli.region import SAMPLE_REGION, prepare_home
from etrust.cli.serving import serving
from etrust.licenses.model import StoredLicense
from etrust.onecode.model import Ground, Subject, Use
from etrust.recognition import partner_store
from etrust.recognition.model import PartnerFinding, PartnerRegion
from etrust.settings import Settings
from etrust.wiring import Rooms, open_rooms
from etrust.wiring.partners import key_file
from tests.api.calling import new_key
from tests.conftest import fresh_database
from tests.onecode.codes import MATTER

GANSU = "620000"
USE = Use(Ground.CONSENT, MATTER, f"{MATTER}202611250001", "clerk", "11653121MB1A0009XQ", "企业开办")


@dataclass
class Partner:
    """The other region at work."""

    rooms: Rooms
    address: str
    key: str


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@asynccontextmanager
async def another_region(folder: Path, server_url: str, redis_url: str) -> AsyncIterator[Partner]:
    """Found it, open it and serve it."""
    file = folder / "gansu.yaml"
    file.write_text(SAMPLE_REGION.read_text("utf-8").replace('region: "650000"', f'region: "{GANSU}"'), "utf-8")
    port = free_port()
    async with fresh_database(server_url) as url:
        settings = Settings(
            home=folder / "gansu", database_url=url, redis_url=redis_url, region=GANSU,
            public_url=f"http://127.0.0.1:{port}", status_list_ttl_seconds=1,
        )  # fmt: skip
        await prepare_home(settings, file)
        async with open_rooms(settings, follow=True) as rooms, serving(rooms, "127.0.0.1", port) as address:
            yield Partner(rooms, address, await new_key(rooms, "officer", [Scope.RECOGNITION]))


async def know(rooms: Rooms, partner: Partner, *, address: str | None = None, anchor: bytes | None = None) -> None:
    """Add the other region to those that one asks."""
    entry = PartnerRegion(
        0, GANSU, "甘肃省", "", "Gansu", address or partner.address, anchor or partner.rooms.anchor_certificate(), rooms.clock(), None
    )
    path = key_file(rooms.home.path, GANSU)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.write_text(partner.key)
    path.chmod(0o600)
    async with rooms.stores.pool.acquire() as connection:
        await partner_store.add_partner(connection, entry, operator="admin", at=rooms.clock())


def holder_of(license_: StoredLicense) -> Subject:
    """The holder as another region knows it: by name and code."""
    name, code, code_type = license_.holders[0]
    return Subject(secrets.token_bytes(16), name, code, code_type)


async def found(rooms: Rooms, holder: Subject, license_type: str = "business_license") -> PartnerFinding:
    """The one finding of a question."""
    (finding,) = await rooms.partners.find(holder, license_type, USE)
    return finding


@asynccontextmanager
async def liar(answer) -> AsyncIterator[str]:  # type: ignore[no-untyped-def]
    """A server that answers every question with one handler; its address."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
