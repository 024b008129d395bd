"""A second region, founded for real: a home, a database and a server of its own, in Gansu (620000)."""

import hashlib
import json
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import aiohttp
from aiohttp import web

from etrust.access.model import Scope
from etrust.cli.region import SAMPLE_REGION, prepare_home
from etrust.cli.serving import serving
from etrust.licenses.model import StoredLicense
from etrust.onecode.model import Ground, Subject, Use
from etrust.recognition import partner_store
from etrust.recognition.agree import Terms
from etrust.recognition.agreements import ALL, Agreement
from etrust.recognition.model import PartnerFinding, PartnerRegion
from etrust.settings import Settings
from etrust.wiring import Rooms, open_rooms
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
            public_url=f"http://127.0.0.1:{port}", status_list_ttl_seconds=1, timestamp_clock="steady",
        )  # fmt: skip
        await prepare_home(settings, file)
        async with open_rooms(settings, follow=True) as rooms, serving(rooms, "127.0.0.1", port) as address:
            yield Partner(rooms, address, await new_key(rooms, "officer", [Scope.RECOGNITION]))


async def know(
    rooms: Rooms, partner: Partner, *, address: str | None = None, anchor: bytes | None = None, agreed: bool = True,
    region: str = GANSU,
) -> None:
    """Let both regions know each other: one asks, the other can judge who asks and answers it on duty as well.

    Args:
        agreed: licenses of the other count here.
    """
    await add_partner(rooms, region, "甘肃省", address or partner.address, anchor or partner.rooms.anchor_certificate())
    await answer_to(partner.rooms, rooms)
    await agree_with(partner.rooms, rooms.settings.region)
    if agreed:
        await agree_with(rooms, region)


async def meet(rooms: Rooms, address: str, partner: Partner) -> None:
    """Two regions that reach each other, each with an agreement; whoever was met before under these names is forgotten."""
    for each, region in ((rooms, GANSU), (partner.rooms, rooms.settings.region)):
        async with each.stores.pool.acquire() as connection:
            for known in await partner_store.partners(connection):
                if known.region == region:
                    await partner_store.end_partner(connection, known.partner_id, operator="admin", at=each.clock())
    await add_partner(rooms, GANSU, "甘肃省", partner.address, partner.rooms.anchor_certificate())
    await add_partner(partner.rooms, rooms.settings.region, "新疆维吾尔自治区", address, rooms.anchor_certificate())
    await agree_with(rooms, GANSU)
    await agree_with(partner.rooms, rooms.settings.region)


async def add_partner(rooms: Rooms, region: str, name: str, address: str, anchor: bytes) -> None:
    """Add a region to those that another knows."""
    entry = PartnerRegion(0, region, name, "", "", address, anchor, rooms.clock(), None)
    async with rooms.stores.pool.acquire() as connection:
        await partner_store.add_partner(connection, entry, operator="admin", at=rooms.clock())
    rooms.partners.look_again()


async def answer_to(rooms: Rooms, asker: Rooms) -> None:
    """Let a region know one that asks, by a trust list brought by hand: nobody listens at its address."""
    region, anchor = asker.settings.region, asker.anchor_certificate()
    if await rooms.partners.region(region) is None:
        await add_partner(rooms, region, "新疆维吾尔自治区", "http://127.0.0.1:1", anchor)
    snapshot, token = await asker.trust.snapshot(), await asker.trust.token()
    async with rooms.stores.pool.acquire() as connection:
        await partner_store.keep_snapshot(
            connection, region=region, pinned=hashlib.sha256(anchor).digest(), sequence=snapshot.trust_list.sequence,
            digest=snapshot.digest, anchor=anchor, token=token, at=rooms.clock(),
        )  # fmt: skip


async def agree_with(rooms: Rooms, region: str, **changes: object) -> Agreement:
    """An agreement in force with a partner region, made by two officers."""
    now = rooms.clock()
    terms = Terms(
        region, frozenset({ALL}), now - timedelta(seconds=1), now + timedelta(days=365), "新甘互认〔2026〕1号", "互认", "国办发〔2022〕3号",
        seals=frozenset({ALL}),
    )  # fmt: skip
    made = await rooms.agreements.propose(replace(terms, **changes), who=await rooms.operator("trust"))  # type: ignore[arg-type]
    return await rooms.agreements.approve(made.number, who=await rooms.operator("trust2"))


def holder_of(license_: StoredLicense) -> Subject:
    """The holder as another region knows it: by name and code."""
    name, code, code_type = license_.holders[0]
    return Subject(secrets.token_bytes(16), name, code, code_type)


async def found(rooms: Rooms, holder: Subject, license_type: str = "business_license") -> PartnerFinding:
    """The one finding of a question."""
    (finding,) = await rooms.partners.find(holder, license_type, USE)
    return finding


def telling(partner: Partner, body: object, *, status: int = 200):  # type: ignore[no-untyped-def]
    """A handler that is the other region in all but one answer, which it signs with the region's own key."""

    async def answer(request: web.Request) -> web.Response:
        if request.method == "GET":
            async with aiohttp.ClientSession() as session, session.get(partner.address + request.path, headers=request.headers) as real:
                return web.Response(body=await real.read())
        sent = await request.read()
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return partner.rooms.gate.sign(request, sent, web.Response(status=status, body=data, content_type="application/json"))

    return answer


async def sealed_to(partner: Partner, asker: Rooms, content: dict[str, object]) -> dict[str, str]:
    """An answer sealed to the body that asks."""
    return {"sealed": partner.rooms.gate.seal_for(await asker.trust.snapshot(), USE.body, content)}


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
