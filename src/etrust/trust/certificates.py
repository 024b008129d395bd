"""Writes X.509 certificates (RFC 5280) with P-256, Ed25519, RSA or SM2 keys, signed by an authority's P-256 or SM2 key.

`cryptography` makes no certificates with SM2, so the structure is written here for all of them. What is written is held
against its profile before the authority's key is used (`etrust.trust.lint`), and what is signed is exactly what was held
against it.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from etrust.errors import EtrustError, Kind
from etrust.signing import der
from etrust.signing.encoding import algorithm_identifier, der_signature
from etrust.signing.model import Algorithm, Signer
from etrust.signing.private_keys import PrivateKey
from etrust.trust import writing, x509
from etrust.trust.profiles import Profile, profile_of

VERSION_3 = 2
AUTHORITY_ACCESS = "1.3.6.1.5.5.7.1.1"
CA_ISSUERS = "1.3.6.1.5.5.7.48.2"
AUTHORITY_ALGORITHMS = (Algorithm.ES256, Algorithm.SM2)


@dataclass(frozen=True, slots=True)
class CertificateRequest:
    """What one certificate shall say.

    Attributes:
        profile: its kind, a name in ``keys/profiles.yaml``.
        subject_name: common name of the holder; cut to 64 characters.
        body: code of the body behind the key, empty for an authority.
        spki: the public key, SubjectPublicKeyInfo in DER.
        serial: drawn at random by whoever asks.
        crl_point: where its revocation list is, None for none.
        authority_url: where its authority's certificate is, None for none.
    """

    profile: str
    subject_name: str
    body: str
    spki: bytes
    serial: int
    not_before: datetime
    not_after: datetime
    crl_point: str | None = None
    authority_url: str | None = None

    @property
    def subject(self) -> bytes:
        """The holder's name, DER."""
        return writing.subject(self.subject_name, self.body)


@dataclass(frozen=True, slots=True)
class Issuer:
    """What a certificate takes over from its authority."""

    name: bytes
    key_id: bytes
    spki: bytes
    algorithm: Algorithm
    not_after: datetime

    @classmethod
    def of(cls, authority: Signer) -> Self:
        """The issuer that a signer with its certificate is.

        Raises:
            EtrustError: ``bad_certificate``; ``not_an_authority``: it may not issue, or signs with neither P-256 nor SM2.
        """
        own = x509.read_certificate(authority.certificate)
        if not own.extensions.authority or authority.algorithm not in AUTHORITY_ALGORITHMS:
            raise EtrustError(
                Kind.FORBIDDEN, "not_an_authority", where=own.name,
                zh=f"“{own.name}”不是可签发证书的认证机构。", en=f"{own.name} is no authority that may issue certificates.",
            )
        key_id = own.extensions.key_id or key_id_of(own.spki)
        return cls(own.subject, key_id, own.spki, authority.algorithm, own.not_after)

    @classmethod
    def itself(cls, request: CertificateRequest, algorithm: Algorithm) -> Self:
        """The issuer of a self-signed certificate."""
        return cls(request.subject, key_id_of(request.spki), request.spki, algorithm, request.not_after)


@dataclass(frozen=True, slots=True)
class FreshKey:
    """A signer that has no certificate yet: it signs its own, or one that is thrown away."""

    algorithm: Algorithm
    sign_bytes: Callable[[bytes], bytes]
    certificate: bytes = b""
    kid: bytes = b""

    @classmethod
    def of(cls, key: PrivateKey) -> Self:
        """The signer of a private key at hand."""
        return cls(key.algorithm, key.sign)

    def sign(self, data: bytes) -> bytes:
        """The raw signature over the bytes."""
        return self.sign_bytes(data)


def key_id_of(spki: bytes) -> bytes:
    """The id of a key: SHA-1 of its bits (RFC 5280, section 4.2.1.2, method 1); a name for it, no protection."""
    fields = der.read(spki).fields()
    fields.take(der.SEQUENCE)
    return hashlib.sha1(fields.take(der.BITS).bits(), usedforsecurity=False).digest()


def write_body(request: CertificateRequest, issuer: Issuer) -> bytes:
    """The TBSCertificate, DER."""
    profile = profile_of(request.profile)
    return writing.sequence(
        der.write(der.context(0), der.write_integer(VERSION_3)),
        der.write_integer(request.serial),
        algorithm_identifier(issuer.algorithm),
        issuer.name,
        writing.sequence(writing.time(request.not_before), writing.time(request.not_after)),
        request.subject,
        request.spki,
        der.write(der.context(3), writing.sequence(*_extensions(profile, request, issuer))),
    )


def _extensions(profile: Profile, request: CertificateRequest, issuer: Issuer) -> list[bytes]:
    found = [
        writing.extension(x509.BASIC_CONSTRAINTS, _constraints(profile), critical=True),
        writing.extension(x509.KEY_USAGE, writing.named_bits(profile.usage_bits), critical=True),
        writing.extension(x509.SUBJECT_KEY_ID, der.write(der.OCTETS, key_id_of(request.spki))),
    ]
    if issuer.spki != request.spki:
        key_id = der.write(der.context(0, constructed=False), issuer.key_id)
        found.append(writing.extension(x509.AUTHORITY_KEY_ID, writing.sequence(key_id)))
    if profile.purposes:
        purposes = writing.sequence(*map(der.write_oid, profile.purposes))
        found.append(writing.extension(x509.EXTENDED_KEY_USAGE, purposes, critical=profile.extended_key_usage_critical))
    if request.crl_point:
        point = writing.sequence(writing.full_name(request.crl_point))
        found.append(writing.extension(x509.CRL_POINTS, writing.sequence(point)))
    if request.authority_url:
        access = writing.sequence(der.write_oid(CA_ISSUERS), writing.uri(request.authority_url))
        found.append(writing.extension(AUTHORITY_ACCESS, writing.sequence(access)))
    return found


def _constraints(profile: Profile) -> bytes:
    length = b"" if profile.path_length is None else der.write_integer(profile.path_length)
    return writing.sequence(writing.TRUE if profile.ca else b"", length)


def sign_body(body: bytes, key: Signer) -> bytes:
    """The certificate around a body, signed; nothing is checked here."""
    return writing.sequence(body, algorithm_identifier(key.algorithm), der.write_bits(der_signature(key, body)))


def sign_checked(body: bytes, key: Signer, spki: bytes) -> bytes:
    """Sign a body that has been held against its profile, and prove that the certificate carries it unchanged.

    Raises:
        EtrustError: ``certificate_differs``: what came out is not what was looked at, or the signature is not the key's.
    """
    made = sign_body(body, key)
    read = x509.read_certificate(made)
    if read.signed != body or read.algorithm != key.algorithm.oid:
        raise _differs("its body is another than the one that was looked at")
    try:
        x509.check_signature(spki, read.algorithm, read.signature, body)
    except EtrustError as error:
        raise _differs(f"its signature is not the authority's ({error.code})") from error
    return made


def years_after(at: datetime, years: int) -> datetime:
    """The same day some years later; the 29th of February becomes the 28th."""
    return at.replace(year=at.year + years, day=28 if (at.month, at.day) == (2, 29) else at.day)


def _differs(why: str) -> EtrustError:
    return EtrustError(
        Kind.UNTRUSTED, "certificate_differs",
        zh="签出的证书与检查过的内容不一致，已作废，请检查签名设备。",
        en=f"The certificate signed is not the one looked at and is thrown away: {why}. Check the signing device.",
    )
