"""Signed PDF judged: every signature and timestamp in it, step by step, as findings. Pure: no network, no clock.

PyHanko reads the file, digests it and compares its revisions; whom to trust, what a timestamp proves and what a change is
called is decided here. Steps of the n-th signature begin with ``n.``; those named ``now.`` tell how things stand at present.
A certificate is judged at the earliest moment that a trusted timestamp proves its signature for (ETSI EN 319 102-1, 5.5 and
5.6), and at present when none does.
"""

from dataclasses import dataclass

from etrust.documents.pdf_bytes import unsigned_tail
from etrust.documents.pdf_contents import embedded_files, title
from etrust.documents.pdf_evidence import gather
from etrust.documents.pdf_reader import Pdf, ranges, too_complex
from etrust.documents.pdf_steps import judge_fields
from etrust.documents.pdf_trust import Judge
from etrust.documents.reading import EmbeddedFile, Signatory
from etrust.trust.chains import Ground
from etrust.trust.findings import Finding, failed, passed, unknown

_LISTS_WANTED = ("no_crl", "crl_outdated")


@dataclass(frozen=True, slots=True)
class PdfReport:
    """Everything found in one PDF: the files attached to it, who signed it, its title.

    `missing_lists` are the addresses of revocation lists that certificates in it name, when some were missing.
    """

    findings: tuple[Finding, ...]
    files: tuple[EmbeddedFile, ...] = ()
    signatories: tuple[Signatory, ...] = ()
    title: str = ""
    missing_lists: tuple[str, ...] = ()


def judge_pdf(data: bytes, ground: Ground) -> PdfReport:
    """Judge a PDF as of ``ground.now``.

    Raises:
        EtrustError: ``bad_pdf``, ``encrypted``, ``too_large``, ``too_complex``.
    """
    try:
        return _judge(Pdf(data), ground)
    except RecursionError as error:
        raise too_complex("nested too deeply") from error


def _judge(pdf: Pdf, ground: Ground) -> PdfReport:
    about_file = [_present(pdf)]
    if not pdf.fields:
        return PdfReport(tuple(about_file), embedded_files(pdf.reader))
    about_file.append(_tail(pdf))
    evidence = gather(pdf, ground)
    judged = judge_fields(pdf, Judge(evidence), ground.now)
    numbered = [
        Finding(f"{number}.{one.step}", one.outcome, one.reason, one.detail)
        for number, each in enumerate(judged, 1)
        for one in each.findings
    ]
    signatories = tuple(each.signatory for each in judged if each.signatory is not None)
    missing = evidence.list_addresses() if any(each.reason in _LISTS_WANTED for each in numbered) else ()
    return PdfReport((*about_file, *numbered), embedded_files(pdf.reader), signatories, title(pdf.reader), missing)


def _present(pdf: Pdf) -> Finding:
    """Whether there is a signature at all, and none was taken away."""
    removed = pdf.removed()
    if removed:
        return failed("signatures", "signature_removed", removed)
    if not pdf.fields:
        return unknown("signatures", "no_signature")
    if all(each.is_timestamp for each in pdf.fields):
        return unknown("signatures", "only_timestamps", str(len(pdf.fields)))
    return passed("signatures", detail=str(len(pdf.fields)))


def _tail(pdf: Pdf) -> Finding:
    reach = [sum(list(ranges(each.signature))[2:4]) for each in pdf.fields if each.signature is not None]
    problem = unsigned_tail(pdf.data, pdf.reader.last_startxref or 0, max(reach, default=0))
    return failed("file_end", "unsigned_tail", problem) if problem else passed("file_end")
