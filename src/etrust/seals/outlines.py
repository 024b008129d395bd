"""Text as outlines: characters drawn from fonts into contours, so that a seal needs no font where it is shown.

Lengths are in millimeters; a contour runs with x to the right and y up from the baseline, as fonts have it.
"""

import importlib.resources
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import uharfbuzz as hb

Point = tuple[float, float]
Segment = tuple[str, tuple[Point, ...]]
"""One step of a contour: M, L, Q, C or Z with its points, the last of which is where it ends."""

SONG = ("pylopdf_fonts_zh_cn", "NotoSerifSC-Regular.otf")
HEI = ("pylopdf_fonts_zh_cn", "NotoSansSC-Regular.otf")
UYGHUR = ("fontpkg_noto_sans_arabic", "files/NotoSansArabic[wdth,wght].ttf")
UYGHUR_WEIGHT = 620
NARROWEST, WIDEST = 62.5, 100.0  # percent, the width axis of the Uyghur font
_RUNS = re.compile(r"[0-9]+|[^0-9]+")


@dataclass(frozen=True, slots=True)
class Outline:
    """Contours with the width they take on their line."""

    segments: tuple[Segment, ...]
    advance: float

    def mapped(self, move: Callable[[Point], Point]) -> "Outline":
        """The outline with every point moved."""
        return Outline(tuple((kind, tuple(map(move, points))) for kind, points in self.segments), self.advance)

    def scaled(self, across: float, up: float) -> "Outline":
        """The outline made wider or narrower and taller or lower."""
        return Outline(self.mapped(lambda point: (point[0] * across, point[1] * up)).segments, self.advance * across)

    def shifted(self, across: float, up: float) -> "Outline":
        """The outline moved along and off its line."""
        return self.mapped(lambda point: (point[0] + across, point[1] + up))

    def bounds(self) -> tuple[float, float, float, float]:
        """Left, bottom, right and top of its points; zeros when it is blank."""
        points = [point for _, part in self.segments for point in part]
        if not points:
            return (0.0, 0.0, 0.0, 0.0)
        xs, ys = [x for x, _ in points], [y for _, y in points]
        return (min(xs), min(ys), max(xs), max(ys))


def character(text: str, *, families: tuple[tuple[str, str], ...] = (SONG, HEI)) -> Outline:
    """One character in a square of 1 by 1, its foot at 0: Chinese as it is, narrower ones with their own width.

    A character that no font has (`first_missing`) is blank.
    """
    for family in families:
        font = _font(family)
        glyph = font.get_nominal_glyph(ord(text))
        if glyph:
            em = font.face.upem
            descent = 0.12  # of the em: where the square of a Chinese character begins below the baseline
            drawn = _drawn(font, glyph, font.get_glyph_h_advance(glyph))
            return drawn.scaled(1 / em, 1 / em).shifted(0, descent)
    return Outline((), 1.0)


def uyghur_line(text: str, *, width: float = WIDEST) -> Outline:
    """A line of Uyghur, joined and in the order in which it is seen from left to right; one em is 1.

    Args:
        text: letters of the Arabic script, digits and punctuation, all of which the font has (`first_missing`).
        width: percent of the normal width of letters, 62.5 to 100.
    """
    font = _uyghur_font(round(width, 1))
    segments: list[Segment] = []
    at = 0.0
    for run in reversed(_RUNS.findall(text)):
        for glyph in _shaped(font, run):
            segments += glyph.shifted(at, 0).segments
            at += glyph.advance
    em = font.face.upem
    return Outline(tuple(segments), at).scaled(1 / em, 1 / em)


def first_missing(text: str, *, uyghur: bool = False) -> str:
    """The first character that no font has, empty when all can be drawn."""
    fonts = [_uyghur_font(WIDEST)] if uyghur else [_font(SONG), _font(HEI)]
    return next((each for each in text if not any(font.get_nominal_glyph(ord(each)) for font in fonts)), "")


def _shaped(font: hb.Font, run: str) -> Iterator[Outline]:
    buffer = hb.Buffer()
    buffer.add_str(run)
    buffer.direction = "ltr" if run[0].isdigit() else "rtl"
    buffer.script, buffer.language = ("Latn", "en") if run[0].isdigit() else ("Arab", "ug")
    buffer.cluster_level = hb.BufferClusterLevel.CHARACTERS
    hb.shape(font, buffer)
    for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        drawn = _drawn(font, info.codepoint, position.x_advance)
        yield drawn.shifted(position.x_offset, position.y_offset)


def _drawn(font: hb.Font, glyph: int, advance: float) -> Outline:
    pen = _Pen()
    font.draw_glyph_with_pen(glyph, pen)
    return Outline(tuple(pen.segments), advance)


class _Pen:
    """Collects what HarfBuzz draws."""

    def __init__(self) -> None:
        self.segments: list[Segment] = []

    def moveTo(self, point: Point) -> None:  # noqa: N802  # the names of fontTools' pens
        self.segments.append(("M", (point,)))

    def lineTo(self, point: Point) -> None:  # noqa: N802
        self.segments.append(("L", (point,)))

    def qCurveTo(self, *points: Point) -> None:  # noqa: N802
        self.segments.append(("Q", points))

    def curveTo(self, *points: Point) -> None:  # noqa: N802
        self.segments.append(("C", points))

    def closePath(self) -> None:  # noqa: N802
        self.segments.append(("Z", ()))


@cache
def _font(family: tuple[str, str]) -> hb.Font:
    return hb.Font(hb.Face(hb.Blob.from_file_path(str(font_path(family)))))


@cache
def _uyghur_font(width: float) -> hb.Font:
    font = hb.Font(hb.Face(hb.Blob.from_file_path(str(font_path(UYGHUR)))))
    font.set_variations({"wght": UYGHUR_WEIGHT, "wdth": width})
    return font


def font_path(family: tuple[str, str]) -> Path:
    """Where the file of a font is, inside the package that brings it."""
    package, name = family
    return Path(str(importlib.resources.files(package).joinpath(name)))
