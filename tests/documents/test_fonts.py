"""Fonts: static Uyghur instances made once and whole, every letter joined, and no character silently missing."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
import uharfbuzz
from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont

from etrust.documents.font_instances import DIGESTS, WEIGHTS, intact, make_instances, source_font
from etrust.documents.fonts import check_characters, chinese_font, font_folders, missing_characters, uyghur_font
from etrust.errors import EtrustError

UYGHUR = "ئابپتجچخدرزژسشغفقكگڭلمنھوۇۆۈۋېىيە"
"""The 32 letters with hamza carrier."""

WORDS = ("ئۇيغۇر", "گۇۋاھنامە", "تۇغۇلغان", "چېسلا", "ئابدۇللا", "شىنجاڭ", "بازار نازارەت", "ھۆججەت", "پۇقرالىق")


def shaped(path: Path, text: str) -> list[tuple[str, int, int]]:
    """Glyph, cluster and place of every glyph by harfbuzz."""
    font = uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(path))))
    buffer = uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    uharfbuzz.shape(font, buffer)
    x, found = 0, []
    for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        found.append((font.glyph_to_string(info.codepoint), info.cluster, x + place.x_offset))
        x += place.x_advance
    return [*found, ("", -1, x)]


def extent(path: Path, text: str) -> tuple[float, float, float, float]:
    """The box that the drawn text fills, from its left end."""
    font = TTFont(path)
    glyphs = font.getGlyphSet()
    boxes = []
    for name, _, x in shaped(path, text)[:-1]:
        pen = BoundsPen(glyphs)
        glyphs[name].draw(pen)
        if pen.bounds:
            boxes.append((pen.bounds[0] + x, pen.bounds[1], pen.bounds[2] + x, pen.bounds[3]))
    return (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))


@pytest.mark.parametrize("bold", [False, True])
def test_the_instances_are_static(bold: bool) -> None:
    font = TTFont(uyghur_font(bold=bold))
    assert "fvar" not in font
    assert font["OS/2"].usWeightClass == (700 if bold else 400)


def test_every_uyghur_letter_has_one_glyph_a_form() -> None:
    path = uyghur_font()
    for letter in UYGHUR:
        found = shaped(path, f"ب{letter}ب")[:-1]
        assert sorted(cluster for _, cluster, _ in found) == [0, 1, 2], letter
        assert not any(name == ".notdef" for name, _, _ in found), letter


def test_letters_join_as_in_the_font_they_come_from(tmp_path: Path) -> None:
    from fontTools.varLib.instancer import instantiateVariableFont  # noqa: PLC0415

    original = tmp_path / "original.ttf"
    instantiateVariableFont(TTFont(source_font()), {"wght": 400, "wdth": 100}).save(original)
    for word in WORDS:
        # The original widens a letter here and there where dots crowd; joined strokes are the same.
        assert shaped(uyghur_font(), word)[-1][2] == pytest.approx(shaped(original, word)[-1][2], rel=0.04), word
        assert extent(uyghur_font(), word) == pytest.approx(extent(original, word), abs=130), word


def test_lam_and_alef_are_drawn_as_one_and_stay_two_letters() -> None:
    found = shaped(uyghur_font(), "لا")[:-1]
    assert {cluster for _, cluster, _ in found} == {0, 1}
    assert extent(uyghur_font(), "لا")[2] < shaped(uyghur_font(), "ل")[-1][2] + shaped(uyghur_font(), "ا")[-1][2]


@pytest.mark.long
def test_made_again_they_are_the_same_and_damage_is_noticed(tmp_path: Path) -> None:
    assert not intact(tmp_path)
    make_instances(tmp_path)
    assert intact(tmp_path)
    digests = {name: hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in WEIGHTS}
    assert digests == {name: hashlib.sha256((uyghur_font().parent / name).read_bytes()).hexdigest() for name in WEIGHTS}
    broken = tmp_path / next(iter(WEIGHTS))
    broken.write_bytes(broken.read_bytes()[:-1])
    assert not intact(tmp_path)
    (tmp_path / DIGESTS).write_text("[]")
    assert not intact(tmp_path)


def _other_process(cache: Path) -> "subprocess.Popen[str]":
    code = "from etrust.documents.fonts import uyghur_font; print(uyghur_font())"
    return subprocess.Popen(
        [sys.executable, "-c", code], env={**os.environ, "XDG_CACHE_HOME": str(cache)}, stdout=subprocess.PIPE, text=True
    )


@pytest.mark.long
def test_two_processes_at_once_and_a_damaged_cache(tmp_path: Path) -> None:
    both = [_other_process(tmp_path) for _ in range(2)]
    paths = {process.communicate(timeout=120)[0].strip() for process in both}
    assert len(paths) == 1
    path = Path(paths.pop())
    assert tmp_path in path.parents
    assert intact(path.parent)
    assert not [left for left in path.parent.iterdir() if left.name not in {*WEIGHTS, DIGESTS}]
    path.write_bytes(b"torn")
    assert _other_process(tmp_path).communicate(timeout=120)[0].strip() == str(path)
    assert intact(path.parent)


def test_without_a_writable_cache_a_process_keeps_its_own(tmp_path: Path) -> None:
    (tmp_path / "etrust").write_text("a file where the folder should be")
    path = Path(_other_process(tmp_path).communicate(timeout=120)[0].strip())
    assert tmp_path not in path.parents
    assert intact(path.parent)


def test_all_fonts_lie_in_the_two_folders() -> None:
    chinese, uyghur = font_folders()
    assert {chinese_font().name, chinese_font(serif=True).name} <= {path.name for path in chinese.iterdir()}
    assert set(WEIGHTS) <= {path.name for path in uyghur.iterdir()}


def test_what_a_name_may_need_is_there() -> None:
    assert missing_characters("䶮𬭚㛃·•（）《》〇①℃㎡—…０Ａ" + UYGHUR + "،؛؟«»") == ()


@pytest.mark.parametrize("text", ["𠮷", "\u202e", "\u2066", "\ue000", "\x07", "\u0650", "\U000e0100"])
def test_what_no_font_shows_is_found(text: str) -> None:
    assert missing_characters(f"张{text}三{text}") == (text,)
    with pytest.raises(EtrustError) as caught:
        check_characters([("a", "张三"), ("b", f"张{text}三")])
    assert caught.value.where == "b"
    assert f"U+{ord(text):04X}" in caught.value.en
