"""The program of an embedded font as a TrueType file that readers of OFD load.

Typst embeds subsets as bare CFF (Noto Sans SC, Noto Serif SC) or as TrueType without the table that characters are looked up
in (Noto Sans Arabic). Readers differ in what they accept; TrueType with a Unicode table is what all of them do, so every
program becomes that. The numbers of the glyphs stay, since CGTransform names them.
"""

import io
from functools import lru_cache
from typing import Any, TypeAlias

from fontTools.cffLib import CFFFontSet
from fontTools.fontBuilder import FontBuilder
from fontTools.misc.psCharStrings import T2CharString, T2OutlineExtractor
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.recordingPen import DecomposingRecordingPen, RecordingPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

from etrust.documents.ofd_drawing import Box, Point, Segment
from etrust.documents.ofd_fonts import SourceFont
from etrust.documents.ofd_tokens import not_understood

_EPOCH = 3_786_912_000  # 2024-01-01 in seconds since 1904: the same program gives the same file
_TOLERANCE = 0.5  # thousandths of an em that a curve may move
_EM = 1000
_SAME = 1e-6

Drawing: TypeAlias = tuple[tuple[str, tuple[Point, ...]], ...]  # calls of a pen: its method and points


class Program:
    """A font program with outlines: draws single glyphs and writes the whole as TrueType."""

    __slots__ = ("_drawings", "_font", "_glyphs", "_order", "_plain", "_units", "characters", "source")

    def __init__(self, source: SourceFont) -> None:
        """Open the embedded program.

        Raises:
            EtrustError: ``page_not_understood``.
        """
        self.source = source
        self._drawings: dict[int, Drawing] = {}
        self._plain = False
        # the first glyph of a character is the one that the font will choose for it
        said = ((source.text(number), number) for number in sorted(source.texts, reverse=True))
        self.characters = {text: number for text, number in said if len(text) == 1}
        try:
            if source.is_cff:
                self._open_cff()
            else:
                self._open_truetype()
        except Exception as error:
            raise not_understood(f"the program of the font {source.name}") from error

    def _open_cff(self) -> None:
        fonts = CFFFontSet()
        fonts.decompile(io.BytesIO(self.source.program), None)
        top = fonts[0]
        self._font: Any = None
        self._order: list[str] = list(top.charset)
        numbered = self._order[1:] == [f"cid{number:05d}" for number in range(1, len(self._order))]
        if (hasattr(top, "ROS") and not numbered) or abs(getattr(top, "FontMatrix", (1 / _EM,))[0] * _EM - 1) > _SAME:
            raise ValueError("glyphs in another order than their numbers, or of another size")
        self._glyphs: Any = top.CharStrings
        self._units = _EM
        # Typst writes out all subroutines, so the bytes of a glyph say all of it, in whatever subset they come
        self._plain = not len(fonts.GlobalSubrs) and not any(hasattr(each.Private, "Subrs") for each in top.FDArray)

    def _open_truetype(self) -> None:
        self._font = TTFont(io.BytesIO(self.source.program), recalcTimestamp=False)
        self._order = list(self._font.getGlyphOrder())
        self._glyphs = self._font.getGlyphSet()
        self._units = int(self._font["head"].unitsPerEm)

    def _drawn(self, number: int) -> Drawing:
        """What a glyph draws, in units of the font; the program is asked once."""
        if number not in self._drawings:
            glyph = self._glyph(number)
            if self._plain:
                self._drawings[number] = _drawn_cff(glyph.bytecode)
            else:
                pen = DecomposingRecordingPen(self._glyphs)
                glyph.draw(pen)
                self._drawings[number] = _drawing(pen)
        return self._drawings[number]

    def _glyph(self, number: int) -> Any:
        if number >= len(self._order):
            raise not_understood(f"glyph {number} of the font {self.source.name}, which has none of that number")
        return self._glyphs[self._order[number]]

    def bounds(self, number: int) -> Box | None:
        """Where a glyph has ink, in parts of the em, y upward (so `top` is the lower edge); None when it has none.

        The points that shape the curves count, so it may be a little more.
        """
        points = [(x / self._units, y / self._units) for _, points in self._drawn(number) for x, y in points]
        return Box.around(points) if points else None

    def outline(self, number: int) -> tuple[Segment, ...]:
        """A glyph as a path, in parts of the em, y upward."""
        return tuple(_segments(self._drawn(number), self._units))

    def write(self) -> bytes:
        """The TrueType file."""
        names = [".notdef", *(f"g{number}" for number in range(1, len(self._order)))]
        builder = FontBuilder(self._units, isTTF=True)
        builder.setupGlyphOrder(names)
        builder.setupCharacterMap({
            ord(text): names[number] for text, number in self.characters.items() if number < len(names)
        })
        outlines = {name: self._truetype(number) for number, name in enumerate(names)}
        builder.setupGlyf(outlines, calcGlyphBounds=True)
        table = builder.font["glyf"]
        builder.setupHorizontalMetrics({
            name: (round(self.source.advance(number) * self._units), getattr(table[name], "xMin", 0))
            for number, name in enumerate(names)
        })
        return _finished(builder, self.source.name, self._units)

    def _truetype(self, number: int) -> Any:
        if self.source.is_cff:
            return _quadratic(self._drawn(number))
        pen = TTGlyphPen(None)
        for name, points in self._drawn(number):
            getattr(pen, name)(*points)
        return pen.glyph()


def _drawing(pen: RecordingPen) -> Drawing:
    if any(point is None for _, points in pen.value for point in points):
        raise not_understood("a glyph without a point on its outline")
    return tuple((name, tuple(points)) for name, points in pen.value)


@lru_cache(maxsize=8192)
def _drawn_cff(code: bytes) -> Drawing:
    """Kept, since the same characters come again in every face."""
    pen = RecordingPen()
    T2OutlineExtractor(pen, [], [], 0, 0).execute(T2CharString(code))
    return _drawing(pen)


@lru_cache(maxsize=8192)
def _quadratic(drawn: Drawing) -> Any:
    """Cubic curves as quadratic ones."""
    pen = TTGlyphPen(None)
    converter = Cu2QuPen(pen, _TOLERANCE, reverse_direction=True)
    for name, points in drawn:
        getattr(converter, name)(*points)
    return pen.glyph()


def _finished(builder: FontBuilder, name: str, units: int) -> bytes:
    ascent, descent = round(1.16 * units), round(-0.288 * units)  # as Noto Sans SC has them
    family = name.partition("-")[0]
    builder.setupHorizontalHeader(ascent=ascent, descent=descent)
    builder.setupNameTable({
        "familyName": family, "styleName": "Regular", "uniqueFontIdentifier": name, "fullName": name, "psName": name
    })  # fmt: skip
    builder.setupOS2(sTypoAscender=ascent, sTypoDescender=descent, usWinAscent=ascent, usWinDescent=-descent)
    builder.setupPost(keepGlyphNames=False)
    builder.font["head"].created = builder.font["head"].modified = _EPOCH
    builder.font.recalcTimestamp = False
    file = io.BytesIO()
    builder.font.save(file)
    return file.getvalue()


def _segments(drawn: Drawing, units: int) -> list[Segment]:
    found: list[Segment] = []
    for name, raw in drawn:
        points = [(x / units, y / units) for x, y in raw]
        if name == "moveTo":
            found.append(("M", (points[0],)))
        elif name == "lineTo":
            found.append(("L", (points[0],)))
        elif name == "curveTo":
            found.append(("B", tuple(points)))
        elif name == "qCurveTo":
            found += _from_quadratic(found[-1][1][-1], points)
        else:
            found.append(("C", ()))
    return found


def _from_quadratic(start: Point, points: list[Point]) -> list[Segment]:
    """TrueType's run of control points, with the ends between them implied, as cubic curves."""
    found: list[Segment] = []
    controls, end = points[:-1], points[-1]
    if not controls:
        return [("L", (end,))]
    for index, control in enumerate(controls):
        after = controls[index + 1] if index + 1 < len(controls) else None
        to = end if after is None else ((control[0] + after[0]) / 2, (control[1] + after[1]) / 2)
        found.append(("B", (_toward(start, control), _toward(to, control), to)))
        start = to
    return found


def _toward(end: Point, control: Point) -> Point:
    return end[0] + (control[0] - end[0]) * 2 / 3, end[1] + (control[1] - end[1]) * 2 / 3
