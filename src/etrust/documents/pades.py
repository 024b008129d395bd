"""Signs PDF as PAdES (ETSI EN 319 142-1): levels B-B, B-T, B-LT and B-LTA, by incremental updates that leave the face as it is.

The first update holds the signature, its place sized from a measured signature of the same key. The second, at the two
long-term levels, holds the validation data (DSS) and, at B-LTA, the document timestamp over all of it. Nothing is validated
while signing: certificates and revocation lists are given by whoever has them already.
"""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO

from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import SigMDPSetup
from pyhanko.sign.signers.pdf_byterange import DocumentTimestamp, SignatureObject

from etrust.documents.cms import CmsParts, sign_cms
from etrust.documents.dss import extend_dss
from etrust.documents.levels import Level, SignatureWords
from etrust.documents.timestamper import ROOM_MARGIN, Stamper, ValidationData
from etrust.documents.updates import DIGEST, open_update, require_unsigned, write_signed, write_validation
from etrust.errors import EtrustError, Kind
from etrust.signing.model import Signer

SIGNATURE_FIELD, TIMESTAMP_FIELD = "Signature", "Timestamp"
_ROOM = 2048
"""Bytes set aside for a first signature, beside certificates and token; later ones get what the first one took."""
_CERTIFIED = SigMDPSetup(md_algorithm=DIGEST, certify=True, docmdp_perms=MDPPerm.NO_CHANGES)
"""No changes; validation data and document timestamps are none (ISO 32000-2, section 12.8.2.2)."""


class PdfSigner:
    """Signs documents with one key held ready; remembers how much room a signature takes.

    Args:
        chain: certificates (DER) of the signer's issuers, up to the anchor.
        crls: their revocation lists, wanted from B-LT on.
    """

    def __init__(self, signer: Signer, chain: Sequence[bytes] = (), crls: Sequence[bytes] = ()) -> None:
        self._parts = CmsParts.of(signer, chain)
        self._validation = ValidationData((signer.certificate, *chain), tuple(crls))
        self._room: dict[bool, int] = {}

    def sign(self, pdf: bytes, *, level: Level, at: datetime, words: SignatureWords, stamper: Stamper | None = None) -> bytes:
        """The signed PDF; see `sign_pdf`."""
        _require_what_it_takes(level, stamper, self._validation)
        output = self._signed(pdf, at, words, None if level is Level.B_B else stamper)
        if stamper is None or level in (Level.B_B, Level.B_T):
            return output.getvalue()
        data = self._validation + stamper.validation
        if level is Level.B_LT:
            write_validation(output, data)
        else:
            add_document_timestamp(output, data, stamper, TIMESTAMP_FIELD)
        return output.getvalue()

    def _signed(self, pdf: bytes, at: datetime, words: SignatureWords, stamper: Stamper | None) -> BytesIO:
        output = BytesIO(pdf)
        writer = open_update(output)
        require_unsigned(writer)
        placeholder = SignatureObject(
            timestamp=at, subfilter=SigSeedSubFilter.PADES, reason=words.reason, location=words.location, name=words.name,
            bytes_reserved=2 * self._room_for(stamper),
        )  # fmt: skip
        stamp = None if stamper is None else stamper.token
        took = write_signed(
            writer, SIGNATURE_FIELD, placeholder, lambda digest: sign_cms(self._parts, digest, stamp), mdp=_CERTIFIED
        )
        self._room[stamper is not None] = took + ROOM_MARGIN
        return output

    def _room_for(self, stamper: Stamper | None) -> int:
        guess = _ROOM + len(self._parts.certificates) + (0 if stamper is None else stamper.room)
        return self._room.get(stamper is not None, guess)


def sign_pdf(
    pdf: bytes, *, level: Level, signer: Signer, at: datetime, words: SignatureWords, chain: Sequence[bytes] = (),
    crls: Sequence[bytes] = (), stamper: Stamper | None = None,
) -> bytes:
    """Sign one PDF; for many with one key, keep a `PdfSigner`.

    Raises:
        EtrustError: ``no_timestamps``: the level wants a timestamp service and none is given; ``no_validation_data``: it wants
            revocation lists; ``bad_pdf``, ``document_too_large``, ``already_signed``; what the key raises.
    """
    return PdfSigner(signer, chain, crls).sign(pdf, level=level, at=at, words=words, stamper=stamper)


def add_document_timestamp(pdf: BytesIO, data: ValidationData, stamper: Stamper, field: str) -> None:
    """Add validation data and a document timestamp over them and all before, as one update in place."""
    writer = open_update(pdf)
    extend_dss(writer, data)
    write_signed(writer, field, DocumentTimestamp(bytes_reserved=2 * stamper.room), stamper.token)


def _require_what_it_takes(level: Level, stamper: Stamper | None, validation: ValidationData) -> None:
    if level is not Level.B_B and stamper is None:
        raise EtrustError(
            Kind.INVALID, "no_timestamps", where=level.value,
            zh=f"签名级别 {level.value} 需要时间戳服务。", en=f"Level {level.value} needs a timestamp service.",
        )
    if stamper and level in (Level.B_LT, Level.B_LTA) and not (validation.crls and stamper.validation.crls):
        raise EtrustError(
            Kind.INVALID, "no_validation_data", where=level.value,
            zh=f"签名级别 {level.value} 需要签名证书和时间戳证书的吊销列表。",
            en=f"Level {level.value} needs revocation lists of the signer's and of the timestamp service's certificate.",
        )
