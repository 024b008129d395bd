"""`etrust ledger audit`: a region that was not tampered with passes; every tampering is named with its first wrong index."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from etrust.cli.ledger_sources import FolderSource, OwnSource
from etrust.errors import EtrustError
from etrust.ledger.audit import Source, audit, grown
from etrust.ledger.audit_model import Audit, Known, Seen
from etrust.ledger.entries import EntryKind
from etrust.ledger.notes import COSIGNATURE, Checkpoint, NoteKey, cosign, sign, with_signatures
from etrust.ledger.tiles import growing, pack_entries, unpack_entries
from etrust.licenses.change import Ground, change_status
from etrust.licenses.model import Action, Provenance, StoredLicense
from etrust.settings import Settings
from etrust.signing.model import Algorithm
from etrust.wiring import Rooms, open_rooms
from tests.ledger.test_merkle import mth
from tests.ledger.test_notes import public
from tests.licenses.issuing import issue_company
from tests.support import make_signer

Tamper = Callable[[Rooms, StoredLicense], Awaitable[None]]


@pytest_asyncio.fixture
async def rooms(region: Settings) -> AsyncIterator[Rooms]:
    async with open_rooms(region) as opened:
        yield opened


async def a_little_history(rooms: Rooms) -> StoredLicense:
    """Three licenses, one of them suspended, restored and revoked; returns that one."""
    licenses = [await issue_company(rooms, 证照编号=f"{each:015d}") for each in range(3)]
    for action in (Action.SUSPEND, Action.RESTORE, Action.REVOKE):
        async with rooms.stores.pool.acquire() as connection:
            await change_status(
                connection, serial=licenses[1].serial, version=1, action=action, ground=Ground("核查", "条例"),
                who=Provenance("officer", licenses[1].issuer, rooms.clock()),
            )  # fmt: skip
        await rooms.ledger.integrate()
    return licenses[1]


async def nothing(_: Audit) -> None:
    return None


async def audited(
    rooms: Rooms, source: Source | None = None, before: Seen | None = None, known: Sequence[Known] = ()
) -> Audit:
    async with rooms.stores.pool.acquire() as connection:
        log = await rooms.ledger.log(connection)
        return await audit(
            source or OwnSource(rooms), connection, keys=[await rooms.ledger.key()], secret=log.secret, before=before, on_step=nothing, known=known,
        )


async def index_of(rooms: Rooms, kind: str, subject: str) -> int:
    proof = await rooms.ledger.prove(kind, subject)
    assert proof is not None
    return proof.index


async def by_hand(rooms: Rooms, *statements: str) -> None:
    """What somebody with the database's own password does."""
    async with rooms.stores.pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")  # no trigger speaks
        for statement in statements:
            await connection.execute(statement)


async def published(rooms: Rooms, folder: Path) -> None:
    """The files of the log, as a web server or a CDN has them."""
    note = await rooms.ledger.checkpoint()
    assert note is not None
    size = Checkpoint.parse(note.text).size
    names = [tile.path for tile in growing(0, size)]
    names += [name.replace("0/", "entries/", 1) for name in names if name.startswith("0/")]
    (folder / "checkpoint").write_bytes(note.data)
    for name in names:
        path = folder / "tile" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(await rooms.ledger.tile(name))


async def test_an_honest_region_passes(rooms: Rooms, tmp_path: Path) -> None:
    await a_little_history(rooms)
    found = await audited(rooms)
    assert (found.wrong, found.first_wrong, found.waiting) == ([], None, 0)
    assert found.entries == found.size == found.seen.size
    await published(rooms, tmp_path)
    assert (await audited(rooms, FolderSource(tmp_path))).wrong == []


async def test_it_goes_on_where_it_stopped(rooms: Rooms) -> None:
    await a_little_history(rooms)
    first = await audited(rooms)
    again = await audited(rooms, before=Seen.from_json(first.seen.to_json()))
    assert (again.wrong, again.seen) == ([], first.seen)
    await issue_company(rooms, 证照编号="000000000000009")
    await rooms.ledger.integrate()
    more = await audited(rooms, before=first.seen)
    assert (more.wrong, more.seen.size) == ([], first.seen.size + 1)
    assert more.seen.root != first.seen.root
    for bad in ("{}", "x", json.dumps({"origin": "o", "size": 3, "peaks": ["00"]})):
        with pytest.raises(EtrustError, match="state file"):
            Seen.from_json(bad)


def put_in(license_: StoredLicense, signed_at: str = "signed_at") -> list[str]:
    """Statements that make a license without issuing it."""
    there = f"WHERE serial = '{license_.serial}'"
    columns = (
        "version, license_type, type_code, issuer, 'X1', content_digest, issued_on, valid_from, valid_until, issuing_authority, holders,"
        " fields, extension, list_no, 999999, batch_id, prepared_at, kid, protected, payload"
    )
    return [
        f"INSERT INTO licenses SELECT '{'Z' * 20}', {columns} FROM licenses {there}",
        f"INSERT INTO credentials SELECT '{'Z' * 20}', version, signature, {signed_at} FROM credentials {there}",
    ]


async def test_a_license_put_in_behind_the_logs_back(rooms: Rooms) -> None:
    license_ = await a_little_history(rooms)
    await by_hand(rooms, *put_in(license_))
    found = await audited(rooms)
    assert [(each.what, each.detail) for each in found.wrong] == [("not_logged", "license ZZZZZZZZZZZZZZZZZZZZ.001")]


async def test_a_license_altered(rooms: Rooms) -> None:
    license_ = await a_little_history(rooms)
    await by_hand(rooms, f"UPDATE licenses SET payload = payload || 'x' WHERE serial = '{license_.serial}'")
    found = await audited(rooms)
    assert [(each.index, each.what) for each in found.wrong] == [
        (await index_of(rooms, EntryKind.LICENSE, f"{license_.serial}.001"), "row_differs")
    ]


async def test_a_license_taken_away(rooms: Rooms) -> None:
    license_ = await a_little_history(rooms)
    index = await index_of(rooms, EntryKind.LICENSE, f"{license_.serial}.001")
    await by_hand(rooms, f"DELETE FROM credentials WHERE serial = '{license_.serial}'")
    found = await audited(rooms)
    assert (found.first_wrong, found.wrong[0].what) == (index, "row_missing")


async def test_an_unrevoking(rooms: Rooms) -> None:
    """In the table of events by an event, and in the log by its entry: both ways are told."""
    license_ = await a_little_history(rooms)
    await by_hand(
        rooms, "INSERT INTO status_events SELECT seq + 1, serial, version, list_no, list_index, 0, 'restore', reason, legal_basis, operator, body,"
        f" effective_at, recorded_at FROM status_events WHERE serial = '{license_.serial}' AND state = 1",
    )  # fmt: skip
    found = await audited(rooms)
    assert sorted(each.what for each in found.wrong) == ["not_logged", "status_turned_back"]
    async with rooms.stores.pool.acquire() as connection:
        await connection.execute("INSERT INTO ledger_pending (kind, subject) SELECT 'status', max(seq)::text FROM status_events")
    await rooms.ledger.integrate()
    found = await audited(rooms)
    assert [(each.index, each.what) for each in found.wrong] == [(found.size - 1, "status_turned_back")]


async def test_a_revocation_erased(rooms: Rooms) -> None:
    license_ = await a_little_history(rooms)
    async with rooms.stores.pool.acquire() as connection:
        seq = await connection.fetchval("SELECT seq FROM status_events WHERE serial = $1 AND state = 1", license_.serial)
    index = await index_of(rooms, EntryKind.STATUS, str(seq))
    await by_hand(rooms, f"DELETE FROM status_events WHERE seq = {seq}")
    found = await audited(rooms)
    assert [(each.index, each.what) for each in found.wrong] == [(index, "row_missing")]


async def test_a_backdated_license(rooms: Rooms) -> None:
    """It has its entry, and says that it is older than its place in the log."""
    license_ = await a_little_history(rooms)
    await by_hand(
        rooms, *put_in(license_, "signed_at - interval '40 days'"),
        "INSERT INTO ledger_pending (kind, subject) VALUES ('license', 'ZZZZZZZZZZZZZZZZZZZZ.001')",
    )  # fmt: skip
    await rooms.ledger.integrate()
    found = await audited(rooms)
    assert [(each.index, each.what) for each in found.wrong] == [(found.size - 1, "backdated")]


async def test_an_entry_replaced_with_its_hashes(rooms: Rooms) -> None:
    """The tiles are made to fit; the checkpoint that others have seen is not."""
    license_ = await a_little_history(rooms)
    before = (await audited(rooms)).seen
    index = await index_of(rooms, EntryKind.LICENSE, f"{license_.serial}.001")
    await by_hand(
        rooms, f"UPDATE ledger_entries SET entry = entry || 'x' WHERE index = {index}",
        "UPDATE ledger_tiles t SET hashes = overlay(t.hashes placing sha256('\\x00'::bytea || e.entry) from "
        f"{index % 256 * 32 + 1}) FROM ledger_entries e WHERE t.level = 0 AND t.tile = {index // 256} AND e.index = {index}",
    )  # fmt: skip
    found = await audited(rooms)
    assert found.first_wrong == index
    assert {each.what for each in found.wrong} >= {"row_differs"}
    assert (await audited(rooms, before=before)).first_wrong is not None


async def test_a_tile_replaced(rooms: Rooms, tmp_path: Path) -> None:
    await a_little_history(rooms)
    await published(rooms, tmp_path)
    (tile,) = (tmp_path / "tile" / "0").glob("000*/*")
    data = bytearray(tile.read_bytes())
    data[32 * 7] ^= 1
    tile.write_bytes(data)
    found = await audited(rooms, FolderSource(tmp_path))
    assert [(each.index, each.what) for each in found.wrong] == [(7, "tile_differs")]


async def test_history_cut_off(rooms: Rooms, tmp_path: Path) -> None:
    await a_little_history(rooms)
    short, long = tmp_path / "short", tmp_path / "long"
    short.mkdir()
    long.mkdir()
    await published(rooms, short)
    await issue_company(rooms, 证照编号="000000000000009")
    await rooms.ledger.integrate()
    await published(rooms, long)
    seen = (await audited(rooms, FolderSource(long))).seen
    found = await audited(rooms, FolderSource(short), before=seen)
    assert [each.what for each in found.wrong] == ["history_shrunk"]


async def test_a_rewritten_history_is_found_by_what_was_seen(rooms: Rooms) -> None:
    """Everything was made anew, and signed with the region's own key: only who saw the old one can tell."""
    license_ = await a_little_history(rooms)
    before = (await audited(rooms)).seen
    await by_hand(rooms, f"DELETE FROM status_events WHERE serial = '{license_.serial}' AND state = 1")
    await by_hand(
        rooms, "DELETE FROM ledger_entries", "DELETE FROM ledger_tiles", "DELETE FROM ledger_checkpoints",
        "INSERT INTO ledger_pending (kind, subject) SELECT 'trust_list', sequence::text FROM trust_lists",
        "INSERT INTO ledger_pending (kind, subject) SELECT 'license', serial || '.' || lpad(version::text, 3, '0') FROM credentials",
        "INSERT INTO ledger_pending (kind, subject) SELECT 'status', seq::text FROM status_events",
        "INSERT INTO ledger_pending (kind, subject) SELECT 'seal_step', code || '/' || step FROM seal_events",
        "INSERT INTO ledger_pending (kind, subject) SELECT 'seal', code FROM seal_files",
        "INSERT INTO ledger_pending (kind, subject) SELECT 'seal_use', use_id::text FROM seal_uses_signed",
    )  # fmt: skip
    await rooms.ledger.integrate()
    assert (await audited(rooms)).wrong == []
    assert [each.what for each in (await audited(rooms, before=before)).wrong] == ["history_shrunk"]
    for number in range(10, 12):
        await issue_company(rooms, 证照编号=f"{number:015d}")
    await rooms.ledger.integrate()
    assert [each.what for each in (await audited(rooms, before=before)).wrong] == ["root_differs"]


async def rewritten(rooms: Rooms, *statements: str) -> None:
    """History as somebody with every key and password makes it anew, entry by entry in the old order."""
    async with rooms.stores.pool.acquire() as connection:
        entries = [tuple(row) for row in await connection.fetch("SELECT kind, subject FROM ledger_entries ORDER BY index")]
    await by_hand(
        rooms, *statements, "DELETE FROM ledger_entries", "DELETE FROM ledger_tiles", "DELETE FROM ledger_checkpoints",
    )  # fmt: skip
    async with rooms.stores.pool.acquire() as connection:
        await connection.executemany("INSERT INTO ledger_pending (kind, subject) VALUES ($1, $2)", entries)
    await rooms.ledger.integrate()


async def test_one_entry_of_a_rewritten_history_is_named_by_what_was_seen(rooms: Rooms) -> None:
    """A license is backdated and everything signed again: an audit without memory is content, one that remembers is not."""
    license_ = await a_little_history(rooms)
    note, state = await rooms.ledger.checkpoint(), (await audited(rooms)).seen
    assert note is not None
    proof = await rooms.ledger.prove_license(license_.identifier)
    assert proof is not None
    known = [
        Known.parse(text, name) for text, name in
        ((state.to_json(), "state.json"), (note.data.decode(), "checkpoint"), (proof.text, "license.tlog-proof"))
    ]  # fmt: skip
    assert (await audited(rooms, known=known)).wrong == []
    index = proof.index
    await rewritten(rooms, f"UPDATE credentials SET signed_at = signed_at - interval '40 days' WHERE serial = '{license_.serial}'")
    assert (await audited(rooms)).wrong == []
    for found in (await audited(rooms, known=known[:1]), await audited(rooms, before=state)):
        assert [each.what for each in found.wrong] == ["root_differs"]
        level = next(level for level, at in state.places if at << level <= index < (at + 1) << level)
        assert found.first_wrong == index >> level << level
    for each in known[1:]:
        found = await audited(rooms, known=[each])
        assert [(wrong.index, wrong.what) for wrong in found.wrong] == [(0, "root_differs")]


async def test_what_is_held_against_the_log_must_be_of_it(rooms: Rooms) -> None:
    await a_little_history(rooms)
    seen = (await audited(rooms)).seen
    stranger, gansu = make_signer(algorithm=Algorithm.EDDSA), make_signer(algorithm=Algorithm.EDDSA)
    checkpoint = Checkpoint(seen.origin, seen.size, seen.root)
    false = Known.parse(sign(checkpoint, stranger, public(stranger)).data.decode(), "false")
    assert [each.what for each in (await audited(rooms, known=[false])).wrong] == ["checkpoint_not_signed"]
    other = Known("another.example/log", 3, b"\1" * 32, "other")
    assert [each.what for each in (await audited(rooms, known=[other])).wrong] == ["another_log"]
    longer = Known(seen.origin, seen.size + 1, b"\1" * 32, "longer")
    found = await audited(rooms, known=[longer])
    assert [(each.index, each.what) for each in found.wrong] == [(seen.size, "history_shrunk")]

    # A key of the log that is gone is no matter where a witness stood for the checkpoint.
    note = sign(checkpoint, stranger, public(stranger))
    cosigned = with_signatures(note, [cosign(note, "gansu.example/w", gansu, public(gansu), seconds=1)])
    known = Known.parse(cosigned.data.decode(), "cosigned")
    async with rooms.stores.pool.acquire() as connection:
        log = await rooms.ledger.log(connection)
        found = await audit(
            OwnSource(rooms), connection, keys=[await rooms.ledger.key()], secret=log.secret, before=None, on_step=nothing,
            known=[known], witnesses=[NoteKey("gansu.example/w", COSIGNATURE, public(gansu))],
        )  # fmt: skip
    assert found.wrong == []


async def test_an_entry_deleted(rooms: Rooms, tmp_path: Path) -> None:
    await a_little_history(rooms)
    await published(rooms, tmp_path)
    await by_hand(rooms, "DELETE FROM ledger_entries WHERE index = 5")
    found = await audited(rooms)
    assert (found.first_wrong, found.wrong[0].what) == (5, "file_missing")
    found = await audited(rooms, FolderSource(tmp_path))
    assert (found.first_wrong, found.wrong[0].what) == (5, "entry_differs")
    assert found.wrong[1].what == "not_logged"


async def test_an_entry_taken_out_of_a_bundle(rooms: Rooms, tmp_path: Path) -> None:
    await a_little_history(rooms)
    await published(rooms, tmp_path)
    (bundle,) = (tmp_path / "tile" / "entries").glob("000*/*")
    entries = unpack_entries(bundle.read_bytes())
    for kept, first, what in ((entries[:5] + entries[6:], 5, "tile_differs"), (entries[:-1], len(entries) - 1, "entries_missing")):
        bundle.write_bytes(pack_entries(kept))
        found = await audited(rooms, FolderSource(tmp_path))
        assert [(each.index, each.what) for each in found.wrong] == [(first, what)]
    bundle.unlink()
    assert (await audited(rooms, FolderSource(tmp_path))).wrong[0].what == "file_missing"


async def test_a_revocation_rewritten_in_place(rooms: Rooms) -> None:
    license_ = await a_little_history(rooms)
    async with rooms.stores.pool.acquire() as connection:
        seq = await connection.fetchval("SELECT seq FROM status_events WHERE serial = $1 AND state = 1", license_.serial)
    seen = (await audited(rooms)).seen
    await by_hand(rooms, f"UPDATE status_events SET state = 0, action = 'restore' WHERE seq = {seq}")
    expected = [(await index_of(rooms, EntryKind.STATUS, str(seq)), "row_differs")]
    known = Known(seen.origin, seen.size, seen.root, "state", seen=seen)
    assert [(each.index, each.what) for each in (await audited(rooms, known=[known])).wrong] == expected
    assert [(each.index, each.what) for each in (await audited(rooms)).wrong] == expected


async def test_a_checkpoint_of_the_past_altered(rooms: Rooms) -> None:
    await a_little_history(rooms)
    async with rooms.stores.pool.acquire() as connection:
        sizes = [row["size"] for row in await connection.fetch("SELECT size FROM ledger_checkpoints ORDER BY size")]
    assert len(sizes) > 2
    await by_hand(rooms, f"UPDATE ledger_checkpoints SET root = sha256('x') WHERE size = {sizes[1]}")
    found = await audited(rooms)
    assert [(each.index, each.what, each.detail) for each in found.wrong] == [
        (sizes[0], "root_differs", f"checkpoint {sizes[1]}: {sizes[1]}")
    ]


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=70), st.data())
def test_growing_in_pieces_gives_the_root_of_the_whole(leaves: list[bytes], data: st.DataObject) -> None:
    seen = Seen("o", 0, ())
    while seen.size < len(leaves):
        step = data.draw(st.integers(1, len(leaves) - seen.size))
        seen = grown(seen, leaves[seen.size : seen.size + step])
        assert seen.root == mth(leaves[: seen.size])
        assert Seen.from_json(seen.to_json()) == seen


class Stopped(Exception):  # noqa: N818 - no error: somebody stopped it
    """The auditor was stopped."""


async def test_stopped_midway_it_goes_on_there(rooms: Rooms, tmp_path: Path) -> None:
    license_ = await a_little_history(rooms)
    await by_hand(
        rooms, "INSERT INTO status_events SELECT 1000 + n, 'S' || n, 1, 1, n, 1, 'revoke', 'r', 'l', 'o', 'b', now(), now()"
        " FROM generate_series(1, 900) n",
        "INSERT INTO ledger_pending (kind, subject) SELECT 'status', seq::text FROM status_events WHERE seq > 1000 ORDER BY seq",
    )  # fmt: skip
    await rooms.ledger.integrate()
    kept: list[Seen] = []

    async def step(found: Audit) -> None:
        kept.append(found.seen)
        if len(kept) == 2:
            raise Stopped

    async with rooms.stores.pool.acquire() as connection:
        log = await rooms.ledger.log(connection)
        with pytest.raises(Stopped):
            await audit(
                OwnSource(rooms), connection, keys=[await rooms.ledger.key()], secret=log.secret, before=None, on_step=step
            )
    assert kept[-1].size == 512
    found = await audited(rooms, before=kept[-1])
    assert (found.wrong, found.entries, found.seen.size) == ([], found.size - 512, found.size)
    assert found.seen.root == (await audited(rooms)).seen.root

    # The tiles above, which no reader of entries would need.
    await published(rooms, tmp_path)
    (upper,) = (tmp_path / "tile" / "1").glob("000*/*")
    data = bytearray(upper.read_bytes())
    data[32 * 2] ^= 1
    upper.write_bytes(data)
    found = await audited(rooms, FolderSource(tmp_path))
    assert [(each.index, each.what) for each in found.wrong] == [(512, "tile_differs")]
    assert await index_of(rooms, EntryKind.LICENSE, f"{license_.serial}.001") < 256


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE licenses SET number = '000000000000000' WHERE number = '000000000000002'", "number_given_twice"),
        ("UPDATE licenses l SET list_index = o.list_index FROM licenses o WHERE o.number = '000000000000000' AND l.number = '000000000000002'",
         "status_index_given_twice"),
        ("UPDATE licenses SET version = 2 WHERE number = '000000000000002'", "version_missing"),
    ],
)  # fmt: skip
async def test_rules_that_no_row_may_break(rooms: Rooms, statement: str, what: str) -> None:
    await a_little_history(rooms)
    await by_hand(rooms, statement)
    assert what in {each.what for each in (await audited(rooms)).wrong}
