"""`etrust documents` as a person and as a script would use it."""

import io
import json
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest

from etrust.clock import official_date, system_clock
from tests.cli.running import Etrust
from tests.licenses.issuing import COMPANY

pytestmark = pytest.mark.long


def issue(etrust: Etrust) -> str:
    told = etrust("issue", "-", "--type", "business_license", "--json", stdin=json.dumps(COMPANY).encode())
    assert told.code == 0, told.err
    return str(told.json["identifier"])


def test_make_check_list_and_show(etrust: Etrust, tmp_path: Path) -> None:
    identifier, pdf, ofd = issue(etrust), tmp_path / "license.pdf", tmp_path / "license.ofd"
    told = etrust("documents", "make", identifier, "--pdf", pdf, "--ofd", ofd, "--json")
    assert told.code == 0, told.err
    first = told.json["documents"]
    assert [each["level"] for each in first] == ["B-LTA", "SES"]  # type: ignore[attr-defined]
    for path in (pdf, ofd):
        checked = etrust("verify", path, "--json")
        assert (checked.code, checked.json["status"]) == (0, "valid"), checked.out
    assert etrust("documents", "make", identifier, "--json").json["documents"] == first
    assert identifier.split(".")[-3] in etrust("documents", "list", "--type", "business_license").out
    shown = etrust("documents", "show", identifier, "--json").json
    assert (shown["documents"], shown["copies"]) == (first, [])
    due = etrust("documents", "renew", "--dry-run", "--due-before", "2050-01-01", "--json").json
    assert due == {"due": 1, "overdue": 0}


def test_an_annotated_copy(etrust: Etrust, tmp_path: Path) -> None:
    identifier, pdf, until = issue(etrust), tmp_path / "copy.pdf", official_date(system_clock()) + timedelta(days=20)
    told = etrust(
        "documents", "copy", identifier, "--purpose", "投标", "--for", "某招标公司", "--until", until.isoformat(), "--pdf", pdf,
        "--json",
    )
    assert told.code == 0, told.err
    with pikepdf.open(io.BytesIO(pdf.read_bytes())) as opened:
        annotation = json.loads(opened.attachments["annotation.json"].get_file().read_bytes())
    assert (annotation["number"], annotation["purpose"]) == (told.json["number"], "投标")
    assert "某招标公司" in etrust("documents", "show", identifier).out
    late = etrust("documents", "copy", identifier, "--purpose", "投标", "--for", "某", "--until", "2099-01-01", "--json")
    assert (late.code, late.json["error"]) == (2, "bad_annotation")


def test_bulk_tells_how_far_it_is(etrust: Etrust) -> None:
    issue(etrust)
    told = etrust("documents", "bulk", "--type", "business_license", "--kind", "pdf")
    assert told.code == 0, told.err
    assert "1/1" in told.err
    assert etrust("documents", "bulk", "--type", "business_license", "--kind", "pdf", "--json").json == {
        "licenses": 0, "made": 0, "failed": {},
    }  # fmt: skip
