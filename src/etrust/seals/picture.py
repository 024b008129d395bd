"""The picture of a seal (印模) drawn from a name as SVG: outlines only, so that no font is needed where it is shown.

The same recipe gives the same bytes. Coordinates are whole hundredths of a millimeter.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from etrust.errors import EtrustError, Kind
from etrust.seals import layouts
from etrust.seals.layouts import Part, Ring, Room
from etrust.seals.model import Shape
from etrust.seals.outlines import Outline, first_missing

RED = "#d7000f"
"""Seal red (印泥红)."""
MAX_NAME = 40  # characters in a ring
MAX_NAME_UG = 120
MAX_PERSON = 16  # characters in a square, the ending included
MAX_INSCRIPTION = 14
MAX_CODE = 20
SIZES: Mapping[Shape, range] = {Shape.ROUND: range(30, 61), Shape.OVAL: range(30, 61), Shape.SQUARE: range(10, 31)}
"""Millimeters that each shape may measure."""
_CODE = re.compile(r"[0-9A-Z-]*")
_UNIT = 100  # parts of a millimeter


@dataclass(frozen=True, slots=True)
class PictureRecipe:
    """What a seal is to show.

    Attributes:
        width_mm: as printed; round and square seals are as high as they are wide.
        name: the ring text; on a square seal the person's name.
        name_ug: a Uyghur name around the Chinese one, on a square seal below it; empty for none.
        inscription: the line below the star (证照专用章); on a square seal what follows the name (印, 之印).
        number: the line in the middle of an oval seal (纳税人识别号).
        code: digits along the lower arc (印章编码).
        star: whether a round seal has one.
    """

    shape: Shape
    width_mm: int
    height_mm: int
    name: str
    name_ug: str = ""
    inscription: str = ""
    number: str = ""
    code: str = ""
    star: bool = True


@dataclass(frozen=True, slots=True)
class SealPicture:
    """A drawn seal: SVG of paths alone, to be shown at this size."""

    svg: bytes
    width_mm: int
    height_mm: int


def draw_seal(recipe: PictureRecipe) -> SealPicture:
    """Draw a seal.

    Raises:
        EtrustError: INVALID ``glyph_missing``, whose words name the character, ``bad_text`` for invisible ones,
            ``name_missing``, ``name_too_long``, ``bad_size``, ``bad_code``; ``where`` names the field.
    """
    _check(recipe)
    parts = _DRAWN[recipe.shape](recipe)
    return SealPicture(_svg(recipe, parts), recipe.width_mm, recipe.height_mm)


def _round(recipe: PictureRecipe) -> Iterator[Part]:
    ring = _ring(recipe)
    unit, middle = ring.unit, ring.up
    yield layouts.border_of(ring)
    names, room = _names(ring, recipe)
    yield from names
    if recipe.star:
        radius = min(7 * unit, (0.6 if recipe.inscription else 0.72) * room.inner)
        yield layouts.star_of(ring, radius, middle)
    if recipe.inscription:
        height = min((3.7 if recipe.star else 4.6) * unit, 0.36 * room.inner)
        top = radius * 0.81 + 0.5 * unit if recipe.star else -height / 2
        width = min(room.width(top), room.width(top + height))
        yield layouts.line_of("line", recipe.inscription, x=ring.across, y=middle + top + height / 2, width=width, height=height)
    if recipe.code:
        yield layouts.code_of(ring, recipe.code)


def _oval(recipe: PictureRecipe) -> Iterator[Part]:
    ring = _ring(recipe)
    unit, middle = ring.unit, ring.up
    yield layouts.border_of(ring)
    names, room = _names(ring, recipe)
    yield from names
    inner = room.inner
    wide = 2 * (ring.across - ring.up + inner)
    if recipe.number:
        yield layouts.number_of(recipe.number, x=ring.across, y=middle, width=0.8 * wide, height=min(3.4 * unit, 0.45 * inner))
    if recipe.inscription:
        y = middle + (0.66 * inner if recipe.number else 0.2 * inner)
        yield layouts.line_of(
            "line", recipe.inscription, x=ring.across, y=y, width=0.62 * wide, height=min(4.4 * unit, 0.5 * inner)
        )
    if recipe.code:
        yield layouts.code_of(ring, recipe.code)


def _names(ring: Ring, recipe: PictureRecipe) -> tuple[list[Part], Room]:
    """The ring text in one language or two, and the room that it leaves inside."""
    unit, count = ring.unit, len(recipe.name)
    parts, inside = [], ring.border + 0.8 * unit
    if recipe.name_ug:
        height = 3.3 * unit
        parts.append(layouts.ring_text_ug(ring, recipe.name_ug, inside=inside, height=height))
        inside += height + 0.7 * unit
    tall = (4.4 if recipe.name_ug else 5.6) * unit * (0.82 if not ring.round else 1)
    height = tall - max(0, count - 12) * 0.045 * unit
    parts.append(layouts.ring_text(ring, recipe.name, inside=inside, height=height))
    return parts, Room(ring.up - inside - height - 0.7 * unit, ring.up - inside, math.radians(ring.span(count) / 2))


def _square(recipe: PictureRecipe) -> Iterator[Part]:
    size = float(recipe.width_mm)
    line, gap = size / 20, size / 20 * 1.6
    yield layouts.frame_of(size, line)
    free, height = size - 2 * gap, size - 2 * gap
    if recipe.name_ug:
        height *= 0.72
        yield layouts.level_ug(recipe.name_ug, x=size / 2, y=size - gap - 0.13 * free, width=free, height=0.2 * free)
    yield layouts.columns_of(recipe.name + recipe.inscription, x=gap, y=gap, width=free, height=height)


_DRAWN: Mapping[Shape, Callable[[PictureRecipe], Iterator[Part]]] = {
    Shape.ROUND: _round,
    Shape.OVAL: _oval,
    Shape.SQUARE: _square,
}


def _ring(recipe: PictureRecipe) -> Ring:
    return Ring(recipe.width_mm / 2, recipe.height_mm / 2, recipe.code)


def _svg(recipe: PictureRecipe, parts: Iterator[Part]) -> bytes:
    width, height = recipe.width_mm, recipe.height_mm
    groups = "".join(_group(part) for part in parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm" '
        f'viewBox="0 0 {width * _UNIT} {height * _UNIT}" fill="{RED}">{groups}</svg>'
    ).encode("ascii")


def _group(part: Part) -> str:
    stroke = round(part.stroke * _UNIT)
    line = f' stroke="{RED}" stroke-width="{stroke}" stroke-linejoin="round"' if stroke else ""
    if part.name == "border":  # what lies between two outlines
        paths = f'<path fill-rule="evenodd" d="{"".join(map(_data, part.outlines))}"/>'
    else:
        paths = "".join(f'<path d="{_data(outline)}"/>' for outline in part.outlines if outline.segments)
    return f'<g class="{part.name}"{line}>{paths}</g>'


def _data(outline: Outline) -> str:
    """The path data: absolute starts, then steps relative to the last point, all in whole units."""
    written: list[str] = []
    here = start = (0, 0)
    for kind, points in outline.segments:
        whole = [(round(x * _UNIT), round(y * _UNIT)) for x, y in points]
        if kind == "M":
            here = start = whole[0]
            written.append(f"M{here[0]} {here[1]}")
        elif kind == "Z":
            here = start
            written.append("z")
        else:
            steps = " ".join(f"{x - here[0]} {y - here[1]}" for x, y in whole)
            written.append(kind.lower() + steps.replace(" -", "-"))
            here = whole[-1]
    return "".join(written)


def _check(recipe: PictureRecipe) -> None:
    size = SIZES[recipe.shape]
    level = recipe.shape is Shape.OVAL or recipe.width_mm == recipe.height_mm
    if recipe.width_mm not in size or recipe.height_mm not in size or not level:
        raise _refused(
            "bad_size", "width_mm", f"印章尺寸须为 {size[0]} 至 {size[-1]} 毫米，圆形和方形的宽高相等",
            f"the seal must measure {size[0]} to {size[-1]} mm, a round or square one as high as wide",
        )  # fmt: skip
    if not _CODE.fullmatch(recipe.code) or not _CODE.fullmatch(recipe.number):
        raise _refused("bad_code", "code", "印章编码只能用数字、大写字母和连字符", "a code has digits, capitals and hyphens only")
    if not recipe.name:
        raise _refused("name_missing", "name", "请填写印章上的名称", "the name on the seal is missing")
    for field, text, most in _lengths(recipe):
        _check_text(field, text, most)


def _check_text(field: str, text: str, most: int) -> None:
    if len(text) > most:
        zh, en = f"最多 {most} 个字，现有 {len(text)} 个", f"{len(text)} characters where at most {most} fit"
        raise _refused("name_too_long", field, zh, en)
    if text != text.strip() or any(unicodedata.category(each)[0] in "CZ" and each != " " for each in text):
        zh, en = "含有看不见的字符或首尾空格", "there are invisible characters or blanks at the ends"
        raise _refused("bad_text", field, zh, en)
    missing = first_missing(text, uyghur=field == "name_ug")
    if missing:
        zh, en = f"字库中没有字符“{missing}”（U+{ord(missing):04X}）", f"no font has {missing!r} (U+{ord(missing):04X})"
        raise _refused("glyph_missing", field, zh, en)


def _lengths(recipe: PictureRecipe) -> tuple[tuple[str, str, int], ...]:
    square = recipe.shape is Shape.SQUARE
    return (
        ("name", recipe.name + (recipe.inscription if square else ""), MAX_PERSON if square else MAX_NAME),
        ("name_ug", recipe.name_ug, MAX_NAME_UG), ("inscription", recipe.inscription, MAX_INSCRIPTION),
        ("number", recipe.number, MAX_CODE), ("code", recipe.code, MAX_CODE),
    )  # fmt: skip


def _refused(code: str, field: str, zh: str, en: str) -> EtrustError:
    return EtrustError(Kind.INVALID, code, where=field, zh=f"印章图样无法绘制：{zh}。", en=f"The seal cannot be drawn: {en}.")
