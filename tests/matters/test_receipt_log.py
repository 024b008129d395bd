"""A receipt carries the proof that the region's log has it: verified by bytes alone, kept once witnesses stand for it."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace

import cbor2
import pytest
import pytest_asyncio

from etrust.credentials.receipt import LOG_PROOF, SignedReceipt, read_receipt
from etrust.errors import EtrustError
from etrust.ledger.notes import ED25519, Checkpoint, NoteKey, sign
from etrust.ledger.proofs import Proof
from etrust.matters.case_model import Action
from etrust.settings import Settings
from etrust.signing.model import Algorithm
from etrust.storage.stores import Stores
from etrust.trust.findings import Finding, Outcome
from etrust.verification.model import Overall, Verdict
from etrust.verification.receipts import verify_receipt
from etrust.wiring import Rooms, open_rooms
from tests.ledger import independent_reader as reader
from tests.ledger.test_notes import public
from tests.licenses.issuing import issue_company
from tests.matters.receiving import changed, given, school_check
from tests.matters.scene import Scene
from tests.recognition.regions import Partner, another_region, know
from tests.support import make_signer


@pytest_asyncio.fixture
async def rooms(region: Settings) -> AsyncIterator[Rooms]:
    async with open_rooms(region) as opened:
        yield opened


async def judged(rooms: Rooms, signed: SignedReceipt) -> tuple[Verdict, Finding]:
    ground, trust = await rooms.authorities.ground(), await rooms.trust.snapshot()
    verdict = verify_receipt(signed, ground=ground, trust=trust)
    return verdict, next(each for each in verdict.findings if each.step == "log")


async def test_the_proof_comes_when_the_log_has_the_receipt(rooms: Rooms) -> None:
    receipt = await given(rooms)
    first = await rooms.receipts.cose(receipt)
    verdict, finding = await judged(rooms, read_receipt(first))
    assert (verdict.verdict, finding.outcome, finding.reason) == (Overall.PASSED, Outcome.SKIPPED, "no_log_proof")
    await rooms.ledger.integrate()
    second = await rooms.receipts.cose(receipt)
    signed = read_receipt(second)
    verdict, finding = await judged(rooms, signed)
    assert (verdict.verdict, finding.outcome) == (Overall.PASSED, Outcome.PASSED)
    assert signed.bare == read_receipt(first).bare

    # Without a partner there is nobody to wait for: these bytes stay, however the log grows.
    await issue_company(rooms)
    await rooms.ledger.integrate()
    assert await rooms.receipts.cose(receipt) == second


async def test_an_independent_reader_finds_the_entry(rooms: Rooms) -> None:
    """cbor2, hashlib and the format texts alone, from the bytes of the receipt to the root of the log."""
    data = await rooms.receipts.settled(await given(rooms))
    protected, unprotected, payload, signature = cbor2.loads(data).value
    proof = unprotected[LOG_PROOF]
    bare = cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload, signature]))
    extra = Proof.parse(proof).extra
    digest = hashlib.sha256(extra[:16] + bare).digest()
    entry = cbor2.dumps([1, "receipt", int.from_bytes(extra[16:], "big"), digest], canonical=True)
    shown = reader.open_proof(proof, entry, (await rooms.ledger.key()).text)
    assert shown.index < shown.head.size


async def test_false_proofs_are_named(rooms: Rooms) -> None:
    check = await school_check(rooms)
    signed = read_receipt(await rooms.receipts.settled(await given(rooms, check)))
    other = read_receipt(await rooms.receipts.settled(await given(rooms, changed(check, step=3))))
    proof = Proof.parse(signed.log_proof)
    forger = make_signer(algorithm=Algorithm.EDDSA)
    checkpoint = Checkpoint.parse(proof.note.text)
    cases = {
        "not_in_log": [
            other.log_proof, replace(proof, index=proof.index - 1).text, replace(proof, hashes=proof.hashes[::-1]).text,
            replace(proof, extra=b"\0" * 24).text,
        ],
        "bad_log_proof": ["nothing", signed.log_proof[:-5], replace(proof, extra=b"short").text, "x" * 70_000],
        "unknown_log": [replace(proof, note=sign(checkpoint, forger, public(forger))).text],
    }  # fmt: skip
    for reason, proofs in cases.items():
        for text in proofs:
            verdict, finding = await judged(rooms, replace(signed, log_proof=text))
            assert finding.reason == reason, text
            assert (verdict.verdict is Overall.PASSED) == (reason == "unknown_log")
    unjudged = verify_receipt(signed, ground=await rooms.authorities.ground(), trust=None)
    assert next(each.reason for each in unjudged.findings if each.step == "log") == "no_trust_list"
    assert NoteKey(checkpoint.origin, ED25519, public(forger)) != await rooms.ledger.key()
    broken = cbor2.loads(await rooms.receipts.cose(signed.receipt.id)).value
    broken[1][LOG_PROOF] = 7
    with pytest.raises(EtrustError, match="no text"):
        read_receipt(cbor2.dumps(cbor2.CBORTag(18, broken)))


async def test_the_page_and_the_archive_carry_it_too(at: Scene) -> None:
    check = await at.newborn()
    await at.rooms.matters.take_step(check.case_number, Action.ACCEPT, operator=at.clerk, reason="材料齐全")
    page = (await at.rooms.files.check(await at.rooms.receipts.pdf(check.receipt or ""))).verdict
    archive = (await at.rooms.files.check(await at.rooms.archives.of_case(check.case_number, at.clerk))).verdict
    for verdict, step in ((page, "receipt.log"), (archive, f"receipt.{check.receipt}.log")):
        assert verdict.verdict is Overall.PASSED, verdict
        assert {each.step: each.outcome for each in verdict.findings}[step] is Outcome.PASSED


@pytest_asyncio.fixture(scope="module")
async def gansu(stores: Stores, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Partner]:
    async with another_region(tmp_path_factory.mktemp("gansu"), stores.database_url, stores.redis_url) as partner:
        yield partner


async def test_it_waits_for_witnesses_before_it_stays(rooms: Rooms, gansu: Partner) -> None:
    await know(rooms, gansu)
    receipt = await given(rooms)
    unseen = Proof.parse(read_receipt(await rooms.receipts.settled(receipt)).log_proof)
    assert unseen.witnesses([await gansu.rooms.witness.key()]) == []
    assert await rooms.witness.ask_all() == 1
    seen = await rooms.receipts.cose(receipt)
    proof = Proof.parse(read_receipt(seen).log_proof)
    assert proof.witnesses([await gansu.rooms.witness.key()]) == [gansu.rooms.witness.name]
    await issue_company(rooms)
    await rooms.ledger.integrate()
    assert await rooms.witness.ask_all() == 1
    assert await rooms.receipts.cose(receipt) == seen
