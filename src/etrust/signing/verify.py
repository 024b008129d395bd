"""Verifying bytes with the public key of a certificate."""

from functools import lru_cache
from typing import Protocol, Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key

from etrust.errors import EtrustError, Kind
from etrust.signing import sm2
from etrust.signing.model import SIGNATURE_LENGTH, Algorithm
from etrust.signing.spki import algorithm_of_spki, bad_certificate, certificate_spki

MIN_RSA_BITS = 3072
_ES256 = ec.ECDSA(hashes.SHA256())


class _PublicKey(Protocol):
    length: int

    def check(self, signature: bytes, data: bytes) -> None:
        """Return quietly when the signature is right; raise InvalidSignature or ``bad_signature`` otherwise."""


class _P256:
    length = SIGNATURE_LENGTH

    def __init__(self, key: ec.EllipticCurvePublicKey) -> None:
        self._key = key

    def check(self, signature: bytes, data: bytes) -> None:
        der = encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
        self._key.verify(der, data, _ES256)


class _Ed25519:
    length = SIGNATURE_LENGTH

    def __init__(self, key: ed25519.Ed25519PublicKey) -> None:
        self._key = key

    def check(self, signature: bytes, data: bytes) -> None:
        self._key.verify(signature, data)


class _Rsa:
    def __init__(self, key: rsa.RSAPublicKey) -> None:
        self._key = key
        self.length = (key.key_size + 7) // 8

    def check(self, signature: bytes, data: bytes) -> None:
        self._key.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())


class _Sm2:
    length = SIGNATURE_LENGTH

    def __init__(self, key: sm2.PublicKey) -> None:
        self._key = key

    def check(self, signature: bytes, data: bytes) -> None:
        self._key.check(sm2.signature_from_raw(signature), data)


class VerifyKey:
    """A public key that verifies with the one algorithm it was entered for."""

    __slots__ = ("_key",)

    def __init__(self, key: _PublicKey) -> None:
        self._key = key

    @classmethod
    def from_certificate(cls, certificate: bytes, algorithm: Algorithm) -> Self:
        """The key of a DER certificate; parsed once and remembered.

        Raises:
            EtrustError: ``bad_certificate``: unreadable, or its key is not of the algorithm; ``sm2_unavailable``.
        """
        return cls(_of_certificate(certificate, algorithm))

    @classmethod
    def from_spki(cls, spki: bytes, algorithm: Algorithm) -> Self:
        """The key of a SubjectPublicKeyInfo (DER); errors as `from_certificate`."""
        return cls(_parse(spki, algorithm))

    def check(self, signature: bytes, data: bytes) -> None:
        """Return quietly when the raw signature is right.

        Raises:
            EtrustError: ``bad_signature``.
        """
        if len(signature) != self._key.length:
            raise _bad_signature()
        try:
            self._key.check(signature, data)
        except InvalidSignature:
            raise _bad_signature() from None


@lru_cache(maxsize=4096)
def _of_certificate(certificate: bytes, algorithm: Algorithm) -> _PublicKey:
    return _parse(certificate_spki(certificate), algorithm)


def _parse(spki: bytes, algorithm: Algorithm) -> _PublicKey:
    try:
        if algorithm_of_spki(spki) is not algorithm:
            raise bad_certificate(f"its key is not for {algorithm.value}")
        return _Sm2(sm2.PublicKey.from_spki(spki)) if algorithm is Algorithm.SM2 else _loaded(spki)
    except EtrustError as error:
        if error.code in ("bad_der", "unknown_key_kind", "bad_key"):
            raise bad_certificate(error.en) from error
        raise


def _loaded(spki: bytes) -> _PublicKey:
    try:
        key = load_der_public_key(spki)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise bad_certificate("its key cannot be read") from error
    if isinstance(key, ed25519.Ed25519PublicKey):
        return _Ed25519(key)
    if isinstance(key, ec.EllipticCurvePublicKey):
        return _P256(key)
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= MIN_RSA_BITS:
        return _Rsa(key)
    raise bad_certificate(f"an RSA key of fewer than {MIN_RSA_BITS} bits")


def _bad_signature() -> EtrustError:
    return EtrustError(
        Kind.UNTRUSTED, "bad_signature",
        zh="签名不正确：内容被改动或系伪造。", en="The signature is wrong: the content was altered or forged.",
    )
