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
_FIRST_PRINTED = 0x20


def gather(items: Iterable[Item], outline: Callable[[str, int], tuple[Segment, ...]]) -> Iterator[Item]:
    """The same drawing with its text gathered; `outline` gives a glyph of a font as a path in parts of the em."""
    pending: TextItem | None = None
    for item in items:
        if not isinstance(item, TextItem):
            yield from _pieces(pending)
            pending = None
            yield item
            continue
        marks = [glyph for glyph in item.glyphs if not _says(glyph)]
        letters = tuple(glyph for glyph in item.glyphs if _says(glyph))
        if letters:
            new = replace(item, glyphs=letters)
            if pending is not None and _goes_on(pending, new):
                pending = replace(pending, glyphs=pending.glyphs + letters)
            else:
                yield from _pieces(pending)
                pending = new
        for mark in marks:
            yield from _as_path(item, mark, outline)
    yield from _pieces(pending)


def _says(glyph: Glyph) -> bool:
    return bool(glyph.text) and all(ord(each) >= _FIRST_PRINTED for each in glyph.text)


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


def _direction(item: TextItem) -> str:
    text = "".join(glyph.text for glyph in item.glyphs)
    if is_leftward(text):
        return "leftward"
    return "rightward" if any(unicodedata.bidirectional(each) in ("L", "EN", "AN") for each in text) else ""


def _goes_on(first: TextItem, then: TextItem) -> bool:
    """Whether a piece stands right behind another, in the same font, size, color and direction."""
    looks = [(each.font, each.fill, each.stroke, each.clips) for each in (first, then)]
    if looks[0] != looks[1] or not _alike(first.shape, then.shape):
        return False
    directions = {_direction(first), _direction(then)} - {""}
    if len(directions) > 1:
        return False
    last, next_one, size = first.glyphs[-1], then.glyphs[0], first.shape.scale
    length = math.hypot(first.shape.a, first.shape.b)
    along, across = first.shape.a / length, first.shape.b / length
    dx, dy = next_one.x - last.x, next_one.y - last.y
    gap = dx * along + dy * across - last.advance
    return -_OVERLAP * size <= gap <= _GAP * size and abs(dy * along - dx * across) <= _OFF_LINE * size


def _alike(one: Matrix, other: Matrix) -> bool:
    limit = one.scale / 1000
    return all(abs(a - b) <= limit for a, b in ((one.a, other.a), (one.b, other.b), (one.c, other.c), (one.d, other.d)))


def _pieces(item: TextItem | None) -> Iterator[TextItem]:
    """A run as text objects: in reading order, without blanks at the ends, and a glyph alone that is not one character.

    Readers count characters as UTF-16 units or as code points, and place one glyph for one of them: a character beyond the
    basic plane, or a ligature, in a piece of its own leaves no room for a difference.
    """
    if item is None:
        return
    glyphs = item.glyphs[::-1] if _direction(item) == "leftward" else item.glyphs
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
