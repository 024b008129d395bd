"""The list of lists: made from the regions' own lists, followed, and what it names holds against an older list."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, load_der_private_key

from etrust.errors import EtrustError
from etrust.settings import Settings
from etrust.signing.files import FileSigner
from etrust.signing.key_files import write_key
from etrust.signing.model import Algorithm
from etrust.signing.private_keys import PrivateKey, generate
from etrust.storage.stores import Stores
from etrust.trust.directory import Directory, RegionLine, follow_directory, read_directory, sign_directory
from etrust.wiring import open_rooms
from tests.cli.running import Etrust
from tests.recognition.foreign_peer import certificate
from tests.recognition.regions import GANSU, Partner, add_partner, another_region, liar
from tests.support import NOW, make_signer

OPERATOR = make_signer()
LINE = RegionLine(GANSU, "甘肃省", "https://etrust.gansu.example", b"anchor", 7, "sha256:" + "0" * 64)
CONTENT = Directory("国家政务服务平台", 3, NOW, NOW + timedelta(days=1), (LINE,))


def read(token: bytes, known: Directory | None = None) -> Directory:
    return follow_directory(known, token, operator=OPERATOR.certificate, at=NOW)


def signed(**changes: object) -> bytes:
    return sign_directory(replace(CONTENT, **changes), OPERATOR)  # type: ignore[arg-type]


def refusal(token: bytes, known: Directory | None = None) -> str:
    with pytest.raises(EtrustError) as refused:
        read(token, known)
    return refused.value.code


def test_it_is_read_as_it_was_signed() -> None:
    found = read(signed())
    assert replace(found, digest="") == CONTENT
    line = found.of(GANSU)
    assert line is not None
    assert (line.named.sequence, found.of("630000")) == (7, None)


def test_what_turns_back_is_refused() -> None:
    known = read(signed())
    assert refusal(signed(sequence=2), known) == "older_directory"
    assert refusal(signed(operator="别人"), known) == "same_number_other_directory"
    assert refusal(signed(sequence=4, regions=(replace(LINE, sequence=6),)), known) == "region_turned_back"
    assert read(signed(sequence=4, regions=()), known).regions == ()  # a region may leave
    assert read(signed(), known) == known


def test_what_is_another_s_out_of_time_or_none_is_refused() -> None:
    assert refusal(sign_directory(CONTENT, make_signer())) == "untrusted_directory"
    assert refusal(signed(next_update=NOW)) == "expired_directory"
    assert refusal(signed(issued_at=NOW + timedelta(hours=1))) == "expired_directory"
    assert refusal(signed(regions=(LINE, LINE))) == "bad_directory"
    assert refusal(signed(regions=(replace(LINE, digest="sha256:x"),))) == "bad_directory"
    assert refusal(b"ey.x.y") in ("bad_directory", "untrusted_directory")
    with pytest.raises(EtrustError, match="too_large"):
        read_directory(b"x" * (4 * 1024 * 1024 + 1), operator=OPERATOR.certificate, at=NOW)


@pytest_asyncio.fixture
async def gansu(stores: Stores, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Partner]:
    async with another_region(tmp_path_factory.mktemp("gansu"), stores.database_url, stores.redis_url) as partner:
        yield partner


@pytest.mark.long
async def test_made_by_command_followed_and_held_against_a_region(region: Settings, gansu: Partner, tmp_path: Path) -> None:
    own = generate(Algorithm.ES256)
    write_key(tmp_path / "operator.key", own, None)
    signer = FileSigner(own, _certificate(own))
    (tmp_path / "operator.pem").write_bytes(x509.load_der_x509_certificate(signer.certificate).public_bytes(Encoding.PEM))
    (tmp_path / "gansu.der").write_bytes(gansu.rooms.anchor_certificate())
    file, nobody = tmp_path / "directory.jws", Etrust(tmp_path / "home", {})
    options = (
        "--operator-name", "国家政务服务平台", "--key", tmp_path / "operator.key", "--certificate", tmp_path / "operator.pem",
        "--region", GANSU, "甘肃省", gansu.address, tmp_path / "gansu.der",
    )  # fmt: skip
    for number in (1, 2):
        told = await asyncio.to_thread(nobody, "directory", "make", file, *options, "--json")
        assert (told.code, told.json["sequence"]) == (0, number), told.err
    shown = await asyncio.to_thread(nobody, "directory", "show", file, "--certificate", tmp_path / "operator.pem")
    assert "甘肃省" in shown.out

    content = file.read_bytes()

    async def send(_: web.Request) -> web.Response:
        return web.Response(body=content)

    async with liar(send) as address:
        changes = {"region_directory_url": f"{address}/directory", "region_directory_certificate": tmp_path / "operator.pem"}
        async with open_rooms(region.model_copy(update=changes)) as rooms:
            found = await rooms.directory.refresh()
            assert found is not None
            before = await gansu.rooms.trust.snapshot()
            assert rooms.directory.named(GANSU) == found.regions[0].named
            line = replace(found.regions[0], sequence=before.trust_list.sequence + 1)
            ahead = replace(found, sequence=3, regions=(line,))
            content = sign_directory(ahead, signer)
            await rooms.directory.refresh()
            await add_partner(rooms, GANSU, "甘肃省", gansu.address, gansu.rooms.anchor_certificate())
            with pytest.raises(Exception, match="older_than_named"):  # the region hides its newest list
                await rooms.partners.trust_of(GANSU)
            content = sign_directory(replace(ahead, sequence=4, regions=()), signer)
            await rooms.directory.refresh()
            content = sign_directory(replace(ahead, sequence=5, regions=found.regions), signer)
            with pytest.raises(EtrustError, match="region_turned_back"):  # left out for a while, not forgotten
                await rooms.directory.refresh()
            content = file.read_bytes()
            with pytest.raises(EtrustError, match="older_directory"):
                await rooms.directory.refresh()
            assert {"older_than_named", "older_directory"} <= {each.reason for each in await rooms.partners.alarms()}
        async with open_rooms(region.model_copy(update=changes)) as rooms:  # and nobody comes back with the older one
            assert rooms.directory.named(GANSU) == line.named
            with pytest.raises(EtrustError, match="older_directory"):
                await rooms.directory.refresh()
            real = rooms.clock
            rooms.clock = lambda: real() + timedelta(days=2)
            assert rooms.directory.known is None
            assert rooms.directory.named(GANSU) == line.named  # out of its time it still is what it was


def _certificate(key: PrivateKey) -> bytes:
    loaded = load_der_private_key(key.pkcs8(), None)
    return certificate(loaded, "operator of regions")  # type: ignore[arg-type]
