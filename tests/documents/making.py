"""Signed PDFs at every level, with authorities, revocation lists and a timestamp service made on the spot."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from asn1crypto import x509

from etrust.documents.cms import SHA256
from etrust.documents.face import render_face
from etrust.documents.levels import Level, SignatureWords
from etrust.documents.pades import PdfSigner
from etrust.documents.timestamper import Stamper, ValidationData
from etrust.signing.files import FileSigner
from etrust.signing.model import Algorithm, Signer
from etrust.signing.private_keys import generate
from etrust.trust.certificates import CertificateRequest, years_after
from etrust.trust.crl_making import LIFETIME, Listed, make_crl
from etrust.trust.issuing import make_anchor, make_certificate, new_serial
from etrust.trust.stamping import TimestampAuthority
from tests.documents.contents import sample

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
BODY = "11650000MB1A0004XU"
WORDS = SignatureWords("电子证照签发", "新疆维吾尔自治区", "新疆维吾尔自治区市场监督管理局")

SERIALS = count(1)


@dataclass
class Authority:
    """An authority of a region as it is at a time, with what it issued and revoked."""

    signer: FileSigner
    made_at: datetime
    revoked: list[Listed] = field(default_factory=list)
    numbers: count = field(default_factory=lambda: count(1))

    @classmethod
    def make(cls, at: datetime = NOW, name: str = "test anchor", years: int = 20) -> "Authority":
        key = generate(Algorithm.ES256)
        return cls(FileSigner(key, make_anchor(key, profile="anchor", name=name, at=at, years=years)), at)

    def issue(
        self, profile: str, name: str, *, at: datetime, years: int, algorithm: Algorithm = Algorithm.ES256, point: str | None = None,
        body: str = BODY,
    ) -> FileSigner:
        """A key with a certificate of this authority; `point` is the address of its revocation list."""
        key = generate(algorithm)
        request = CertificateRequest(
            profile=profile, subject_name=name, body=body, spki=key.public_spki(), serial=new_serial(), not_before=at,
            not_after=years_after(at, years), crl_point=point,
        )  # fmt: skip
        return FileSigner(key, make_certificate(request, self.signer))

    def crl(self, at: datetime, *points: str) -> bytes:
        """Its revocation list of a moment, of all certificates or of those that name one of these addresses."""
        return make_crl(
            self.signer, number=next(self.numbers), revoked=self.revoked, this_update=at, next_update=at + LIFETIME, points=points
        )

    def revoke(self, signer: Signer, since: datetime, reason: int = 0) -> None:
        """Put a certificate on the lists to come."""
        self.revoked.append(Listed(x509.Certificate.load(signer.certificate).serial_number, since, reason))


@dataclass
class Region:
    """An authority, a body's document key and a timestamp service under it."""

    authority: Authority
    document: FileSigner
    timestamp: FileSigner

    @classmethod
    def make(cls, at: datetime = NOW, *, years: int = 20, algorithm: Algorithm = Algorithm.ES256) -> "Region":
        authority = Authority.make(at, years=years)
        return cls(
            authority, authority.issue("document", "document " + BODY, at=at, years=5, algorithm=algorithm),
            authority.issue("timestamp", "timestamp 650000", at=at, years=10),
        )  # fmt: skip

    @property
    def chain(self) -> tuple[bytes, ...]:
        """Issuers of both keys."""
        return (self.authority.signer.certificate,)

    def stamper(self, at: datetime = NOW, crl: bytes | None = None) -> Stamper:
        """The region's stamper of a moment."""
        crls = (crl or self.authority.crl(at),)
        return make_stamper(self.timestamp, self.chain, crls, lambda: at)

    def sign(self, pdf: bytes, level: Level = Level.B_LTA, at: datetime = NOW) -> bytes:
        """A PDF signed by the body at a level."""
        crl = self.authority.crl(at)
        signer = PdfSigner(self.document, self.chain, (crl,))
        return signer.sign(pdf, level=level, at=at, words=WORDS, stamper=self.stamper(at, crl))


def make_stamper(
    signer: FileSigner, chain: Sequence[bytes], crls: Sequence[bytes], clock: Callable[[], datetime], serials: count = SERIALS
) -> Stamper:
    """A stamper out of a key, with what proves it."""
    service = TimestampAuthority(signer, policy="1.2.3.4", accuracy=timedelta(seconds=1))
    return Stamper(
        lambda imprint: service.token(imprint, SHA256, at=clock(), serial=next(serials)),
        ValidationData((signer.certificate, *chain), tuple(crls)),
    )


def face(seed: int = 7) -> bytes:
    """The face of a synthetic business license, unsigned."""
    return render_face(sample("business_license", seed=seed))
