"""Witnessing: a partner cosigns what only grew, and a log that shows two histories is caught."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio

from etrust.errors import EtrustError
from etrust.ledger import store
from etrust.ledger.merkle import MAX_PROOF, node_hash
from etrust.ledger.notes import ED25519, Checkpoint, Note, NoteKey, sign
from etrust.ledger.witness import Asking, Outcome, judge, signed_by_any
from etrust.settings import Settings
from etrust.signing.model import Algorithm
from etrust.storage.stores import Stores
from etrust.wiring import Rooms, open_rooms
from etrust.wiring.home import LOG_KEY
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
    ],
)  # fmt: skip
def test_what_a_witness_says(asked: Asking, seen: int, outcome: Outcome) -> None:
    assert judge(asked, last(seen)) is outcome
    assert Asking.parse(asked.body) == asked


def test_only_the_keys_of_the_log_count() -> None:
    assert signed_by_any(asking(0, 5), [public(OTHER), public(LOG)], ED25519)
    assert not signed_by_any(asking(0, 5, signer=OTHER), [public(LOG)], ED25519)


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"old 5", b"old 05"), (b"old 5", b"old -5"), (b"old 5", b"5"), (b"\n\n", b"\n"), (b"old 5\n", b"old 5\nAAAA\n"),
     (b"old 5", b"old " + b"9" * 40), (b"old 5\n", b"old 5\n" + (b"A" * 43 + b"=\n") * MAX_PROOF), (b"old 5", b"\xff")],
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
        alarms = await gansu.rooms.witness.alarms()
        assert [(each.reason, each.region) for each in alarms] == [("bad_proof", "650000"), ("split_view", "650000")]
        known, shown = (Note.parse(each) for each in (alarms[1].known, alarms[1].shown))
        assert known.signed_by(await rooms.ledger.key())  # both signed by the log's own key: anyone can see that it lied
        assert shown.signed_by(await rooms.ledger.key())
        assert Checkpoint.parse(known.text).size == Checkpoint.parse(shown.text).size

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
