"""Every license type has a face that shows everything it holds, in both scripts, with seal and code in their places."""

from dataclasses import replace

import pypdfium2
import pytest
import zxingcpp
from PIL import Image, ImageChops

from etrust.documents.face import page_size, render_face, seal_place
from etrust.documents.model import FaceRow, SealPicture
from etrust.errors import EtrustError
from etrust.licenses.types import load_types
from tests.documents.contents import CODE, sample, with_value
from tests.documents.reading import letters_on, picture_of, text_of

TYPES = sorted(load_types())
RED = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><path fill="#ff0000" d="M0 0h10v10H0z"/></svg>'
FOOT_TOP_MM = 210 - 17 - 62
"""Where the foot of a landscape face begins."""


def day(value: str) -> str:
    year, month, rest = value.split("-")
    return f"{year}年{int(month)}月{int(rest)}日"


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("seed", [11, 24])
def test_shows_every_value_and_label(name: str, seed: int) -> None:
    content = sample(name, seed=seed)
    text = text_of(render_face(content))
    for row in content.rows:
        if row.value and (name, row.name) != ("resident_identity_card", "number"):  # the citizen number is shown once
            shown = day(row.value) if row.date else row.value
            assert shown in text, row.name
            assert row.label_zh in text or row.name == "issued_on", row.name  # the date below the authority needs no label
    assert content.identifier in text
    assert content.title_zh in text.replace(" ", "")


@pytest.mark.parametrize("name", TYPES)
def test_uyghur_lines_come_with_it_only_when_asked(name: str) -> None:
    content = sample(name)
    text = text_of(render_face(content))
    assert content.title_ug in text
    assert all(row.label_ug in text for row in content.rows if row.name.startswith("holder") and len(row.label_ug) < 20)
    chinese = replace(content, uyghur=False, rows=tuple(row for row in content.rows if row.name != "name_ug"))
    assert not any("\u0600" <= character <= "\u06ff" for character in text_of(render_face(chinese)))


@pytest.mark.parametrize("name", TYPES)
def test_one_page_of_the_right_size_read_by_a_scanner(name: str) -> None:
    pdf = render_face(sample(name, seal=SealPicture(RED, 42, 42)))
    pages = pypdfium2.PdfDocument(pdf)
    assert len(pages) == 1
    assert pages[0].get_size() == pytest.approx([side / 25.4 * 72 for side in page_size(name)], abs=0.01)
    assert [found.text for found in zxingcpp.read_barcodes(picture_of(pdf))] == [CODE]


@pytest.mark.parametrize(
    ("name", "width", "height"),
    [*((name, 42.0, 42.0) for name in TYPES), ("passport", 40.0, 30.0), ("business_license", 58.0, 58.0), ("passport", 20.0, 20.0)],
)
def test_seal_stands_at_its_true_size_where_it_is_said_to(name: str, width: float, height: float) -> None:
    with_seal, without = (
        picture_of(render_face(sample(name, seal=seal)), dots=300) for seal in (SealPicture(RED, width, height), None)
    )
    box = ImageChops.difference(with_seal, without).getbbox()
    assert box is not None
    left, top, right, bottom = (side / 300 * 25.4 for side in box)
    place = seal_place(name, width, height)
    assert place.page == 0
    expected = (place.x_mm, place.y_mm, place.x_mm + width, place.y_mm + height)
    assert (left, top, right, bottom) == pytest.approx(expected, abs=0.13)  # one and a half dots


def test_authority_and_date_stay_readable_on_the_seal() -> None:
    pdf = render_face(sample("birth_certificate", seal=SealPicture(RED, 42, 42)))
    place = seal_place("birth_certificate", 42, 42)
    dots = 300 / 25.4
    area = picture_of(pdf, dots=300).crop(
        tuple(round(v * dots) for v in (place.x_mm, place.y_mm, place.x_mm + 42, place.y_mm + 42))  # type: ignore[arg-type]  # four of them
    )
    colors = {color: count for count, color in area.getcolors(2**24) or ()}
    black = sum(count for color, count in colors.items() if max(color) < 60)
    assert colors[(255, 0, 0)] > area.width * area.height / 2
    assert black > 500


def test_a_scope_of_4000_characters_flows_to_more_pages_and_never_under_code_or_seal() -> None:
    pdf = render_face(with_value(sample("business_license"), "business_scope", "棉" * 4000))
    pages = len(pypdfium2.PdfDocument(pdf))
    boxes = [letters_on(pdf, page, "棉") for page in range(pages)]
    assert pages > 1
    assert sum(map(len, boxes)) == 4000
    assert max(bottom for *_, bottom in boxes[0]) < FOOT_TOP_MM
    assert f"第1页，共{pages}页" in text_of(pdf).replace(" ", "")
    assert [found.text for found in zxingcpp.read_barcodes(picture_of(pdf))] == [CODE]
    width, _ = page_size("business_license")
    assert max(right for page in boxes for _, _, right, _ in page) < width - 19


@pytest.mark.parametrize("name", TYPES)
def test_long_values_stay_on_the_paper(name: str) -> None:
    content = sample(name)
    rows = tuple(row if row.date else replace(row, value="九" * 90 + "W" * 120) for row in content.rows)
    pdf = render_face(replace(content, rows=rows))
    width, height = page_size(name)
    for page in range(len(pypdfium2.PdfDocument(pdf))):
        for letter in "九W":
            for left, top, right, bottom in letters_on(pdf, page, letter):
                assert 9 < left < right < width - 9
                assert 9 < top < bottom < height - 9


def test_a_row_no_face_knows_is_shown_at_the_end() -> None:
    content = sample("passport")
    more = replace(content, rows=(*content.rows, FaceRow("later", "新增项", "يېڭى", "新增值")))
    text = text_of(render_face(more))
    assert "新增项" in text
    assert "新增值" in text


@pytest.mark.parametrize("hostile", ["#panic()", '"]', "\\", "#import \"/x\"", "$x$ @a <b> *c* _d_ `e` // f [g] ~ --- ... 'h' \"i\""])
def test_what_looks_like_markup_is_shown_as_it_is(hostile: str) -> None:
    content = with_value(with_value(sample("marriage_certificate"), "holder_a_name", hostile), "registrar", hostile + "乙")
    text = text_of(render_face(content))
    assert hostile in text
    assert hostile + "乙" in text


def test_rare_characters_of_names_are_drawn() -> None:
    drawn, missing = (
        picture_of(render_face(with_value(sample("passport"), "holder_name", name))) for name in ("张䶮𬭚", "张　　")
    )
    assert "张䶮𬭚" in text_of(render_face(with_value(sample("passport"), "holder_name", "张䶮𬭚")))
    assert _ink(drawn) > _ink(missing) + 300


def _ink(picture: Image.Image) -> int:
    return sum(picture.convert("L").histogram()[:128])


@pytest.mark.parametrize("character", ["𠮷", "\ue000", "\u202e", "\x00", "🀀"])
def test_a_character_without_a_glyph_is_named_and_nothing_is_made(character: str) -> None:
    with pytest.raises(EtrustError) as caught:
        render_face(with_value(sample("passport"), "holder_name", f"张{character}"))
    assert (caught.value.code, caught.value.where) == ("glyph_missing", "holder_name")
    assert f"U+{ord(character):04X}" in caught.value.zh
    assert "张" not in caught.value.en


def test_a_type_without_a_face_is_told() -> None:
    with pytest.raises(EtrustError) as caught:
        render_face(replace(sample("passport"), license_type="../passport"))
    assert caught.value.code == "no_face"


def test_too_much_for_a_face_is_refused() -> None:
    with pytest.raises(EtrustError) as caught:
        render_face(with_value(sample("business_license"), "business_scope", "棉" * 40_001))
    assert caught.value.code == "face_too_large"


def test_a_photo_is_shown_and_a_broken_one_is_told() -> None:
    with pytest.raises(EtrustError) as caught:
        render_face(sample("passport", photo=b"\xff\xd8 no picture"))
    assert caught.value.code == "face_failed"
