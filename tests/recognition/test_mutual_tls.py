"""Mutual TLS beside signatures: a region proves itself by the certificate of its trust list, on a port of its own."""

import hashlib
import json
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from etrust.cli.serving import listening
from etrust.errors import EtrustError
from etrust.recognition import partner_store
from etrust.settings import Settings
from etrust.wiring import Rooms, open_rooms
from tests.licenses.issuing import issue_company
from tests.recognition.foreign_peer import ForeignPeer, Key, certificate
from tests.recognition.regions import add_partner, agree_with
from tests.recognition.test_gbt36906 import DUTY

pytestmark = pytest.mark.long
REGION = "630000"
FOREIGN_BODY = "11630000MB1A0007XN"


def pem(path: Path, certificate: bytes, key: Key) -> Path:
    """Certificate and key in one file."""
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(x509.load_der_x509_certificate(certificate).public_bytes(serialization.Encoding.PEM) + private)
    return path


def server_pem(path: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "etrust")]), datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=30)).add_extension(
        x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
    )
    return pem(path, made.sign(key, SHA256()).public_bytes(serialization.Encoding.DER), key)


@dataclass
class Secured:
    """A region with both ports, and a region that is not etrust."""

    rooms: Rooms
    address: str
    partners: str
    server: Path
    peer: ForeignPeer
    folder: Path

    async def ask(self, address: str, certificate: Path | None, **data: object) -> tuple[int, dict[str, object]]:
        """queryCertInfo over TLS, not signed."""
        context = ssl.create_default_context(cafile=str(self.server))
        if certificate is not None:
            context.load_cert_chain(certificate)
        sealed = self.rooms.gate.seal_for(await self.rooms.trust.snapshot(), self.rooms.settings.region, data)
        body = {"accessId": REGION, "accessToken": "", "data": {"sealed": sealed}}
        async with aiohttp.ClientSession() as session, session.post(
            f"{address}/api/gbt36906/queryCertInfo", json=body, ssl=context
        ) as answer:  # fmt: skip
            return answer.status, json.loads(await answer.read())


@pytest_asyncio.fixture
async def secured(region: Settings, tmp_path: Path) -> AsyncIterator[Secured]:
    server = server_pem(tmp_path / "server.pem")
    settings = region.model_copy(update={"tls_certificate_file": server, "partner_port": 0})
    peer = ForeignPeer(address="http://127.0.0.1:1")
    async with open_rooms(settings) as rooms:
        await add_partner(rooms, REGION, "青海省", peer.address, peer.certificates["anchor"])
        async with rooms.stores.pool.acquire() as connection:
            token = peer.trust_list()
            await partner_store.keep_snapshot(
                connection, region=REGION, pinned=hashlib.sha256(peer.certificates["anchor"]).digest(), sequence=1,
                digest="sha256:" + hashlib.sha256(token).hexdigest(), anchor=peer.certificates["anchor"], token=token, at=rooms.clock(),
            )  # fmt: skip
        await agree_with(rooms, REGION)
        async with listening(rooms, "127.0.0.1", 0) as (address, partners):
            yield Secured(rooms, address, partners, server, peer, tmp_path)


async def test_the_certificate_of_its_trust_list_proves_a_region(secured: Secured) -> None:
    license_ = await issue_company(secured.rooms)
    own = pem(secured.folder / "own.pem", secured.peer.certificates["message"], secured.peer.keys["message"])
    asked = {"identifier": license_.identifier.text, **DUTY, "body": FOREIGN_BODY}
    status, told = await secured.ask(secured.partners, own, **asked)
    assert (status, told["head"]["status"]) == (200, 0)  # type: ignore[index]
    opened = secured.peer.unseal(told["data"]["sealed"])  # type: ignore[index]
    assert (opened["identifier"], opened["status"]) == (license_.identifier.text, "valid")


async def test_another_key_of_the_same_region_and_a_stranger_prove_nothing(secured: Secured) -> None:
    license_ = await issue_company(secured.rooms)
    asked = {"identifier": license_.identifier.text, **DUTY, "body": FOREIGN_BODY}
    key = ec.generate_private_key(ec.SECP256R1())
    files = [
        pem(secured.folder / "status.pem", secured.peer.certificates["status"], secured.peer.keys["status"]),
        pem(secured.folder / "stranger.pem", certificate(key, f"{REGION} message"), key),
    ]
    for file in files:
        with pytest.raises((aiohttp.ClientError, OSError)):
            await secured.ask(secured.partners, file, **asked)
    status, told = await secured.ask(secured.partners, None, **asked)  # no certificate, no signature, no key
    assert (status, told["head"]["status"]) == (200, 11)  # type: ignore[index]


async def test_browsers_are_not_asked_for_a_certificate(secured: Secured) -> None:
    context = ssl.create_default_context(cafile=str(secured.server))
    own = pem(secured.folder / "own.pem", secured.peer.certificates["message"], secured.peer.keys["message"])
    context.load_cert_chain(own)
    async with aiohttp.ClientSession() as session, session.get(f"{secured.address}/livez", ssl=context) as answer:
        assert answer.status == 200
    status, told = await secured.ask(secured.address, own, identifier="1.2.3", **DUTY)  # there it proves nothing
    assert (status, told["head"]["status"]) == (200, 11)  # type: ignore[index]


async def test_wrong_files_are_named(region: Settings, tmp_path: Path) -> None:
    for changes in ({"partner_port": 0}, {"tls_key_file": tmp_path / "none.pem"}, {"tls_certificate_file": tmp_path / "none.pem"}):
        async with open_rooms(region.model_copy(update=changes)) as rooms:
            with pytest.raises(EtrustError, match="bad_tls_files"):
                async with listening(rooms, "127.0.0.1", 0):
                    pass
