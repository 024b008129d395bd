"""PDF files signed by stock pyHanko at every level, from a small world of authority, signer and timestamp service."""

import asyncio
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from asn1crypto import crl as asn1_crl
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, fields
from pyhanko.sign.signers.pdf_signer import PdfTimeStamper
from pyhanko_certvalidator import ValidationContext

from etrust.trust.chains import Ground
from etrust.trust.crls import CrlSet, read_crls
from etrust.trust.x509 import read_certificate
from tests.documents.signing_people import TODAY, Authority, Party, make_authority, pdf_signer, rsa_key, stamper

LEVELS = ("B-B", "B-T", "B-LT", "B-LTA")
SUBFILTER = fields.SigSeedSubFilter.PADES


@dataclass
class World:
    """Who signs, who stamps, and who vouches for them."""

    anchor: Authority = field(default_factory=make_authority)
    signer: Party = field(init=False)
    stamps: Party = field(init=False)

    def __post_init__(self) -> None:
        self.signer = self.anchor.issue("Signer")
        self.stamps = self.anchor.issue("Stamps", rsa_key(), stamps=True)

    def ground(self, at: datetime | None = None, *, crls: bool = True, anchors: bool = True) -> Ground:
        """What a reader of these files rests on."""
        lists = read_crls(self.anchor.crl(at or TODAY)) if crls else ()
        return Ground((read_certificate(self.anchor.der),) if anchors else (), at or datetime.now(TODAY.tzinfo), crls=CrlSet(lists))

    def context(self, at: datetime | None = None) -> ValidationContext:
        """The same as pyHanko takes it while signing."""
        lists = [asn1_crl.CertificateList.load(self.anchor.crl(at or TODAY))]
        return ValidationContext(
            trust_roots=[self.anchor.asn1], crls=lists, moment=at, allow_fetching=False, revocation_mode="require",
        )


@cache
def world() -> World:
    """One world for all tests of a run."""
    return World()


def plain_pdf(text: str = "Hello", *, pages: int = 1, extra: Mapping[int, bytes] | None = None) -> bytes:
    """A small PDF written by hand: a catalog, pages, one content stream each, a font."""
    kids = " ".join(f"{10 + 2 * number} 0 R" for number in range(pages))
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>".encode(),
        3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    }
    for number in range(pages):
        stream = f"BT /F1 24 Tf 72 700 Td ({text} {number}) Tj ET".encode()
        objects[10 + 2 * number] = (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents %d 0 R >>"
            % (11 + 2 * number)
        )
        objects[11 + 2 * number] = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream)
    return write_pdf({**objects, **(extra or {})})


def write_pdf(objects: Mapping[int, bytes], *, root: int = 1, header: bytes = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n") -> bytes:
    """Objects with a cross-reference table."""
    out, places = bytearray(header), {}
    for number, body in sorted(objects.items()):
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start, size = len(out), max(objects) + 1
    out += b"xref\n0 %d\n" % size
    for number in range(size):
        out += b"%010d %05d %s \n" % ((places[number], 0, b"n") if number in places else (0, 65535, b"f"))
    return bytes(out + b"trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, root, start))


def sign(
    pdf: bytes, level: str = "B-B", *, of: World | None = None, signer: Party | None = None, name: str = "Sig1",
    certify: bool = False, permission: fields.MDPPerm = fields.MDPPerm.FILL_FORMS, md: str = "sha256", pss: bool = False,
    subfilter: fields.SigSeedSubFilter = SUBFILTER, embed_crls: bool = True,
    stamps: Party | None = None,
) -> bytes:  # fmt: skip
    """Sign a PDF as pyHanko does it out of the box."""
    of = of or world()
    meta = PdfSignatureMetadata(
        field_name=name, subfilter=subfilter, certify=certify, docmdp_permissions=permission, md_algorithm=md,
        validation_context=of.context() if level in LEVELS[2:] and embed_crls else None,
        embed_validation_info=level in LEVELS[2:], use_pades_lta=level == "B-LTA",
    )  # fmt: skip
    service = None if level == "B-B" else stamper(stamps or of.stamps)
    pen = PdfSigner(meta, pdf_signer(signer or of.signer, prefer_pss=pss), timestamper=service)
    out = io.BytesIO()
    pen.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf), strict=False), output=out)
    return out.getvalue()


def stamp(pdf: bytes, *, of: World | None = None, at: datetime | None = None, by: Party | None = None) -> bytes:
    """Add a document timestamp, with what its judgment needs."""
    of = of or world()
    out = io.BytesIO()
    pen = PdfTimeStamper(stamper(by or of.stamps, at=at))
    asyncio.run(
        pen.async_timestamp_pdf(
            IncrementalPdfFileWriter(io.BytesIO(pdf)), "sha256", validation_context=of.context(at), output=out,
        )
    )
    return out.getvalue()
