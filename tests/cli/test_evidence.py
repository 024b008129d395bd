"""What other regions answered: listed, written out as a proof, and judged without a home."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from etrust.settings import Settings
from etrust.storage.stores import Stores
from etrust.wiring import open_rooms
from tests.cli.running import Etrust
from tests.licenses.issuing import issue_company
from tests.recognition.regions import Partner, another_region, found, holder_of, know

pytestmark = pytest.mark.long


@pytest_asyncio.fixture
async def gansu(stores: Stores, tmp_path: Path) -> AsyncIterator[Partner]:
    async with another_region(tmp_path, stores.database_url, stores.redis_url) as partner:
        yield partner


async def test_an_answer_is_proved(region: Settings, gansu: Partner, etrust: Etrust, tmp_path: Path) -> None:
    async with open_rooms(region) as rooms:
        await know(rooms, gansu)
        assert (await found(rooms, holder_of(await issue_company(gansu.rooms)))).is_good
        own = rooms.anchor_certificate()
    told = await asyncio.to_thread(etrust, "region", "answers", "620000", "--operator", "auditor", "--json")
    (kept,) = told.json["answers"]  # type: ignore[misc]
    assert (kept["region"], kept["path"], kept["status"]) == ("620000", "/api/v1/recognition/holdings", 200)
    assert (await asyncio.to_thread(etrust, "region", "answers", "--operator", "clerk")).code == 2
    proof, anchor, other = tmp_path / "proof.json", tmp_path / "anchor.pem", tmp_path / "other.der"
    done = await asyncio.to_thread(etrust, "region", "prove", kept["answer"], proof, "--operator", "auditor")
    assert done.code == 0, done.err
    certificate = x509.load_der_x509_certificate(gansu.rooms.anchor_certificate())
    anchor.write_bytes(certificate.public_bytes(Encoding.PEM))
    other.write_bytes(own)
    nowhere = Etrust(tmp_path / "nowhere", {})
    judged = nowhere("region", "check-proof", proof, "--anchor", anchor, "--json")
    assert (judged.code, judged.json["region"], judged.json["status"], judged.json["of_its_time"]) == (0, "620000", 200, True)
    assert "genuine" in nowhere("region", "check-proof", proof, "--anchor", anchor).out
    assert nowhere("region", "check-proof", proof, "--anchor", other).code == 2
    content = json.loads(proof.read_text())
    content["answer"]["status"] = 404
    proof.write_text(json.dumps(content))
    refused = nowhere("region", "check-proof", proof, "--anchor", anchor)
    assert (refused.code, "bad_message_signature" in refused.err or "签名" in refused.err) == (2, True)
    assert (await asyncio.to_thread(etrust, "region", "prove", "A-" + "x" * 22, proof, "--operator", "auditor")).code == 2
