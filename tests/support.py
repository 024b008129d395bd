"""What several test files build on: keys made on the spot, a trust list of one region, a credential."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from etrust.access.model import Body
from etrust.credentials.credential import assemble, to_be_signed
from etrust.credentials.model import Claims, FieldValue
from etrust.ids import LicenseIdentifier
from etrust.signing.files import FileSigner
from etrust.signing.model import Algorithm
from etrust.signing.private_keys import SoftwareKey
from etrust.trust.model import KeyEntry, Purpose, TrustList, TrustSnapshot

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
ISSUER = "11650000MB1A0004XU"
TYPE_CODE = "11100000MB0143028R001"
URI = "https://etrust.example/status/1"
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def make_signer(seed: str | None = None, algorithm: Algorithm = Algorithm.ES256) -> FileSigner:
    """A signer with a self-signed certificate; a seed makes the same P-256 key every time (for golden vectors)."""
    key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
    if algorithm is Algorithm.EDDSA:
        key = ed25519.Ed25519PrivateKey.generate()
    elif seed is None:
        key = ec.generate_private_key(ec.SECP256R1())
    else:
        number = int.from_bytes(hashlib.sha512(seed.encode()).digest(), "big") % (P256_ORDER - 1) + 1
        key = ec.derive_private_key(number, ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, seed or "test")])
    builder = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1 if seed else x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1000)).not_valid_after(NOW + timedelta(days=1000))
    )  # fmt: skip
    if isinstance(key, ed25519.Ed25519PrivateKey):
        certificate = builder.sign(key, None)
    else:
        certificate = builder.sign(key, hashes.SHA256(), ecdsa_deterministic=True)
    return FileSigner(SoftwareKey(key), certificate.public_bytes(Encoding.DER))


def key_entry(signer: FileSigner, purpose: Purpose = Purpose.CREDENTIAL, **changes: object) -> KeyEntry:
    """The trust list's entry of a signer, in force around `NOW`."""
    entry = KeyEntry(
        kid=signer.kid, certificate=signer.certificate, algorithm=signer.algorithm, purpose=purpose, body=ISSUER,
        license_types=frozenset({TYPE_CODE}), valid_from=NOW - timedelta(days=400), valid_until=NOW + timedelta(days=400),
        compromised_since=None,
    )
    return replace(entry, **changes)  # type: ignore[arg-type]


def trust_of(*entries: KeyEntry) -> TrustSnapshot:
    """A snapshot of a trust list with these keys."""
    return TrustSnapshot.of(trust_list_of(*entries), "sha256:" + "0" * 64)


def trust_list_of(*entries: KeyEntry) -> TrustList:
    """A trust list of one body with these keys."""
    body = Body(ISSUER, "新疆维吾尔自治区市场监督管理局", "", "Market Regulation", 1, "650000", None)
    return TrustList("650000", 1, NOW - timedelta(days=1), NOW + timedelta(days=29), (body,), entries)


@dataclass(frozen=True)
class Recipe:
    """Claims of a credential that a test changes where it wants to."""

    identifier: LicenseIdentifier = field(
        default_factory=lambda: LicenseIdentifier.make(TYPE_CODE, ISSUER, "ABCDEFGHIJKLMNOPQRST", 1)
    )
    issued_at: datetime = NOW - timedelta(days=30)
    not_before: datetime | None = NOW - timedelta(days=30)
    expires: datetime | None = NOW + timedelta(days=300)
    status_uri: str = URI
    status_index: int = 77
    fields: Mapping[int, FieldValue] = field(default_factory=lambda: {1: "新疆天山达盛棉业有限公司"})

    def claims(self) -> Claims:
        """The claims."""
        return Claims(
            "650000", self.identifier, self.issued_at, self.not_before, self.expires, self.status_uri,
            self.status_index, self.fields,
        )  # fmt: skip

    def signed(self, signer: FileSigner) -> bytes:
        """The credential."""
        protected, payload, tbs = to_be_signed(self.claims(), signer.kid, signer.algorithm)
        return assemble(protected, payload, signer.sign(tbs))
