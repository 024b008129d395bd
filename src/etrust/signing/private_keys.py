"""Private keys in the process's memory: P-256, Ed25519, RSA and SM2, each behind the same few questions."""

from typing import Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from etrust.errors import EtrustError, Kind
from etrust.signing import der, sm2
from etrust.signing.model import Algorithm

MIN_RSA_BITS = 3072
"""The shortest RSA key that signs here: 128 bits of security (GM/T 0054 and NIST SP 800-57 alike)."""
_RSA_EXPONENT = 65537
# RFC 6979: the same bytes give the same signature, so signing again after a crash changes nothing.
_ES256 = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
CryptographyKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey
"""Keys that the package `cryptography` holds."""


class SigningKey(Protocol):
    """A private key that signs, wherever it lies.

    Promise: `sign` returns the raw signature as `signing.model.Signer` says, and may be called from several threads at once.
    Keys in memory and keys on a token (`signing.pkcs11`) keep it.
    """

    algorithm: Algorithm

    def sign(self, data: bytes) -> bytes:
        """The raw signature over the bytes."""

    def public_spki(self) -> bytes:
        """The public key as SubjectPublicKeyInfo, DER."""


class PrivateKey(SigningKey, Protocol):
    """A private key in memory, which can be written down."""

    def pkcs8(self) -> bytes:
        """The private key as unencrypted PKCS#8, DER."""


class SoftwareKey:
    """A P-256, Ed25519 or RSA key held by `cryptography`; keeps the promise of `PrivateKey`.

    Raises:
        EtrustError: ``bad_key``: another curve, or RSA of fewer than `MIN_RSA_BITS`.
    """

    __slots__ = ("_key", "algorithm")

    def __init__(self, key: CryptographyKey) -> None:
        self._key = key
        self.algorithm = _algorithm(key)

    def sign(self, data: bytes) -> bytes:
        """The raw signature over the bytes."""
        key = self._key
        if isinstance(key, ed25519.Ed25519PrivateKey):
            return key.sign(data)
        if isinstance(key, rsa.RSAPrivateKey):
            return key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        r, s = decode_dss_signature(key.sign(data, _ES256))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def public_spki(self) -> bytes:
        """The public key, DER."""
        return self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def pkcs8(self) -> bytes:
        """The private key, DER."""
        return self._key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


class Sm2Key:
    """An SM2 key held by the SM2 library, parsed once; keeps the promise of `PrivateKey`."""

    __slots__ = ("_key", "algorithm")

    def __init__(self, key: sm2.PrivateKey) -> None:
        self._key = key
        self.algorithm = Algorithm.SM2

    def sign(self, data: bytes) -> bytes:
        """The raw signature over the bytes, signer ID of GM/T 0009; every call gives another."""
        return sm2.signature_to_raw(self._key.sign(data))

    def public_spki(self) -> bytes:
        """The public key, DER."""
        return self._key.public.spki()

    def pkcs8(self) -> bytes:
        """The private key, DER."""
        return self._key.pkcs8()


def generate(algorithm: Algorithm) -> PrivateKey:
    """A new key from the system's random numbers; RSA keys get `MIN_RSA_BITS`."""
    if algorithm is Algorithm.SM2:
        return Sm2Key(sm2.PrivateKey.generate())
    if algorithm is Algorithm.EDDSA:
        return SoftwareKey(ed25519.Ed25519PrivateKey.generate())
    if algorithm is Algorithm.RS256:
        return SoftwareKey(rsa.generate_private_key(_RSA_EXPONENT, MIN_RSA_BITS))
    return SoftwareKey(ec.generate_private_key(ec.SECP256R1()))


def from_pkcs8(data: bytes) -> PrivateKey:
    """The key of an unencrypted PKCS#8 structure (DER).

    Raises:
        EtrustError: ``bad_der``; ``bad_key``, with the reason in English; ``sm2_unavailable``.
    """
    fields = der.read(data).fields()
    fields.take(der.INTEGER)
    if fields.take(der.SEQUENCE).encoded == sm2.ALGORITHM:
        return Sm2Key(_consistent(sm2.PrivateKey.from_pkcs8(data)))
    try:
        key = serialization.load_der_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _bad_key("unreadable") from error
    if not isinstance(key, CryptographyKey):
        raise _bad_key("none of P-256, Ed25519, RSA and SM2")
    return SoftwareKey(key)


def _consistent(key: sm2.PrivateKey) -> sm2.PrivateKey:
    """The point stands beside the secret in the file; a key whose point is another would sign what nobody can verify."""
    try:
        key.public.check(key.sign(b""), b"")
    except EtrustError as error:
        raise _bad_key("its public point is not that of the secret") from error
    return key


def _algorithm(key: CryptographyKey) -> Algorithm:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return Algorithm.EDDSA
    if isinstance(key, rsa.RSAPrivateKey):
        if key.key_size < MIN_RSA_BITS:
            raise _bad_key(f"an RSA key of fewer than {MIN_RSA_BITS} bits")
        return Algorithm.RS256
    if key.curve.name != "secp256r1":
        raise _bad_key("a curve other than P-256 and SM2")
    return Algorithm.ES256


def _bad_key(why: str) -> EtrustError:
    return EtrustError(Kind.UNTRUSTED, "bad_key", zh="私钥无法使用。", en=f"The private key cannot be used: {why}.")
