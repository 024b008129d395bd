"""Lists as files: fetched whole once and by changes from then on, refused when altered, and checks with them ask nobody."""

import asyncio
import base64
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from etrust.client import BadAnswer
from etrust.client.lists import MANIFEST_FILE, fetch_lists
from etrust.client.transport import Retry, Transport
from etrust.licenses.model import Action, StoredLicense
from etrust.settings import Settings
from etrust.wiring import Rooms
from tests.api.calling import Api, running
from tests.cli.running import Etrust
from tests.licenses.issuing import code_of, issue_company
from tests.licenses.test_status_changes import change

pytestmark = pytest.mark.long


@pytest_asyncio.fixture
async def api(region: Settings) -> AsyncIterator[Api]:
    async with running(region) as api:
        yield api


@dataclass
class Carrier:
    """What lies between: it counts what is asked, and may alter what is told."""

    address: str = ""
    asked: list[str] = field(default_factory=list)
    alter: Callable[[str, bytes], bytes] = field(default=lambda _, body: body)


@asynccontextmanager
async def carrying(behind: str) -> AsyncIterator[Carrier]:
    carrier = Carrier()

    async def hand_on(request: web.Request) -> web.Response:
        carrier.asked.append(request.path)
        async with aiohttp.ClientSession() as session, session.get(behind + request.path_qs) as real:
            return web.Response(status=real.status, body=carrier.alter(request.path, await real.read()))

    app = web.Application()
    app.router.add_get("/{path:.*}", hand_on)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        carrier.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield carrier
    finally:
        await runner.cleanup()


async def fetch(rooms: Rooms, address: str, folder: Path, *, at: datetime | None = None):  # type: ignore[no-untyped-def]
    async with Transport(address, retry=Retry(tries=1, timeout=10)) as transport:
        anchor = rooms.anchor_certificate()
        return await fetch_lists(transport, folder, region="650000", anchor=anchor, at=at or rooms.clock())


async def revoked(rooms: Rooms, number: int) -> StoredLicense:
    license_ = await issue_company(rooms, 证照编号=f"65000001{number:07d}")
    await change(rooms, license_, Action.REVOKE)
    await rooms.announce()
    return license_


async def published(rooms: Rooms) -> None:
    """The lists as they are now, and a page that says so."""
    while not await rooms.list_files.publish(anew=True):  # noqa: ASYNC110 - the background is at it, and says nothing at its end
        await asyncio.sleep(0.05)
    rooms.list_files._kept = None


async def test_whole_once_and_by_changes_from_then_on(api: Api, tmp_path: Path) -> None:
    rooms = api.rooms
    good = await issue_company(rooms)
    await published(rooms)
    async with carrying(api.address) as carrier:
        first = await fetch(rooms, carrier.address, tmp_path)
        assert (first.whole, first.changed, first.same) == (1, 0, 0)
        again = await fetch(rooms, carrier.address, tmp_path)
        assert (again.whole, again.changed, again.same) == (0, 0, 1)
        bad = [await revoked(rooms, number) for number in range(3)]
        await published(rooms)
        third = await fetch(rooms, carrier.address, tmp_path)
        assert (third.whole, third.changed, third.same) == (0, 1, 0)
        asked = len(carrier.asked)
        nobody = Etrust(tmp_path / "home", {})
        (tmp_path / "anchor.der").write_bytes(rooms.anchor_certificate())
        options = ("--lists", tmp_path / "650000", "--anchor", tmp_path / "anchor.der", "--json")
        told = await asyncio.gather(*(
            asyncio.to_thread(nobody, "verify", code_of(each), *options) for each in (good, *bad)
        ))  # fmt: skip
        assert [each.json["status"] for each in told] == ["valid", "revoked", "revoked", "revoked"]
        assert len(carrier.asked) == asked  # nobody was told who checked whom
        assert not any(license_.serial in path for path in carrier.asked for license_ in (good, *bad))


async def test_files_never_change_and_are_what_they_are_called(api: Api) -> None:
    await issue_company(api.rooms)
    await published(api.rooms)
    status, page, headers = await api.call("GET", "/.well-known/etrust/lists", key="")
    assert (status, headers["Cache-Control"]) == (200, "public, max-age=60")
    assert isinstance(page, bytes)
    told = json.loads(base64.urlsafe_b64decode(page.split(b".")[1] + b"=="))
    assert told["region"] == "650000"
    files = [told["trust_list"], *told["status"], *told["revocation"]]
    assert len(told["revocation"]) >= 1
    for each in files:
        status, body, headers = await api.call("GET", f"/lists/{each['sha256']}", key="")
        assert (status, hashlib.sha256(body).hexdigest()) == (200, each["sha256"])  # type: ignore[arg-type]
        assert "immutable" in headers["Cache-Control"]
    assert (await api.call("GET", f"/lists/{'0' * 64}", key=""))[0] == 404
    assert (await api.call("GET", "/lists/../secret", key=""))[0] == 404


async def test_what_is_altered_or_old_leaves_the_folder_as_it_was(api: Api, tmp_path: Path) -> None:
    rooms = api.rooms
    await issue_company(rooms)
    await published(rooms)
    async with carrying(api.address) as carrier:
        await fetch(rooms, carrier.address, tmp_path)
        before = {each.name: each.read_bytes() for each in (tmp_path / "650000").iterdir()}
        await revoked(rooms, 9)
        await published(rooms)
        flip = lambda path, body: body[:-1] + bytes([body[-1] ^ 1]) if path.startswith("/lists/") else body  # noqa: E731 - said once
        other = lambda path, body: b"x" + body if path.endswith("/lists") else body  # noqa: E731 - said once
        for alter in (flip, other):
            carrier.alter = alter
            with pytest.raises(BadAnswer):
                await fetch(rooms, carrier.address, tmp_path)
        frozen = before[MANIFEST_FILE]
        carrier.alter = lambda path, body: frozen if path.endswith("/etrust/lists") else body
        assert (await fetch(rooms, carrier.address, tmp_path)).same == 1  # young enough yet
        with pytest.raises(BadAnswer, match="untrusted_lists"):
            await fetch(rooms, carrier.address, tmp_path, at=rooms.clock() + timedelta(hours=7))
        assert {each.name: each.read_bytes() for each in (tmp_path / "650000").iterdir()} == before
        carrier.alter = lambda _, body: body
        assert (await fetch(rooms, carrier.address, tmp_path)).changed == 1
        now = {each.name: each.read_bytes() for each in (tmp_path / "650000").iterdir()}
        carrier.alter = lambda path, body: frozen if path.endswith("/etrust/lists") else body
        with pytest.raises(BadAnswer, match="older_lists"):  # what was revoked does not become good again
            await fetch(rooms, carrier.address, tmp_path)
        assert {each.name: each.read_bytes() for each in (tmp_path / "650000").iterdir()} == now


async def test_the_command_and_a_static_site(api: Api, tmp_path: Path) -> None:
    rooms = api.rooms
    license_ = await revoked(rooms, 11)
    await published(rooms)
    (tmp_path / "anchor.der").write_bytes(rooms.anchor_certificate())
    nobody = Etrust(tmp_path / "home", {})
    site = tmp_path / "site"
    told = await asyncio.to_thread(nobody, "lists", "export", api.address, "--to", site, "--json")
    assert (told.code, told.json["region"]) == (0, "650000")

    async def send(request: web.Request) -> web.FileResponse:
        return web.FileResponse(site / request.match_info["path"])

    app = web.Application()
    app.router.add_get("/{path:.*}", send)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        options = ("--region", "650000", "--anchor", tmp_path / "anchor.der", "--to", tmp_path / "lists")
        fetched = await asyncio.to_thread(nobody, "lists", "fetch", address, *options)
        assert (fetched.code, "全量 1" in fetched.out) == (0, True)
    finally:
        await runner.cleanup()
    verdict = await asyncio.to_thread(
        nobody, "verify", code_of(license_), "--lists", tmp_path / "lists", "--anchor", tmp_path / "anchor.der", "--json"
    )
    assert verdict.json["status"] == "revoked"
    wrong = await asyncio.to_thread(nobody, "lists", "fetch", "http://example.com", *options)
    assert (wrong.code, "https" in wrong.err) == (2, True)


async def test_older_publications_go_and_changes_since_a_day_stay(region: Settings) -> None:
    hands = timedelta(0)
    async with running(region) as api:
        rooms = api.rooms
        real = rooms.clock
        rooms.clock = lambda: real() + hands
        await issue_company(rooms)
        for hour in range(0, 24 * 9, 12):
            hands = timedelta(hours=hour)
            await revoked(rooms, 100 + hour)
            await rooms.list_files.publish(anew=True)
        async with rooms.stores.pool.acquire() as connection:
            kept = await connection.fetchval("SELECT count(*) FROM list_publications")
            deltas = await connection.fetchval(
                "SELECT count(*) FROM list_deltas WHERE number = (SELECT max(number) FROM list_publications)"
            )
            files = await connection.fetchval("SELECT count(*) FROM list_files")
        assert kept <= 12
        assert 3 <= deltas <= 6
        assert files < 120
