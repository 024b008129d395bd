"""The folder of a deployment's keys: private keys in files or on a token, the certificate beside each."""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from etrust.errors import EtrustError, Kind
from etrust.signing import key_files, pem, private_keys
from etrust.signing.model import Algorithm
from etrust.signing.private_keys import PrivateKey, SigningKey, Sm2Key, SoftwareKey
from etrust.signing.spki import certificate_spki
from etrust.signing.token_place import TokenKey, TokenPlace

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_KEY, _POINTER, _CERTIFICATE = ".key", ".p11", ".crt"


class FileSigner:
    """A signer out of the key folder, its key in a file or on a token; keeps the promise of `signing.model.Signer`."""

    __slots__ = ("_key", "algorithm", "certificate", "kid")

    def __init__(self, key: SigningKey, certificate: bytes) -> None:
        self._key = key
        self.algorithm = key.algorithm
        self.certificate = certificate
        self.kid = kid_of(certificate)

    def sign(self, data: bytes) -> bytes:
        """The raw signature over the bytes."""
        return self._key.sign(data)

    def public_spki(self) -> bytes:
        """The public key as SubjectPublicKeyInfo, DER."""
        return self._key.public_spki()

    def pkcs8(self) -> bytes:
        """The private key, DER: for what is encrypted to it.

        Raises:
            EtrustError: ``key_on_token``: it never leaves its token.
        """
        if not isinstance(self._key, SoftwareKey | Sm2Key):
            raise EtrustError(
                Kind.FORBIDDEN, "key_on_token", where=self.kid.hex(),
                zh="密钥在密码设备上，不能用于解密；加密密钥请用密钥文件。",
                en="The key is on a token and opens nothing; keys for encryption are files.",
            )
        return self._key.pkcs8()


def kid_of(certificate: bytes) -> bytes:
    """The key id of a certificate (DER): the first eight bytes of its SHA-256."""
    return hashlib.sha256(certificate).digest()[:8]


@dataclass(frozen=True, slots=True)
class KeyFolder:
    """The folder of a deployment's private keys; worker processes make their own from the same three things.

    Attributes:
        path: the folder; made with mode 0700 when the first key is.
        passphrase: opens encrypted key files, and encrypts new ones; None leaves new ones plain.
        token: where keys on a PKCS#11 token are, None when there is none.
    """

    path: Path
    passphrase: bytes | None = field(default=None, repr=False)
    token: TokenPlace | None = None

    def names(self) -> frozenset[str]:
        """Names of the keys that are there with their certificates."""
        return frozenset(
            file.stem for file in self._files("*" + _CERTIFICATE)
            if file.with_suffix(_KEY).exists() or file.with_suffix(_POINTER).exists()
        )  # fmt: skip

    def create(self, name: str, algorithm: Algorithm) -> PrivateKey:
        """Make a new private key in a file; it is of use once `certify` has put its certificate beside it.

        A key left without a certificate by a crash is used again, when it is of the algorithm.

        Raises:
            EtrustError: ``key_exists``: a key with a certificate has that name, or one of another algorithm;
                ``bad_key_name``.
        """
        path = self._file(name, _KEY)
        if name in self.names() or self._file(name, _POINTER).exists():
            raise _exists(name)
        if path.exists():
            key = key_files.read_key(path, self.passphrase)
            if key.algorithm is not algorithm:
                raise _exists(name)
            return key
        self._prepare()
        key = private_keys.generate(algorithm)
        key_files.write_key(path, key, self.passphrase)
        return key

    def signing_key(self, name: str) -> SigningKey:
        """The key of a name, on file or token, with or without a certificate yet.

        Raises:
            EtrustError: ``no_key``; as `key_files.read_key`; ``token_unavailable`` and others of `signing.pkcs11`.
        """
        path, pointer = self._file(name, _KEY), self._file(name, _POINTER)
        if path.exists():
            return key_files.read_key(path, self.passphrase)
        if not pointer.exists():
            raise _no_key(name)
        from etrust.signing import pkcs11  # noqa: PLC0415 - an optional package, loaded where a token is used

        return pkcs11.key_on_token(self.token, _read_pointer(pointer))

    def public_spki(self, name: str) -> bytes:
        """The public key of a name, DER, with or without a certificate yet; errors as `signing_key`."""
        return self.signing_key(name).public_spki()

    def certify(self, name: str, certificate: bytes | x509.Certificate) -> None:
        """Put a certificate (DER) beside its key.

        Raises:
            EtrustError: ``bad_key``: the certificate is of another key; ``bad_certificate``; as `signing_key`.
        """
        encoded = certificate if isinstance(certificate, bytes) else certificate.public_bytes(Encoding.DER)
        _require_of_key(name, encoded, self.signing_key(name))
        key_files.write_aside(self._file(name, _CERTIFICATE), pem.encode("CERTIFICATE", encoded))

    def certificate(self, name: str) -> bytes:
        """The certificate of a name, DER; the private key is not touched.

        Raises:
            EtrustError: ``no_key``, ``bad_certificate``.
        """
        if name not in self.names():
            raise _no_key(name)
        encoded = pem.pem_or_der(self._file(name, _CERTIFICATE).read_bytes())
        certificate_spki(encoded)
        return encoded

    def load(self, name: str) -> FileSigner:
        """The signer of that name.

        Raises:
            EtrustError: ``no_key``, ``bad_key``: the certificate is of another key; ``bad_certificate``; as `signing_key`.
        """
        certificate = self.certificate(name)
        key = self.signing_key(name)
        _require_of_key(name, certificate, key)
        return FileSigner(key, certificate)

    def create_on_token(self, name: str, algorithm: Algorithm) -> SigningKey:
        """Make a key on the token, labeled and pointed to by the name; as `create`, for keys that never leave the token.

        Raises:
            EtrustError: ``key_exists``, ``bad_key_name``; as `signing.pkcs11.generate_on_token`.
        """
        pointer = self._file(name, _POINTER)
        if name in self.names() or self._file(name, _KEY).exists():
            raise _exists(name)
        from etrust.signing import pkcs11  # noqa: PLC0415 - as above

        wanted = TokenKey(name, algorithm)
        key = pkcs11.generate_on_token(self.token, wanted)
        if not pointer.exists():
            self.point_to_token(name, wanted)
        return key

    def point_to_token(self, name: str, key: TokenKey) -> None:
        """Enter a key that lies on the token already under a name of this folder.

        Raises:
            EtrustError: ``key_exists``, ``bad_key_name``.
        """
        if any(self._file(name, suffix).exists() for suffix in (_KEY, _POINTER, _CERTIFICATE)):
            raise _exists(name)
        self._prepare()
        content = json.dumps({"label": key.label, "algorithm": key.algorithm.value}, ensure_ascii=False)
        key_files.write_aside(self._file(name, _POINTER), content.encode())

    def encrypt(self, name: str, passphrase: bytes) -> bool:
        """Encrypt a key file anew with a passphrase, in place; False when it opens with that one already.

        The old form may be plain, or open with the folder's own passphrase.

        Raises:
            EtrustError: ``no_key``; as `key_files.read_key`.
        """
        path = self._file(name, _KEY)
        if not path.exists():
            raise _no_key(name)
        try:
            if key_files.is_encrypted(path):
                key_files.read_key(path, passphrase)
                return False
        except EtrustError as error:
            if error.code != "wrong_passphrase":
                raise
        key_files.encrypt_key(path, key_files.read_key(path, self.passphrase), passphrase)
        return True

    def in_files(self) -> frozenset[str]:
        """Names of the keys that lie in files here, with or without a certificate."""
        return frozenset(file.stem for file in self._files("*" + _KEY))

    def all_names(self) -> frozenset[str]:
        """Names of all keys of this folder, those on the token and those without a certificate too."""
        return self.in_files() | {file.stem for file in self._files("*" + _POINTER)}

    def place_of(self, name: str) -> str:
        """Where a key lies: ``file``, ``encrypted`` (file) or ``token``."""
        path = self._file(name, _KEY)
        if not path.exists():
            return "token"
        return "encrypted" if key_files.is_encrypted(path) else "file"

    def _prepare(self) -> None:
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path.chmod(0o700)

    def _files(self, pattern: str) -> Iterable[Path]:
        return self.path.glob(pattern) if self.path.is_dir() else ()

    def _file(self, name: str, suffix: str) -> Path:
        if not _NAME.fullmatch(name):
            raise EtrustError(Kind.INVALID, "bad_key_name", where=name[:80], zh="密钥名称不合规。", en="Bad key name.")
        return self.path / (name + suffix)


def _require_of_key(name: str, certificate: bytes, key: SigningKey) -> None:
    if certificate_spki(certificate) != key.public_spki():
        raise EtrustError(
            Kind.UNTRUSTED, "bad_key", where=name,
            zh=f"证书不是密钥“{name}”的证书：公钥不一致。", en=f"The certificate is not of key {name!r}: another public key.",
        )


def _read_pointer(path: Path) -> TokenKey:
    try:
        found = json.loads(path.read_text("utf-8"))
        return TokenKey(str(found["label"]), Algorithm(found["algorithm"]))
    except (ValueError, KeyError, TypeError) as error:
        raise EtrustError(
            Kind.INVALID, "bad_key", where=str(path), zh=f"密钥指向文件 {path} 无法读取。", en=f"Pointer {path} cannot be read."
        ) from error


def _exists(name: str) -> EtrustError:
    return EtrustError(Kind.CONFLICT, "key_exists", where=name, zh=f"密钥“{name}”已存在。", en=f"Key {name!r} exists already.")


def _no_key(name: str) -> EtrustError:
    return EtrustError(Kind.NOT_FOUND, "no_key", where=name, zh=f"没有密钥“{name}”。", en=f"There is no key {name!r}.")
