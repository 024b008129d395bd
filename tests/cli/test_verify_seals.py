"""`etrust verify` on files with seals: recognized by content, judged with the anchors given, with no store and no server."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from etrust.settings import Settings
from tests.cli.running import Etrust
from tests.data.ses.generate import FOLDER
from tests.ses.making import OfdRecipe

pytestmark = pytest.mark.long

TRUSTED = ("--anchor", FOLDER / "root.crt", "--crl", FOLDER / "root.crl", "--at", "2026-11-24T12:00:00")


@pytest.fixture
def nowhere(tmp_path: Path) -> Etrust:
    """A home that is none, with stores that are out of reach."""
    return Etrust(tmp_path / "none", {"ETRUST_DATABASE_URL": "postgresql://127.0.0.1:1/x", "ETRUST_REDIS_URL": "redis://127.0.0.1:1"})


@pytest.mark.parametrize(("name", "kind"), [("v1.esl", "seal"), ("v5.esl", "seal"), ("v4.ofd", "ofd")])
def test_good_files(nowhere: Etrust, name: str, kind: str, tmp_path: Path) -> None:
    other_name = tmp_path / "file"
    other_name.write_bytes((FOLDER / name).read_bytes())
    for presented, stdin in ((other_name, b""), ("-", other_name.read_bytes())):
        told = nowhere("verify", presented, *TRUSTED, "--json", stdin=stdin)
        assert told.code == 0, told.out + told.err
        assert (told.json["verdict"], told.json["kind"]) == ("TOTAL-PASSED", kind)
        assert told.json.keys() == {"verdict", "sub_indication", "status", "kind", "at", "findings", "evidence", "license"}
    assert not (tmp_path / "none").exists()


def test_a_seal_signature_needs_its_document(nowhere: Etrust, tmp_path: Path) -> None:
    document = tmp_path / "document"
    document.write_bytes(b"the document")
    told = nowhere("verify", FOLDER / "v4.dat", *TRUSTED, "--json")
    assert (told.code, told.json["sub_indication"]) == (1, "SIGNED_DATA_NOT_FOUND")
    told = nowhere("verify", FOLDER / "v4.dat", *TRUSTED, "--document", document, "--json")
    assert (told.code, told.json["status"]) == (0, "valid")


@pytest.mark.parametrize("name", ["v1.esl", "v4.dat", "v5.ofd"])
def test_without_anchors_nothing_passes(nowhere: Etrust, name: str) -> None:
    told = nowhere("verify", FOLDER / name, "--at", "2026-11-24T12:00:00", "--json")
    assert (told.code, told.json["verdict"], told.json["sub_indication"]) == (1, "INDETERMINATE", "NO_CERTIFICATE_CHAIN_FOUND")


def test_a_changed_document(nowhere: Etrust, tmp_path: Path) -> None:
    changed = tmp_path / "changed.ofd"
    changed.write_bytes(replace(OfdRecipe(), after=(("Doc_0/Document.xml", b"<other/>"),)).encoded())
    told = nowhere("verify", changed, *TRUSTED)
    assert told.code == 1
    assert "内容被改动或系伪造" in told.out
    assert "file_changed" in told.out


@pytest.mark.parametrize("data", [b"PK\x03\x04 no zip", b"\x30\x82\x01\x00\x30\x82\x01\x00\x02\x01\x04\x30"], ids=["zip", "der"])
def test_broken_files_are_malformed(nowhere: Etrust, data: bytes) -> None:
    told = nowhere("verify", "-", "--json", stdin=data)
    assert (told.code, told.json["status"]) == (1, "malformed")


def test_an_anchor_that_is_none(nowhere: Etrust) -> None:
    told = nowhere("verify", FOLDER / "v4.esl", "--anchor", FOLDER / "v4.esl", "--json")
    assert told.code == 2
    assert json.loads(told.out)["error"] == "bad_certificate"


def test_in_a_region_its_own_anchor_counts_and_no_other(region: Settings) -> None:
    etrust = Etrust(region.home, {"ETRUST_DATABASE_URL": str(region.database_url), "ETRUST_REDIS_URL": str(region.redis_url)})
    told = etrust("verify", FOLDER / "v4.esl", "--json")
    assert told.json["sub_indication"] == "NO_CERTIFICATE_CHAIN_FOUND"
    nobody = Etrust(region.home / "none", {})("verify", FOLDER / "v4.esl", "--json")
    assert told.json["evidence"] != nobody.json["evidence"]
