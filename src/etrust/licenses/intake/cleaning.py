"""Cleaning of cells (清洗): half width, no stray or invisible blanks; words stay as they are."""

import re
from collections.abc import Mapping

FULL_WIDTH = {0xFF01 + offset: 0x21 + offset for offset in range(94)}
"""Every full-width form of a printable ASCII character (全角) to its half-width one (半角)."""

_FULL_WIDTH_LETTERS = {wide: narrow for wide, narrow in FULL_WIDTH.items() if chr(narrow).isalnum()}
# Invisible: zero-width blanks, direction marks and overrides, word joiners, the BOM, Hangul fillers,
# control characters that are no blanks. The joiners U+200C and U+200D stay: Uyghur and Kazakh spelling may
# need them.
_INVISIBLE: dict[int, int | None] = {
    **dict.fromkeys((0xAD, 0x61C, 0x180E, 0x200B, 0x200E, 0x200F, 0xFEFF, 0x115F, 0x1160, 0x3164, 0xFFA0)),
    **dict.fromkeys((*range(0x202A, 0x202F), *range(0x2060, 0x2070))),
    **dict.fromkeys(code for code in (*range(0x20), *range(0x7F, 0xA0)) if not chr(code).isspace()),
}
_DASHES = dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2212), ord("-"))
_CODE_TABLE = {**FULL_WIDTH, **_INVISIBLE, **_DASHES}
_TEXT_TABLE = {**_FULL_WIDTH_LETTERS, **_INVISIBLE}
_DOT_LIKE = "•‧∙⋅・･．"
_DOTTED = re.compile(f"[{_DOT_LIKE}]").search
_JOINERS = "\u200c\u200d"
_GUARDED = frozenset("=+-@\t\r")
_BORDER = "\x1f"
_GARBLED = re.compile("[\ufffd\ud800-\udfff]")

# Anything but characters that no cleaning touches. Plus signs (6.5E+17) and apostrophes are among the
# suspicious.
_SUSPICIOUS = re.compile(
    "[^\x1f -&(-*,-~·“”‘…—（），：；？！\u3001-\u30fa\u30fc-\u312f\u3400-\u9fff\U00020000-\U000323af"
    "\u060c\u061b\u061f\u0620-\u06dc\u06de-\u06ff]"
).search
_MAPPED = re.compile("[" + "".join(map(re.escape, map(chr, sorted({*_CODE_TABLE, *_TEXT_TABLE})))) + "]").search

is_garbled = _GARBLED.search
"""Whether a text holds the mark of lost characters (乱码) or half of a surrogate pair."""


def may_need_cleaning(cells: tuple[str, ...]) -> bool:
    """Whether any cell of a row may need cleaning.

    One look at the whole row is far cheaper than one at each cell. Blanks inside a cell pass, so codes and
    numbers are still to be looked at.
    """
    row = f"\x1f{_BORDER.join(cells)}\x1f"
    if _SUSPICIOUS(row) or row.count("\x1f") != len(cells) + 1:
        return True
    return " " in row and ("  " in row or "\x1f " in row or " \x1f" in row)


def clean_code(text: str) -> str:
    """A code without any blanks, in half width and upper case (统一社会信用代码, 公民身份号码)."""
    return "".join(_mapped(_unguarded(text), _CODE_TABLE).split()).removeprefix("'").upper()


def clean_number(text: str) -> str:
    """A printed number or a date in half width, runs of blanks as one; letter case and words stay."""
    return " ".join(_mapped(_unguarded(text), _CODE_TABLE).split()).removeprefix("'")


def clean_text(text: str) -> str:
    """A name or free text: letters and digits in half width, runs of blanks as one.

    Chinese punctuation stays as it is. Dots that look like the name dot and stand between letters become
    the name dot (间隔号, U+00B7).
    """
    cleaned = " ".join(_mapped(_unguarded(text), _TEXT_TABLE).split()).strip(_JOINERS)
    return cleaned if cleaned.isascii() or not _DOTTED(cleaned) else _with_name_dots(cleaned)


def clean_unknown(text: str) -> str:
    """A cell of an unknown column: as it came, without blanks around it."""
    return _unguarded(text).strip().replace("\0", "")


def guard(text: str) -> str:
    """A cell that a spreadsheet shows and does not run.

    What begins like a formula gets a leading apostrophe, plain negative numbers do not.
    """
    return "'" + text if text[:1] in _GUARDED and text and not _is_negative_number(text) else text


def _mapped(text: str, table: Mapping[int, int | None]) -> str:
    """The text with the table applied; a look whether there is anything to do costs a twentieth of doing it."""
    return text.translate(table) if _MAPPED(text) else text


def _unguarded(text: str) -> str:
    """The cell without the apostrophe of `guard`."""
    return text[1:] if text[:1] == "'" and text[1:2] in _GUARDED and len(text) > 1 else text


def _is_negative_number(text: str) -> bool:
    whole, _, fraction = text[1:].partition(".")
    return text[0] == "-" and text.isascii() and whole.isdecimal() and (not fraction or fraction.isdecimal())


def _with_name_dots(text: str) -> str:
    characters = list(text)
    for place in range(1, len(text) - 1):
        if text[place] in _DOT_LIKE:
            characters[place] = _dot_between(text[place - 1], text[place], text[place + 1])
    return "".join(characters)


def _dot_between(before: str, dot: str, after: str) -> str:
    if dot == "．" and before.isascii() and after.isascii():
        return "."
    return "·" if before.isalpha() and after.isalpha() else dot
