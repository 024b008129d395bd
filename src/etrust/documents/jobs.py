"""What a worker process does: sets and signs one document, or renews one. Everything it needs comes with the job.

The process that asks loads this module too, so typesetter, readers and writers are imported only where a job runs.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from etrust.documents.levels import Level, SignatureWords
from etrust.documents.model import FaceContent, ReceiptPage
from etrust.documents.timestamper import Stamper, ValidationData
from etrust.signing import sm2
from etrust.signing.model import Signer
from etrust.trust.chains import Ground

if TYPE_CHECKING:
    from etrust.documents.pades import PdfSigner


class Asked(StrEnum):
    """What a worker asks the process that gave it the job; each is answered with bytes."""

    PERMIT = "permit"  # SM3 of a face that shows the seal: may it? answered with nothing
    SEAL = "seal"  # SM3 of Signature.xml, and its path: answered with SignedValue.dat
    STAMP = "stamp"  # SHA-256: answered with a timestamp token


Ask = Callable[[Asked, bytes, str], bytes]
"""Asks and waits for the answer; raises the `EtrustError` of a refusal."""


class Tools(Protocol):
    """What a worker has at hand."""

    def signer(self, name: str, kid: bytes) -> Signer:
        """The key of a name, loaded once, its certificate the one with this key id."""

    def pdf_signer(self, name: str, kid: bytes, evidence: ValidationData) -> "PdfSigner":
        """The same, ready to sign PDF."""


@dataclass(frozen=True, slots=True)
class PdfJob:
    """A license's face as signed PDF.

    Attributes:
        key: name and key id of the body's document key.
        evidence: its chain, itself first, and revocation lists; `stamp_evidence` those of the timestamp service.
        shows_seal: whether the right to show the seal is asked for before signing.
    """

    face: FaceContent
    level: Level
    at: datetime
    words: SignatureWords
    key: tuple[str, bytes]
    evidence: ValidationData = field(repr=False)
    stamp_evidence: ValidationData = field(repr=False)

    def run(self, tools: Tools, ask: Ask) -> bytes:
        """The document."""
        from etrust.documents.face import render_face  # noqa: PLC0415 - see above

        pdf = render_face(self.face)
        if self.face.seal is not None:
            ask(Asked.PERMIT, sm2.sm3(pdf), "")
        signer = tools.pdf_signer(*self.key, self.evidence)
        return signer.sign(pdf, level=self.level, at=self.at, words=self.words, stamper=_stamper(ask, self.stamp_evidence))


@dataclass(frozen=True, slots=True)
class OfdJob:
    """A license's face as OFD with a seal signature; `face` leaves the seal's place empty."""

    face: FaceContent
    at: datetime
    seal: bytes = field(repr=False)
    seal_mm: tuple[float, float]

    def run(self, tools: Tools, ask: Ask) -> bytes:  # noqa: ARG002 - the keys of seals stay with who answers
        """The document."""
        from etrust.documents.face import render_face, seal_place  # noqa: PLC0415 - see above
        from etrust.documents.ofd_package import make_ofd  # noqa: PLC0415 - see above

        return make_ofd(
            render_face(self.face), attachments=self.face.attachments, seal_esl=self.seal, at=self.at,
            seal_place=seal_place(self.face.license_type, *self.seal_mm),
            sign=lambda digest, property_info: ask(Asked.SEAL, digest, property_info),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class RenewJob:
    """One more document timestamp on a PDF."""

    pdf: bytes = field(repr=False)
    ground: Ground = field(repr=False)
    stamp_evidence: ValidationData = field(repr=False)

    def run(self, tools: Tools, ask: Ask) -> bytes:  # noqa: ARG002 - no key is used but the timestamp service's
        """The document renewed."""
        from etrust.documents.renew import renew_pdf  # noqa: PLC0415 - see above

        return renew_pdf(self.pdf, stamper=_stamper(ask, self.stamp_evidence), ground=self.ground)


@dataclass(frozen=True, slots=True)
class ReceiptJob:
    """The receipt of a check (查验回执) as signed PDF; `key` is the region's for receipts, the rest as in `PdfJob`."""

    page: ReceiptPage = field(repr=False)
    at: datetime
    words: SignatureWords
    key: tuple[str, bytes]
    evidence: ValidationData = field(repr=False)
    stamp_evidence: ValidationData = field(repr=False)

    def run(self, tools: Tools, ask: Ask) -> bytes:
        """The document, B-LTA."""
        from etrust.documents.receipt_face import render_receipt  # noqa: PLC0415 - see above

        pdf = render_receipt(self.page)
        if self.page.seal is not None:
            ask(Asked.PERMIT, sm2.sm3(pdf), "")
        signer = tools.pdf_signer(*self.key, self.evidence)
        stamper = _stamper(ask, self.stamp_evidence)
        return signer.sign(pdf, level=Level.B_LTA, at=self.at, words=self.words, stamper=stamper)


Job = PdfJob | OfdJob | RenewJob | ReceiptJob


def _stamper(ask: Ask, evidence: ValidationData) -> Stamper:
    return Stamper(lambda imprint: ask(Asked.STAMP, imprint, ""), evidence)
