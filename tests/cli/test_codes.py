"""`etrust verify` of online codes, `etrust code` and `etrust region`, as people and scripts use them."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from etrust.cli.regions import safe_address
from etrust.errors import EtrustError
from etrust.settings import Settings
from etrust.wiring import open_rooms
from etrust.wiring.home import Home
from tests.cli.running import Etrust
from tests.onecode.codes import Counter

pytestmark = pytest.mark.long


async def test_a_code_is_verified_once_online_and_by_lists_alone(region: Settings, etrust: Etrust, tmp_path: Path) -> None:
    trust, anchor = tmp_path / "trust.jws", tmp_path / "anchor.der"
    async with open_rooms(region) as rooms:
        counter = await Counter.open(rooms)
        trust.write_bytes(await rooms.trust.token())
        anchor.write_bytes(rooms.anchor_certificate())
        text, used = (await counter.show()).text, (await counter.show()).text
        await rooms.codes.redeem(used, operator=counter.clerk)
        offline = etrust("verify", text, "--offline", "--trust", trust, "--anchor", anchor, "--json")
        assert (offline.code, offline.json["status"], offline.json["kind"]) == (0, "valid", "code")
        online = etrust("verify", text)
        assert online.code == 0
        assert "新疆天山达盛棉业有限公司" in online.out
        again = etrust("verify", text, "--json")
        assert (again.code, again.json["status"]) == (1, "already_used")
        scanned = (counter.rooms.clock() - timedelta(seconds=1)).isoformat()
        lines = [json.dumps({"text": each, "scanned_at": scanned, "note": "停电"}) for each in (text, used, "ET2:NO")]
    scans = tmp_path / "scans.ndjson"
    scans.write_text("\n".join(lines), "utf-8")
    told = etrust("code", "reconcile", scans, "--operator", "officer", "--json")
    assert told.code == 1
    assert [each["outcome"] for each in told.json["answers"]] == ["used_twice", "used_twice", "unknown"]  # type: ignore[attr-defined]
    pairs = etrust("code", "twice", "--json").json["used_twice"]
    assert [(each["first"]["offline"], each["again"]["note"]) for each in pairs] == [(False, "停电")] * 2  # type: ignore[attr-defined]
    scans.write_text('{"text": "ET2:"}', "utf-8")
    assert etrust("code", "reconcile", scans).code == 2


def test_partner_regions_are_added_listed_and_removed(region: Settings, etrust: Etrust, tmp_path: Path) -> None:
    anchor = tmp_path / "anchor.der"
    anchor.write_bytes(Home.of(region).anchor_certificate())
    given = ("--name", "甘肃省", "--anchor", anchor)
    assert etrust("region", "add", "650000", "https://gansu.example", *given).code == 2  # this very region
    assert etrust("region", "add", "620000", "https://gansu.example/", *given, "--operator", "clerk").code == 2
    added = etrust("region", "add", "620000", "https://gansu.example/", *given, "--until", "2099-12-31", "--json")
    assert added.code == 0, added.err
    assert added.json["base_url"] == "https://gansu.example"
    assert etrust("region", "add", "620000", "https://gansu.example", *given).code == 2
    (row,) = etrust("region", "list", "--json").json["regions"]  # type: ignore[misc]
    assert (row["name"], row["trust_list"], row["valid_until"][:10]) == ("甘肃省", None, "2099-12-31")
    assert etrust("region", "remove", "620000").code == 0
    assert etrust("region", "list", "--json").json["regions"] == []


@pytest.mark.parametrize("address", [
    "http://gansu.example", "ftp://gansu.example", "https://a@gansu.example", "https://gansu.example?x=1", "https://", "gansu",
    "https://gansu.example#x", "http://127.0.0.1.gansu.example",
])  # fmt: skip
def test_addresses_to_which_no_personal_number_is_sent(address: str) -> None:
    with pytest.raises(EtrustError, match="bad_address"):
        safe_address(address)


def test_addresses_as_they_are_kept() -> None:
    assert [safe_address(each) for each in ("https://gansu.example/", "http://127.0.0.1:8180", "http://[::1]:1/")] == [
        "https://gansu.example", "http://127.0.0.1:8180", "http://[::1]:1"
    ]  # fmt: skip
