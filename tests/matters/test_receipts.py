"""Receipts: recorded with the step, signed once, verified by bytes alone, telling no value; an independent reader agrees."""

import hashlib
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import cbor2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding

from etrust.credentials.receipt import field_digest, read_receipt, read_receipt_id
from etrust.errors import EtrustError
from etrust.matters import receipt_store
from etrust.matters.model import Outcome
from etrust.settings import Settings
from etrust.trust.chains import Ground
from etrust.trust.x509 import read_certificate
from etrust.verification.model import Overall, Status
from etrust.verification.receipts import verify_receipt
from etrust.wiring import Rooms, open_rooms
from tests.matters.receiving import STATION, changed, given, school_check


async def test_a_receipt_says_what_was_checked_and_verifies_by_itself(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        check = await school_check(rooms)
        data = await rooms.receipts.cose(await given(rooms, check), body=STATION)
        trust = await rooms.trust.snapshot()
        # Nothing but the anchor: the lists that speak for it are inside.
        ground = Ground((read_certificate(rooms.anchor_certificate()),), rooms.clock() + timedelta(days=4 * 365))
        later = replace(trust, trust_list=replace(trust.trust_list, next_update=ground.now))
    signed = read_receipt(data)
    verdict = verify_receipt(signed, ground=ground, trust=later)
    assert (verdict.verdict, verdict.status, verdict.kind) == (Overall.PASSED, Status.VALID, "receipt"), verdict
    receipt = signed.receipt
    assert (receipt.case_number, receipt.step, receipt.body, receipt.operator) == (check.case_number, 2, STATION, "clerk")
    assert [each.outcome for each in receipt.materials] == [each.outcome.value for each in check.materials]
    satisfied = [each for each in receipt.materials if each.outcome == Outcome.SATISFIED]
    assert satisfied
    assert all(each.identifier and each.verdict == "TOTAL-PASSED" and len(each.lists) == 2 for each in satisfied)
    assert [each.shown for each in receipt.parties] == ["艾*", "迪*"]
    assert [f"sha256:{each.hex()}" for each in receipt.trust_lists] == list(check.evidence["trust_lists"])


async def test_values_can_be_proved_and_not_read(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        check = await school_check(rooms)
        receipt = await given(rooms, check)
        data = await rooms.receipts.cose(receipt)
        told = next(each for each in check.materials if each.fields)
        name, value = next(iter(told.fields.items()))
        salt = await rooms.receipts.proves(receipt, material=told.key, field=name, value=value)
        other = await rooms.receipts.proves(receipt, material=told.key, field=name, value=f"{value}x")
    for material in check.materials:
        assert not [each for each in material.fields.values() if each.encode() in data and len(each) > 3]
    assert other is None
    assert salt is not None
    kept = {each.key: each.fields for each in read_receipt(data).receipt.materials}
    assert field_digest(salt, told.key, name, value) == kept[told.key][name]


async def test_signed_once_whoever_finishes_it(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        receipt = await given(rooms)
        async with rooms.stores.pool.acquire() as connection:
            before = await receipt_store.find(connection, read_receipt_id(receipt))
        assert await rooms.receipts.finish_open() == 1
        assert await rooms.receipts.finish_open() == 0
        first, second = await rooms.receipts.finish(receipt), await rooms.receipts.finish(receipt)
    assert before is not None
    assert before.signature is None
    assert first == second


async def test_a_step_that_is_undone_leaves_no_receipt(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        check = await school_check(rooms)
        async with rooms.stores.pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            receipt = (await rooms.receipts.give(check, connection=connection)).id
            await transaction.rollback()
        with pytest.raises(EtrustError) as refused:
            await rooms.receipts.cose(receipt)
    assert refused.value.code == "receipt_not_found"


async def test_only_the_body_and_those_above_see_it(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        receipt = await given(rooms)
        assert await rooms.receipts.cose(receipt, body="11653121MB1A0009XQ")
        with pytest.raises(EtrustError) as refused:
            await rooms.receipts.cose(receipt, body="11650000MB1A0002XR")
    assert refused.value.code == "receipt_not_found"


async def test_what_is_wrong_is_named(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        data = await rooms.receipts.cose(await given(rooms))
        trust, ground = await rooms.trust.snapshot(), await rooms.authorities.ground()
        signed = read_receipt(data)
        cases = {
            "bad_signature": (replace(signed, to_be_signed=signed.to_be_signed[:-1] + b"x"), ground, trust),
            "timestamp_of_other_bytes": (replace(signed, signature=signed.signature[::-1]), ground, trust),
            "no_timestamp": (replace(signed, timestamp=None), ground, trust),
            "no_trust_list": (signed, ground, None),
            "no_chain": (signed, replace(ground, anchors=()), trust),
            "timestamp_lapsed": (signed, replace(ground, now=ground.now + timedelta(days=11 * 365)), trust),
            "receipt_of_other_region": (replace(signed, receipt=replace(signed.receipt, region="540000")), ground, trust),
            "key_not_for_receipts": (replace(signed, certificates=(_document_certificate(rooms),)), ground, trust),
        }
    for reason, (changed_one, on, by) in cases.items():
        verdict = verify_receipt(changed_one, ground=on, trust=by)
        assert verdict.verdict is not Overall.PASSED, reason
        assert reason in {each.reason for each in verdict.findings}, (reason, verdict.findings)


def _document_certificate(rooms: Rooms) -> bytes:
    return rooms.cabinet.current("document-11650000MB1A0004XU").certificate


async def test_every_changed_byte_is_noticed(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        data = await rooms.receipts.cose(await given(rooms))
        trust, ground = await rooms.trust.snapshot(), await rooms.authorities.ground()
    signed = read_receipt(data)
    covered = len(data) - len(cbor2.dumps(signed.timestamp)) - sum(map(len, signed.crls))
    passing = []
    for place in range(0, len(data), 37):
        broken = data[:place] + bytes((data[place] ^ 1,)) + data[place + 1 :]
        try:
            verdict = verify_receipt(read_receipt(broken), ground=ground, trust=trust)
        except EtrustError:
            continue
        if verdict.verdict is Overall.PASSED:
            passing.append(place)
    # What still passes lies in the revocation lists it carries, which the region's own stand in for.
    start = data.find(signed.crls[0])
    assert covered > 0
    assert all(place >= start - 8 for place in passing), passing


async def test_an_independent_reader_agrees(region: Settings, tmp_path: Path) -> None:
    """cbor2, cryptography and OpenSSL alone: signature, chain, timestamp."""
    async with open_rooms(region) as rooms:
        data = await rooms.receipts.cose(await given(rooms, changed(await school_check(rooms), step=3)))
        anchor = x509.load_der_x509_certificate(rooms.anchor_certificate())
    protected, unprotected, payload, signature = cbor2.loads(data).value
    header = cbor2.loads(protected)
    assert header[1] == -7
    certificate = x509.load_der_x509_certificate(header[33])
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    to_be_signed = cbor2.dumps(["Signature1", protected, b"", payload])
    key.verify(encode_dss_signature(r, s), to_be_signed, ec.ECDSA(hashes.SHA256()))
    certificate.verify_directly_issued_by(anchor)
    assert header[4] == hashlib.sha256(header[33]).digest()[:8]
    claims = cbor2.loads(payload)
    assert (claims[1], claims[-65539][1]) == ("650000", 3)
    (tmp_path / "token.tst").write_bytes(unprotected[270])
    (tmp_path / "over").write_bytes(cbor2.dumps(signature))
    (tmp_path / "anchor.pem").write_bytes(anchor.public_bytes(Encoding.PEM))
    assert "Verification: OK" in openssl(tmp_path)


def openssl(folder: Path) -> str:
    """What OpenSSL says of a token over some bytes."""
    told = subprocess.run(
        ["/usr/bin/openssl", "ts", "-verify", "-in", folder / "token.tst", "-token_in", "-data", folder / "over",
         "-CAfile", folder / "anchor.pem"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return told.stdout + told.stderr
