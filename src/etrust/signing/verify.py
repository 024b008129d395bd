"""Verifying bytes with the public key of a certificate."""

from functools import lru_cache
from typing import Protocol, Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from etrust.errors import EtrustError, Kind
from etrust.signing.model import SIGNATURE_LENGTH, Algorithm

_ES256 = ec.ECDSA(hashes.SHA256())


class _PublicKey(Protocol):
    def check(self, signature: bytes, data: bytes) -> None:
        """Return quietly when the signature is right; raise InvalidSignature otherwise."""


class _P256:
    def __init__(self, key: ec.EllipticCurvePublicKey) -> None:
        self._key = key

    def check(self, signature: bytes, data: bytes) -> None:
        der = encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
        self._key.verify(der, data, _ES256)


class _Ed25519:
    def __init__(self, key: ed25519.Ed25519PublicKey) -> None:
        self._key = key

    def check(self, signature: bytes, data: bytes) -> None:
        self._key.verify(signature, data)


class VerifyKey:
    """A public key that verifies with the one algorithm it was entered for."""

    __slots__ = ("_key",)

    def __init__(self, key: _PublicKey) -> None:
        self._key = key

    @classmethod
    def from_certificate(cls, certificate: bytes, algorithm: Algorithm) -> Self:
        """The key of a DER certificate; parsed once and remembered.

        Raises:
            EtrustError: ``bad_certificate``: unreadable, or its key is not of the algorithm.
        """
        return cls(_parse(certificate, algorithm))

    def check(self, signature: bytes, data: bytes) -> None:
        """Return quietly when the signature is right.

        Raises:
            EtrustError: ``bad_signature``.
        """
        if len(signature) != SIGNATURE_LENGTH:
            raise _bad_signature()
        try:
            self._key.check(signature, data)
        except InvalidSignature:
            raise _bad_signature() from None


@lru_cache(maxsize=4096)
def _parse(certificate: bytes, algorithm: Algorithm) -> _PublicKey:
    try:
        key = x509.load_der_x509_certificate(certificate).public_key()
    except ValueError as error:
        raise _bad_certificate("unreadable") from error
    if algorithm is Algorithm.ES256 and isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == "secp256r1":
        return _P256(key)
    if algorithm is Algorithm.EDDSA and isinstance(key, ed25519.Ed25519PublicKey):
        return _Ed25519(key)
    raise _bad_certificate(f"its key is not for {algorithm.value}")


def _bad_signature() -> EtrustError:
    return EtrustError(
        Kind.UNTRUSTED, "bad_signature",
        zh="签名不正确：内容被改动或系伪造。", en="The signature is wrong: the content was altered or forged.",
    )


def _bad_certificate(why: str) -> EtrustError:
    return EtrustError(Kind.UNTRUSTED, "bad_certificate", zh="证书无法使用。", en=f"The certificate cannot be used: {why}.")
