"""Annotated copies (加注件): what they are for stands on every page, in the page itself, and the license stays readable."""

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from PIL import ImageChops

from etrust.documents.face import render_face
from etrust.errors import EtrustError
from etrust.licenses.types import load_types
from tests.documents.contents import CODE, COPY, sample, with_value
from tests.documents.reading import opened, picture_of, text_of

TYPES = sorted(load_types())


@pytest.mark.parametrize("name", TYPES)
def test_says_what_for_whom_until_when_and_its_number(name: str) -> None:
    text = text_of(render_face(sample(name, annotation=COPY)))
    for part in (COPY.number, COPY.purpose, COPY.recipient, "2026年12月25日", "加注件"):
        assert text.count(part) > 3, part  # the strip and the lines across the page


@pytest.mark.parametrize("name", TYPES)
def test_the_license_and_its_code_stay_readable(name: str) -> None:
    content = sample(name, annotation=COPY)
    text = text_of(render_face(content))
    holder = next(row.value for row in content.rows if row.name.startswith("holder") and row.name.endswith("_name"))
    assert holder in text
    assert [found.text for found in zxingcpp.read_barcodes(picture_of(render_face(content)))] == [CODE]


def test_the_watermark_crosses_every_part_of_the_page_lightly() -> None:
    marked, plain = (picture_of(render_face(sample("vehicle_license", **extra)), dots=72) for extra in ({"annotation": COPY}, {}))
    lower = (0, marked.height // 2, marked.width, marked.height)  # below the strip nothing else moves
    difference = ImageChops.difference(marked.crop(lower), plain.crop(lower)).convert("L")
    columns, rows = 4, 4
    for x in range(columns):
        for y in range(rows):
            box = (x * difference.width // columns, y * difference.height // rows, (x + 1) * difference.width // columns, (y + 1) * difference.height // rows)
            assert difference.crop(box).getbbox(), (x, y)


def test_it_is_page_content_and_neither_layer_nor_annotation() -> None:
    pdf = opened(render_face(sample("passport", annotation=COPY)))
    assert "/OCProperties" not in pdf.Root
    assert all("/Annots" not in page for page in pdf.pages)
    assert pdf.check_pdf_syntax() == []
    drawn = pikepdf.parse_content_stream(pdf.pages[0])
    assert sum(1 for step in drawn if str(step.operator) in ("TJ", "Tj")) > 30


def test_every_page_of_a_long_license_is_marked() -> None:
    pdf = render_face(with_value(sample("business_license", annotation=COPY), "business_scope", "棉" * 4000))
    pages = pypdfium2.PdfDocument(pdf)
    assert len(pages) > 1
    assert all(COPY.purpose in page.get_textpage().get_text_range() for page in pages)


def test_a_purpose_no_font_shows_is_refused() -> None:
    from dataclasses import replace  # noqa: PLC0415

    with pytest.raises(EtrustError) as caught:
        render_face(sample("passport", annotation=replace(COPY, purpose="贷款\u202e")))
    assert caught.value.where == "annotation"
