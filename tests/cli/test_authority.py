"""`etrust trust certificate` and `etrust trust crl` as two administrators use them."""

from pathlib import Path

import pytest

from etrust.signing.model import Algorithm
from etrust.trust.crl_making import Listed, make_crl
from tests.cli.running import Etrust
from tests.support import NOW
from tests.trust.authorities import authority, write_pem

pytestmark = pytest.mark.long


def second_administrator(etrust: Etrust) -> None:
    told = etrust("account", "add", "registrar", "--name", "乙", "--body", "11650000MB1A0001XQ", "--role", "admin", "--password", "not-for-long-1")
    assert told.code == 0, told.err


def test_two_people_bring_in_an_anchor_and_one_ends_it(etrust: Etrust, tmp_path: Path) -> None:
    second_administrator(etrust)
    elsewhere = authority(Algorithm.SM2, name="陕西省电子印章根")
    file = write_pem(tmp_path / "anchor.pem", elsewhere.signer.certificate)
    ground = ("--holder", "陕西省印章中心", "--reason", "互认", "--legal-basis", "互认协议第二条")
    proposed = etrust("trust", "certificate", "import", file, *ground, "--from", "2026-01-01", "--json")
    assert (proposed.code, proposed.json["state"]) == (0, "proposed"), proposed.err
    fingerprint = str(proposed.json["fingerprint"])
    alone = etrust("trust", "certificate", "approve", fingerprint, "--reason", "已核对", "--json")
    assert (alone.code, alone.json["error"]) == (2, "same_person")
    approved = etrust("trust", "certificate", "approve", fingerprint[:12], "--reason", "已核对", "--operator", "registrar", "--json")
    assert (approved.code, approved.json["decided_by"]) == (0, "registrar"), approved.err

    lists = tmp_path / "list.crl"
    lists.write_bytes(make_crl(elsewhere.signer, number=4, revoked=[Listed(9, NOW)], this_update=NOW.replace(year=2025), next_update=NOW))
    taken = etrust("trust", "crl", "import", lists, "--json")
    assert (taken.code, taken.json["lists"][0]["revoked"]) == (0, 1), taken.err  # type: ignore[index]
    assert "陕西省电子印章根" in etrust("trust", "crl", "show").out

    ended = etrust("trust", "certificate", "end", fingerprint, "--reason", "协议终止", "--json")
    assert (ended.code, ended.json["state"]) == (0, "ended"), ended.err
    assert "ended" in etrust("trust", "certificate", "list", "--foreign").out


def test_a_certificate_of_the_region_is_revoked_and_listed_at_once(etrust: Etrust) -> None:
    own = etrust("trust", "certificate", "list", "--profile", "document", "--json").json["own"]
    assert isinstance(own, list)
    assert own
    serial = own[0]["serial"]
    ground = ("--reason", "key-compromise", "--legal-basis", "证书规则第九条")
    done = etrust("trust", "certificate", "revoke", serial, *ground, "--json")
    assert (done.code, done.json["state"]) == (0, "revoked"), done.err
    assert etrust("trust", "certificate", "revoke", serial, *ground).code == 2
    lists = etrust("trust", "crl", "show", "--json").json["lists"]
    assert isinstance(lists, list)
    assert sum(each["revoked"] for each in lists) == 1


def test_what_cannot_be_done_is_told(etrust: Etrust, tmp_path: Path) -> None:
    junk = tmp_path / "junk"
    junk.write_bytes(b"junk")
    ground = ("--holder", "x", "--reason", "x", "--legal-basis", "x")
    for arguments, code in (
        (("certificate", "import", junk, *ground), "bad_certificate"),
        (("certificate", "approve", "00112233", "--reason", "x"), "no_certificate"),
        (("certificate", "revoke", "zz", "--reason", "cessation", "--legal-basis", "x"), "no_certificate"),
        (("certificate", "revoke", "05", "--reason", "cessation", "--legal-basis", "x", "--operator", "clerk"), "no_role"),
        (("crl", "import", junk), "bad_crl"),
    ):
        told = etrust("trust", *arguments, "--json")
        assert told.code == 2
        assert told.json["error"] == code, told.out


def test_lists_of_one_authority_are_told_apart_by_their_addresses(etrust: Etrust, tmp_path: Path) -> None:
    ours, file = authority(Algorithm.ES256), tmp_path / "list.crl"
    point = "https://zhengzhao.example.cn/crl/0123456789abcdef/7"
    file.write_bytes(make_crl(ours.signer, number=1, revoked=[], this_update=NOW.replace(year=2025), next_update=NOW, points=[point]))
    assert etrust("trust", "crl", "show", file).out.rstrip().endswith(f"  {point}")
