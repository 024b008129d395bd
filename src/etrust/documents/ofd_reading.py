"""The content of a page read into what it draws. What is not understood is refused, never left out.

Covers what Typst writes and what is cheap beside it: paths, text in composite fonts, pictures, forms, clips, opacity.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field

from pyhanko.pdf_utils import generic

from etrust.documents.ofd_drawing import Clip, ImageItem, Item, Matrix, Paint, rectangle
from etrust.documents.ofd_fonts import SourceFont, entry, read_font
from etrust.documents.ofd_source import SourcePage
from etrust.documents.ofd_state import PathBuilder, State, apply_settings, color, components, text_name
from etrust.documents.ofd_text import TextReader
from etrust.documents.ofd_tokens import Operand, Operation, not_understood, operations

_MAX_FORMS = 8
_MAX_ITEMS = 200_000
_FULL = 255
_IGNORED = {"MP", "DP", "ri", "i", "BX", "EX"}  # marked points, rendering intent, flatness, compatibility: nothing to draw
_PAINT = {  # fill, stroke, even-odd, close first
    "S": (False, True, False, False), "s": (False, True, False, True), "f": (True, False, False, False),
    "F": (True, False, False, False), "f*": (True, False, True, False), "B": (True, True, False, False),
    "B*": (True, True, True, False), "b": (True, True, False, True), "b*": (True, True, True, True),
    "n": (False, False, False, False),
}  # fmt: skip


@dataclass(slots=True)
class Gathered:
    """What the pages of a document share: fonts and pictures by key, in the order they were met."""

    fonts: dict[str, SourceFont] = field(default_factory=dict)
    images: dict[str, generic.StreamObject] = field(default_factory=dict)
    keys: dict[int, tuple[str, generic.PdfObject]] = field(default_factory=dict)  # by identity; the object is kept, and so its id

    def font(self, found: generic.DictionaryObject) -> str:
        """The key of a font, read at its first use."""
        if id(found) not in self.keys:
            key = f"font{len(self.fonts)}"
            self.keys[id(found)] = key, found
            self.fonts[key] = read_font(found)
        return self.keys[id(found)][0]

    def image(self, found: generic.StreamObject) -> str:
        """The key of a picture."""
        if id(found) not in self.keys:
            key = f"image{len(self.images)}"
            self.keys[id(found)] = key, found
            self.images[key] = found
        return self.keys[id(found)][0]


def read_page(page: SourcePage, gathered: Gathered) -> list[Item]:
    """What a page draws, in order.

    Raises:
        EtrustError: ``page_not_understood``.
    """
    reader = _Reader(State(page.base), page.resources, gathered)
    reader.run(page.content, page.resources, 0)
    return reader.items


class _Reader:
    """Runs operations over a state; one for a page and all forms in it."""

    __slots__ = ("depth", "gathered", "items", "path", "resources", "stack", "state", "text")

    def __init__(self, state: State, resources: generic.DictionaryObject, gathered: Gathered) -> None:
        self.state, self.gathered = state, gathered
        self.items: list[Item] = []
        self.stack: list[State] = []
        self.path = PathBuilder()
        self.text = TextReader(self._add)
        self.resources = resources
        self.depth = 0

    def run(self, content: bytes, resources: generic.DictionaryObject, depth: int) -> None:
        outer, height = (self.resources, self.depth), len(self.stack)
        self.resources, self.depth = resources, depth
        for operation in operations(content):
            self._one(operation)
        if len(self.stack) != height:
            raise not_understood("q and Q that do not match")
        self.resources, self.depth = outer

    def _add(self, item: Item) -> None:
        if len(self.items) >= _MAX_ITEMS:
            raise not_understood(f"more than {_MAX_ITEMS} objects on a page")
        self.items.append(item)

    def _one(self, operation: Operation) -> None:
        operator, operands = operation.operator, operation.operands
        if operator in _PAINT:
            self._paint(operator)
        elif operator in _HANDLERS:
            try:
                _HANDLERS[operator](self, operands)
            except (IndexError, TypeError, ValueError) as error:
                raise not_understood(f"the operands of {operator}") from error
        elif not self.text.operation(operation, self.state, self.resources) and operator not in _IGNORED:
            raise not_understood(f"the operator {operator}")

    def _paint(self, operator: str) -> None:
        fill, stroke, even_odd, close = _PAINT[operator]
        if close:
            self.path.close()
        item = self.path.finish(self.state, fill=fill, stroke=stroke, even_odd=even_odd)
        if item is not None:
            self._add(item)

    def save(self, _: tuple[Operand, ...]) -> None:
        self.stack.append(copy.copy(self.state))

    def restore(self, _: tuple[Operand, ...]) -> None:
        self.state = self.stack.pop()

    def settings(self, operands: tuple[Operand, ...]) -> None:
        found = self._resource("/ExtGState", operands)
        if not isinstance(found, generic.DictionaryObject):
            raise not_understood("a graphics setting that is not there")
        apply_settings(self.state, found)

    def font(self, operands: tuple[Operand, ...]) -> None:
        found = self._resource("/Font", operands)
        if not isinstance(found, generic.DictionaryObject):
            raise not_understood("a font that is not there")
        self.state.font_key = self.gathered.font(found)
        self.state.font, self.state.size = self.gathered.fonts[self.state.font_key], _floats(operands[1:])[0]

    def draw(self, operands: tuple[Operand, ...]) -> None:
        found = self._resource("/XObject", operands)
        if not isinstance(found, generic.StreamObject):
            raise not_understood("an object that is not there")
        if entry(found, "/Subtype") == "/Image":
            upright = Matrix(1, 0, 0, -1, 0, 1).then(self.state.matrix)
            self._add(ImageItem(self.gathered.image(found), upright, self.state.fill.alpha, self.state.clips))
        elif entry(found, "/Subtype") == "/Form":
            self._form(found)
        else:
            raise not_understood("an object that is neither picture nor form")

    def _form(self, form: generic.StreamObject) -> None:
        if self.depth >= _MAX_FORMS:
            raise not_understood("forms within forms")
        if "/Group" in form and (self.state.fill.alpha, self.state.stroke.alpha) != (_FULL, _FULL):
            raise not_understood("a translucent group")
        kept = copy.copy(self.state)
        matrix = entry(form, "/Matrix")
        if isinstance(matrix, generic.ArrayObject):
            self.state.matrix = Matrix(*(float(str(each)) for each in matrix)).then(self.state.matrix)
        self._clip_to(entry(form, "/BBox"))
        inner = entry(form, "/Resources")
        self.run(form.data, inner if isinstance(inner, generic.DictionaryObject) else self.resources, self.depth + 1)
        self.state = kept

    def _clip_to(self, box: object) -> None:
        if not isinstance(box, generic.ArrayObject):
            raise not_understood("a form without a size")
        left, low, right, high = (float(str(each)) for each in box)
        corners = ((left, low), (right, low), (right, high), (left, high))
        points = [self.state.matrix.apply(*corner) for corner in corners]
        segments = (("M", (points[0],)), *(("L", (point,)) for point in points[1:]), ("C", ()))
        self.state.clips = (*self.state.clips, Clip(segments, even_odd=False, box=rectangle(segments)))

    def _resource(self, kind: str, operands: tuple[Operand, ...]) -> generic.PdfObject | None:
        group = entry(self.resources, kind)
        return entry(group, "/" + text_name(operands[0])) if isinstance(group, generic.DictionaryObject) else None


def _floats(operands: tuple[Operand, ...]) -> list[float]:
    found = [each for each in operands if isinstance(each, float)]
    if len(found) != len(operands):
        raise not_understood("something else where a number belongs")
    return found


def _move(reader: _Reader, operands: tuple[Operand, ...]) -> None:
    x, y = _floats(operands)
    reader.path.add("M", [(x, y)], reader.state.matrix)


def _line(reader: _Reader, operands: tuple[Operand, ...]) -> None:
    x, y = _floats(operands)
    reader.path.add("L", [(x, y)], reader.state.matrix)


def _curve(reader: _Reader, operands: tuple[Operand, ...]) -> None:
    ax, ay, bx, by, x, y = _floats(operands)
    reader.path.add("B", [(ax, ay), (bx, by), (x, y)], reader.state.matrix)


def _curve_from_here(reader: _Reader, operands: tuple[Operand, ...]) -> None:
    bx, by, x, y = _floats(operands)
    reader.path.add("B", [reader.path.current, (bx, by), (x, y)], reader.state.matrix)


def _curve_to_there(reader: _Reader, operands: tuple[Operand, ...]) -> None:
    ax, ay, x, y = _floats(operands)
    reader.path.add("B", [(ax, ay), (x, y), (x, y)], reader.state.matrix)


def _rectangle(reader: _Reader, operands: tuple[Operand, ...]) -> None:
    x, y, width, height = _floats(operands)
    reader.path.add("M", [(x, y)], reader.state.matrix)
    for corner in ((x + width, y), (x + width, y + height), (x, y + height)):
        reader.path.add("L", [corner], reader.state.matrix)
    reader.path.close()


def _dash(reader: _Reader, operands: tuple[Operand, ...]) -> None:
    pattern, phase = operands
    if not isinstance(pattern, list) or not isinstance(phase, float):
        raise not_understood("the dashes of a line")
    reader.state.dashes, reader.state.phase = tuple(_floats(tuple(pattern))), phase


def _clip(rule: str) -> "Callable[[_Reader, tuple[Operand, ...]], None]":
    def set_rule(reader: _Reader, _: tuple[Operand, ...]) -> None:
        reader.path.clip = rule

    return set_rule


def _concat(reader: _Reader, operands: tuple[Operand, ...]) -> None:
    a, b, c, d, e, f = _floats(operands)
    reader.state.matrix = Matrix(a, b, c, d, e, f).then(reader.state.matrix)


def _number(field_name: str, kind: type[int] | type[float]) -> "Callable[[_Reader, tuple[Operand, ...]], None]":
    def set_number(reader: _Reader, operands: tuple[Operand, ...]) -> None:
        setattr(reader.state, field_name, kind(_floats(operands)[0]))

    return set_number


def _space(which: str) -> "Callable[[_Reader, tuple[Operand, ...]], None]":
    """Choosing a space makes the color black."""

    def set_space(reader: _Reader, operands: tuple[Operand, ...]) -> None:
        setattr(reader.state, which + "_parts", components(text_name(operands[0]), reader.resources))
        old: Paint = getattr(reader.state, which)
        setattr(reader.state, which, Paint(alpha=old.alpha))

    return set_space


def _color(which: str, parts: int = 0) -> "Callable[[_Reader, tuple[Operand, ...]], None]":
    """`parts`: of the device colors, which choose their space at once."""

    def set_color(reader: _Reader, operands: tuple[Operand, ...]) -> None:
        expected = parts or getattr(reader.state, which + "_parts")
        if len(operands) != expected:
            raise not_understood("a pattern, or a color that does not fit its space")
        old: Paint = getattr(reader.state, which)
        setattr(reader.state, which, color(operands, old.alpha))
        setattr(reader.state, which + "_parts", expected)

    return set_color


def _close(reader: _Reader, _: tuple[Operand, ...]) -> None:
    reader.path.close()


_HANDLERS: "dict[str, Callable[[_Reader, tuple[Operand, ...]], None]]" = {
    "q": _Reader.save, "Q": _Reader.restore, "cm": _concat, "gs": _Reader.settings, "Do": _Reader.draw, "Tf": _Reader.font,
    "m": _move, "l": _line, "c": _curve, "v": _curve_from_here, "y": _curve_to_there, "h": _close, "re": _rectangle,
    "W": _clip("W"), "W*": _clip("W*"), "w": _number("width", float), "J": _number("cap", int), "j": _number("join", int),
    "M": _number("miter", float), "d": _dash, "cs": _space("fill"), "CS": _space("stroke"), "sc": _color("fill"),
    "scn": _color("fill"), "SC": _color("stroke"), "SCN": _color("stroke"), "g": _color("fill", 1), "G": _color("stroke", 1),
    "rg": _color("fill", 3), "RG": _color("stroke", 3),
}  # fmt: skip
