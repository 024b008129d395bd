"""What cannot be turned into OFD is refused by name; nothing is left out silently."""

import io

import pikepdf
import pytest

from etrust.errors import EtrustError, Kind
from tests.documents.ofd_making import page, sealed

PLAIN = page("营业执照")


def with_content(content: bytes, **resources: pikepdf.Object) -> bytes:
    """A page of our own with this content; its resources under the names that are given."""
    with pikepdf.open(io.BytesIO(PLAIN)) as pdf:
        first = pdf.pages[0]
        first.Contents = pdf.make_stream(content)
        for name, value in resources.items():
            first.Resources[f"/{name}"] = value
        room = io.BytesIO()
        pdf.save(room)
    return room.getvalue()


def refusal(pdf: bytes) -> EtrustError:
    with pytest.raises(EtrustError) as caught:
        sealed(pdf)
    assert caught.value.kind is Kind.INVALID
    assert caught.value.code == "page_not_understood"
    assert "版面" in caught.value.zh
    return caught.value


@pytest.mark.parametrize(("content", "word"), [
    (b"/X0 sh", "operator sh"), (b"BI /W 1 /H 1 ID x EI", "inline image"), (b"0 0 10 10 re W", None), (b"(a) ' ", "operator '"),
    (b"0.1 0.2 0.3 0.4 k 0 0 5 5 re f", "operator k"), (b"/Nothing gs", "graphics setting"), (b"/Nothing Do", "object"),
    (b"BT /Nothing 9 Tf ET", "font"), (b"BT (ab) Tj ET", "text without a font"), (b"BT 3 Tr ET", "operator Tr"), (b"1 2 m 3 l", "operands of l"),
    (b"q", "q and Q"), (b"Q", "operands of Q"), (b"1 0 0 cm", "operands of cm"), (b"[1 2", "operands without"), (b"] f", "closing bracket"),
    (b"(abc", "unfinished string"), (b"<< /A >> f", "broken dictionary"), (b"1 2 3", "operands without"), (b"EMC", "marked content"),
    (b"\xff\xfe frobnicate", "operator"), (b"2 0 0 1 0 0 cm 0 0 m 5 5 l S", "uneven scale"), (b"/Pattern cs /P0 scn 0 0 5 5 re f", "pattern"),
    (b"{ } f", "byte 0"), (b"/DeviceCMYK cs", "color space"), (b"0 0 5 5 re f " * 2 + b"0 0 0 rg 1 scn", "does not fit"),
], ids=lambda value: value.decode("latin-1")[:20] if isinstance(value, bytes) else "")  # fmt: skip
def test_content_that_is_not_understood(content: bytes, word: str | None) -> None:
    if word is None:
        assert sealed(with_content(content)).startswith(b"PK")  # a clip that nothing is drawn in
    else:
        assert word in refusal(with_content(content)).en


@pytest.mark.parametrize(("settings", "word"), [
    ({"/BM": pikepdf.Name.Multiply}, "/BM"), ({"/SMask": pikepdf.Dictionary(Type=pikepdf.Name.Mask)}, "/SMask"), ({"/Font": pikepdf.Array([])}, "/Font"),
], ids=["blending", "soft mask", "font"])  # fmt: skip
def test_settings_that_would_change_the_picture(settings: dict[str, pikepdf.Object], word: str) -> None:
    states = pikepdf.Dictionary({"/G0": pikepdf.Dictionary(settings)})
    assert word in refusal(with_content(b"/G0 gs 0 0 9 9 re f", ExtGState=states)).en


def test_plain_settings_are_none_of_them() -> None:
    states = pikepdf.Dictionary({"/G0": pikepdf.Dictionary({"/BM": pikepdf.Name.Normal, "/SMask": pikepdf.Name("/None"), "/ca": 0.5})})
    assert sealed(with_content(b"/G0 gs 0 0 9 9 re f", ExtGState=states)).startswith(b"PK")


@pytest.mark.parametrize("body", ["#rect(fill: gradient.linear(red, blue), width: 9mm, height: 9mm)", '#link("https://example.org")[这里]'], ids=["gradient", "link"])
def test_typst_that_a_face_must_not_use(body: str) -> None:
    assert refusal(page(body)).where


def test_a_turned_page() -> None:
    with pikepdf.open(io.BytesIO(PLAIN)) as pdf:
        pdf.pages[0].Rotate = 90
        room = io.BytesIO()
        pdf.save(room)
    assert "turned" in refusal(room.getvalue()).en


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", PLAIN[:400], PLAIN[: len(PLAIN) // 2]], ids=["nothing", "head", "a bit", "half"])
def test_no_pdf(data: bytes) -> None:
    assert refusal(data).kind is Kind.INVALID


def test_a_form_that_draws_itself() -> None:
    with pikepdf.open(io.BytesIO(PLAIN)) as pdf:
        form = pdf.make_stream(b"/F0 Do")
        form.Type, form.Subtype, form.BBox = pikepdf.Name.XObject, pikepdf.Name.Form, pikepdf.Array([0, 0, 100, 100])
        form = pdf.make_indirect(form)
        form.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(F0=form))
        first = pdf.pages[0]
        first.Contents = pdf.make_stream(b"/F0 Do")
        first.Resources.XObject = pikepdf.Dictionary(F0=form)
        room = io.BytesIO()
        pdf.save(room)
    assert "forms within forms" in refusal(room.getvalue()).en
