"""The log of a region: everything that changes trust gets its entry, and what is published proves it to a reader of its own."""

import asyncio
import base64
import hashlib

import pytest

from etrust.errors import EtrustError
from etrust.ledger import store
from etrust.ledger.entries import Entry, EntryKind, content_digest, entry_from
from etrust.ledger.integrate import integrate
from etrust.ledger.merkle import check_consistency
from etrust.ledger.notes import Checkpoint, Note
from etrust.ledger.proofs import Proof
from etrust.ledger.tiles import unpack_entries
from etrust.licenses.change import Ground, change_status
from etrust.licenses.model import Action, Provenance
from etrust.settings import Settings
from etrust.wiring import Rooms, open_rooms
from tests.api.calling import Api, running
from tests.ledger.test_merkle import mth
from tests.licenses.issuing import identifier_of, issue_company


async def entries_of(api: Api, size: int) -> list[bytes]:
    """All entries as they are published."""
    found: list[bytes] = []
    for index in range(0, size, 256):
        width = min(256, size - index)
        name = f"entries/{index // 256:03d}" + ("" if width == 256 else f".p/{width}")
        status, body, headers = await api.call("GET", f"/log/tile/{name}", key="")
        assert (status, "immutable" in headers["Cache-Control"]) == (200, True)
        found += unpack_entries(bytes(body))  # type: ignore[call-overload]
    return found


async def checkpoint_of(api: Api) -> tuple[Note, Checkpoint]:
    status, body, headers = await api.call("GET", "/log/checkpoint", key="")
    assert (status, headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    note = Note.parse(bytes(body))  # type: ignore[call-overload]
    return note, Checkpoint.parse(note.text)


async def test_everything_that_changes_trust_has_its_entry(region: Settings) -> None:
    async with running(region) as api:
        rooms = api.rooms
        license_ = await issue_company(rooms)
        async with rooms.stores.pool.acquire() as connection:
            await change_status(
                connection, serial=license_.serial, version=license_.version, action=Action.SUSPEND,
                ground=Ground("核查", "条例"), who=Provenance("officer", license_.issuer, rooms.clock()),
            )  # fmt: skip
        await rooms.ledger.integrate()
        note, checkpoint = await checkpoint_of(api)
        assert note.signed_by(await rooms.ledger.key())
        entries = await entries_of(api, checkpoint.size)
        assert len(entries) == checkpoint.size
        assert mth([hashlib.sha256(b"\0" + each).digest() for each in entries]) == checkpoint.root
        kinds = {Entry.parse(each).kind for each in entries}
        assert kinds >= {"license", "status", "seal", "seal_step", "trust_list"}
        async with rooms.stores.pool.acquire() as connection:
            assert not await store.has_pending(connection)
        whole = b"".join(entries)
        for secret in (license_.serial, license_.number, license_.holders[0][0], license_.holders[0][1]):
            assert secret.encode() not in whole


async def test_a_license_is_proved_to_whoever_has_it(region: Settings) -> None:
    async with running(region) as api:
        license_ = await issue_company(api.rooms)
        await api.rooms.ledger.integrate()
        path = f"/log/proof/license/{identifier_of(license_).text}"
        status, body, _ = await api.call("GET", path, key="")
        assert status == 200
        proof = Proof.parse(bytes(body).decode())  # type: ignore[call-overload]
        entry = (await entries_of(api, Checkpoint.parse(proof.note.text).size))[proof.index]
        assert proof.shows(entry, await api.rooms.ledger.key()) is not None
        assert entry_from("license", proof.extra, license_.credential) == entry
        assert entry_from("license", proof.extra, license_.credential + b"\0") != entry
        other = identifier_of(license_)
        for unknown in (other.text[:-1] + ("A" if other.text[-1] != "A" else "B"), "nothing", other.text.replace(".001.", ".002.")):
            status, problem, _ = await api.call("GET", f"/log/proof/license/{unknown}", key="")
            assert (status, problem["code"]) == (404, "no_proof")  # type: ignore[index]
        assert (await api.call("GET", "/log/proof/trust-list/1", key=""))[0] == 200
        assert (await api.call("GET", "/log/proof/trust-list/99999", key=""))[0] == 404
        assert (await api.call("GET", "/log/proof/receipt/AAAAAAAAAAAAAAAA", key=""))[0] == 404


async def test_the_log_only_grows_and_says_so(region: Settings) -> None:
    async with running(region) as api:
        await api.rooms.ledger.integrate()
        _, before = await checkpoint_of(api)
        for _ in range(3):
            await issue_company(api.rooms, 证照编号=f"{_:015d}")
            await api.rooms.ledger.integrate()
        _, after = await checkpoint_of(api)
        assert after.size > before.size
        status, body, _ = await api.call("GET", f"/log/consistency?old={before.size}&new={after.size}", key="")
        hashes = [base64.b64decode(line) for line in bytes(body).splitlines()]  # type: ignore[call-overload]
        assert status == 200
        assert check_consistency(before.size, before.root, after.size, after.root, hashes)
        for query in (f"old={after.size}&new={before.size}", f"old=0&new={after.size + 1}", "old=x&new=1", "new=1", "old=-1&new=1"):
            status, problem, _ = await api.call("GET", f"/log/consistency?{query}", key="")
            assert (status, problem["code"]) == (422, "bad_size")  # type: ignore[index]
        for name in ("0/000.p/255", "entries/999", "7/000", "0/0", "../x"):
            assert (await api.call("GET", f"/log/tile/{name}", key=""))[0] == 404


async def test_several_integrators_give_every_entry_one_place(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        await rooms.ledger.integrate()

        async def issue(number: int) -> None:
            await issue_company(rooms, 证照编号=f"{number:015d}")

        await asyncio.gather(*(rooms.ledger.integrate() for _ in range(6)), issue(1), issue(2), issue(3))
        await rooms.ledger.integrate()
        async with rooms.stores.pool.acquire() as connection:
            newest = await store.newest_checkpoint(connection)
            assert newest is not None
            assert await connection.fetchval("SELECT count(*) FROM ledger_entries") == newest.size
            assert await connection.fetchval("SELECT max(index) + 1 FROM ledger_entries") == newest.size
            assert await connection.fetchval("SELECT count(*) FROM ledger_entries WHERE kind = 'license'") == 3


async def test_what_a_stop_leaves_is_integrated_later_under_the_same_root(region: Settings) -> None:
    """A crash before the commit leaves no trace; the same entries then make the same tree."""
    async with open_rooms(region) as rooms:
        await rooms.ledger.integrate()
        await issue_company(rooms)
        async with rooms.stores.pool.acquire() as connection:
            log = await rooms.ledger.log(connection)
            before = await store.newest_checkpoint(connection)
            transaction = connection.transaction()
            await transaction.start()
            assert await integrate(connection, log, at=rooms.clock()) > 0
            first = await store.newest_checkpoint(connection)
            await transaction.rollback()
            assert await store.newest_checkpoint(connection) == before
            assert await integrate(connection, log, at=rooms.clock()) > 0
            again = await store.newest_checkpoint(connection)
            assert first is not None
            assert again is not None
            assert (again.root, again.note) == (first.root, first.note)


async def tampered(rooms: Rooms, statement: str) -> str:
    async with rooms.stores.pool.acquire() as connection:
        try:
            await connection.execute(statement)
        except Exception as error:  # noqa: BLE001 - what the database says
            return str(error)
    return ""


async def test_the_database_refuses_to_rewrite(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        await issue_company(rooms)
        await rooms.ledger.integrate()
        for statement in (
            "UPDATE ledger_entries SET entry = 'x' WHERE index = 0", "DELETE FROM ledger_entries WHERE index = 0",
            "DELETE FROM ledger_checkpoints", "UPDATE ledger_identity SET origin = 'another'",
        ):  # fmt: skip
            assert "append only" in await tampered(rooms, statement)
        for statement in (
            "UPDATE ledger_tiles SET hashes = substr(hashes, 1, 32)", "DELETE FROM ledger_tiles",
            "UPDATE ledger_tiles SET hashes = decode(repeat('00', octet_length(hashes) + 32), 'hex')",
        ):  # fmt: skip
            assert "further hashes" in await tampered(rooms, statement)


async def test_many_at_once_and_tiles_of_several_levels(region: Settings) -> None:
    async with open_rooms(region) as rooms, rooms.stores.pool.acquire() as connection:
        await rooms.ledger.integrate()
        log = await rooms.ledger.log(connection)
        # So many events of the status history, as a region has in a day: the table is watched like any other way in.
        await connection.execute(
            "INSERT INTO status_events SELECT 1000 + n, 'S' || n, 1, 1, n, 1, 'revoke', 'r', 'l', 'o', 'b', now(), now()"
            " FROM generate_series(1, 3000) n"
        )
        done = [await integrate(connection, log, at=rooms.clock(), limit=700) for _ in range(6)]
        assert done == [700, 700, 700, 700, 200, 0]
        await connection.execute("DELETE FROM status_lists")  # what was made up is not followed by the server below
        await connection.execute("ALTER TABLE status_events DISABLE TRIGGER ALL")
        proof = await rooms.ledger.prove(EntryKind.STATUS, "1500")
        await connection.execute("DELETE FROM status_events")
    async with running(region) as api:
        _, checkpoint = await checkpoint_of(api)
        entries = await entries_of(api, checkpoint.size)
        assert mth([hashlib.sha256(b"\0" + each).digest() for each in entries]) == checkpoint.root
        assert proof is not None
        assert proof.shows(entries[proof.index], await api.rooms.ledger.key()) is not None
        level_one = (await api.call("GET", f"/log/tile/1/000.p/{checkpoint.size // 256}", key=""))[1]
        assert len(bytes(level_one)) == 32 * (checkpoint.size // 256)  # type: ignore[call-overload]


def test_an_entry_is_read_strictly() -> None:
    assert content_digest(b"s" * 16, b"c") == hashlib.sha256(b"s" * 16 + b"c").digest()
    for data in (b"", b"\x84\x02", b"\x83\x01\x61a\x00", b"\xa0", b"\x84\x01\x61a\x00\x41x"):
        with pytest.raises(EtrustError, match="checkpoint or proof"):
            Entry.parse(data)
