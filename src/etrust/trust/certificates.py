"""Certificates of a region's own keys, by the profiles in ``keys/profiles.yaml`` (X.509, RFC 5280)."""

from datetime import datetime
from functools import lru_cache
from typing import Protocol

import yaml
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509.oid import NameOID
from pydantic import BaseModel, ConfigDict

from etrust.errors import EtrustError, Kind
from etrust.resources import resource
from etrust.signing.files import KeyFolder, sign_certificate
from etrust.signing.model import Algorithm, Signer
from etrust.trust.model import Purpose

_USAGES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign",
    "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


class Profile(BaseModel):
    """What a certificate of one kind must say."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    ca: bool
    path_length: int | None = None
    key_usage: list[str]


class CertificateIssuer(Signer, Protocol):
    """A signer that can also sign certificates, as keys in files can."""

    def sign_certificate(self, builder: x509.CertificateBuilder) -> x509.Certificate:
        """The certificate, signed."""


@lru_cache(maxsize=1)
def profiles() -> dict[str, Profile]:
    """The packaged certificate profiles by name."""
    found = yaml.safe_load(resource("keys", "profiles.yaml").read_text("utf-8"))
    return {name: Profile.model_validate(profile) for name, profile in found.items()}


def make_root(keys: KeyFolder, name: str, common_name: str, at: datetime, years: int) -> x509.Certificate:
    """Make a region's trust anchor: a P-256 key and its self-signed certificate.

    Args:
        keys: where the private key is kept; a key left without certificate by a crash is used again.
        years: how long the certificate is good.

    Raises:
        EtrustError: ``key_exists``.
    """
    key = keys.create(name, Algorithm.ES256)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    builder = _builder(subject, subject, key.public_key(), "anchor", at, years)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    certificate = sign_certificate(key, builder)
    keys.certify(name, certificate)
    return certificate


def make_leaf(
    keys: KeyFolder, anchor: CertificateIssuer, name: str, *, common_name: str, body: str, purpose: Purpose,
    algorithm: Algorithm, at: datetime, years: int,
) -> x509.Certificate:
    """Make the key and certificate of a body for one purpose, signed by the region's anchor.

    Raises:
        EtrustError: ``key_exists``.
    """
    key = keys.create(name, algorithm)
    issuer = x509.load_der_x509_certificate(anchor.certificate)
    subject = x509.Name([
        x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64]),
        x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, body),
    ])  # fmt: skip
    builder = _builder(subject, issuer.subject, key.public_key(), purpose.value, at, years)
    issuer_key = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_key), critical=False
    )
    certificate = anchor.sign_certificate(builder)
    keys.certify(name, certificate)
    return certificate


def _builder(
    subject: x509.Name, issuer: x509.Name, key: CertificatePublicKeyTypes, profile_name: str, at: datetime, years: int
) -> x509.CertificateBuilder:
    profile = profiles()[profile_name]
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(at)
        .not_valid_after(years_after(at, years))
        .add_extension(x509.BasicConstraints(ca=profile.ca, path_length=profile.path_length), critical=True)
        .add_extension(_key_usage(profile), critical=True)
    )


def years_after(at: datetime, years: int) -> datetime:
    """The same day some years later; the 29th of February becomes the 28th."""
    return at.replace(year=at.year + years, day=28 if (at.month, at.day) == (2, 29) else at.day)


def _key_usage(profile: Profile) -> x509.KeyUsage:
    unknown = set(profile.key_usage) - set(_USAGES)
    if unknown:
        raise EtrustError(
            Kind.INVALID, "bad_profile", where="keys/profiles.yaml",
            zh=f"证书配置中有未知的密钥用途：{sorted(unknown)}。", en=f"Unknown key usages in a profile: {sorted(unknown)}.",
        )
    return x509.KeyUsage(**{usage: usage in profile.key_usage for usage in _USAGES})
