"""Content.xml of a page (GB/T 33190, 7.7 and 8 to 11): the objects of one layer, each in its boundary."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count, pairwise

from etrust.documents import ofd_xml as xml
from etrust.documents.ofd_drawing import (
    Box,
    Clip,
    ImageItem,
    Item,
    Matrix,
    Paint,
    PathItem,
    Point,
    Segment,
    Stroke,
    TextItem,
)  # fmt: skip
from etrust.documents.ofd_programs import Program

_CAPS, _JOINS = ("Butt", "Round", "Square"), ("Miter", "Round", "Bevel")
_OPAQUE = 255
_ROOM = 0.05  # mm around ink, for rounding


@dataclass(frozen=True, slots=True)
class Resources:
    """What objects refer to: the ID of a font or picture by key, and the programs of the fonts."""

    fonts: dict[str, int]
    programs: dict[str, Program]
    images: dict[str, int]


def page_xml(width: float, height: float, items: list[Item], resources: Resources, ids: "count[int]") -> bytes:
    """The file of a page. `ids` gives numbers that are unique in the document."""
    area = xml.element("Area", None, xml.element("PhysicalBox", text=xml.box(Box(0, 0, width, height))))
    layer = str(next(ids))
    objects = [written for item in items if (written := _object(item, resources, ids))]
    content = xml.element("Content", None, xml.element("Layer", {"ID": layer, "Type": "Body"}, *objects))
    return xml.document("Page", None, area, content)


def _object(item: Item, resources: Resources, ids: "count[int]") -> str:
    """One object; empty when all of it is clipped away or has no ink."""
    if isinstance(item, PathItem):
        return _path(item, ids)
    if isinstance(item, TextItem):
        return _text(item, resources, ids)
    return _image(item, resources, ids)


def _boundary(ink: Box, clips: tuple[Clip, ...]) -> Box | None:
    """Where the object may draw: its ink within every clip. Readers cut an object off at its boundary."""
    area: Box | None = ink
    for clip in clips:
        around = clip.box or Box.around([point for _, points in clip.segments for point in points] or [(0.0, 0.0)])
        area = area.cut(around) if area else None
    return area


def _clips(clips: tuple[Clip, ...], boundary: Box, inverse: Callable[[float, float], Point]) -> str:
    """Clips that are no rectangles, in the object's own space. Each further Clip narrows the one before."""
    shapes = [clip for clip in clips if clip.box is None]
    if not shapes:
        return ""
    written = []
    for clip in shapes:
        segments = _moved(clip.segments, lambda x, y: inverse(x - boundary.left, y - boundary.top))
        around = Box.around([point for _, points in segments for point in points])
        drawn = xml.element("AbbreviatedData", text=xml.path(segments, around.left, around.top))
        rule = {"Rule": "Even-Odd"} if clip.even_odd else {}
        shape = xml.element("Path", {"Boundary": xml.box(around), "Stroke": "false", "Fill": "true"} | rule, drawn)
        written.append(xml.element("Clip", None, xml.element("Area", None, shape)))
    return xml.element("Clips", None, *written)


def _moved(segments: tuple[Segment, ...], move: Callable[[float, float], Point]) -> tuple[Segment, ...]:
    return tuple((name, tuple(move(*point) for point in points)) for name, points in segments)


def _paint(name: str, paint: Paint) -> str:
    alpha = {"Alpha": str(paint.alpha)} if paint.alpha != _OPAQUE else {}
    return xml.element(name, {"Value": f"{paint.red} {paint.green} {paint.blue}"} | alpha)


def _line(stroke: Stroke) -> dict[str, str]:
    attributes = {"LineWidth": xml.number(max(stroke.width, 0.0001))}
    if stroke.cap:
        attributes["Cap"] = _CAPS[stroke.cap]
    if stroke.join:
        attributes["Join"] = _JOINS[stroke.join]
    else:
        attributes["MiterLimit"] = xml.number(stroke.miter)
    if stroke.dashes:
        attributes |= {"DashPattern": xml.numbers(stroke.dashes), "DashOffset": xml.number(stroke.phase)}
    return attributes


def _path(item: PathItem, ids: "count[int]") -> str:
    margin = 0.0
    if item.stroke:  # a mitered corner reaches further than half the width
        corners = len(item.segments) > 2 and item.stroke.join == 0  # noqa: PLR2004  more than one line
        margin = item.stroke.width * max(0.75, item.stroke.miter / 2 if corners else 0.0)
    area = _boundary(Box.around([point for _, points in item.segments for point in points], margin), item.clips)
    if area is None:
        return ""
    attributes = {"ID": str(next(ids)), "Boundary": xml.box(area)}
    attributes |= {"Stroke": "true" if item.stroke else "false", "Fill": "true" if item.fill else "false"}
    attributes |= {"Rule": "Even-Odd"} if item.even_odd else {}
    attributes |= _line(item.stroke) if item.stroke else {}
    colors = [_paint("StrokeColor", item.stroke.paint)] if item.stroke else []
    colors += [_paint("FillColor", item.fill)] if item.fill else []
    drawn = xml.element("AbbreviatedData", text=xml.path(item.segments, area.left, area.top))
    return xml.element("PathObject", attributes, _clips(item.clips, area, lambda x, y: (x, y)), *colors, drawn)


def _image(item: ImageItem, resources: Resources, ids: "count[int]") -> str:
    corners = [item.matrix.apply(x, y) for x, y in ((0, 0), (1, 0), (0, 1), (1, 1))]
    area = _boundary(Box.around(corners), item.clips)
    if area is None:
        return ""
    own = item.matrix.then(Matrix(e=-area.left, f=-area.top))
    attributes = {
        "ID": str(next(ids)), "Boundary": xml.box(area), "CTM": xml.matrix(own), "ResourceID": str(resources.images[item.image])
    }  # fmt: skip
    attributes |= {"Alpha": str(item.alpha)} if item.alpha != _OPAQUE else {}
    return xml.element("ImageObject", attributes, _clips(item.clips, area, _inverse(own)))


def _inverse(matrix: Matrix) -> Callable[[float, float], Point]:
    """From a place within the boundary to the object's own space."""
    size = matrix.a * matrix.d - matrix.b * matrix.c

    def back(x: float, y: float) -> Point:
        x, y = x - matrix.e, y - matrix.f
        return (matrix.d * x - matrix.c * y) / size, (matrix.a * y - matrix.b * x) / size

    return back


def _text(item: TextItem, resources: Resources, ids: "count[int]") -> str:
    program = resources.programs[item.font]
    area = _boundary(_ink(item, program), item.clips)
    size = item.shape.scale
    if area is None or not size:
        return ""
    # the shape maps the em, y upward; OFD's text has y downward and its size apart
    own = Matrix(item.shape.a / size, item.shape.b / size, -item.shape.c / size, -item.shape.d / size)
    back = _inverse(own)
    places = [back(glyph.x - area.left, glyph.y - area.top) for glyph in item.glyphs]
    attributes = {
        "ID": str(next(ids)), "Boundary": xml.box(area), "Font": str(resources.fonts[item.font]), "Size": xml.number(size)
    }  # fmt: skip
    if not all(math.isclose(a, b, abs_tol=1e-6) for a, b in zip((own.a, own.b, own.c, own.d), (1, 0, 0, 1), strict=True)):
        attributes["CTM"] = xml.matrix(own)
    attributes |= {"Fill": "false"} if item.fill is None else {}
    attributes |= {"Stroke": "true"} | _line(item.stroke) if item.stroke else {}
    colors = [_paint("FillColor", item.fill)] if item.fill else []
    colors += [_paint("StrokeColor", item.stroke.paint)] if item.stroke else []
    return xml.element("TextObject", attributes, _clips(item.clips, area, back), *colors, *_codes(item, program, places))


def _codes(item: TextItem, program: Program, places: list[Point]) -> Iterator[str]:
    """The characters with their places, and before them their glyphs where the font alone would not choose those."""
    text, glyphs = "".join(glyph.text for glyph in item.glyphs), [glyph.number for glyph in item.glyphs]
    if [program.characters.get(character) for character in text] != glyphs:
        listed = xml.element("Glyphs", text=" ".join(map(str, glyphs)))
        counts = {"CodePosition": "0", "CodeCount": str(len(text)), "GlyphCount": str(len(glyphs))}
        yield xml.element("CGTransform", counts, listed)
    if len(glyphs) == 1 and len(text) > 1:  # a ligature: its characters share the room of the glyph
        places = [(places[0][0] + item.glyphs[0].advance * index / len(text), places[0][1]) for index in range(len(text))]
    attributes = {"X": xml.number(places[0][0]), "Y": xml.number(places[0][1])}
    for name, index in (("DeltaX", 0), ("DeltaY", 1)):
        steps = [after[index] - before[index] for before, after in pairwise(places)]
        if any(xml.number(step) != "0" for step in steps):
            attributes[name] = xml.numbers(steps)
    yield xml.element("TextCode", attributes, text=text)


def _ink(item: TextItem, program: Program) -> Box:
    """The boundary of text: its ink, and at least the em of every glyph, so that it can be selected."""
    points: list[Point] = []
    for glyph in item.glyphs:
        placed = Matrix(item.shape.a, item.shape.b, item.shape.c, item.shape.d, glyph.x, glyph.y)
        bounds = program.bounds(glyph.number)
        em = Box(0.0, -0.12, program.source.advance(glyph.number), 0.88)
        for area in (bounds, em) if bounds else (em,):
            points += [placed.apply(x, y) for x in (area.left, area.right) for y in (area.top, area.bottom)]
    return Box.around(points, _ROOM + (item.stroke.width if item.stroke else 0.0))
