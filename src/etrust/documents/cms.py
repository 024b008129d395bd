"""CMS signatures as PAdES wants them (RFC 5652, ETSI EN 319 142-1, section 6.3), written in DER straight from a `Signer`.

pyHanko builds the same through general ASN.1 objects, twice a document; here the fixed parts are written once for a key.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

from etrust.errors import EtrustError, Kind
from etrust.signing import der
from etrust.signing.encoding import algorithm_identifier, der_signature
from etrust.signing.model import Algorithm, Signer
from etrust.trust import writing, x509

SIGNED_DATA, DATA = "1.2.840.113549.1.7.2", "1.2.840.113549.1.7.1"
CONTENT_TYPE, MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
SIGNING_CERTIFICATE_V2, SIGNATURE_TIMESTAMP = "1.2.840.113549.1.9.16.2.47", "1.2.840.113549.1.9.16.2.14"
SHA256 = "2.16.840.1.101.3.4.2.1"
_VERSION_1 = 1
_ALLOWED = (Algorithm.ES256, Algorithm.RS256)

Stamp = Callable[[bytes], bytes]
"""Gives the timestamp token (DER) over a SHA-256 digest."""


@dataclass(frozen=True, slots=True)
class CmsParts:
    """What all signatures of one key have in common.

    Attributes:
        signer: the key.
        certificates: the SET of certificates inside: the signer's and those of its issuers, roots left out.
        identity: issuer and serial number of the signer's certificate.
        fixed_attributes: signed attributes that are the same each time.
    """

    signer: Signer
    certificates: bytes
    identity: bytes
    fixed_attributes: tuple[bytes, ...]

    @classmethod
    def of(cls, signer: Signer, chain: Sequence[bytes] = ()) -> Self:
        """The parts of a signer whose issuers' certificates (DER) are `chain`.

        Raises:
            EtrustError: ``no_pdf_algorithm``: readers of PDF know neither SM2 nor, yet, Ed25519.
        """
        if signer.algorithm not in _ALLOWED:
            raise EtrustError(
                Kind.INVALID, "no_pdf_algorithm", where=signer.algorithm.value,
                zh=f"PDF 文书不能用 {signer.algorithm.value} 密钥签名，请使用 P-256 或 RSA 密钥。",
                en=f"PDF documents are not signed with {signer.algorithm.value}; use a P-256 or RSA key.",
            )
        own = x509.read_certificate(signer.certificate)
        inside = {signer.certificate, *(each for each in chain if not x509.read_certificate(each).is_self_issued)}
        return cls(
            signer,
            der.write(der.context(0), *sorted(inside)),
            writing.sequence(own.issuer, der.write_integer(own.serial)),
            (_attribute(CONTENT_TYPE, der.write_oid(DATA)), _attribute(SIGNING_CERTIFICATE_V2, _reference(signer.certificate))),
        )


def sign_cms(parts: CmsParts, digest: bytes, stamp: Stamp | None = None) -> bytes:
    """A detached CMS signature over content with this SHA-256 digest; `stamp` adds a timestamp over its signature value.

    Raises:
        EtrustError: what the key or the timestamp service raises.
    """
    attributes = sorted((*parts.fixed_attributes, _attribute(MESSAGE_DIGEST, der.write(der.OCTETS, digest))))
    signature = der_signature(parts.signer, der.write(der.SET, *attributes))
    token = b"" if stamp is None else _attribute(SIGNATURE_TIMESTAMP, stamp(hashlib.sha256(signature).digest()))
    signer_info = writing.sequence(
        der.write_integer(_VERSION_1), parts.identity, _SHA256, der.write(der.context(0), *attributes),
        algorithm_identifier(parts.signer.algorithm), der.write(der.OCTETS, signature),
        der.write(der.context(1), token) if token else b"",
    )  # fmt: skip
    signed = writing.sequence(
        der.write_integer(_VERSION_1), der.write(der.SET, _SHA256), writing.sequence(der.write_oid(DATA)), parts.certificates,
        der.write(der.SET, signer_info),
    )  # fmt: skip
    return writing.sequence(der.write_oid(SIGNED_DATA), der.write(der.context(0), signed))


def _attribute(oid: str, value: bytes) -> bytes:
    return writing.sequence(der.write_oid(oid), der.write(der.SET, value))


def _reference(certificate: bytes) -> bytes:
    """A SigningCertificateV2 (RFC 5035) with the certificate's SHA-256, which is its default algorithm."""
    digest = der.write(der.OCTETS, hashlib.sha256(certificate).digest())
    return writing.sequence(writing.sequence(writing.sequence(digest)))


_SHA256 = writing.sequence(der.write_oid(SHA256))
