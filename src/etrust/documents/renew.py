"""Archive renewal (归档续期): one more document timestamp before the last one's certificate ends.

The update holds what proves the last timestamp (its service's certificates and the revocation list of now) and a new
timestamp over everything, so that the chain of proofs never has a gap. A document whose last timestamp has lapsed cannot be
saved this way, and is told of.
"""

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from asn1crypto import parser
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader

from etrust.documents.evidence import evidence_for
from etrust.documents.pades import TIMESTAMP_FIELD, add_document_timestamp
from etrust.documents.timestamper import Stamper
from etrust.documents.updates import bad_pdf
from etrust.errors import EtrustError, Kind
from etrust.trust.chains import Ground
from etrust.trust.findings import Outcome
from etrust.trust.timestamps import judge_token, read_token


@dataclass(frozen=True, slots=True)
class LastTimestamp:
    """The newest document timestamp of a PDF.

    Attributes:
        covered: the bytes it stands over.
        whole: whether nothing was added to the file after it.
        number: how many document timestamps there are.
    """

    token: bytes
    covered: bytes
    whole: bool
    number: int


def last_timestamp(pdf: bytes) -> LastTimestamp | None:
    """The newest document timestamp, None for a PDF without one.

    Raises:
        EtrustError: ``bad_pdf``.
    """
    try:
        found = PdfFileReader(BytesIO(pdf)).embedded_timestamp_signatures
        if not found:
            return None
        first, length, second, rest = (int(each) for each in found[-1].byte_range)
        covered = pdf[first : first + length] + pdf[second : second + rest]
        whole = first == 0 and second + rest == len(pdf)
        padded = found[-1].pkcs7_content
        return LastTimestamp(padded[: parser.peek(padded)], covered, whole, len(found))
    except (PdfError, ValueError, KeyError, RecursionError) as error:
        raise bad_pdf(error) from error


def renew_pdf(pdf: bytes, *, stamper: Stamper, ground: Ground) -> bytes:
    """The PDF with one more document timestamp.

    Raises:
        EtrustError: ``not_archived``: it has no document timestamp; ``timestamp_lapsed``: the last one's certificate has
            ended; ``document_changed``: the last one does not stand over the whole file, or over these bytes;
            ``no_evidence``: it cannot be proved good now.
    """
    last = last_timestamp(pdf)
    if last is None:
        raise EtrustError(
            Kind.INVALID, "not_archived", zh="该文书没有文档时间戳，不是长期保存文书。", en="The PDF has no document timestamp.",
        )
    signer, stamped_at = _judge(last, ground)
    data = evidence_for(signer, ground=ground, signed_at=stamped_at) + stamper.validation
    output = BytesIO(pdf)
    add_document_timestamp(output, data, stamper, f"{TIMESTAMP_FIELD}{last.number + 1}")
    return output.getvalue()


def _judge(last: LastTimestamp, ground: Ground) -> tuple[bytes, datetime]:
    """The certificate of the last timestamp's service, and its time."""
    judged = judge_token("timestamp", last.token, over=last.covered, ground=ground)
    over_these_bytes = judged.findings[0]  # revocation, the other one, is asked about with the evidence
    if over_these_bytes.outcome is not Outcome.PASSED or not last.whole:
        raise _changed(over_these_bytes.reason or "bytes_after_timestamp")
    signer = read_token(last.token).signer
    assert signer is not None and judged.time is not None  # noqa: S101, PT018 - a token that passed has both
    if signer.not_after <= ground.now:
        raise EtrustError(
            Kind.CONFLICT, "timestamp_lapsed", where=signer.name,
            zh=f"最后一个时间戳的证书已于 {signer.not_after:%Y-%m-%d} 到期，文书不能再续期；请重新签发文书。",
            en=f"The last timestamp's certificate ended on {signer.not_after:%Y-%m-%d}: too late to renew, make it anew.",
        )
    return signer.encoded, judged.time


def _changed(reason: str) -> EtrustError:
    return EtrustError(
        Kind.UNTRUSTED, "document_changed", where=reason,
        zh=f"文书与最后一个时间戳不符（{reason}），不予续期。",
        en=f"The document is not the one its last timestamp stands over ({reason}); it is not renewed.",
    )
