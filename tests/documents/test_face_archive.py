"""A face is PDF/A-3b, tagged, whole in itself and the same every time. Checked with qpdf and pdfium, rule by rule."""

import hashlib
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pikepdf
import pytest

from etrust.documents.face import _compiler, folder, render_face
from etrust.documents.model import Attachment, FaceContent
from etrust.licenses.types import load_types
from tests.documents.contents import COPY, sample
from tests.documents.pictures import photo, seal_picture
from tests.documents.reading import fonts_of, opened

TYPES = sorted(load_types())
FORBIDDEN = ("/JS", "/JavaScript", "/Launch", "/AA", "/OpenAction", "/RichMedia", "/EmbeddedFDF", "/XFA", "/AcroForm")
PDFAID = "{http://www.aiim.org/pdfa/ns/id/}"


def full(name: str) -> FaceContent:
    """With everything a face can have."""
    return sample(name, seal=seal_picture("库尔勒市市场监督管理局"), annotation=COPY, photo=photo())


@pytest.fixture(scope="module", params=TYPES)
def pdf(request: pytest.FixtureRequest) -> pikepdf.Pdf:
    return opened(render_face(full(request.param)))


def test_qpdf_finds_no_fault(pdf: pikepdf.Pdf) -> None:
    assert pdf.check_pdf_syntax() == []


def test_says_that_it_is_pdf_a_3b(pdf: pikepdf.Pdf) -> None:
    assert pdf.pdf_version in ("1.4", "1.5", "1.6", "1.7")
    assert not pdf.is_encrypted
    meta = ET.fromstring(pdf.Root.Metadata.read_bytes().decode())  # noqa: S314 - our own file
    about = {element.tag: element.text for element in meta.iter()}
    assert about[PDFAID + "part"] == "3"
    assert about[PDFAID + "conformance"] == "B"
    intent = pdf.Root.OutputIntents[0]
    assert intent.S == "/GTS_PDFA1"
    assert len(intent.DestOutputProfile.read_bytes()) > 128


def test_every_font_is_inside_with_its_characters(pdf: pikepdf.Pdf) -> None:
    fonts = fonts_of(pdf)
    assert len(fonts) >= 3
    for font in fonts:
        assert {"/FontFile2", "/FontFile3"} & set(font.FontDescriptor.keys()), font.BaseFont
    composite = [thing for thing in pdf.objects if isinstance(thing, pikepdf.Dictionary) and thing.get("/Subtype") == "/Type0"]
    assert all("/ToUnicode" in font for font in composite)


def test_nothing_in_it_runs_or_reaches_out(pdf: pikepdf.Pdf) -> None:
    keys = {key for thing in pdf.objects if isinstance(thing, pikepdf.Dictionary) for key in thing.keys()}  # noqa: SIM118 - pikepdf
    assert not keys & set(FORBIDDEN)
    assert all("/Annots" not in page for page in pdf.pages)


def test_is_tagged_in_chinese_and_uyghur_with_a_title(pdf: pikepdf.Pdf) -> None:
    assert pdf.Root.MarkInfo.Marked
    assert str(pdf.Root.Lang) == "zh-CN"
    elements = [thing for thing in pdf.objects if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/StructElem"]
    assert [str(e.S) for e in elements].count("/H1") == 1
    figures = [e for e in elements if e.S == "/Figure"]
    assert figures
    assert all(str(figure.Alt) for figure in figures)
    assert any(str(e.get("/Lang", "")).startswith("ug") for e in elements)
    assert str(pdf.docinfo.Title)


def test_attachments_are_inside_as_data() -> None:
    files = (
        Attachment("license.json", "application/json", "{\"名称\": \"甲\"}".encode(), "证照数据"),
        Attachment("credential.cwt", "application/cwt", bytes(range(256)) * 40, "证照凭证"),
    )  # fmt: skip
    pdf = opened(render_face(sample("passport", attachments=files)))
    assert {name: pdf.attachments[name].get_file().read_bytes() for name in pdf.attachments} == {f.name: f.data for f in files}
    assert [str(spec.AFRelationship) for spec in pdf.Root.AF] == ["/Data", "/Data"]
    assert {pdf.attachments[f.name].get_file().mime_type for f in files} == {f.media_type for f in files}
    assert {pdf.attachments[f.name].description for f in files} == {f.description for f in files}


def test_the_same_content_gives_the_same_bytes_and_another_day_others() -> None:
    content = full("driving_license")
    first = hashlib.sha256(render_face(content)).digest()
    render_face(sample("passport"))
    assert hashlib.sha256(render_face(full("driving_license"))).digest() == first
    later = replace(content, made_at=content.made_at + timedelta(days=1))
    assert hashlib.sha256(render_face(later)).digest() != first


def test_its_date_is_the_day_it_was_made() -> None:
    pdf = opened(render_face(sample("passport", made_at=datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC))))
    assert str(pdf.docinfo.CreationDate).startswith("D:20310203040506")


@pytest.mark.parametrize("source", [b'#read("../business_license.html")', b'#read("/../parts.html")', b'#read("/etc/hostname")'])
def test_a_face_reads_nothing_outside_its_folder(source: bytes) -> None:
    with pytest.raises(RuntimeError, match=r"escape|not found"):
        _compiler().compile(source, format="pdf")


def test_no_face_fetches_a_package() -> None:
    sources = [path.read_text("utf-8") for path in sorted(folder().glob("*.typ"))]
    assert len(sources) > len(TYPES)
    assert not any("@preview" in source or "@local" in source or "plugin(" in source for source in sources)
