"""Fonts of a page: what a string in one shows, as glyph numbers, text and widths.

Typst writes every font as a composite one with the encoding Identity-H: two bytes a glyph, the number of which is the one
in the program too. Anything else is not understood, and told.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from pyhanko.pdf_utils import generic

from etrust.documents.ofd_tokens import not_understood

_EM = 1000.0
_SUBSET_MARK = re.compile(r"^[A-Z]{6}\+")
_BLOCKS = re.compile(rb"beginbf(char|range)(.*?)endbf", re.DOTALL)
_CODES = re.compile(rb"<([0-9A-Fa-f]+)>")
_RANGE = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*(?:<([0-9A-Fa-f]+)>|\[([^\]]*)\])")
_MAX_RANGE = 65_536


@dataclass(frozen=True, slots=True)
class SourceFont:
    """A font as the page uses it.

    Attributes:
        name: the PostScript name, without the mark of a subset.
        program: the embedded program.
        is_cff: bare CFF rather than TrueType.
        texts: what each glyph shows, by number.
        widths: advance of each glyph in thousandths of the em.
        default_width: of glyphs without one.
    """

    name: str
    program: bytes
    is_cff: bool
    texts: dict[int, str]
    widths: dict[int, float]
    default_width: float

    def advance(self, glyph: int) -> float:
        """In parts of the em."""
        return self.widths.get(glyph, self.default_width) / _EM

    def text(self, glyph: int) -> str:
        """What a glyph shows; empty for a mark that is only part of a letter.

        Noto Sans Arabic draws a letter as a form and its dots, two glyphs, and the page names the letter for both of them.
        """
        found = printed(self.texts.get(glyph, ""))
        is_part = self.advance(glyph) == 0 and not all(unicodedata.combining(each) for each in found)
        return "" if is_part else found


def printed(text: str) -> str:
    """Text without what only steers its layout (direction marks, zero-width spaces) and without control characters."""
    return "".join(each for each in text if unicodedata.category(each) not in ("Cf", "Cc"))


def entry(dictionary: generic.DictionaryObject, key: str) -> Any:
    """The value of a key, references followed; None when there is none. What kind of object it is, only the file says."""
    return dictionary[key] if key in dictionary else None  # noqa: SIM401  get() would give the reference


def read_font(font: generic.DictionaryObject) -> SourceFont:
    """A font from the resources of a page.

    Raises:
        EtrustError: ``page_not_understood``.
    """
    name = str(entry(font, "/BaseFont"))
    if entry(font, "/Subtype") != "/Type0" or entry(font, "/Encoding") != "/Identity-H":
        raise not_understood(f"the font {name}: neither composite nor in Identity-H")
    descendants = entry(font, "/DescendantFonts")
    descendant = descendants[0] if isinstance(descendants, generic.ArrayObject) else None
    descriptor = entry(descendant, "/FontDescriptor") if isinstance(descendant, generic.DictionaryObject) else None
    if not isinstance(descendant, generic.DictionaryObject) or not isinstance(descriptor, generic.DictionaryObject):
        raise not_understood(f"the font {name}: no descriptor")
    program, is_cff = _program(name, descendant, descriptor)
    default = entry(descendant, "/DW")
    return SourceFont(
        name=_SUBSET_MARK.sub("", str(entry(descriptor, "/FontName"))[1:]), program=program, is_cff=is_cff,
        texts=_texts(entry(font, "/ToUnicode")), widths=_widths(entry(descendant, "/W")),
        default_width=_EM if default is None else _number(default),
    )  # fmt: skip


def _program(
    name: str, descendant: generic.DictionaryObject, descriptor: generic.DictionaryObject
) -> tuple[bytes, bool]:
    cff, truetype = entry(descriptor, "/FontFile3"), entry(descriptor, "/FontFile2")
    if isinstance(cff, generic.StreamObject) and entry(cff, "/Subtype") == "/CIDFontType0C":
        return cff.data, True
    if isinstance(truetype, generic.StreamObject) and entry(descendant, "/CIDToGIDMap") in ("/Identity", None):
        return truetype.data, False
    raise not_understood(f"the font {name}: no embedded program of a known kind")


def _number(value: object) -> float:
    if not isinstance(value, (generic.NumberObject, generic.FloatObject)):
        raise not_understood("something else where a number belongs")
    return float(value)


def _widths(array: generic.PdfObject | None) -> dict[int, float]:
    """ISO 32000-1, 9.7.4.3: ``first [w w …]`` or ``first last w``."""
    values = list(array) if isinstance(array, generic.ArrayObject) else []
    values = [each.get_object() for each in values]
    widths: dict[int, float] = {}
    position = 0
    while position + 1 < len(values):
        first, second = int(_number(values[position])), values[position + 1]
        if isinstance(second, generic.ArrayObject):
            widths.update({first + index: _number(each) for index, each in enumerate(second)})
            position += 2
            continue
        last = min(int(_number(second)), first + _MAX_RANGE)
        if position + 2 >= len(values):
            raise not_understood("a broken list of widths")
        widths.update(dict.fromkeys(range(first, last + 1), _number(values[position + 2])))
        position += 3
    return widths


def _texts(stream: generic.PdfObject | None) -> dict[int, str]:
    """The ToUnicode map: glyph number to text."""
    found: dict[int, str] = {}
    if not isinstance(stream, generic.StreamObject):
        return found
    for kind, block in _BLOCKS.findall(stream.data):
        if kind == b"char":
            codes = _CODES.findall(block)
            found.update({int(code, 16): _unicode(text) for code, text in zip(codes[::2], codes[1::2], strict=False)})
        else:
            for first, last, start, listed in _RANGE.findall(block):
                found.update(_range(int(first, 16), int(last, 16), start, _CODES.findall(listed)))
    return found


def _range(first: int, last: int, start: bytes, listed: list[bytes]) -> dict[int, str]:
    if listed:
        return {first + index: _unicode(text) for index, text in enumerate(listed)}
    text = _unicode(start)
    span = range(first, min(last, first + _MAX_RANGE) + 1)
    return {code: text[:-1] + chr(ord(text[-1]) + code - first) for code in span} if text else {}


def _unicode(code: bytes) -> str:
    return bytes.fromhex(code.decode("ascii").rjust(-(-len(code) // 4) * 4, "0")).decode("utf-16-be", "replace")
