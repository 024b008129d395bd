"""Public keys as a PKCS#11 token gives them, written as SubjectPublicKeyInfo."""

from typing import Any

from etrust.errors import EtrustError
from etrust.signing import der, sm2
from etrust.signing.model import Algorithm

P256 = der.write_oid("1.2.840.10045.3.1.7")
ED25519_NAME = der.write(der.PRINTABLE, b"edwards25519")
"""How PKCS#11 v3 names the curve (section 2.3.5 of its mechanisms)."""
_ED25519 = der.write(der.SEQUENCE, der.write_oid("1.3.101.112"))
_RSA = der.write(der.SEQUENCE, der.write_oid("1.2.840.113549.1.1.1"), der.write(der.NULL))
_EC = der.write(der.SEQUENCE, der.write_oid(sm2.EC_PUBLIC_KEY), P256)


def public_spki(key: Any, algorithm: Algorithm) -> bytes:
    """The SubjectPublicKeyInfo of a public key object of the package ``python-pkcs11``."""
    from pkcs11 import Attribute  # noqa: PLC0415 - an optional package; who has such an object has it

    if algorithm is Algorithm.RS256:
        numbers = (key[Attribute.MODULUS], key[Attribute.PUBLIC_EXPONENT])
        inner = der.write(der.SEQUENCE, *(der.write_integer(int.from_bytes(number, "big")) for number in numbers))
        return der.write(der.SEQUENCE, _RSA, der.write_bits(inner))
    point = _unwrapped(bytes(key[Attribute.EC_POINT]))
    return der.write(der.SEQUENCE, _EC if algorithm is Algorithm.ES256 else _ED25519, der.write_bits(point))


def _unwrapped(point: bytes) -> bytes:
    """The point out of its OCTET STRING; some tokens give it bare."""
    try:
        return der.read(point).octets()
    except EtrustError:
        return point
