"""Signing a license's face as PAdES, beside stock pyHanko with the same key, certificates, lists and timestamp service.

The face is set before and not measured. Every signed document is held against pyHanko's own validation, revocation required.
"""

import logging
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import count
from pathlib import Path

from asn1crypto import cms, tsp, x509
from cryptography import x509 as pyca
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import PdfSignatureMetadata, SimpleSigner
from pyhanko.sign import PdfSigner as StockPdfSigner
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from benchmarks.pairs import Result, Work, pairs
from etrust.documents.cms import SHA256
from etrust.documents.face import render_face
from etrust.documents.levels import Level, SignatureWords
from etrust.documents.model import FaceContent, FaceRow
from etrust.documents.pades import PdfSigner
from etrust.documents.timestamper import Stamper, ValidationData
from etrust.signing.files import FileSigner
from etrust.signing.model import Algorithm
from etrust.signing.private_keys import PrivateKey, from_pkcs8, generate
from etrust.trust.certificates import CertificateRequest, years_after
from etrust.trust.crl_making import LIFETIME, make_crl
from etrust.trust.issuing import make_anchor, make_certificate, new_serial
from etrust.trust.stamping import TimestampAuthority

ASKED_MS = {Level.B_B: 11, Level.B_LTA: 30}
_WORDS = SignatureWords("签发营业执照", "650000", "天山区市场监督管理局")
Sign = Callable[[bytes], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class _Region:
    """Keys, certificates and a revocation list made for this run."""

    at: datetime
    anchor: FileSigner
    document: FileSigner
    document_key: ec.EllipticCurvePrivateKey
    timestamp: TimestampAuthority
    crl: bytes

    @classmethod
    def make(cls) -> "_Region":
        at = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)
        root = generate(Algorithm.ES256)
        anchor = FileSigner(root, make_anchor(root, profile="anchor", name="benchmark", at=at, years=20))
        plain = ec.generate_private_key(ec.SECP256R1())
        key = from_pkcs8(plain.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
        stamps = generate(Algorithm.ES256)
        service = TimestampAuthority(_certified(stamps, "timestamp", anchor, at), "1.2.3.4", timedelta(seconds=1))
        crl = make_crl(anchor, number=1, revoked=(), this_update=at, next_update=at + LIFETIME)
        return cls(at, anchor, _certified(key, "document", anchor, at), plain, service, crl)


def _certified(key: PrivateKey, profile: str, anchor: FileSigner, at: datetime) -> FileSigner:
    request = CertificateRequest(
        profile=profile, subject_name=profile, body="11650000MB1A0004XU", spki=key.public_spki(), serial=new_serial(),
        not_before=at, not_after=years_after(at, 5),
    )  # fmt: skip
    return FileSigner(key, make_certificate(request, anchor))


class _StockStamper(TimeStamper):
    """pyHanko's client of the same timestamp service, without a network between."""

    def __init__(self, service: TimestampAuthority) -> None:
        super().__init__()
        self._service, self._serials = service, count(1)

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        token = self._service.token(
            req["message_imprint"]["hashed_message"].native, SHA256, at=datetime.now(UTC), serial=next(self._serials),
            nonce=req["nonce"].native,
        )  # fmt: skip
        return tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": cms.ContentInfo.load(token)})


def _ours(region: _Region, level: Level) -> Sign:
    chain, serials = (region.anchor.certificate,), count(1)
    signer = PdfSigner(region.document, chain, (region.crl,))
    stamper = Stamper(
        lambda imprint: region.timestamp.token(imprint, SHA256, at=datetime.now(UTC), serial=next(serials)),
        ValidationData((region.timestamp.signer.certificate, *chain), (region.crl,)),
    )

    async def sign(pdf: bytes) -> bytes:
        return signer.sign(pdf, level=level, at=datetime.now(UTC), words=_WORDS, stamper=stamper)

    return sign


def _stock(region: _Region, level: Level, folder: Path) -> Sign:
    """As pyHanko's documentation has it: SimpleSigner from files, no room given, a validation context."""
    for name, data in (
        ("key", region.document_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())),
        ("certificate", _pem(region.document.certificate)), ("anchor", _pem(region.anchor.certificate)),
    ):  # fmt: skip
        (folder / name).write_bytes(data)
    signer = SimpleSigner.load(str(folder / "key"), str(folder / "certificate"), ca_chain_files=(str(folder / "anchor"),))
    stamper = None if level is Level.B_B else _StockStamper(region.timestamp)
    long_term = level in (Level.B_LT, Level.B_LTA)

    async def sign(pdf: bytes) -> bytes:
        meta = PdfSignatureMetadata(
            field_name="Signature", md_algorithm="sha256", reason=_WORDS.reason, location=_WORDS.location, name=_WORDS.name,
            subfilter=SigSeedSubFilter.PADES, certify=True, docmdp_permissions=MDPPerm.NO_CHANGES,
            embed_validation_info=long_term, use_pades_lta=level is Level.B_LTA,
            validation_context=_context(region) if long_term else None,
        )  # fmt: skip
        output = await StockPdfSigner(meta, signer, timestamper=stamper).async_sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)))
        return bytes(output.getvalue())

    return sign


def _pem(certificate: bytes) -> bytes:
    return pyca.load_der_x509_certificate(certificate).public_bytes(Encoding.PEM)


def _context(region: _Region) -> ValidationContext:
    return ValidationContext(
        trust_roots=[x509.Certificate.load(region.anchor.certificate)], crls=[region.crl], revocation_mode="require",
        allow_fetching=False, other_certs=[x509.Certificate.load(region.timestamp.signer.certificate)],
    )


async def _verify(region: _Region, level: Level, made: list[bytes]) -> None:
    for pdf in made:
        reader = PdfFileReader(BytesIO(pdf))
        status = await async_validate_pdf_signature(reader.embedded_regular_signatures[0], _context(region))
        stamped = len(reader.embedded_timestamp_signatures) == (level is Level.B_LTA)
        if not (status.bottom_line and stamped and (status.timestamp_validity is None) == (level is Level.B_B)):
            raise AssertionError(f"a document at level {level} does not hold: {status.pretty_print_details()}")


def _faces(documents: int) -> list[bytes]:
    """Faces of their own, as a typesetter gives them."""
    return [
        render_face(FaceContent(
            license_type="business_license", title_zh="营业执照", title_ug="", identifier=f"1.2.156.3005.2.{number}",
            rows=(FaceRow("holder_name", "名称", "", f"新疆天山达盛棉业有限公司第{number}分公司"),), code=f"CODE{number}",
            made_at=datetime(2026, 11, 24, tzinfo=UTC),
        ))
        for number in range(documents)
    ]  # fmt: skip


async def run(*, documents: int = 4, rounds: int = 7) -> list[Result]:
    """Every level in turn, stock and ours one after the other."""
    logging.getLogger("pyhanko").setLevel(logging.ERROR)  # it warns of every signature made without fetching
    region, faces = _Region.make(), _faces(documents)
    results = []
    with tempfile.TemporaryDirectory(prefix="etrust-bench-") as folder:
        for level in Level:
            made: list[bytes] = []
            result = await pairs(
                f"sign a PDF, PAdES {level}", f"stock pyHanko, PAdES {level}",
                _work(_stock(region, level, Path(folder)), faces, made), _work(_ours(region, level), faces, made), rounds=rounds,
            )  # fmt: skip
            await _verify(region, level, made)
            if level in ASKED_MS:
                result.note = f"asked for: at most {ASKED_MS[level]} ms"
            results.append(result)
    return results


def _work(sign: Sign, faces: list[bytes], made: list[bytes]) -> Work:
    async def work() -> int:
        made.extend([await sign(face) for face in faces])
        return len(faces)

    return work
