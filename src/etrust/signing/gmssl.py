"""SM2 by the package ``gmssl-pyx`` (GmSSL in wheels), for systems whose OpenSSL was built without SM2."""

from importlib import import_module
from typing import Any

from etrust.signing import sm2


class Gmssl:
    """SM2 by GmSSL; keeps the promise of `sm2.Backend`."""

    name = "gmssl"

    def __init__(self, module: Any) -> None:  # noqa: ANN401, RUF100 - an optional package without a type of its own here
        self._module = module

    def public_key(self, point: bytes) -> bytes:
        """A key is its point without the leading 04; GmSSL looks whether it is on the curve when it uses it."""
        if not _on_curve(point):
            raise sm2.bad_key("the point is not on the curve")
        return point[1:]

    def check(self, key: object, signature: bytes, data: bytes, signer_id: bytes) -> bool:
        """Whether a signature is right."""
        try:
            return bool(self._module.sm2_verify(key, data, signature, signer_id=signer_id))
        except self._module.GmsslInnerError:
            return False

    def private_key(self, secret: bytes, point: bytes) -> tuple[bytes, bytes]:
        """GmSSL has no handles: the secret, and the point without the leading 04."""
        return secret, point[1:]

    def sign(self, key: object, data: bytes, signer_id: bytes) -> bytes:
        """A DER signature with a nonce of GmSSL's own."""
        assert isinstance(key, tuple)  # noqa: S101 - made by `private_key`
        signature: bytes = self._module.sm2_sign(*key, data, signer_id=signer_id)
        return signature

    def generate(self) -> tuple[bytes, bytes]:
        """A new key."""
        point, secret = self._module.sm2_key_generate()
        return secret, b"\x04" + point


def load() -> Gmssl | None:
    """The package, when it is installed."""
    try:
        return Gmssl(import_module("gmssl_pyx"))
    except ImportError:
        return None


_P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93


def _on_curve(point: bytes) -> bool:
    x, y = int.from_bytes(point[1:33], "big"), int.from_bytes(point[33:], "big")
    return x < _P and y < _P and (y * y - x * x * x + 3 * x - _B) % _P == 0
