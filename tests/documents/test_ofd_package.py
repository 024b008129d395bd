"""The package itself: its files, what refers to what, the same bytes every time, attachments, the place of the seal."""

import base64
import io
import zipfile
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from etrust.documents.model import Attachment, SealPlace
from etrust.errors import EtrustError
from etrust.ses.ofd import Ofd, judge_ofd
from etrust.ses.parse import parse_seal_signature
from etrust.signing.sm2 import sm3
from tests.documents import ofd_schema
from tests.documents.contents import COPY
from tests.documents.ofd_making import PLACE, face, page, seal, sealed
from tests.documents.ofd_viewer import NS, Viewer
from tests.ses.judging import GROUND, problems

PLAIN = page("营业执照")
SIGNATURE = "Doc_0/Signs/Sign_0/Signature.xml"


def files(ofd: bytes) -> dict[str, bytes]:
    package = zipfile.ZipFile(io.BytesIO(ofd))
    return {name: package.read(name) for name in package.namelist()}


def xml(data: bytes) -> ET.Element:
    return ET.fromstring(data)  # noqa: S314  packages that the tests made


@pytest.mark.parametrize("name", ["business_license", "birth_certificate", "resident_identity_card"])
def test_every_file_is_as_the_standard_has_it(name: str) -> None:
    contents = files(face(name, annotation=COPY)[2])
    found = {path: ofd_schema.problems(xml(data)) for path, data in contents.items() if path.endswith(".xml")}
    assert {path: each[:3] for path, each in found.items() if each} == {}
    assert len(found) >= 7


def test_pictures_and_clips_are_too() -> None:
    drawn = page('#circle(fill: red, stroke: (thickness: 1pt, dash: "dashed"))#box(clip: true, radius: 2mm, width: 9mm, height: 9mm, rotate(20deg)[文字])')
    found = [ofd_schema.problems(xml(data)) for path, data in files(sealed(drawn)).items() if path.endswith(".xml")]
    assert [each for each in found if each] == []


def test_the_check_of_structure_can_fail() -> None:
    wrong = xml(f'<o:Page xmlns:o="{ofd_schema.NAMESPACE}"><o:Content><o:Layer/></o:Content><o:Area/></o:Page>'.encode())
    assert ofd_schema.problems(wrong) == ["Page holds 'Content Area ', not 'Area? Template* PageRes* Content? Actions?'", "Layer lacks ID"]


def test_identifiers_stand_once_and_below_the_highest() -> None:
    contents = files(face("business_license", annotation=COPY)[2])
    roots = {path: xml(data) for path, data in contents.items() if path.endswith(".xml") and "/Signs/" not in path and "/Attachs/" not in path}
    numbers = [int(each.get("ID", "")) for root in roots.values() for each in root.iter() if each.get("ID")]
    assert len(numbers) == len(set(numbers)) > 20
    highest = roots["Doc_0/Document.xml"].findtext("o:CommonData/o:MaxUnitID", "", NS)
    assert max(numbers) <= int(highest)
    known = set(numbers)
    used = {int(each.get(key, "")) for root in roots.values() for each in root.iter() for key in ("Font", "ResourceID") if each.get(key)}
    assert used <= known


def test_every_file_but_the_signature_is_digested() -> None:
    contents = files(sealed(PLAIN))
    root = xml(contents[SIGNATURE])
    listed = {
        each.get("FileRef", "").lstrip("/"): base64.b64decode(each.findtext("o:CheckValue", "", NS))
        for each in root.iter(f"{{{ofd_schema.NAMESPACE}}}Reference")
    }
    value = "Doc_0/Signs/Sign_0/SignedValue.dat"
    assert listed == {path: sm3(data) for path, data in contents.items() if path not in (SIGNATURE, value)}
    signature = parse_seal_signature(contents[value])
    assert signature.digest == sm3(contents[SIGNATURE])
    assert signature.property_info == "/" + SIGNATURE
    assert contents["Doc_0/Signs/Sign_0/Seal.esl"] == seal() == signature.seal.encoded


def test_the_same_face_gives_the_same_bytes_but_for_the_signature() -> None:
    one, other = files(sealed(PLAIN)), files(sealed(PLAIN))
    value = "Doc_0/Signs/Sign_0/SignedValue.dat"
    assert {path: data for path, data in one.items() if path != value} == {path: data for path, data in other.items() if path != value}
    entries = zipfile.ZipFile(io.BytesIO(sealed(PLAIN))).infolist()
    assert entries[0].filename == "OFD.xml"
    assert {(each.date_time, each.create_system, each.extra) for each in entries} == {((1980, 1, 1, 0, 0, 0), 3, b"")}


def test_attachments_travel_inside_and_are_signed() -> None:
    given = (
        Attachment("license.json", "application/json", b'{"number": "1"}', "证照数据"),
        Attachment("../../证 照<&>.XML", "application/xml", b"<x/>", ""), Attachment("license.json", "application/json", b"2", "again"),
        Attachment("README", "text/plain", b"", "no ending"),
    )  # fmt: skip
    ofd = sealed(PLAIN, attachments=given)
    contents = files(ofd)
    listed = xml(contents["Doc_0/Attachs/Attachments.xml"])
    found = [(each.get("Name"), contents["Doc_0/Attachs/" + each.findtext("o:FileLoc", "", NS)]) for each in listed]
    assert found == [(each.name, each.data) for each in given]
    assert ofd_schema.problems(listed) == []
    assert problems(judge_ofd(Ofd(ofd), ground=GROUND)) == {}
    contents["Doc_0/Attachs/attach_1.json"] = b'{"number": "2"}'
    room = io.BytesIO()
    with zipfile.ZipFile(room, "w") as package:
        for path, data in contents.items():
            package.writestr(path, data)
    assert problems(judge_ofd(Ofd(room.getvalue()), ground=GROUND)) == {"1.references": "file_changed"}


def test_without_attachments_there_is_no_list_of_them() -> None:
    contents = files(sealed(PLAIN, attachments=()))
    assert not [path for path in contents if "Attach" in path]
    assert b"Attachments" not in contents["Doc_0/Document.xml"]


def test_the_stamp_is_where_it_was_asked_for() -> None:
    ofd = sealed(page("一\n#pagebreak()\n二"), place=replace(PLACE, page=1))
    stamp = xml(files(ofd)[SIGNATURE]).find("o:SignedInfo/o:StampAnnot", NS)
    assert stamp is not None
    assert stamp.get("Boundary") == "100 60 42 42"
    assert stamp.get("PageRef") == Viewer(ofd).pages[1][0]


def test_a_page_that_is_not_there_is_told() -> None:
    with pytest.raises(EtrustError) as caught:
        sealed(PLAIN, place=SealPlace(1, 0, 0, 42, 42))
    assert caught.value.code == "bad_seal_place"
