"""Pages of a PDF as pyHanko reads them, with what the conversion needs: size, content, resources, and the document's title."""

import io
from collections.abc import Iterator
from dataclasses import dataclass

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader

from etrust.documents.ofd_drawing import MM_PER_POINT, Box, Matrix
from etrust.documents.ofd_fonts import entry
from etrust.documents.ofd_tokens import not_understood

MAX_PAGES = 200
_MAX_DEPTH = 16
_INHERITED = ("/MediaBox", "/CropBox", "/Resources", "/Rotate")
_SIDES = 4


@dataclass(frozen=True, slots=True)
class SourcePage:
    """A page: width and height in millimeters, the map from PDF's space to the page's, the content and its resources."""

    width: float
    height: float
    base: Matrix
    content: bytes
    resources: generic.DictionaryObject


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """The pages and the title."""

    pages: tuple[SourcePage, ...]
    title: str


def read_pdf(data: bytes) -> SourceDocument:
    """The pages of a PDF of our own making.

    Raises:
        EtrustError: ``page_not_understood``.
    """
    try:
        reader = PdfFileReader(io.BytesIO(data))
        pages = tuple(_page(*each) for each in _pages(_dictionary(reader.root["/Pages"], "the page tree"), {}, 0))
        information = reader.trailer_view
        title = entry(_dictionary(information["/Info"], "the information"), "/Title") if "/Info" in information else None
    except (PdfError, KeyError, ValueError, NotImplementedError) as error:
        raise not_understood(f"the PDF file ({type(error).__name__})") from error
    if not pages:
        raise not_understood("a PDF without pages")
    return SourceDocument(pages, str(title or ""))


def _dictionary(value: object, what: str) -> generic.DictionaryObject:
    if not isinstance(value, generic.DictionaryObject):
        raise not_understood(what)
    return value


def _pages(
    node: generic.DictionaryObject, inherited: dict[str, generic.PdfObject], depth: int
) -> Iterator[tuple[generic.DictionaryObject, dict[str, generic.PdfObject]]]:
    """The leaves of the page tree, each with what it inherits."""
    known = inherited | {key: node[key] for key in _INHERITED if key in node}
    if entry(node, "/Type") == "/Page":
        yield node, known
        return
    children = entry(node, "/Kids")
    if depth > _MAX_DEPTH or not isinstance(children, generic.ArrayObject) or len(children) > MAX_PAGES:
        raise not_understood("the page tree")
    for index in range(len(children)):
        yield from _pages(_dictionary(children[index], "a page"), known, depth + 1)


def _page(node: generic.DictionaryObject, known: dict[str, generic.PdfObject]) -> SourcePage:
    if int(str(known.get("/Rotate", 0))) % 360:
        raise not_understood("a turned page")
    if "/Annots" in node and isinstance(node["/Annots"], generic.ArrayObject) and len(node["/Annots"]):
        raise not_understood("annotations")
    box = _box(known.get("/CropBox", known.get("/MediaBox")))
    k = MM_PER_POINT
    base = Matrix(k, 0, 0, -k, -box.left * k, box.bottom * k)
    return SourcePage(
        (box.right - box.left) * k, (box.bottom - box.top) * k, base, _content(entry(node, "/Contents")),
        _dictionary(known.get("/Resources"), "the resources"),
    )  # fmt: skip


def _box(value: object) -> Box:
    if not isinstance(value, generic.ArrayObject) or len(value) != _SIDES:
        raise not_understood("a page without a size")
    left, low, right, high = (float(str(value[index])) for index in range(_SIDES))
    return Box(min(left, right), min(low, high), max(left, right), max(low, high))


def _content(value: generic.PdfObject | None) -> bytes:
    streams = [value[index] for index in range(len(value))] if isinstance(value, generic.ArrayObject) else [value]
    return b"\n".join(each.data for each in streams if isinstance(each, generic.StreamObject))
