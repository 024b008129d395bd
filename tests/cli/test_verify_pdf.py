"""`etrust verify x.pdf` with no store and no server: by the anchors and lists that are named."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.cli.running import Etrust
from tests.documents import attacks, hostile
from tests.documents.signed_pdfs import plain_pdf, sign, world


@pytest.fixture
def trusted(tmp_path: Path) -> tuple[object, ...]:
    """Options that name the anchor and its list."""
    (tmp_path / "anchor.der").write_bytes(world().anchor.der)
    (tmp_path / "list.crl").write_bytes(world().anchor.crl())
    return "--anchor", tmp_path / "anchor.der", "--crl", tmp_path / "list.crl"


def test_good_changed_and_hostile(tmp_path: Path, trusted: tuple[object, ...]) -> None:
    etrust, path = Etrust(tmp_path / "none", {}), tmp_path / "x.pdf"
    good = sign(plain_pdf(), "B-LTA")
    path.write_bytes(good)
    told = etrust("verify", path, *trusted, "--json")
    assert (told.code, told.json["verdict"], told.json["kind"]) == (0, "TOTAL-PASSED", "pdf")
    told = etrust("verify", "-", "--json", stdin=good)
    assert (told.code, told.json["sub_indication"]) == (1, "NO_CERTIFICATE_CHAIN_FOUND")
    path.write_bytes(attacks.incremental_save(good))
    told = etrust("verify", path, *trusted)
    assert told.code == 1
    assert "签署后被改动" in told.out
    assert "changed_after_signing" in told.out
    path.write_bytes(hostile.nested_arrays())
    told = etrust("verify", path, *trusted, "--json")
    assert (told.code, told.json["status"], told.json["findings"][0]["reason"]) == (1, "malformed", "too_complex")  # type: ignore[index]


def test_the_etsi_report_is_written(tmp_path: Path, trusted: tuple[object, ...]) -> None:
    pytest.importorskip("xsdata")
    path, report = tmp_path / "x.pdf", tmp_path / "report.xml"
    path.write_bytes(sign(plain_pdf(), "B-T"))
    assert Etrust(tmp_path / "none", {})("verify", path, *trusted, "--report", report).code == 0
    namespaces = {"vr": "http://uri.etsi.org/19102/v1.2.1#"}
    found = ET.parse(report).find(".//vr:MainIndication", namespaces)  # noqa: S314 - our own report
    assert found is not None
    assert str(found.text).endswith("total-passed")
