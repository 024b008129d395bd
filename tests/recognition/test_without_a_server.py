"""A clerk with no server at all: codes, PDF and OFD of another region, by a folder of lists and the file of agreements."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest_asyncio

from etrust.documents.register import DocumentKind
from etrust.licenses.model import Action
from etrust.settings import Settings
from etrust.storage.stores import Stores
from etrust.wiring import Rooms, open_rooms
from tests.cli.running import Etrust, Told
from tests.licenses.issuing import code_of
from tests.licenses.test_documents import data_of, make
from tests.licenses.test_status_changes import change
from tests.recognition.regions import GANSU, Partner, agree_with, another_region, know
from tests.recognition.test_foreign import issued

TYPE = "11100000MB0143028R001"


@pytest_asyncio.fixture
async def brought(region: Settings, stores: Stores, tmp_path: Path) -> AsyncIterator[dict[str, Path]]:
    """Lists and files brought from both regions, and then both are stopped: their databases are gone."""
    folder = tmp_path / "lists"
    folder.mkdir()
    files = {"folder": folder}
    async with another_region(tmp_path, stores.database_url, stores.redis_url) as gansu, open_rooms(region) as rooms:
        await know(rooms, gansu, agreed=False)
        await agree_with(rooms, GANSU, types=frozenset({TYPE}), seals=frozenset())
        stored, bad = await issued(gansu, 1), await issued(gansu, 2)
        await change(gansu.rooms, bad, Action.REVOKE)
        for name, text in (("good", code_of(stored)), ("revoked", code_of(bad))):
            files[name] = tmp_path / f"{name}.txt"
            files[name].write_text(text)
        for kind, record in zip(DocumentKind, await make(gansu.rooms, stored, tuple(DocumentKind)), strict=True):
            files[kind.value] = tmp_path / f"face.{kind.value}"
            files[kind.value].write_bytes(await data_of(gansu.rooms, record))
        (folder / "agreements.jws").write_bytes(await rooms.agreements.export())
        (folder / "own.jws").write_bytes(await rooms.trust.token())
        (folder / "note.txt").write_text("nothing")
        (tmp_path / "anchor.der").write_bytes(rooms.anchor_certificate())
        files["anchor"] = tmp_path / "anchor.der"
        await fetch_lists(gansu, folder)
    yield files


async def fetch_lists(gansu: Partner, folder: Path) -> None:
    """What anybody may fetch: the trust list, a status list, the revocation lists."""
    rooms: Rooms = gansu.rooms
    async with aiohttp.ClientSession(gansu.address) as session:
        for name, path in (("gansu.jws", "/.well-known/etrust/trust-list"), ("status.jwt", "/status/1")):
            async with session.get(path) as answer:
                (folder / name).write_bytes(await answer.read())
        async with rooms.stores.pool.acquire() as connection:
            rows = await connection.fetch("SELECT DISTINCT authority, shard FROM certificates WHERE shard IS NOT NULL")
        for number, row in enumerate(rows):
            async with session.get(f"/crl/{row['authority'].hex()}/{row['shard']}") as answer:
                if answer.ok:
                    (folder / f"{number}.crl").write_bytes(await answer.read())


def reasons(told: Told) -> dict[str, str]:
    return {each["step"]: each["reason"] for each in told.json["findings"]}  # type: ignore[attr-defined, index]


async def test_by_lists_that_were_brought_along(brought: dict[str, Path], tmp_path: Path) -> None:
    alone = Etrust(tmp_path / "nowhere", {"ETRUST_REGION": "650000", "ETRUST_DATABASE_URL": "postgresql://127.0.0.1:1/none"})

    async def verify(name: str, *more: object) -> Told:
        lists = ("--lists", brought["folder"], "--anchor", brought["anchor"], *more)
        return await asyncio.to_thread(alone, "verify", "--json", "--offline", *lists, brought[name])

    for name in ("good", "pdf", "ofd"):
        told = await verify(name)
        assert told.json["verdict"] == ("TOTAL-PASSED" if name != "ofd" else "INDETERMINATE"), (name, told.out, told.err)
        license_ = told.json["license"]
        assert isinstance(license_, dict)
        assert license_["region"]["code"] == GANSU
    assert reasons(await verify("ofd"))["recognition"] == "no_agreement"  # this agreement has no seals
    assert str((await verify("good")).json["evidence"]["agreement"]).startswith(f"HR-{GANSU}-")  # type: ignore[index]
    assert (await verify("revoked")).json["status"] == "revoked"
    (brought["folder"] / "status.jwt").unlink()
    assert reasons(await verify("good"))["status"] == "status_list_missing"
    (brought["folder"] / "agreements.jws").unlink()
    assert (await verify("good")).json["status"] == "unknown_issuer"
    (brought["folder"] / "own.jws").unlink()
    failed = await verify("good")
    assert failed.code == 2
    assert json.loads(failed.out)["error"] == "trust_list_needed"
