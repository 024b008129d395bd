"""Text operations of a page (ISO 32000-1, 9.4), read into glyphs with their places and what they say."""

from collections.abc import Callable
from dataclasses import replace

from pyhanko.pdf_utils import generic

from etrust.documents.ofd_drawing import Glyph, Matrix, Paint, Stroke, TextItem
from etrust.documents.ofd_fonts import entry, printed
from etrust.documents.ofd_state import State
from etrust.documents.ofd_tokens import Name, Operand, Operation, not_understood

_THOUSAND = 1000.0
_FILL, _STROKE, _BOTH = 0, 1, 2
_MODES: dict[tuple[Operand, ...], int] = {(0.0,): _FILL, (1.0,): _STROKE, (2.0,): _BOTH}
_CODE = 2  # bytes


class TextReader:
    """The text object under way, and the marked content that says what its glyphs mean."""

    __slots__ = ("_add", "_line", "_marks", "_matrix", "_meant")

    def __init__(self, add: Callable[[TextItem], None]) -> None:
        self._add = add
        self._matrix = self._line = Matrix()
        self._marks: list[str | None] = []  # of each open marked content: its ActualText
        self._meant: str | None = None  # the ActualText that still waits for a glyph to carry it

    def operation(self, operation: Operation, state: State, resources: generic.DictionaryObject) -> bool:
        """Whether the operation was one of text or of marked content; it is done then.

        Raises:
            EtrustError: ``page_not_understood``.
        """
        name, operands = operation.operator, operation.operands
        if name in _SHOWS:
            self._show(_strings(name, operands), state)
        elif name in ("BDC", "BMC", "EMC"):
            self._mark(name, operands, resources)
        elif name in _NUMBERS and len(operands) == 1 and isinstance(operands[0], float):
            setattr(state, _NUMBERS[name], operands[0] / (100.0 if name == "Tz" else 1.0))
        elif name == "Tr" and operands in _MODES:
            state.mode = _MODES[operands]
        elif name in ("BT", "ET"):
            self._matrix = self._line = Matrix()
        elif name in ("Tm", "Td"):
            self._move(name, operands)
        else:
            return False
        return True

    def _move(self, name: str, operands: tuple[Operand, ...]) -> None:
        numbers = [each for each in operands if isinstance(each, float)]
        if len(numbers) != (6 if name == "Tm" else 2):
            raise not_understood(f"the operands of {name}")
        self._line = Matrix(*numbers) if name == "Tm" else Matrix(e=numbers[0], f=numbers[1]).then(self._line)
        self._matrix = self._line

    def _mark(self, name: str, operands: tuple[Operand, ...], resources: generic.DictionaryObject) -> None:
        if name == "EMC":
            if not self._marks:
                raise not_understood("the end of marked content that did not begin")
            if self._marks.pop() is not None:
                self._meant = None
            return
        text = _actual_text(operands[1], resources) if name == "BDC" and len(operands) > 1 else None
        if text is not None and any(each is not None for each in self._marks):
            text = None  # the outer one says it all
        if text is not None:
            self._meant = text
        self._marks.append(text)

    def _show(self, parts: "list[Operand]", state: State) -> None:
        if state.font is None or not state.size:
            raise not_understood("text without a font")
        glyphs: list[Glyph] = []
        for part in parts:
            if isinstance(part, float):
                self._advance(-part / _THOUSAND * state.size * state.stretch)
            elif isinstance(part, bytes) and len(part) % _CODE == 0:
                codes = (part[index : index + _CODE] for index in range(0, len(part), _CODE))
                glyphs.extend(self._glyph(int.from_bytes(code, "big"), state) for code in codes)
            else:
                raise not_understood("a string of text")
        if glyphs:
            self._add(self._item(glyphs, state))

    def _glyph(self, number: int, state: State) -> Glyph:
        assert state.font is not None  # noqa: S101  asked before
        step = (state.font.advance(number) * state.size + state.character_space) * state.stretch
        place = Matrix(f=state.rise).then(self._matrix).then(state.matrix)
        x, y = place.apply(0, 0)
        to_x, to_y = place.apply(step, 0)
        self._advance(step)
        text = self._said(number, state)
        return Glyph(number, text, x, y, ((to_x - x) ** 2 + (to_y - y) ** 2) ** 0.5)

    def _said(self, number: int, state: State) -> str:
        """What the glyph says: its own text, or that of the marked content, once, by a glyph that is no mere mark."""
        assert state.font is not None  # noqa: S101  asked before
        if not any(each is not None for each in self._marks):
            return state.font.text(number)
        if self._meant is None or not state.font.advance(number):
            return ""
        text, self._meant = printed(self._meant), None
        return text

    def _item(self, glyphs: list[Glyph], state: State) -> TextItem:
        shape = Matrix(state.size * state.stretch, 0, 0, state.size).then(self._matrix).then(state.matrix)
        fill: Paint | None = state.fill if state.mode in (_FILL, _BOTH) else None
        stroke: Stroke | None = state.pen() if state.mode in (_STROKE, _BOTH) else None
        return TextItem(state.font_key, tuple(glyphs), replace(shape, e=0.0, f=0.0), fill, stroke, state.clips)

    def _advance(self, by: float) -> None:
        self._matrix = Matrix(e=by).then(self._matrix)


_SHOWS = ("Tj", "TJ")
_NUMBERS = {"Tc": "character_space", "Tz": "stretch", "Ts": "rise", "TL": "leading"}


def _strings(name: str, operands: tuple[Operand, ...]) -> "list[Operand]":
    value = operands[0] if len(operands) == 1 else None
    if name == "TJ" and isinstance(value, list):
        return value
    if name == "Tj" and isinstance(value, bytes):
        return [value]
    raise not_understood(f"the operands of {name}")


def _actual_text(properties: Operand, resources: generic.DictionaryObject) -> str | None:
    if isinstance(properties, dict):
        text = properties.get("ActualText")
        return _decoded(text) if isinstance(text, bytes) else None
    named = entry(resources, "/Properties")
    if not isinstance(named, generic.DictionaryObject) or not isinstance(properties, Name):
        raise not_understood("marked content with properties that are not there")
    found = entry(named, "/" + properties)
    said = entry(found, "/ActualText") if isinstance(found, generic.DictionaryObject) else None
    return None if said is None else str(said)


def _decoded(text: bytes) -> str:
    return text[2:].decode("utf-16-be", "replace") if text.startswith(b"\xfe\xff") else text.decode("latin-1")
