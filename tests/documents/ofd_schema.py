"""What GB/T 33190 demands of the files that our packages hold, as far as they use it: elements in order, attributes, types.

No schema comes with any package, so the parts of it that matter here are written down: for each element its children in
order with how often they may stand, and its attributes with a pattern of their values; `!` marks what must be there.
"""

import re
from dataclasses import dataclass
from xml.etree import ElementTree as ET

NAMESPACE = "http://www.ofdspec.org/2016"
NUMBER = r"-?\d+(\.\d+)?"
BOX = rf"{NUMBER} {NUMBER} \d+(\.\d+)? \d+(\.\d+)?"
ARRAY = rf"{NUMBER}( {NUMBER})*"
ID, NAME_ID, BOOLEAN, LOCATION, ANY = r"[1-9]\d*", r"[A-Za-z_][\w.-]*", "true|false", r"/?[A-Za-z0-9_./-]+", r"[\s\S]*"
MATRIX, COLOR, BYTE = rf"{NUMBER}( {NUMBER}){{5}}", r"\d{1,3} \d{1,3} \d{1,3}", r"\d{1,3}"
MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)"
PATH = rf"([MLBQAC]( {NUMBER})*)( [MLBQAC]( {NUMBER})*)*"


@dataclass(frozen=True)
class Rule:
    """Children as `name` with ``?``, ``*``, ``+`` or nothing; attributes; the pattern of the text, None for no text."""

    children: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    text: str | None = None


_UNIT = (("ID!", ID), ("Boundary!", BOX), ("CTM", MATRIX), ("LineWidth", NUMBER), ("Cap", "Butt|Round|Square"),
         ("Join", "Miter|Round|Bevel"), ("MiterLimit", NUMBER), ("DashOffset", NUMBER), ("DashPattern", ARRAY), ("Alpha", BYTE))  # fmt: skip
_PATH = (("Stroke", BOOLEAN), ("Fill", BOOLEAN), ("Rule", "NonZero|Even-Odd"))
_COLOR = Rule(attributes=(("Value!", COLOR), ("Alpha", BYTE)))
_LOC = Rule(text=LOCATION)
RULES = {
    "OFD": Rule("DocBody+", (("Version!", r"1\.\d"), ("DocType!", "OFD"))),
    "DocBody": Rule("DocInfo DocRoot? Versions? Signatures?"),
    "DocInfo": Rule("DocID Title? Author? CreationDate? Creator? CreatorVersion?"),
    "DocID": Rule(text="[0-9a-f]{32}"), "Title": Rule(text=ANY), "CreationDate": Rule(text=r"\d{4}-\d\d-\d\d"), "Creator": Rule(text=ANY),
    "DocRoot": _LOC, "Signatures": Rule("MaxSignId? Signature*", text=LOCATION), "MaxSignId": Rule(text=NAME_ID),
    "Document": Rule("CommonData Pages Outlines? Permissions? Annotations? CustomTags? Attachments? Extensions?"),
    "CommonData": Rule("MaxUnitID PageArea PublicRes* DocumentRes* TemplatePage* DefaultCS?"),
    "MaxUnitID": Rule(text=ID), "PublicRes": _LOC, "DocumentRes": _LOC, "PageArea": Rule("PhysicalBox ApplicationBox?"),
    "Area": Rule("PhysicalBox? ApplicationBox? Path?"), "PhysicalBox": Rule(text=BOX),
    "Pages": Rule("Page+"), "Attachments": Rule("Attachment*", text=LOCATION),
    "Attachment": Rule("FileLoc", (("ID!", NAME_ID), ("Name!", ".+"), ("Format", ".+"), ("CreationDate", MOMENT), ("ModDate", MOMENT),
                                   ("Size", NUMBER), ("Visible", BOOLEAN), ("Usage", ".+"))), "FileLoc": _LOC,
    "Page": Rule("Area? Template* PageRes* Content? Actions?", (("ID", ID), ("BaseLoc", LOCATION))),
    "Content": Rule("Layer+"), "Layer": Rule("(PathObject|TextObject|ImageObject)*", (("ID!", ID), ("Type", "Body|Foreground|Background"))),
    "PathObject": Rule("Clips? StrokeColor? FillColor? AbbreviatedData", _UNIT + _PATH),
    "Path": Rule("StrokeColor? FillColor? AbbreviatedData", (("Boundary!", BOX), *_PATH)),
    "TextObject": Rule("Clips? FillColor? StrokeColor? (CGTransform|TextCode)+", (
        *_UNIT, ("Font!", ID), ("Size!", NUMBER), ("Stroke", BOOLEAN), ("Fill", BOOLEAN))),
    "ImageObject": Rule("Clips? Border?", (*_UNIT, ("ResourceID!", ID))),
    "Clips": Rule("Clip+"), "Clip": Rule("Area+"), "AbbreviatedData": Rule(text=PATH), "FillColor": _COLOR, "StrokeColor": _COLOR,
    "TextCode": Rule(attributes=(("X!", NUMBER), ("Y!", NUMBER), ("DeltaX", ARRAY), ("DeltaY", ARRAY)), text=ANY),
    "CGTransform": Rule("Glyphs", (("CodePosition!", r"\d+"), ("CodeCount", ID), ("GlyphCount", ID))), "Glyphs": Rule(text=r"\d+( \d+)*"),
    "Res": Rule("Fonts? MultiMedias?", (("BaseLoc!", LOCATION),)), "Fonts": Rule("Font+"), "MultiMedias": Rule("MultiMedia+"),
    "Font": Rule("FontFile?", (("ID!", ID), ("FontName!", ".+"), ("FamilyName", ".+"), ("Charset", "unicode"))), "FontFile": _LOC,
    "MultiMedia": Rule("MediaFile", (("ID!", ID), ("Type!", "Image"), ("Format", "PNG|JPEG"))), "MediaFile": _LOC,
    "Signature": Rule("SignedInfo? SignedValue?", (("ID", NAME_ID), ("Type", "Seal|Sign"), ("BaseLoc", LOCATION))),
    "SignedInfo": Rule("Provider SignatureMethod? SignatureDateTime? References StampAnnot* Seal?"), "SignedValue": _LOC,
    "Provider": Rule(attributes=(("ProviderName!", ".+"), ("Company", ".+"), ("Version", ".+"))),
    "SignatureMethod": Rule(text=r"1\.2\.156\.10197\.1\.501"), "SignatureDateTime": Rule(text=r"\d{14}Z"),
    "References": Rule("Reference+", (("CheckMethod", "SM3"),)), "Reference": Rule("CheckValue", (("FileRef!", LOCATION),)),
    "CheckValue": Rule(text="[A-Za-z0-9+/]{43}="), "StampAnnot": Rule(attributes=(("ID!", NAME_ID), ("PageRef!", ID), ("Boundary!", BOX), ("Clip", BOX))),
    "Seal": Rule("BaseLoc"), "BaseLoc": _LOC,
}  # fmt: skip


def problems(root: ET.Element) -> list[str]:
    """What does not fit, in words; nothing when the file is as it should be."""
    return [each for element in root.iter() for each in _one(element)]


def _one(element: ET.Element) -> list[str]:
    name = element.tag.removeprefix(f"{{{NAMESPACE}}}")
    rule = RULES.get(name)
    if rule is None:
        return [f"{element.tag} is unknown"]
    found = []
    children = "".join(f"{child.tag.removeprefix(f'{{{NAMESPACE}}}')} " for child in element)
    if not re.fullmatch(_pattern(rule.children), children):
        found.append(f"{name} holds {children!r}, not {rule.children!r}")
    known = {key.rstrip("!"): value for key, value in rule.attributes}
    found += [f"{name} has an unknown {key}" for key in element.attrib if key not in known]
    found += [f"{name} lacks {key[:-1]}" for key, _ in rule.attributes if key.endswith("!") and key[:-1] not in element.attrib]
    found += [f"{name} {key}={value!r}" for key, value in element.attrib.items() if not re.fullmatch(known.get(key, ANY), value)]
    text = element.text or ""
    if not len(element) and not re.fullmatch(rule.text or "", text):
        found.append(f"{name} says {text[:80]!r}")
    return found


def _pattern(children: str) -> str:
    words = re.findall(r"(\([^)]*\)|\w+)([?*+]?)", children)
    return "".join(f"(?:(?:{name.strip(chr(40) + chr(41))}) ){times}" for name, times in words)
