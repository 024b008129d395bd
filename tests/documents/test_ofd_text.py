"""Text in OFD: real characters in reading order, their places and their glyphs."""

import io
import re
import zipfile

import pikepdf
import pytest
from fontTools.cffLib import CFFFontSet
from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.documents.ofd_making import page, sealed
from tests.documents.ofd_viewer import Viewer
from tests.documents.test_ofd_faces import difference

FONTS = ["Noto Sans Arabic", "Noto Sans Arabic Precomposed"]
UYGHUR = "شىنجاڭ ئۇيغۇر ئاپتونوم رايونى"


def content(ofd: bytes) -> str:
    return zipfile.ZipFile(io.BytesIO(ofd)).read("Doc_0/Pages/Page_0/Content.xml").decode()


@pytest.mark.parametrize("text", ["营业执照", "张三 Zhang San 1990", "䶮龍", "阿依古丽·买买提", "№ 91650100MA775JL08C"])
def test_chinese_text_stands_there_as_it_is_read(text: str) -> None:
    assert text in Viewer(sealed(page(text))).text().split("\n")


@pytest.mark.parametrize("arabic", FONTS)
def test_uyghur_comes_in_reading_order_with_joined_forms(arabic: str) -> None:
    """The original font draws letters and dots apart: the dots are paths then."""
    pdf = page(f'#set text(lang: "ug", dir: rtl, size: 20pt)\n{UYGHUR}', arabic=arabic)
    ofd = sealed(pdf)
    assert Viewer(ofd).text().split("\n") == UYGHUR.split()
    assert difference(pdf, ofd) < 0.1
    written = content(ofd)
    assert "<ofd:CGTransform " in written
    steps = " ".join(re.findall(r'DeltaX="([^"]+)"', written)).split()
    assert len(steps) == len(UYGHUR) - 2 * UYGHUR.count(" ") - 1
    assert all(float(step) < 0 for step in steps)


@pytest.mark.parametrize("arabic", FONTS)
def test_a_line_in_one_font_is_one_piece(arabic: str) -> None:
    body = f'#set text(lang: "ug", dir: rtl, font: "{arabic}")\n{UYGHUR}'
    assert Viewer(sealed(page(body))).text().split("\n") == [UYGHUR]


def test_both_directions_on_a_line_are_pieces_of_their_own() -> None:
    lines = Viewer(sealed(page('#set text(lang: "ug", dir: rtl)\nئايگۈل 123 مەمەت'))).text().split("\n")
    assert lines == ["ئايگۈل", "123", "مەمەت"]


def test_a_character_beyond_the_basic_plane_stands_alone() -> None:
    assert Viewer(sealed(page("一𬭚二"))).text().split("\n") == ["一", "𬭚", "二"]


def test_a_ligature_says_all_its_letters() -> None:
    pdf = page('#set text(font: "New Computer Modern", size: 20pt)\nof#"fi"ce')
    ofd = sealed(pdf)
    assert "".join(Viewer(ofd).text().split()) == "office"
    assert difference(pdf, ofd) < 0.1


def test_direction_marks_and_zero_width_spaces_are_no_text() -> None:
    assert Viewer(sealed(page("1\u200b.\u200b2\u200b.\u200b156"))).text() == "1.2.156"


@pytest.mark.parametrize("body", [
    '#rotate(-30deg, text(fill: rgb(200, 0, 0, 60), size: 20pt)[仅供查验])', "#text(stroke: 0.4pt + red, fill: white, size: 24pt)[描边]",
    "#scale(x: 150%, reflow: true)[拉伸 Stretch]", "上#super[标]下#sub[标]", '#text(tracking: 4pt)[字距]', "$x^2$",
], ids=["turned", "outlined", "stretched", "raised", "spaced", "formula"])  # fmt: skip
def test_text_is_drawn_as_in_the_pdf(body: str) -> None:
    pdf = page(body)
    assert difference(pdf, sealed(pdf)) < 0.1


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from("营业执照张三AB12，。 ·ئابلىز"), min_size=1, max_size=20).map("".join))
def test_no_character_is_lost(text: str) -> None:
    found = Viewer(sealed(page(f'#"{text}"'))).text()
    assert sorted("".join(found.split())) == sorted("".join(text.split()))


def test_the_embedded_font_is_truetype_with_the_outlines_of_the_program() -> None:
    """Curves moved by no more than a thousandth of the em, advances and numbers of glyphs kept."""
    pdf = page("营业执照 Agf")
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        (font,) = opened.pages[0].Resources.Font.values()
        cff = CFFFontSet()
        cff.decompile(io.BytesIO(font.DescendantFonts[0].FontDescriptor.FontFile3.read_bytes()), None)
    original = cff[0].CharStrings
    package = zipfile.ZipFile(io.BytesIO(sealed(pdf)))
    (name,) = (name for name in package.namelist() if name.endswith(".ttf"))
    made = TTFont(io.BytesIO(package.read(name)))
    glyphs = made.getGlyphSet()
    assert made["maxp"].numGlyphs == len(cff[0].charset)
    assert set(map(ord, "营业执照 Agf")) <= set(made.getBestCmap())
    for theirs, ours in zip(cff[0].charset, made.getGlyphOrder(), strict=True):
        one, other = BoundsPen(None), BoundsPen(glyphs)
        original[theirs].draw(one)
        glyphs[ours].draw(other)
        assert (one.bounds is None) == (other.bounds is None)
        assert one.bounds is None or max(abs(a - b) for a, b in zip(one.bounds, other.bounds, strict=True)) <= 1
        assert original[theirs].width == made["hmtx"][ours][0]
