"""`etrust ledger` as an auditor uses it: from the shell, with files kept from earlier, told by exit codes and JSON."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from etrust.cli.serving import serving
from etrust.settings import Settings
from etrust.status.model import State
from etrust.wiring import open_rooms
from tests.cli.running import Etrust
from tests.ledger.test_audit import a_little_history, by_hand, published
from tests.licenses.issuing import code_of
from tests.matters.receiving import given


@pytest.fixture
def etrust(region: Settings) -> Etrust:
    return Etrust(region.home, {"ETRUST_DATABASE_URL": str(region.database_url), "ETRUST_REDIS_URL": str(region.redis_url)})


async def prepared(region: Settings, folder: Path) -> tuple[str, str, str]:
    """Some history, published in a folder; identifier and code of a license, number of a receipt."""
    async with open_rooms(region) as rooms:
        license_ = await a_little_history(rooms)
        receipt = await given(rooms)
        (folder / "receipt.cose").write_bytes(await rooms.receipts.settled(receipt))
        await published(rooms, folder)
        async with rooms.stores.pool.acquire() as connection:
            token = await connection.fetchval("SELECT token FROM trust_lists WHERE sequence = 1")
        (folder / "list.jws").write_bytes(token)
        return license_.identifier.text, code_of(license_), receipt


async def tampered(region: Settings, statement: str) -> None:
    async with open_rooms(region) as rooms:
        await by_hand(rooms, statement)


def test_an_audit_from_the_shell(region: Settings, etrust: Etrust, tmp_path: Path) -> None:
    asyncio.run(prepared(region, tmp_path))
    state, checkpoint = tmp_path / "state.json", tmp_path / "checkpoint"
    told = etrust("ledger", "audit", "--state", state, "--json")
    assert (told.code, told.json["wrong"], told.json["first_wrong"]) == (0, [], None)
    assert told.json["entries"] == told.json["size"]
    again = etrust("ledger", "audit", "--state", state, "--quick", "--files", tmp_path, "--since", checkpoint)
    assert again.code == 0
    assert again.out.startswith("✓")
    whole = etrust("ledger", "audit", "--state", state, "--since", checkpoint, "--since", state, "--json")
    assert (whole.code, whole.json["entries"]) == (0, whole.json["size"])

    kept = state.read_text("utf-8")
    asyncio.run(tampered(region, "UPDATE status_events SET state = 0 WHERE state = 1"))
    told = etrust("ledger", "audit", "--state", state, "--json")
    assert told.code == 1
    assert [each["what"] for each in told.json["wrong"]] == ["row_differs"]  # type: ignore[index, attr-defined]
    assert told.json["first_wrong"] == told.json["wrong"][0]["index"]  # type: ignore[index]
    assert state.read_text("utf-8") == kept  # what is wrong is never taken for seen
    words = etrust("ledger", "audit").out
    assert f"#{told.json['first_wrong']}" in words
    assert "条目所记之事已被改动" in words
    state.write_text("{}", "utf-8")
    assert etrust("ledger", "audit", "--state", state).code == 2
    assert etrust("ledger", "audit", "--files", tmp_path / "nowhere").code == 2


async def test_an_audit_over_the_web_reads_the_published_lists_too(region: Settings, etrust: Etrust) -> None:
    """A region that keeps its history and publishes something else: the silent un-revoking."""
    async with open_rooms(region) as rooms:
        license_ = await a_little_history(rooms)
    later = lambda: datetime.now(UTC) + timedelta(seconds=30)  # noqa: E731 - what was recorded is no change of just now
    async with open_rooms(region, clock=later) as rooms, serving(rooms, "127.0.0.1", 0) as address:
        url = f"{address}/log"
        honest = await asyncio.to_thread(etrust, "ledger", "audit", "--url", url, "--json")
        bitmap = rooms.live.bitmap(license_.list_no)
        assert bitmap is not None
        assert bitmap.get(license_.list_index) is State.REVOKED
        bitmap.set(license_.list_index, State.VALID)
        rooms.signed_lists._kept.clear()
        caught = await asyncio.to_thread(etrust, "ledger", "audit", "--url", url, "--json")
    assert (honest.code, honest.json["wrong"]) == (0, [])
    assert caught.code == 1
    assert [each["what"] for each in caught.json["wrong"]] == ["published_status_differs"]  # type: ignore[index, attr-defined]
    assert caught.json["first_wrong"] is not None
    gone = await asyncio.to_thread(etrust, "ledger", "audit", "--url", url, "--json")
    assert gone.code == 2


def test_proofs_from_the_shell(region: Settings, etrust: Etrust, tmp_path: Path) -> None:
    identifier, code, receipt = asyncio.run(prepared(region, tmp_path))
    key = str(etrust("ledger", "show", "--json").json["key"])
    for number, opener in (
        (identifier, ("--code", code)), (receipt, ("--receipt", tmp_path / "receipt.cose")), ("1", ("--list", tmp_path / "list.jws")),
    ):  # fmt: skip
        file = tmp_path / "a.tlog-proof"
        assert etrust("ledger", "proof", number, "--to", file).code == 0
        assert etrust("ledger", "verify-proof", file, *opener, "--key", key).code == 0
        assert etrust("ledger", "verify-proof", file, "--code", code[:-4] + "AAAA", "--key", key).code in (1, 2)
    witness = etrust("ledger", "witness", "--json")
    assert (witness.code, witness.json["alarms"], witness.json["cosigned_by"]) == (0, [], [])
    missing = etrust("ledger", "verify-proof", file, *opener, "--key", key, "--witness", witness.json["key"])
    assert missing.code == 1
    assert "缺少见证" in missing.out
    assert etrust("ledger", "verify-proof", file, "--key", key).code == 2
    assert etrust("ledger", "proof", "AAAAAAAAAAAAAAAA").code == 1
    assert etrust("ledger", "proof", "nothing").code == 2
    assert etrust("ledger", "proof", "1", "--kind", "status").out.startswith("c2sp.org/tlog-proof@v1\n")
    assert etrust("ledger", "proof", "1000000", "--kind", "status").code == 1
    assert etrust("ledger", "proof", "1", "--kind", "nothing").code == 2
