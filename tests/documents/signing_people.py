"""Keys, certificates, lists and timestamps made on the spot, independent of etrust's own: only `cryptography` and pyHanko."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign import SimpleSigner
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
TODAY = datetime.now(UTC).replace(microsecond=0)
YEAR = timedelta(days=365)
_USAGES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign",
    "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


@cache
def rsa_key(number: int = 0, bits: int = 2048) -> rsa.RSAPrivateKey:
    """RSA keys take long to make: one per number and run."""
    del number
    return rsa.generate_private_key(65537, bits)


@dataclass
class Party:
    """Somebody with a key and a certificate."""

    key: Key
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        """The certificate."""
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def asn1(self) -> asn1_x509.Certificate:
        """The certificate as pyHanko has it."""
        return asn1_x509.Certificate.load(self.der)

    @property
    def asn1_key(self) -> asn1_keys.PrivateKeyInfo:
        """The key as pyHanko has it."""
        pkcs8 = self.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return asn1_keys.PrivateKeyInfo.load(pkcs8)


@dataclass
class Authority(Party):
    """An authority that issues certificates and a list of the revoked ones."""

    revoked: dict[int, datetime] = field(default_factory=dict)
    reason: x509.ReasonFlags = x509.ReasonFlags.superseded

    def issue(
        self, name: str, key: Key | None = None, *, begin: datetime = TODAY - YEAR, end: datetime = TODAY + 2 * YEAR,
        stamps: bool = False, authority: bool = False, digest: hashes.HashAlgorithm | None = None, signs: bool = True,
    ) -> Party:  # fmt: skip
        """A certificate for a key."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        certificate = make_certificate(
            name, key, self.certificate.subject, self, begin=begin, end=end, stamps=stamps, authority=authority,
            digest=digest, signs=signs,
        )
        return Authority(key, certificate) if authority else Party(key, certificate)

    def crl(self, at: datetime = TODAY, *, days: float = 7) -> bytes:
        """The list as of a moment."""
        builder = (
            x509.CertificateRevocationListBuilder().issuer_name(self.certificate.subject)
            .last_update(at).next_update(at + timedelta(days=days))
            .add_extension(x509.CRLNumber(int(at.timestamp())), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        )  # fmt: skip
        for serial, since in self.revoked.items():
            if since <= at:
                entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(since)
                builder = builder.add_revoked_certificate(entry.add_extension(x509.CRLReason(self.reason), critical=False).build())
        return builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER)


def make_certificate(
    name: str, key: Key, issuer: x509.Name, signer: Party, *, begin: datetime, end: datetime, stamps: bool = False,
    authority: bool = False, digest: hashes.HashAlgorithm | None = None, signs: bool = True,
) -> x509.Certificate:  # fmt: skip
    """One X.509 certificate."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    used = {"key_cert_sign", "crl_sign"} if authority else {"digital_signature", "content_commitment"} if signs else {"key_agreement"}
    builder = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(begin).not_valid_after(end)
        .add_extension(x509.BasicConstraints(authority, None), critical=True)
        .add_extension(x509.KeyUsage(**{usage: usage in used for usage in _USAGES}), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.key.public_key()), critical=False)
    )  # fmt: skip
    if stamps:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return builder.sign(signer.key, digest or hashes.SHA256())


def make_authority(name: str = "Anchor", key: Key | None = None, *, begin: datetime = TODAY - 2 * YEAR, years: int = 40) -> Authority:
    """A self-signed authority."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    own = Party(key, None)  # type: ignore[arg-type]  # only its key is asked
    certificate = make_certificate(name, key, subject, own, begin=begin, end=begin + years * YEAR, authority=True)
    return Authority(key, certificate)


def pdf_signer(party: Party, *others: Party, prefer_pss: bool = False) -> SimpleSigner:
    """PyHanko's stock signer for a party."""
    store = SimpleCertificateStore()
    store.register_multiple([each.asn1 for each in (party, *others)])
    return SimpleSigner(party.asn1, party.asn1_key, store, prefer_pss=prefer_pss)


def stamper(party: Party, *others: Party, at: datetime | None = None) -> DummyTimeStamper:
    """PyHanko's own little timestamp service (RSA)."""
    store = SimpleCertificateStore()
    store.register_multiple([each.asn1 for each in others])
    return DummyTimeStamper(party.asn1, party.asn1_key, store, fixed_dt=at)
