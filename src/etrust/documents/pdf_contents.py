"""What travels inside a PDF: the files attached to it, read within bounds."""

from collections.abc import Iterator

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from etrust.documents.pdf_changes import READ_ERRORS
from etrust.documents.reading import EmbeddedFile

MAX_FILES = 32
MAX_FILE = 2 * 1024 * 1024
_MAX_NODES = 256


def embedded_files(reader: PdfFileReader) -> tuple[EmbeddedFile, ...]:
    """The files of the name tree /EmbeddedFiles; what cannot be read, or is larger than `MAX_FILE`, is left out."""
    try:
        tree = reader.root["/Names"]["/EmbeddedFiles"]
    except READ_ERRORS:
        return ()
    return tuple(found for _, found in zip(range(MAX_FILES), _files(tree), strict=False))


def _files(tree: generic.PdfObject) -> Iterator[EmbeddedFile]:
    waiting, nodes = [tree], 0
    while waiting and nodes < _MAX_NODES:
        nodes += 1
        node = waiting.pop()
        if not isinstance(node, generic.DictionaryObject):
            continue
        waiting += [each.get_object() for each in node.get("/Kids", ())]
        names = node.get("/Names", ())
        for index in range(1, len(names), 2):
            found = _file(names[index])
            if found is not None:
                yield found


def _file(specification: generic.PdfObject) -> EmbeddedFile | None:
    try:
        name = str(specification.get("/UF") or specification.get("/F") or "")  # type: ignore[attr-defined]  # what it lacks is caught
        data = specification["/EF"]["/F"].data  # type: ignore[index]  # as above
    except READ_ERRORS:
        return None
    return EmbeddedFile(name[:200], data) if len(data) <= MAX_FILE else None


def title(reader: PdfFileReader) -> str:
    """The title of the document, which on our faces ends with the identifier of the license; empty when there is none."""
    try:
        return str(reader.trailer["/Info"]["/Title"])[:400]
    except READ_ERRORS:
        return ""
