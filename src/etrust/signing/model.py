"""Algorithms and the port behind which private keys stay."""

from enum import StrEnum
from typing import Protocol

SIGNATURE_LENGTH = 64
"""Bytes of a signature; every algorithm here has it (standards: all three sign in 64 bytes)."""


class Algorithm(StrEnum):
    """Signature algorithms; the value is the JOSE name (RFC 7518, RFC 8037)."""

    ES256 = "ES256"
    EDDSA = "EdDSA"

    @property
    def cose(self) -> int:
        """The COSE algorithm number (RFC 9053)."""
        return -7 if self is Algorithm.ES256 else -8


class Signer(Protocol):
    """A private key that signs and never leaves its place; several threads may ask it at once.

    Promise: `sign` returns 64 raw bytes (r and s big-endian for ES256), is safe to call again over the same bytes, and
    raises `EtrustError` (unavailable) when the key is out of reach. A key file and a hardware token both keep it.
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
