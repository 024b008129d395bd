"""Algorithms and the port behind which private keys stay."""

from enum import StrEnum
from typing import Protocol

from etrust.errors import EtrustError, Kind

SIGNATURE_LENGTH = 64
"""Bytes of a raw signature of every algorithm here but RSA, whose signatures are as long as its modulus."""


class Algorithm(StrEnum):
    """Signature algorithms; the value is the JOSE name (RFC 7518, RFC 8037), for SM2 the name of GB/T 32918."""

    ES256 = "ES256"
    EDDSA = "EdDSA"
    RS256 = "RS256"
    SM2 = "SM2"

    @property
    def cose(self) -> int:
        """The COSE algorithm number (RFC 9053).

        Raises:
            EtrustError: ``no_cose_algorithm``: SM2 and RSA sign no credentials.
        """
        if self not in _COSE:
            raise EtrustError(
                Kind.INVALID, "no_cose_algorithm", where=self.value,
                zh=f"算法 {self.value} 不能用于签发证照凭证，请使用 ES256 或 EdDSA 密钥。",
                en=f"{self.value} does not sign credentials; use a key for ES256 or EdDSA.",
            )
        return _COSE[self]

    @classmethod
    def of_cose(cls, number: object) -> "Algorithm | None":
        """The algorithm of a COSE number, None for one that signs no credentials here."""
        return next((algorithm for algorithm, own in _COSE.items() if own == number), None)

    @property
    def oid(self) -> str:
        """The OID of the signature algorithm (RFC 5758, RFC 8410, RFC 4055, GM/T 0006)."""
        return _OIDS[self]


_COSE = {Algorithm.ES256: -7, Algorithm.EDDSA: -8}
_OIDS = {
    Algorithm.ES256: "1.2.840.10045.4.3.2", Algorithm.EDDSA: "1.3.101.112",
    Algorithm.RS256: "1.2.840.113549.1.1.11", Algorithm.SM2: "1.2.156.10197.1.501",
}  # fmt: skip


class Signer(Protocol):
    """A private key that signs and never leaves its place; several threads may ask it at once.

    Promise: `sign` returns the raw signature (64 bytes; r and s big-endian for ES256 and SM2; as long as the modulus for
    RSA), is safe to call again over the same bytes, and raises `EtrustError` (unavailable) when the key is out of reach. A
    key file and a hardware token both keep it.
    """

    @property
    def algorithm(self) -> Algorithm:
        """The one algorithm this key signs with."""

    @property
    def kid(self) -> bytes:
        """First eight bytes of the SHA-256 of `certificate`."""

    @property
    def certificate(self) -> bytes:
        """The X.509 certificate of the public key, DER."""

    def sign(self, data: bytes) -> bytes:
        """The signature over the bytes."""
