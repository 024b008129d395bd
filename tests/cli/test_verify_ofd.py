"""`etrust verify` on an OFD of our own making: passed, with every step told; changed, it fails by name."""

import io
import zipfile
from pathlib import Path

from tests.cli.running import Etrust
from tests.data.ses.generate import FOLDER
from tests.documents.ofd_making import face

TRUSTED = ("--anchor", FOLDER / "root.crt", "--crl", FOLDER / "root.crl", "--at", "2026-11-24T12:00:00")
PAGE = "Doc_0/Pages/Page_0/Content.xml"


def told(tmp_path: Path, data: bytes) -> dict[str, object]:
    nowhere = Etrust(tmp_path / "none", {"ETRUST_DATABASE_URL": "postgresql://127.0.0.1:1/x", "ETRUST_REDIS_URL": "redis://127.0.0.1:1"})
    (tmp_path / "证照.ofd").write_bytes(data)
    return nowhere("verify", tmp_path / "证照.ofd", *TRUSTED, "--json").json


def changed(data: bytes) -> bytes:
    """The package with a character of its page changed."""
    package, room = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(room, "w") as other:
        for name in package.namelist():
            body = package.read(name)
            other.writestr(name, body.replace("有限责任公司".encode(), "股份有限公司".encode()) if name == PAGE else body)
    return room.getvalue()


def test_a_face_of_ours_passes(tmp_path: Path) -> None:
    found = told(tmp_path, face("business_license")[2])
    assert (found["verdict"], found["kind"]) == ("TOTAL-PASSED", "ofd")


def test_a_changed_word_does_not(tmp_path: Path) -> None:
    found = told(tmp_path, changed(face("business_license")[2]))
    assert (found["verdict"], found["sub_indication"]) == ("TOTAL-FAILED", "HASH_FAILURE")
    findings = found["findings"]
    assert isinstance(findings, list)
    assert [PAGE in each["detail"] for each in findings if each["reason"] == "file_changed"] == [True]
