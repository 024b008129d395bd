"""What may lie over, or be said about, a signed document without touching its pages: empty signature fields, title and such.

A rule of differences lets fields for further signatures be added, and lets a maker's name and the time of a change be
written. Both are ways to say something else with a signature that holds: an empty field with a picture covers the page
(Rohlmann et al., 2021, "sneaky signature"), and readers show the title in their window.
"""

from collections.abc import Iterator

from pyhanko.pdf_utils import generic, misc
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader
from pyhanko.pdf_utils.rw_common import PdfHandler
from pyhanko.pdf_utils.xref import TrailerDictionary
from pyhanko.sign.fields import enumerate_sig_fields

from etrust.errors import EtrustError
from etrust.ses.package import parse_xml

_ERRORS = (misc.PdfError, ValueError, TypeError, KeyError, AttributeError, IndexError, AssertionError)
_MAX_KIDS = 64
_SAID = {
    "/Title": "title", "/Author": "creator", "/Subject": "description", "/Keywords": "Keywords",
}  # fmt: skip
"""What a document says of itself: its name in the document information, and in XMP (Dublin Core, Adobe PDF)."""


def widgets(field: generic.PdfObject) -> Iterator[generic.DictionaryObject]:
    """A field and the widgets that are its kids: a reader draws any of them."""
    if isinstance(field, generic.IndirectObject):
        field = field.get_object()
    if not isinstance(field, generic.DictionaryObject):
        return
    yield field
    kids = field.get("/Kids", ())
    for each in list(kids)[:_MAX_KIDS]:
        found = each.get_object() if isinstance(each, generic.IndirectObject) else each
        if isinstance(found, generic.DictionaryObject):
            yield found


def covers_page(widget: generic.DictionaryObject) -> bool:
    """Whether a widget takes room on a page."""
    try:
        left, bottom, right, top = (float(each) for each in widget["/Rect"])
    except _ERRORS:
        return False
    return left != right and bottom != top


def empty_overlay(reader: PdfFileReader, before: HistoricalResolver) -> str:
    """The name of a signature field that nobody signed, with a picture that was not there before; empty when there is none."""
    drawn = {name: _pictures(reference) for name, _, reference in enumerate_sig_fields(before, filled_status=False)}
    for name, _, reference in enumerate_sig_fields(reader, filled_status=False):
        pictures = _pictures(reference)
        if pictures and pictures != drawn.get(name):
            return str(name)[:200] or "?"
    return ""


def _pictures(field: generic.PdfObject) -> list[str]:
    """How its widgets are drawn, as far as they take room."""
    return [repr(each.raw_get("/AP")) for each in widgets(field) if "/AP" in each and covers_page(each)]


def retold(reader: PdfFileReader, before: HistoricalResolver) -> str:
    """What the document says of itself otherwise than when it was signed (``/Title`` and others); empty when nothing."""
    old = (_information(before, before.trailer_view), _metadata(before.root))
    new = (_information(reader, reader.trailer), _metadata(reader.root))
    for name in _SAID:
        allowed = {each.get(name, "") for each in old}
        if any(each.get(name, "") not in allowed for each in new):
            return name
    return ""


def _information(reader: PdfHandler, trailer: generic.DictionaryObject | TrailerDictionary) -> dict[str, str]:
    try:
        found = trailer.raw_get("/Info")
        if isinstance(found, generic.IndirectObject):
            found = reader.get_object(found.reference)  # of that revision: a trailer of the past resolves to the newest
        return {name: _flat(str(found[name])) for name in _SAID if name in found}
    except _ERRORS:
        return {}


def _metadata(root: generic.PdfObject) -> dict[str, str]:
    """The same out of XMP; unreadable metadata say something that nobody signed."""
    try:
        data = root["/Metadata"].data  # type: ignore[index]  # what it lacks is caught
    except _ERRORS:
        return {}
    try:
        tree = parse_xml(data.strip(b"\0\t\n\r "), "/Metadata")
    except EtrustError:
        return dict.fromkeys(_SAID, repr(data))
    found: dict[str, str] = {}
    for each in tree.iter():
        told = {each.tag: _flat("".join(each.itertext())), **{key: _flat(value) for key, value in each.attrib.items()}}
        for name, word in _SAID.items():
            if told.get(word):
                found[name] = found.get(name, "") + told[word]
    return found


def _flat(text: str) -> str:
    return " ".join(text.split())
