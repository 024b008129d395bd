"""Shown glyphs gathered into pieces of text as OFD readers search and copy them: whole words, in the order they are read.

A page shows Uyghur from left to right in pieces, dots apart from letters. Here the letters of a piece come into reading
order (their places then go leftward), and glyphs that say nothing of their own, such as dots, become paths: they are still
seen, and do not disturb the text.
"""

import math
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from etrust.documents.ofd_drawing import Glyph, Item, Matrix, PathItem, Segment, TextItem

_GAP, _OVERLAP, _OFF_LINE = 0.3, 0.05, 0.02  # of the size of the text
_BMP = 0xFFFF


def gather(items: Iterable[Item], outline: Callable[[str, int], tuple[Segment, ...]]) -> Iterator[Item]:
    """The same drawing with its text gathered; `outline` gives a glyph of a font as a path in parts of the em."""
    line: list[TextItem] = []
    for item in items:
        if not isinstance(item, TextItem):
            yield from _read(line)
            line = []
            yield item
            continue
        letters = tuple(glyph for glyph in item.glyphs if glyph.text)
        if letters:
            new = replace(item, glyphs=letters)
            if line and not _goes_on(line, new):
                yield from _read(line)
                line = []
            _append(line, new)
        for mark in item.glyphs:
            if not mark.text:
                yield from _as_path(item, mark, outline)
    yield from _read(line)


def _append(line: list[TextItem], new: TextItem) -> None:
    """A piece more; with the one before it where both look alike."""
    if line and _looks(line[-1]) == _looks(new) and _alike(line[-1].shape, new.shape):
        line[-1] = replace(line[-1], glyphs=line[-1].glyphs + new.glyphs)
    else:
        line.append(new)


def _looks(item: TextItem) -> tuple[object, ...]:
    return item.font, item.fill, item.stroke, item.clips


def _as_path(
    item: TextItem, glyph: Glyph, outline: Callable[[str, int], tuple[Segment, ...]]
) -> Iterator[PathItem]:
    placed = replace(item.shape, e=glyph.x, f=glyph.y)
    segments = tuple((name, tuple(placed.apply(*point) for point in points)) for name, points in outline(item.font, glyph.number))
    if segments:
        yield PathItem(segments, item.fill, item.stroke, even_odd=False, clips=item.clips)


def is_leftward(text: str) -> bool:
    """Whether a piece is read from right to left."""
    return any(unicodedata.bidirectional(each) in ("R", "AL") for each in text)


def _direction(items: Iterable[TextItem]) -> str:
    text = "".join(glyph.text for item in items for glyph in item.glyphs)
    if is_leftward(text):
        return "leftward"
    return "rightward" if any(unicodedata.bidirectional(each) in ("L", "EN", "AN") for each in text) else ""


def _goes_on(line: list[TextItem], new: TextItem) -> bool:
    """Whether a piece stands right behind a line of pieces, on the same base line and in the same direction."""
    if len({_direction(line), _direction([new])} - {""}) > 1:
        return False
    first, last, next_one = line[-1].shape, line[-1].glyphs[-1], new.glyphs[0]
    length, size = math.hypot(first.a, first.b), first.scale
    along, across = first.a / length, first.b / length
    dx, dy = next_one.x - last.x, next_one.y - last.y
    gap = dx * along + dy * across - last.advance
    return -_OVERLAP * size <= gap <= _GAP * size and abs(dy * along - dx * across) <= _OFF_LINE * size


def _alike(one: Matrix, other: Matrix) -> bool:
    limit = one.scale / 1000
    return all(abs(a - b) <= limit for a, b in ((one.a, other.a), (one.b, other.b), (one.c, other.c), (one.d, other.d)))


def _read(line: list[TextItem]) -> Iterator[TextItem]:
    """The pieces of a line in the order they are read: of one that goes leftward the last comes first."""
    leftward = _direction(line) == "leftward"
    for item in reversed(line) if leftward else line:
        yield from _pieces(item, item.glyphs[::-1] if leftward else item.glyphs)


def _pieces(item: TextItem, glyphs: tuple[Glyph, ...]) -> Iterator[TextItem]:
    """A piece as text objects: without blanks at the ends, and a glyph alone that is not one character.

    Readers count characters as UTF-16 units or as code points, and place one glyph for one of them: a character beyond the
    basic plane, or a ligature, in an object of its own leaves no room for a difference.
    """
    part: list[Glyph] = []
    for glyph in glyphs:
        if len(glyph.text) == 1 and ord(glyph.text) <= _BMP:
            part.append(glyph)
            continue
        yield from _trimmed(item, part)
        part = []
        yield from _trimmed(item, [glyph])
    yield from _trimmed(item, part)


def _trimmed(item: TextItem, glyphs: list[Glyph]) -> Iterator[TextItem]:
    first, last = 0, len(glyphs)
    while first < last and glyphs[first].text.isspace():
        first += 1
    while last > first and glyphs[last - 1].text.isspace():
        last -= 1
    if first < last:
        yield replace(item, glyphs=tuple(glyphs[first:last]))
