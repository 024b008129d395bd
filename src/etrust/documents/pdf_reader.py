"""A PDF opened for judging, with every signature in it, whole or not. PyHanko reads; its errors become ours."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from asn1crypto import cms
from pyhanko.pdf_utils import generic, misc
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from etrust.documents.pdf_bytes import MAX_PDF, is_pdf, regular_end
from etrust.documents.pdf_changes import READ_ERRORS
from etrust.documents.pdf_cms import ERRORS, said
from etrust.documents.pdf_overlays import covers_page, widgets
from etrust.errors import EtrustError, Kind

MAX_SIGNATURES = 64
MAX_REVISIONS = 256
_ANY = (*READ_ERRORS, *ERRORS)
TIMESTAMP = "/DocTimeStamp"


@dataclass(frozen=True, slots=True)
class Field:
    """One filled signature field: the signature, or why there is none to be judged."""

    name: str
    signature: EmbeddedPdfSignature | None = None
    reason: str = ""
    detail: str = ""

    @property
    def is_timestamp(self) -> bool:
        """Whether it holds a timestamp over the document rather than a signature."""
        return self.signature is not None and self.signature.sig_object_type == TIMESTAMP

    @property
    def is_visible(self) -> bool:
        """Whether its widget covers part of a page."""
        return self.signature is not None and any(map(covers_page, widgets(self.signature.sig_field)))


class Pdf:
    """The file, its reader and its signature fields in the order in which they were filled."""

    __slots__ = ("data", "fields", "reader")

    def __init__(self, data: bytes) -> None:
        """Read the file.

        Raises:
            EtrustError: ``too_large``, ``bad_pdf``, ``encrypted``, ``too_complex``.
        """
        if len(data) > MAX_PDF:
            raise EtrustError(
                Kind.TOO_LARGE, "too_large", zh="文件超过 20 MB。", en=f"The file is larger than {MAX_PDF // 2**20} MB."
            )
        if not is_pdf(data):
            raise _bad_pdf("no PDF header")
        self.data = data
        self.reader = _open_to_its_end(data)
        self.fields = _read_fields(self.reader)

    def removed(self) -> str:
        """The name of a signature field that an earlier revision has and the last one lacks; empty when there is none."""
        kept = {each.name for each in self.fields}
        for revision in range(self.reader.xrefs.total_revisions - 1):
            try:
                root = self.reader.get_historical_resolver(revision)
                names = {name for name, _, _ in enumerate_sig_fields(root, filled_status=True)}
            except _ANY:
                continue
            if names - kept:
                return str(min(names - kept))[:200]
        return ""


def _open_to_its_end(data: bytes) -> PdfFileReader:
    """The file; where what stands behind its end makes it unreadable, the file up to there. The rest is a finding."""
    try:
        return _open(data)
    except EtrustError as error:
        end = regular_end(data)
        if error.code != "bad_pdf" or not 0 < end < len(data):
            raise
        return _open(data[:end])


def _open(data: bytes) -> PdfFileReader:
    try:
        reader = PdfFileReader(BytesIO(data), strict=False)
        if reader.encrypted:
            raise EtrustError(
                Kind.INVALID, "encrypted", zh="PDF 已加密，无法查验；请提交未加密的文件。",
                en="The PDF is encrypted and cannot be judged; present it without encryption.",
            )
        if reader.xrefs.total_revisions > MAX_REVISIONS:
            raise too_complex(f"more than {MAX_REVISIONS} revisions")
        _ = reader.root["/Pages"]
    except misc.PdfDecodeLimitError as error:
        raise too_complex(said(error)) from error
    except RecursionError as error:
        raise too_complex("nested too deeply") from error
    except _ANY as error:
        raise _bad_pdf(said(error)) from error
    return reader


def _read_fields(reader: PdfFileReader) -> tuple[Field, ...]:
    found: list[Field] = []
    try:
        for name, value, reference in enumerate_sig_fields(reader, filled_status=True):
            if len(found) == MAX_SIGNATURES:
                raise too_complex(f"more than {MAX_SIGNATURES} signatures")
            found.append(_read_field(reader, str(name)[:200], value, reference))
    except misc.PdfDecodeLimitError as error:
        raise too_complex(said(error)) from error
    except RecursionError as error:
        raise too_complex("nested too deeply") from error
    except _ANY as error:
        raise _bad_pdf(said(error)) from error
    return tuple(sorted(found, key=_place))


def _place(field: Field) -> tuple[int, int]:
    if field.signature is None:
        return 0, 0
    try:
        return field.signature.signed_revision, sum(int(each) for each in list(field.signature.byte_range)[2:4])
    except _ANY:
        return field.signature.signed_revision, 0


def _read_field(
    reader: PdfFileReader, name: str, value: generic.PdfObject, reference: generic.IndirectObject
) -> Field:
    problem = _forged(value)
    if problem:
        return Field(name, reason="universal_forgery", detail=problem)
    try:
        signature = EmbeddedPdfSignature(reader, reference.get_object(), name)
        if not isinstance(signature.signed_data, cms.SignedData):
            return Field(name, reason="bad_signature_structure", detail="no CMS SignedData")
        _ = (signature.signer_info["signature"].native, signature.md_algorithm, signature.external_md_algorithm)
    except RecursionError as error:
        raise too_complex("nested too deeply") from error
    except _ANY as error:
        return Field(name, reason="bad_signature_structure", detail=said(error))
    return Field(name, signature)


def _forged(value: generic.PdfObject) -> str:
    """What a signature dictionary lacks that it must have (universal signature forgery); empty when nothing."""
    if isinstance(value, generic.IndirectObject):
        value = value.get_object()
    if not isinstance(value, generic.DictionaryObject):
        return "the field's value is no signature"
    contents = value.get("/Contents")
    content = getattr(contents, "original_bytes", b"")
    if not content.strip(b"\0"):
        return "/Contents is missing or empty"
    if not isinstance(value.get("/ByteRange"), generic.ArrayObject):
        return "/ByteRange is missing or empty"
    return ""


def ranges(signature: EmbeddedPdfSignature) -> Iterator[int]:
    """The numbers of its /ByteRange, as they were written."""
    for each in signature.byte_range:
        yield int(each) if isinstance(each, generic.NumberObject) else -1


def too_complex(why: str) -> EtrustError:
    """The refusal of a file that would take too long to read."""
    return EtrustError(
        Kind.TOO_LARGE, "too_complex", where=why,
        zh="文件结构过于复杂，拒绝查验。", en="The file is too complex to be judged.",
    )


def _bad_pdf(why: str) -> EtrustError:
    return EtrustError(
        Kind.MALFORMED, "bad_pdf", where=why,
        zh="文件不是完整的 PDF，或已损坏。", en="The file is not a whole PDF, or is damaged.",
    )
