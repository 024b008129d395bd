"""Private keys in files: PKCS#8 PEM with mode 0600 in a folder with mode 0700, the certificate beside each."""

import hashlib
import os
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from etrust.errors import EtrustError, Kind
from etrust.signing.model import Algorithm

PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
# RFC 6979: the same bytes give the same signature, so signing again after a crash changes nothing.
_ES256 = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


class FileSigner:
    """A signer whose private key was read from a file."""

    __slots__ = ("_key", "algorithm", "certificate", "kid")

    def __init__(self, key: PrivateKey, certificate: bytes) -> None:
        self._key = key
        self.algorithm = algorithm_of(key)
        self.certificate = certificate
        self.kid = hashlib.sha256(certificate).digest()[:8]

    def sign(self, data: bytes) -> bytes:
        """The raw 64-byte signature over the bytes."""
        if isinstance(self._key, ed25519.Ed25519PrivateKey):
            return self._key.sign(data)
        r, s = decode_dss_signature(self._key.sign(data, _ES256))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def sign_certificate(self, builder: x509.CertificateBuilder) -> x509.Certificate:
        """Sign a certificate with this key as the issuer's."""
        return sign_certificate(self._key, builder)


@dataclass(frozen=True, slots=True)
class KeyFolder:
    """The folder of a deployment's private keys."""

    path: Path

    def names(self) -> frozenset[str]:
        """Names of the keys that are there with their certificates."""
        return frozenset(file.stem for file in self._files("*.crt") if file.with_suffix(".key").exists())

    def create(self, name: str, algorithm: Algorithm) -> PrivateKey:
        """Make a new private key and keep it; it is of use once `certify` has put its certificate beside it.

        A key left without a certificate by a crash is used again.

        Raises:
            EtrustError: a key with a certificate has that name already, or the name is not fit for a file.
        """
        if name in self.names():
            raise EtrustError(
                Kind.CONFLICT, "key_exists", where=name, zh=f"密钥“{name}”已存在。", en=f"Key {name!r} exists already."
            )
        path = self._file(name, ".key")
        if path.exists():
            return self._read_key(path)
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path.chmod(0o700)
        key = _generate(algorithm)
        _write_once(path, key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ))  # fmt: skip
        return key

    def certify(self, name: str, certificate: x509.Certificate) -> None:
        """Put a certificate beside its key."""
        path = self._file(name, ".crt")
        fresh = path.with_suffix(".crt.new")
        fresh.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        fresh.replace(path)

    def load(self, name: str) -> FileSigner:
        """The signer of that name.

        Raises:
            EtrustError: ``no_key``, ``key_readable_by_others``, ``bad_key``.
        """
        certificate = self._file(name, ".crt")
        if name not in self.names():
            raise EtrustError(
                Kind.NOT_FOUND, "no_key", where=name, zh=f"没有密钥“{name}”。", en=f"There is no key {name!r}."
            )
        key = self._read_key(self._file(name, ".key"))
        parsed = x509.load_pem_x509_certificate(certificate.read_bytes())
        if parsed.public_key() != key.public_key():
            raise _bad_key(certificate, "the certificate is of another key")
        return FileSigner(key, parsed.public_bytes(serialization.Encoding.DER))

    def _files(self, pattern: str) -> Iterable[Path]:
        return self.path.glob(pattern) if self.path.is_dir() else ()

    def _file(self, name: str, suffix: str) -> Path:
        if not _NAME.fullmatch(name):
            raise EtrustError(Kind.INVALID, "bad_key_name", where=name[:80], zh="密钥名称不合规。", en="Bad key name.")
        return self.path / (name + suffix)

    def _read_key(self, path: Path) -> PrivateKey:
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise EtrustError(
                Kind.UNTRUSTED, "key_readable_by_others", where=str(path),
                zh=f"私钥文件 {path} 可被他人读取，已拒绝使用；请执行 chmod 600，并考虑更换密钥。",
                en=f"Private key {path} can be read by others and is refused; run chmod 600, and consider a new key.",
            )
        try:
            key = serialization.load_pem_private_key(path.read_bytes(), password=None)
        except (ValueError, TypeError) as error:
            raise _bad_key(path, "unreadable") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey):
            raise _bad_key(path, "neither P-256 nor Ed25519")
        return key


def algorithm_of(key: PrivateKey) -> Algorithm:
    """The algorithm a key signs with."""
    return Algorithm.EDDSA if isinstance(key, ed25519.Ed25519PrivateKey) else Algorithm.ES256


def sign_certificate(key: PrivateKey, builder: x509.CertificateBuilder) -> x509.Certificate:
    """Sign a certificate with a private key, the digest being the one of its algorithm."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return builder.sign(key, None)
    return builder.sign(key, hashes.SHA256(), ecdsa_deterministic=True)


def _generate(algorithm: Algorithm) -> PrivateKey:
    if algorithm is Algorithm.EDDSA:
        return ed25519.Ed25519PrivateKey.generate()
    return ec.generate_private_key(ec.SECP256R1())


def _write_once(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _bad_key(path: Path, why: str) -> EtrustError:
    return EtrustError(
        Kind.UNTRUSTED, "bad_key", where=str(path), zh=f"密钥文件 {path} 无法使用。", en=f"Key file {path}: {why}."
    )
