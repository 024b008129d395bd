"""Every face as OFD: judged good, drawn as its PDF is, and whole in its text."""

import io
import zipfile

import pytest
import zxingcpp
from PIL import Image, ImageChops

from etrust.licenses.types import load_types
from etrust.ses.ofd import Ofd, judge_ofd
from etrust.trust.findings import Outcome
from tests.documents.contents import COPY
from tests.documents.ofd_making import face, page, pdf_picture, sealed
from tests.documents.ofd_viewer import Viewer
from tests.ses.judging import GROUND, problems

DPI = 254  # thinner lines than a pixel are drawn wider by the other program
SPOT = 5  # pixels: half a millimeter
TYPES = sorted(load_types())
FAR = 40  # of 255, for a spot of half a millimeter


def difference(pdf: bytes, ofd: bytes, number: int = 0) -> float:
    """The share of spots of half a millimeter, in percent, that the two pictures of a page show differently."""
    ours = Image.open(io.BytesIO(Viewer(ofd).picture(number, DPI, seal=False))).convert("RGB")
    theirs = pdf_picture(pdf, number, DPI)
    width, height = theirs.size
    assert abs(ours.width - width) <= 2
    assert abs(ours.height - height) <= 2
    spots = (width // SPOT, height // SPOT)
    small = [each.resize(spots, Image.Resampling.BOX).convert("L") for each in (ours, theirs)]
    levels = ImageChops.difference(*small).histogram()
    return 100 * sum(levels[FAR:]) / (spots[0] * spots[1])


@pytest.mark.parametrize("name", TYPES)
def test_a_face_is_sealed_and_good(name: str) -> None:
    _, _, ofd = face(name)
    findings = judge_ofd(Ofd(ofd), ground=GROUND)
    assert problems(findings) == {}
    coverage = {each.step: each.outcome for each in findings}
    assert coverage["1.coverage"] is coverage["1.references"] is coverage["1.seal_file"] is Outcome.PASSED


@pytest.mark.parametrize("name", TYPES)
def test_a_face_looks_as_its_pdf_does(name: str) -> None:
    _, pdf, ofd = face(name)
    assert difference(pdf, ofd) < 0.1


@pytest.mark.long
def test_an_annotated_copy_too() -> None:
    content, pdf, ofd = face("business_license", annotation=COPY)
    assert problems(judge_ofd(Ofd(ofd), ground=GROUND)) == {}
    assert difference(pdf, ofd) < 0.1
    text = Viewer(ofd).text()
    assert COPY.number in text
    assert "仅用于 申请住房公积金贷款".replace(" ", "") in text.replace("\n", "").replace(" ", "")
    assert content.annotation == COPY


def test_the_comparison_sees_a_line_that_moved() -> None:
    text = "新疆维吾尔自治区市场监督管理局"
    assert difference(page(f"#h(0.3mm){text}"), sealed(page(text))) > 0.5


@pytest.mark.parametrize("name", TYPES)
def test_every_value_can_be_found_in_the_text(name: str) -> None:
    content, _, ofd = face(name)
    text = "".join(Viewer(ofd).text().split())
    missing = [row.name for row in content.rows if not row.date and row.value and "".join(row.value.split()) not in text]
    assert missing == []
    assert content.title_zh in text


def test_the_code_can_be_read_off_the_page() -> None:
    content, _, ofd = face("resident_identity_card")
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(Viewer(ofd).picture(0, 200))).convert("L"))
    assert found.text == content.code


def test_the_seal_is_drawn_by_the_reader_alone() -> None:
    _, _, ofd = face("business_license")
    viewer = Viewer(ofd)
    plain, stamped = (Image.open(io.BytesIO(viewer.picture(0, 60, seal=seal))).convert("RGB") for seal in (False, True))
    left, top, right, bottom = ImageChops.difference(plain, stamped).getbbox() or (0, 0, 0, 0)
    assert abs((right - left) / 60 * 25.4 - 42) < 2  # true size
    assert abs((bottom - top) / 60 * 25.4 - 42) < 2
    assert b"PNG" not in zipfile.ZipFile(io.BytesIO(ofd)).read("Doc_0/Pages/Page_0/Content.xml")
