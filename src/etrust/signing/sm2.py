"""SM2 signatures with SM3 (GB/T 32918.2, GM/T 0009) and the SM3 digest (GB/T 32905).

The curve arithmetic is a library's: OpenSSL 3's libcrypto where the system has it with SM2, the package ``gmssl-pyx``
where it is installed instead (`docs/decisions/sm2-binding.md`). The nonce of a signature is always the library's own.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Protocol, Self

from cryptography.hazmat.primitives import hashes

from etrust.errors import EtrustError, Kind
from etrust.signing import der

CURVE = "1.2.156.10197.1.301"
WITH_SM3 = "1.2.156.10197.1.501"
SM3 = "1.2.156.10197.1.401"
EC_PUBLIC_KEY = "1.2.840.10045.2.1"
DEFAULT_ID = b"1234567812345678"
"""The signer ID of GM/T 0009, section 10, used in certificates, seals and seal signatures."""
ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
POINT_LENGTH = 65
_SIZE = 32
_UNCOMPRESSED = 4
ALGORITHM = der.write(der.SEQUENCE, der.write_oid(EC_PUBLIC_KEY), der.write_oid(CURVE))


class Backend(Protocol):
    """A library that knows the curve.

    Promise: `check` answers whether a DER signature is right and never raises for a wrong one; `sign` draws its own
    nonce; all may be called from several threads at once. OpenSSL's libcrypto and GmSSL both keep it.
    """

    name: str

    def public_key(self, point: bytes) -> object:
        """A key ready for `check`, from an uncompressed point; raises EtrustError ``bad_key`` when it is not on the curve."""

    def check(self, key: object, signature: bytes, data: bytes, signer_id: bytes) -> bool:
        """Whether the signature is right."""

    def private_key(self, secret: bytes, point: bytes) -> object:
        """A key ready for `sign`, taken in once: reading it costs as much as a signature."""

    def sign(self, key: object, data: bytes, signer_id: bytes) -> bytes:
        """A DER signature."""

    def generate(self) -> tuple[bytes, bytes]:
        """A new private key: its 32 bytes and its uncompressed point."""


class PublicKey:
    """An SM2 public key."""

    __slots__ = ("_key", "point")

    def __init__(self, point: bytes) -> None:
        if len(point) != POINT_LENGTH or point[0] != _UNCOMPRESSED:
            raise bad_key("the point is not 65 bytes, uncompressed")
        self.point = point
        self._key = backend().public_key(point)

    @classmethod
    def from_spki(cls, spki: bytes) -> Self:
        """The key of a SubjectPublicKeyInfo (DER).

        Raises:
            EtrustError: ``bad_der``, ``bad_key``, ``sm2_unavailable``.
        """
        fields = der.read(spki).fields()
        algorithm, point = fields.take(der.SEQUENCE), fields.take(der.BITS).bits()
        fields.end()
        if algorithm.encoded != ALGORITHM:
            raise bad_key("not a key on the SM2 curve")
        return cls(point)

    def spki(self) -> bytes:
        """The SubjectPublicKeyInfo, DER."""
        return der.write(der.SEQUENCE, ALGORITHM, der.write_bits(self.point))

    def check(self, signature: bytes, data: bytes, signer_id: bytes = DEFAULT_ID) -> None:
        """Return quietly when a DER signature is right.

        Raises:
            EtrustError: ``bad_signature``.
        """
        try:
            signature_to_raw(signature)  # one form only, so that no library's leniency decides
        except EtrustError:
            raise _bad_signature() from None
        if not backend().check(self._key, signature, data, signer_id):
            raise _bad_signature()


class PrivateKey:
    """An SM2 private key; `secret` is its 32 bytes."""

    __slots__ = ("_key", "_secret", "public")

    def __init__(self, secret: bytes, point: bytes) -> None:
        if len(secret) != _SIZE or not 1 <= int.from_bytes(secret, "big") < ORDER - 1:
            raise bad_key("the private key is out of range")
        self._secret = secret
        self.public = PublicKey(point)
        self._key = backend().private_key(secret, point)

    @classmethod
    def generate(cls) -> Self:
        """A new key from the library's random numbers."""
        return cls(*backend().generate())

    @classmethod
    def from_pkcs8(cls, data: bytes) -> Self:
        """The key of an unencrypted PKCS#8 structure (DER) that carries its public point.

        Raises:
            EtrustError: ``bad_der``, ``bad_key``.
        """
        fields = der.read(data).fields()
        fields.take(der.INTEGER)
        if fields.take(der.SEQUENCE).encoded != ALGORITHM:
            raise bad_key("not a key on the SM2 curve")
        return cls(*ec_private_key(fields.take(der.OCTETS).octets()))

    def pkcs8(self) -> bytes:
        """The unencrypted PKCS#8 structure, DER."""
        return pkcs8(self._secret, self.public.point)

    def sign(self, data: bytes, signer_id: bytes = DEFAULT_ID) -> bytes:
        """A signature over the bytes, DER; every call gives another."""
        return backend().sign(self._key, data, signer_id)


def pkcs8(secret: bytes, point: bytes) -> bytes:
    """PKCS#8 around an ECPrivateKey (RFC 5958, RFC 5915)."""
    inner = der.write(
        der.SEQUENCE, der.write_integer(1), der.write(der.OCTETS, secret),
        der.write(der.context(1), der.write_bits(point)),
    )  # fmt: skip
    return der.write(der.SEQUENCE, der.write_integer(0), ALGORITHM, der.write(der.OCTETS, inner))


def ec_private_key(data: bytes) -> tuple[bytes, bytes]:
    """Private bytes and point of an ECPrivateKey (RFC 5915) on a 256-bit curve."""
    fields = der.read(data).fields()
    fields.take(der.INTEGER)
    secret = fields.take(der.OCTETS).octets()
    fields.explicit(0)
    point = fields.explicit(1)
    if point is None:
        raise bad_key("it does not carry its public point")
    return secret, point.bits()


def signature_to_raw(signature: bytes) -> bytes:
    """Both numbers as 64 bytes from SEQUENCE { r, s }.

    Raises:
        EtrustError: ``bad_der``, or ``bad_signature`` when a number is out of range.
    """
    fields = der.read(signature).fields()
    numbers = [fields.take(der.INTEGER).integer() for _ in ("r", "s")]
    fields.end()
    if not all(1 <= number < ORDER for number in numbers):
        raise _bad_signature()
    return b"".join(number.to_bytes(_SIZE, "big") for number in numbers)


def signature_from_raw(raw: bytes) -> bytes:
    """SEQUENCE { r, s } from 64 bytes.

    Raises:
        EtrustError: ``bad_signature`` for another length.
    """
    if len(raw) != 2 * _SIZE:
        raise _bad_signature()
    numbers = (int.from_bytes(raw[:_SIZE], "big"), int.from_bytes(raw[_SIZE:], "big"))
    return der.write(der.SEQUENCE, *map(der.write_integer, numbers))


def sm3(*parts: bytes) -> bytes:
    """The SM3 digest of the parts, one after the other."""
    return sm3_of(parts)


def sm3_of(parts: Iterable[bytes]) -> bytes:
    """The SM3 digest of parts that come one by one."""
    digest = hashes.Hash(hashes.SM3())
    for part in parts:
        digest.update(part)
    return digest.finalize()


@lru_cache(maxsize=1)
def backend() -> Backend:
    """The library that is used, found once.

    Raises:
        EtrustError: ``sm2_unavailable`` when the system has neither.
    """
    from etrust.signing import gmssl, libcrypto  # noqa: PLC0415 - libraries are loaded only where SM2 is used

    found = libcrypto.load() or gmssl.load()
    if found is None:
        raise EtrustError(
            Kind.UNAVAILABLE, "sm2_unavailable",
            zh="本机没有支持 SM2 的密码库：请安装 OpenSSL 3 的 libcrypto（含 SM2），或安装 gmssl-pyx。",
            en="No library with SM2 is here: install OpenSSL 3's libcrypto (with SM2), or the package gmssl-pyx.",
        )
    return found


def bad_key(why: str) -> EtrustError:
    """The error of a key that is no SM2 key."""
    return EtrustError(Kind.MALFORMED, "bad_key", zh="密钥不是有效的 SM2 密钥。", en=f"Not an SM2 key: {why}.")


def _bad_signature() -> EtrustError:
    return EtrustError(
        Kind.UNTRUSTED, "bad_signature",
        zh="签名不正确：内容被改动或系伪造。", en="The signature is wrong: the content was altered or forged.",
    )
