"""Witnessing: a partner cosigns what only grew, and a log that shows two histories is caught."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio

from etrust.errors import EtrustError
from etrust.ledger import store
from etrust.ledger.merkle import EMPTY_ROOT, MAX_PROOF, node_hash
from etrust.ledger.notes import ED25519, MAX_SIZE, Checkpoint, Note, NoteKey, NoteSignature, cosign, sign
from etrust.ledger.witness import Asking, Outcome, contradicts, judge, signed_by_any
from etrust.recognition.model import PartnerFault
from etrust.settings import Settings
from etrust.signing.model import Algorithm
from etrust.storage.stores import Stores
from etrust.wiring import Rooms, open_rooms
from etrust.wiring.home import LOG_KEY, WITNESS_KEY
from tests.ledger.test_merkle import leaves, mth, proof
from tests.ledger.test_notes import ORIGIN, public
from tests.licenses.issuing import issue_company
from tests.recognition.regions import Partner, another_region, know
from tests.support import make_signer

LOG, OTHER = make_signer(algorithm=Algorithm.EDDSA), make_signer(algorithm=Algorithm.EDDSA)
LEAVES = leaves(40)


def asking(old: int, new: int, *, found: list[bytes] = LEAVES, hashes: list[bytes] | None = None, signer=LOG) -> Asking:  # type: ignore[no-untyped-def]
    checkpoint = Checkpoint(ORIGIN, new, mth(found[:new]))
    return Asking(old, tuple(proof(old, found[:new]) if hashes is None else hashes), sign(checkpoint, signer, public(signer)), checkpoint)


def sized(size: int, root: bytes, old: int = 0) -> Asking:
    checkpoint = Checkpoint(ORIGIN, size, root)
    return Asking(old, (), sign(checkpoint, LOG, public(LOG)), checkpoint)


def last(size: int) -> Checkpoint | None:
    return Checkpoint(ORIGIN, size, mth(LEAVES[:size])) if size else None


OTHERS = [*LEAVES[:7], b"\7" * 32, *LEAVES[8:]]


@pytest.mark.parametrize(
    ("asked", "seen", "outcome"),
    [
        (asking(0, 5), 0, Outcome.GOOD), (asking(5, 9), 5, Outcome.GOOD), (asking(9, 9), 9, Outcome.GOOD), (asking(7, 8), 7, Outcome.GOOD),
        (asking(3, 9), 5, Outcome.OTHER_SIZE), (asking(0, 9), 5, Outcome.OTHER_SIZE), (asking(5, 9), 0, Outcome.OTHER_SIZE),
        (asking(9, 5, hashes=[]), 9, Outcome.BAD_SIZE), (asking(9, 9, found=OTHERS), 9, Outcome.SPLIT_VIEW),
        (asking(9, 20, found=OTHERS), 9, Outcome.BAD_PROOF), (asking(9, 20, hashes=[]), 9, Outcome.BAD_PROOF),
        (asking(9, 20, hashes=[b"\0" * 32] * 5), 9, Outcome.BAD_PROOF), (asking(0, 5, hashes=[b"\0" * 32]), 0, Outcome.BAD_PROOF),
        (asking(9, 9, hashes=[b"\0" * 32]), 9, Outcome.BAD_PROOF), (asking(5, 4, hashes=[]), 9, Outcome.BAD_SIZE),
        (sized(0, EMPTY_ROOT), 0, Outcome.GOOD), (sized(0, b"\1" * 32), 0, Outcome.BAD_PROOF),
        (sized(MAX_SIZE, b"\1" * 32), 0, Outcome.GOOD), (sized(MAX_SIZE, b"\1" * 32, old=9), 9, Outcome.BAD_PROOF),
    ],
)  # fmt: skip
def test_what_a_witness_says(asked: Asking, seen: int, outcome: Outcome) -> None:
    assert judge(asked, last(seen)) is outcome
    assert Asking.parse(asked.body) == asked


def test_another_root_of_a_size_seen_before_is_a_second_history() -> None:
    new = asking(3, 9, found=OTHERS).checkpoint
    assert contradicts(new, last(9))
    assert not contradicts(asking(3, 9).checkpoint, last(9))
    assert not contradicts(new, last(8))
    assert not contradicts(new, None)
    assert not contradicts(new, Checkpoint("another.example/log", 9, mth(LEAVES[:9])))


def test_only_the_keys_of_the_log_count() -> None:
    assert signed_by_any(asking(0, 5), [public(OTHER), public(LOG)], ED25519)
    assert not signed_by_any(asking(0, 5, signer=OTHER), [public(LOG)], ED25519)


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"old 5", b"old 05"), (b"old 5", b"old -5"), (b"old 5", b"5"), (b"\n\n", b"\n"), (b"old 5\n", b"old 5\nAAAA\n"),
     (b"old 5", b"old " + b"9" * 40), (b"9\n", b"9223372036854775808\n"), (b"9\n", b"-1\n"), (b"old 5\n", b"old 5\n" + (b"A" * 43 + b"=\n") * MAX_PROOF), (b"old 5", b"\xff")],
)  # fmt: skip
def test_broken_requests(old: bytes, new: bytes) -> None:
    with pytest.raises(EtrustError, match="checkpoint or proof"):
        Asking.parse(asking(5, 9).body.replace(old, new, 1))
    with pytest.raises(EtrustError, match="too large"):
        Asking.parse(b"x" * 70_000)


@pytest_asyncio.fixture(scope="module")
async def gansu(stores: Stores, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Partner]:
    async with another_region(tmp_path_factory.mktemp("gansu"), stores.database_url, stores.redis_url) as partner:
        yield partner


async def forget(gansu: Partner) -> None:
    """Every test has a region of its own under the same name; its log begins anew."""
    async with gansu.rooms.stores.pool.acquire() as connection:
        await connection.execute("TRUNCATE witnessed, witnessed_origins, witness_alarms")


async def post(gansu: Partner, body: bytes) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.post(f"{gansu.address}/log/add-checkpoint", data=body) as answer:
        return answer.status, await answer.text()


async def asked_for(rooms: Rooms, old: int, *, root: bytes | None = None, more: int = 0) -> Asking:
    """What the own log asks, or what it would say if it lied about its root."""
    async with rooms.stores.pool.acquire() as connection:
        newest = await store.newest_checkpoint(connection)
    assert newest is not None
    checkpoint = Checkpoint.parse(Note.parse(newest.note).text)
    told = Checkpoint(checkpoint.origin, checkpoint.size + more, root or checkpoint.root)
    signer = rooms.cabinet.current(LOG_KEY)
    hashes = await rooms.ledger.consistency(old, checkpoint.size)
    return Asking(old, tuple(hashes), sign(told, signer, public(signer)), told)  # type: ignore[arg-type]


async def test_a_partner_cosigns_and_catches_a_second_history(region: Settings, gansu: Partner) -> None:
    async with open_rooms(region) as rooms:
        await know(rooms, gansu)
        await rooms.ledger.integrate()
        before = await rooms.ledger.checkpoint()
        assert before is not None
        size = Checkpoint.parse(before.text).size
        assert await rooms.witness.ask_all() == 1
        note = await rooms.ledger.checkpoint()
        assert note is not None
        assert note.text == before.text
        assert note.signed_by(await rooms.ledger.key())
        seconds = note.cosigned_by(await gansu.rooms.witness.key())
        assert seconds is not None
        assert abs(seconds - rooms.clock().timestamp()) < 60
        assert await rooms.witness.ask_all() == 1  # nothing new: it stands

        # It grows, and the proof that something is in it comes under the checkpoint that was witnessed.
        license_ = await issue_company(rooms)
        await rooms.ledger.integrate()
        assert await rooms.witness.ask_all() == 1
        proof_ = await rooms.ledger.prove_license(license_.identifier)
        assert proof_ is not None
        assert proof_.witnesses([await gansu.rooms.witness.key()]) == [gansu.rooms.witness.name]

        # Two histories: another root under the same size, and growth from something that was never shown.
        grown = (await asked_for(rooms, size)).checkpoint.size
        fake = await asked_for(rooms, grown, root=node_hash(b"\0" * 32, b"\1" * 32))
        assert await post(gansu, fake.body) == (409, f"{grown}\n")
        fake = await asked_for(rooms, grown, root=b"\5" * 32, more=3)
        assert await post(gansu, fake.body) == (422, "bad_proof\n")
        assert await post(gansu, fake.body) == (422, "bad_proof\n")  # the same again is no further alarm
        alarms = await gansu.rooms.witness.alarms()
        assert [(each.reason, each.region) for each in alarms] == [("bad_proof", "650000"), ("split_view", "650000")]
        assert await gansu.rooms.witness.counts() == {"split_view": 1, "bad_proof": 1}
        known, shown = (Note.parse(each) for each in (alarms[1].known, alarms[1].shown))
        assert known.signed_by(await rooms.ledger.key())  # both signed by the log's own key: anyone can see that it lied
        assert shown.signed_by(await rooms.ledger.key())
        assert Checkpoint.parse(known.text).size == Checkpoint.parse(shown.text).size

        # A second history of an old size, whatever it is asked with, is kept as proof.
        old = await asked_for(rooms, grown, root=b"\6" * 32, more=size - grown)
        assert await post(gansu, old.body) == (400, "bad_size\n")
        assert (await gansu.rooms.witness.alarms())[0].reason == "split_view"
        assert [each.size for each in await gansu.rooms.witness.witnessed()] == [grown]
        async with aiohttp.ClientSession() as session, session.get(f"{gansu.address}/metrics") as answer:
            assert 'etrust_witness_alarms{reason="split_view"} 2' in await answer.text()
        assert [(each.witness, each.size) for each in await rooms.witness.standing()] == [("region:620000", grown)]

        # Going back, and what is not the log's.
        assert await post(gansu, (await asked_for(rooms, size)).body) == (409, f"{grown}\n")
        stranger = sign(Checkpoint((await rooms.ledger.key()).name, grown + 1, b"\1" * 32), OTHER, public(OTHER))
        body = Asking(grown, (), stranger, Checkpoint.parse(stranger.text)).body
        assert (await post(gansu, body))[0] == 403
        unknown = sign(Checkpoint("nobody.example/log", 3, b"\1" * 32), OTHER, public(OTHER))
        assert (await post(gansu, Asking(0, (), unknown, Checkpoint.parse(unknown.text)).body))[0] == 404
        second = sign(Checkpoint("another.example/log", 3, b"\1" * 32), rooms.cabinet.current(LOG_KEY), (await rooms.ledger.key()).public)
        assert (await post(gansu, Asking(0, (), second, Checkpoint.parse(second.text)).body))[0] == 404  # a region has one log
        assert (await post(gansu, b"old x\n\n"))[0] == 400


async def test_of_two_checkpoints_of_one_size_one_is_cosigned(region: Settings, gansu: Partner) -> None:
    """They race over several connections: the witness decides once, and keeps the other as proof."""
    async with open_rooms(region) as rooms:
        await know(rooms, gansu)
        await rooms.ledger.integrate()
        await forget(gansu)
        right = await asked_for(rooms, 0)
        wrong = [await asked_for(rooms, 0, root=bytes((each,)) * 32) for each in range(7)]
        answers = await asyncio.gather(*(post(gansu, each.body) for each in (*wrong[:3], right, *wrong[3:])))
        assert sorted(status for status, _ in answers) == [200, *[409] * 7]
        alarms = [each for each in await gansu.rooms.witness.alarms() if each.origin == right.checkpoint.origin]
        assert [each.reason for each in alarms] == ["split_view"] * 7


async def test_what_a_false_witness_answers_is_not_kept(region: Settings, gansu: Partner) -> None:
    """Cosignatures of another checkpoint, of another key, of tomorrow, or broken ones beside a good one."""
    async with open_rooms(region) as rooms:
        await know(rooms, gansu)
        await rooms.ledger.integrate()
        old = await rooms.ledger.checkpoint()
        await issue_company(rooms)
        await rooms.ledger.integrate()
        note, (partner,) = await rooms.ledger.checkpoint(), await rooms.partners.regions_in_force()
        assert old is not None
        assert note is not None
        signer, key, now = gansu.rooms.cabinet.current(WITNESS_KEY), await gansu.rooms.witness.key(), int(rooms.clock().timestamp())
        name, own = key.name, key.public
        good = cosign(note, name, signer, own, seconds=now)
        bad = [
            cosign(old, name, signer, own, seconds=now), cosign(note, name, OTHER, public(OTHER), seconds=now),
            cosign(note, name, signer, own, seconds=now + 86_400), cosign(note, name, OTHER, own, seconds=now),
            NoteSignature(good.name, good.key_id, good.signature[:-1] + bytes((good.signature[-1] ^ 1,))),
        ]  # fmt: skip
        for each in bad:
            with pytest.raises(PartnerFault):
                await rooms.witness._judged_line(partner, note, each.line.encode())
        answer = "".join(each.line for each in (*bad, good)).encode()
        assert await rooms.witness._judged_line(partner, note, answer) == good.line


async def test_a_request_may_come_in_pieces(region: Settings, gansu: Partner) -> None:
    async with open_rooms(region) as rooms:
        await know(rooms, gansu)
        await rooms.ledger.integrate()
        await forget(gansu)
        body = (await asked_for(rooms, 0)).body

        async def pieces() -> AsyncIterator[bytes]:
            for at in range(0, len(body), 50):
                yield body[at : at + 50]
                await asyncio.sleep(0)

        async with aiohttp.ClientSession() as session, session.post(f"{gansu.address}/log/add-checkpoint", data=pieces()) as answer:
            assert answer.status == 200


async def test_a_witness_that_is_down_or_lies_holds_nothing_up(region: Settings, gansu: Partner) -> None:
    async with open_rooms(region) as rooms:
        await know(rooms, gansu, address="http://127.0.0.1:1")
        await rooms.ledger.integrate()
        assert await rooms.witness.ask_all() == 0
        note = await rooms.ledger.checkpoint()
        assert note is not None
        assert len(note.signatures) == 1


def test_a_cosignature_of_one_checkpoint_is_none_of_another() -> None:
    first, second = asking(0, 5).note, asking(0, 6).note
    key = NoteKey(ORIGIN, ED25519, public(LOG))
    assert first.signed_by(key)
    assert not Note(second.text, first.signatures).signed_by(key)
