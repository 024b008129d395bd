"""A small binding to OpenSSL 3's libcrypto by ctypes: only what SM2 needs.

ctypes releases the interpreter's lock during each call. Every object made is freed: contexts at the end of the call,
keys with the Python object that holds them. Lengths passed are those of Python's own bytes.
"""

import ctypes
import ctypes.util
import sys
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import POINTER, byref, c_char_p, c_int, c_long, c_size_t, c_ulong, c_void_p
from pathlib import Path

from etrust.errors import EtrustError, Kind
from etrust.signing import der, sm2

_OPENSSL_3 = 0x30000000
_MAX_SIGNATURE = 128
# macOS ends a process that loads the system's own libcrypto by its plain name; only Homebrew's are tried there.
_MAC = ("/opt/homebrew/opt/openssl@3/lib/libcrypto.3.dylib", "/usr/local/opt/openssl@3/lib/libcrypto.3.dylib")
_FUNCTIONS: dict[str, tuple[object, tuple[object, ...]]] = {
    "EVP_sm3": (c_void_p, ()),
    "EVP_MD_CTX_new": (c_void_p, ()),
    "EVP_MD_CTX_free": (None, (c_void_p,)),
    "EVP_MD_CTX_set_pkey_ctx": (None, (c_void_p, c_void_p)),
    "EVP_PKEY_CTX_new": (c_void_p, (c_void_p, c_void_p)),
    "EVP_PKEY_CTX_new_from_name": (c_void_p, (c_void_p, c_char_p, c_char_p)),
    "EVP_PKEY_CTX_free": (None, (c_void_p,)),
    "EVP_PKEY_CTX_set1_id": (c_int, (c_void_p, c_char_p, c_int)),
    "EVP_PKEY_keygen_init": (c_int, (c_void_p,)),
    "EVP_PKEY_keygen": (c_int, (c_void_p, POINTER(c_void_p))),
    "EVP_PKEY_free": (None, (c_void_p,)),
    "EVP_DigestVerifyInit": (c_int, (c_void_p, c_void_p, c_void_p, c_void_p, c_void_p)),
    "EVP_DigestVerify": (c_int, (c_void_p, c_char_p, c_size_t, c_char_p, c_size_t)),
    "EVP_DigestSignInit": (c_int, (c_void_p, c_void_p, c_void_p, c_void_p, c_void_p)),
    "EVP_DigestSign": (c_int, (c_void_p, c_char_p, POINTER(c_size_t), c_char_p, c_size_t)),
    "d2i_PUBKEY": (c_void_p, (c_void_p, POINTER(c_char_p), c_long)),
    "d2i_AutoPrivateKey": (c_void_p, (c_void_p, POINTER(c_char_p), c_long)),
    "i2d_PrivateKey": (c_int, (c_void_p, POINTER(c_char_p))),
    "ERR_clear_error": (None, ()),
}


class Key:
    """An EVP_PKEY that is freed with this object."""

    __slots__ = ("__weakref__", "handle")

    def __init__(self, library: ctypes.CDLL, handle: int) -> None:
        self.handle = handle
        weakref.finalize(self, library.EVP_PKEY_free, handle)


class Libcrypto:
    """SM2 by OpenSSL; keeps the promise of `sm2.Backend`."""

    name = "libcrypto"

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library

    def public_key(self, point: bytes) -> Key:
        """A key from its point."""
        spki = der.write(der.SEQUENCE, sm2.ALGORITHM, der.write_bits(point))
        return self._key(self._library.d2i_PUBKEY, spki)

    def check(self, key: object, signature: bytes, data: bytes, signer_id: bytes) -> bool:
        """Whether a signature is right."""
        assert isinstance(key, Key)  # noqa: S101 - made by `public_key`
        with self._contexts(key, signer_id) as context:
            self._need(self._library.EVP_DigestVerifyInit(context, None, self._library.EVP_sm3(), None, key.handle))
            found = self._library.EVP_DigestVerify(context, signature, len(signature), data, len(data))
        if found != 1:
            self._library.ERR_clear_error()
        return bool(found == 1)

    def private_key(self, secret: bytes, point: bytes) -> Key:
        """A private key; OpenSSL lets several threads sign with one EVP_PKEY, each with a context of its own."""
        return self._key(self._library.d2i_AutoPrivateKey, sm2.pkcs8(secret, point))

    def sign(self, key: object, data: bytes, signer_id: bytes) -> bytes:
        """A DER signature with a nonce of OpenSSL's own."""
        assert isinstance(key, Key)  # noqa: S101 - made by `private_key`
        room = ctypes.create_string_buffer(_MAX_SIGNATURE)
        length = c_size_t(len(room))
        with self._contexts(key, signer_id) as context:
            self._need(self._library.EVP_DigestSignInit(context, None, self._library.EVP_sm3(), None, key.handle))
            self._need(self._library.EVP_DigestSign(context, room, byref(length), data, len(data)))
        return room.raw[: length.value]

    def generate(self) -> tuple[bytes, bytes]:
        """A new key."""
        context = self._need(self._library.EVP_PKEY_CTX_new_from_name(None, b"SM2", None))
        handle = c_void_p()
        try:
            self._need(self._library.EVP_PKEY_keygen_init(context))
            self._need(self._library.EVP_PKEY_keygen(context, byref(handle)))
        finally:
            self._library.EVP_PKEY_CTX_free(context)
        assert handle.value is not None  # noqa: S101 - keygen succeeded
        key = Key(self._library, handle.value)
        room = ctypes.create_string_buffer(self._need(self._library.i2d_PrivateKey(key.handle, None)))
        start = c_char_p(ctypes.addressof(room))
        self._need(self._library.i2d_PrivateKey(key.handle, byref(start)))
        return sm2.ec_private_key(room.raw)

    def _key(self, read: "ctypes._FuncPointer", data: bytes) -> Key:  # type: ignore[name-defined, unused-ignore]
        start = c_char_p(data)
        handle = read(None, byref(start), len(data))
        if not handle:
            self._library.ERR_clear_error()
            raise sm2.bad_key("the point is not on the curve")
        return Key(self._library, handle)

    @contextmanager
    def _contexts(self, key: Key, signer_id: bytes) -> Iterator[int]:
        """A digest context that knows the key's signer ID; the caller's own must be freed as well as the key's."""
        digest = self._need(self._library.EVP_MD_CTX_new())
        own = None
        try:
            own = self._need(self._library.EVP_PKEY_CTX_new(key.handle, None))
            self._need(self._library.EVP_PKEY_CTX_set1_id(own, signer_id, len(signer_id)))
            self._library.EVP_MD_CTX_set_pkey_ctx(digest, own)
            yield digest
        finally:
            self._library.EVP_MD_CTX_free(digest)
            self._library.EVP_PKEY_CTX_free(own)

    def _need(self, answer: int | None) -> int:
        if answer is None or answer <= 0:
            self._library.ERR_clear_error()
            raise EtrustError(
                Kind.UNAVAILABLE, "sm2_unavailable",
                zh="密码库未能完成 SM2 运算，请检查本机的 OpenSSL。", en="OpenSSL failed at SM2; check this machine's libcrypto.",
            )
        return answer


def load() -> Libcrypto | None:
    """The system's libcrypto, when it is OpenSSL 3 or later and can do SM2."""
    for name in _names():
        try:
            library = _declared(ctypes.CDLL(name))
            found = Libcrypto(library)
            found.generate()  # some distributions build OpenSSL without SM2
        except (OSError, AttributeError, EtrustError):
            continue
        return found
    return None


def _names() -> list[str]:
    if sys.platform == "darwin":
        return [name for name in _MAC if Path(name).exists()]
    return [name for name in ("libcrypto.so.3", ctypes.util.find_library("crypto")) if name]


def _declared(library: ctypes.CDLL) -> ctypes.CDLL:
    library.OpenSSL_version_num.restype = c_ulong
    if library.OpenSSL_version_num() < _OPENSSL_3:
        raise OSError("older than OpenSSL 3")
    for name, (result, arguments) in _FUNCTIONS.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library
