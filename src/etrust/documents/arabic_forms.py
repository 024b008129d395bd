"""Makes a joined script simple: one glyph for each form of each letter.

Noto Sans Arabic builds most letters of a base shared by several and dots beside it, so that a reader of a PDF gets back
bases and dots instead of letters. Here every letter is drawn once alone, at the beginning, in the middle and at the end
of a word, and put back as one glyph of its own. Text taken from a document is then the text that went in.
Vowel signs, which no modern spelling of the region uses, are left out, so that they are reported and not misplaced.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

import uharfbuzz
from fontTools.feaLib.builder import addOpenTypeFeaturesFromString
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

FAMILY = "Noto Sans Arabic Precomposed"
_JOINER = "\u200d"
_LAM = "\u0644"
_ALEFS = "\u0622\u0623\u0625\u0627"
_FORMS = {"": ("", ""), "init": ("", _JOINER), "medi": (_JOINER, _JOINER), "fina": (_JOINER, "")}
"""Forms and what stands before and after a letter that takes them."""

_BLOCKS = ((0x0620, 0x06FF), (0x0750, 0x077F))
"""Arabic and Arabic Supplement."""

_PRESENTATION = ((0xFB50, 0xFDFF), (0xFE70, 0xFEFC))
"""Arabic Presentation Forms A and B."""

Drawn = tuple[tuple[str, int, int], ...]
"""Glyphs of the old font with their places, in font units."""


def used_characters(font: TTFont) -> set[int]:
    """What of a font is worth keeping: neither vowel signs nor presentation forms, which are no way to write text."""
    kept = {point for point in font.getBestCmap() if not any(first <= point <= last for first, last in _PRESENTATION)}
    return {point for point in kept if unicodedata.category(chr(point)) != "Mn"}


def precompose(font: TTFont) -> TTFont:
    """The same static font with one glyph a letter form, and the joining rules that go with them."""
    saved = BytesIO()
    font.save(saved)
    shaper = uharfbuzz.Font(uharfbuzz.Face(saved.getvalue()))
    rules: dict[str, list[str]] = {"init": [], "medi": [], "fina": [], "rlig": []}
    used = used_characters(font)
    cmap = {point: name for point, name in font.getBestCmap().items() if point in used}
    made: dict[str, tuple[Drawn, int]] = {}
    for point in _letters(cmap):
        for form, (shapes, advance) in _forms_of(shaper, chr(point)).items():
            name = f"u{point:04X}" + (f".{form}" if form else "")
            made[name] = shapes, advance
            if form:
                rules[form].append(f"sub u{point:04X} by {name};")
        cmap[point] = f"u{point:04X}"
    for name, drawn, rule in _pairs(shaper, cmap):
        made[name] = drawn
        rules["rlig"].append(rule)
    _add_glyphs(font, made)
    _set_characters(font, cmap)
    _set_rules(font, rules)
    _rename(font)
    return font


def _letters(cmap: Mapping[int, str]) -> list[int]:
    inside = (point for point in cmap if any(first <= point <= last for first, last in _BLOCKS))
    return [point for point in inside if unicodedata.category(chr(point)) == "Lo"]


def _forms_of(shaper: uharfbuzz.Font, letter: str) -> dict[str, tuple[Drawn, int]]:
    """The forms a letter has; one that does not join to its left has no initial and no middle form."""
    found = {form: _shape(shaper, before + letter + after) for form, (before, after) in _FORMS.items()}
    return {form: drawn for form, drawn in found.items() if not form or drawn != found[""]}


def _pairs(shaper: uharfbuzz.Font, cmap: Mapping[int, str]) -> Iterator[tuple[str, tuple[Drawn, int], str]]:
    """Lam with alef, which every Arabic script draws as one: glyph, drawing and rule.

    Kept as two glyphs of half the width each, the whole outline in the first: of a single glyph for two letters some
    readers give the letters back in the wrong order.
    """
    for alef in (alef for alef in _ALEFS if ord(alef) in cmap):
        last = f"u{ord(alef):04X}"
        for form, before in (("init", ""), ("medi", _JOINER)):
            shapes, advance = _shape(shaper, before + _LAM + alef)
            left = advance // 2
            lam, rest = f"u0644.{form}.{last}", f"{last}.{form}"
            moved = tuple((name, x - left, y) for name, x, y in shapes)
            yield lam, (moved, advance - left), f"sub u0644.{form}' {last}.fina by {lam};"
            yield rest, ((), left), f"sub {lam} {last}.fina' by {rest};"


def _shape(shaper: uharfbuzz.Font, text: str) -> tuple[Drawn, int]:
    """The glyphs of a text with their places from its left edge, and its width."""
    buffer = uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.direction, buffer.script, buffer.language = "rtl", "Arab", "ug"
    uharfbuzz.shape(shaper, buffer)
    drawn, x = [], 0
    for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        drawn.append((shaper.glyph_to_string(info.codepoint), x + place.x_offset, place.y_offset))
        x += place.x_advance
    return tuple(drawn), x


def _add_glyphs(font: TTFont, made: Mapping[str, tuple[Drawn, int]]) -> None:
    glyphs = font.getGlyphSet()
    outlines = {name: _outline(glyphs, shapes) for name, (shapes, _) in made.items()}
    font.setGlyphOrder([*font.getGlyphOrder(), *made])
    for name, (_, advance) in made.items():
        glyph = outlines[name]
        font["glyf"].glyphs[name] = glyph
        glyph.recalcBounds(font["glyf"])
        font["hmtx"][name] = (advance, getattr(glyph, "xMin", 0))


def _outline(glyphs: Mapping[str, Any], shapes: Drawn) -> Any:
    pen = TTGlyphPen(None)
    for name, x, y in shapes:
        recording = DecomposingRecordingPen(glyphs)
        glyphs[name].draw(recording)
        recording.replay(TransformPen(pen, (1, 0, 0, 1, x, y)))
    return pen.glyph()


def _set_characters(font: TTFont, cmap: Mapping[int, str]) -> None:
    for table in font["cmap"].tables:
        table.cmap = {point: name for point, name in cmap.items() if point <= 0xFFFF or table.format != 4}  # noqa: PLR2004


def _set_rules(font: TTFont, rules: Mapping[str, list[str]]) -> None:
    for table in ("GSUB", "GPOS", "GDEF"):
        if table in font:
            del font[table]
    lines = ["languagesystem DFLT dflt;", "languagesystem arab dflt;"]
    for feature, substitutions in rules.items():
        lines += [f"feature {feature} {{", *substitutions, f"}} {feature};"]
    addOpenTypeFeaturesFromString(font, "\n".join(lines))


def _rename(font: TTFont) -> None:
    """A changed font does not bear the name of the original."""
    style = str(font["name"].getDebugName(2))
    for record in font["name"].names:
        if record.nameID in (1, 4, 6, 16):
            text = {1: FAMILY, 4: f"{FAMILY} {style}", 6: f"{FAMILY.replace(' ', '')}-{style}", 16: FAMILY}[record.nameID]
            font["name"].setName(text, record.nameID, record.platformID, record.platEncID, record.langID)
