"""Incremental updates of a PDF that end in a signed place: a signature or a document timestamp over everything before it."""

from collections.abc import Callable
from io import BytesIO

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import InvisSigSettings, SigFieldSpec
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigMDPSetup, SigObjSetup
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko.sign.signers.pdf_byterange import PdfSignedData

from etrust.documents.dss import extend_dss
from etrust.documents.timestamper import ValidationData
from etrust.errors import EtrustError, Kind

MAX_PDF = 32 * 2**20
DIGEST = "sha256"
_VERSION = (1, 7)
_INVISIBLE = InvisSigSettings(set_print_flag=True, set_hidden_flag=False, box_out_of_bounds=False)  # what PDF/A-3 allows


class _Update(IncrementalPdfFileWriter):
    """An update that leaves the face's metadata alone.

    pyHanko would enter the time by its own clock into both places where a PDF keeps it, which costs half of an update. A
    signature is no change of the face; its time stands in the signature.
    """

    def _update_meta(self) -> None:
        """Nothing to enter."""


def open_update(pdf: BytesIO) -> IncrementalPdfFileWriter:
    """A writer that adds to a PDF.

    Raises:
        EtrustError: ``document_too_large``, ``bad_pdf``.
    """
    if pdf.getbuffer().nbytes > MAX_PDF:
        raise EtrustError(
            Kind.TOO_LARGE, "document_too_large",
            zh=f"文书超过 {MAX_PDF >> 20} MB，不能签名。",
            en=f"The document is larger than {MAX_PDF >> 20} MB and is not signed.",
        )
    try:
        return _Update(pdf)
    except (PdfError, ValueError, KeyError, RecursionError) as error:
        raise bad_pdf(error) from error


def bad_pdf(why: Exception) -> EtrustError:
    """The error of bytes that are no PDF one can work with."""
    return EtrustError(Kind.MALFORMED, "bad_pdf", zh="该文件不是可以处理的 PDF。", en=f"This is no PDF to work with: {why}")


def require_unsigned(writer: IncrementalPdfFileWriter) -> None:
    """Return quietly when the PDF holds no form, and so no signature.

    Raises:
        EtrustError: ``already_signed``.
    """
    if "/AcroForm" in writer.root:
        raise EtrustError(
            Kind.CONFLICT, "already_signed",
            zh="该 PDF 已含签名或表单，不能作为新文书签发。",
            en="The PDF holds signatures or a form already and is not signed again.",
        )


def write_signed(
    writer: IncrementalPdfFileWriter, field: str, placeholder: PdfSignedData, sign: Callable[[bytes], bytes],
    *, mdp: SigMDPSetup | None = None,
) -> int:
    """Write the update in place; `sign` is given the SHA-256 of the whole file but the placeholder, and returns what fills it.

    Returns:
        The length of what was filled in.

    Raises:
        EtrustError: ``signature_too_long``: it does not fit into the placeholder.
    """
    writer.ensure_output_version(_VERSION)
    writer.register_extension(ESIC_EXTENSION_1)
    steps = PdfCMSEmbedder(SigFieldSpec(field, invis_sig_settings=_INVISIBLE)).write_cms(field, writer)
    next(steps)
    steps.send(SigObjSetup(placeholder, mdp_setup=mdp))
    prepared, _ = steps.send(SigIOSetup(md_algorithm=DIGEST, in_place=True))
    made = sign(prepared.document_digest)
    try:
        steps.send(made)
    except SigningError as error:
        raise EtrustError(
            Kind.CONFLICT, "signature_too_long", where=field,
            zh="签名超出预留的空间，请重试。", en=f"The signature is longer than the room set aside for it; try again. {error}",
        ) from error
    return len(made)


def write_validation(pdf: BytesIO, data: ValidationData) -> None:
    """Add validation data as an update of its own, in place."""
    writer = open_update(pdf)
    extend_dss(writer, data)
    if writer.objects:
        writer.write_in_place()
