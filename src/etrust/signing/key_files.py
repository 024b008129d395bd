"""One private key in one file: PKCS#8 PEM with mode 0600, encrypted when there is a passphrase; no crash loses it."""

import os
import stat
from pathlib import Path

from etrust.errors import EtrustError, Kind
from etrust.signing import pbes2, pem, private_keys
from etrust.signing.private_keys import PrivateKey

PLAIN, ENCRYPTED = "PRIVATE KEY", "ENCRYPTED PRIVATE KEY"
MAX_FILE = 64 * 1024


def read_key(path: Path, passphrase: bytes | None) -> PrivateKey:
    """The key of a file; a file that is not encrypted needs no passphrase.

    Raises:
        EtrustError: ``key_readable_by_others``, ``bad_key``, ``passphrase_missing``, ``wrong_passphrase``,
            ``unknown_encryption``, ``sm2_unavailable``.
    """
    label, content = _read(path)
    try:
        if label == ENCRYPTED:
            content = pbes2.decrypt(content, _given(path, passphrase))
        elif label != PLAIN:
            raise _bad_key(path, f"PEM block {label!r} where {PLAIN!r} is expected")
        return private_keys.from_pkcs8(content)
    except EtrustError as error:
        if error.code in ("bad_der", "bad_key"):
            raise _bad_key(path, error.en) from error
        raise EtrustError(error.kind, error.code, zh=error.zh, en=error.en, where=error.where or str(path)) from error


def is_encrypted(path: Path) -> bool:
    """Whether the file opens with a passphrase only.

    Raises:
        EtrustError: ``key_readable_by_others``, ``bad_key``.
    """
    return _read(path)[0] == ENCRYPTED


def write_key(path: Path, key: PrivateKey, passphrase: bytes | None) -> None:
    """Write a new file; one that is there already is never written over."""
    _write(path, _encoded(key, passphrase))


def encrypt_key(path: Path, key: PrivateKey, passphrase: bytes) -> None:
    """Put the encrypted form of a key in the place of its file.

    The new file is whole, on the disk and read back before it takes the old one's place in one step: a crash leaves the
    old file or the new one, and a second run finishes.
    """
    fresh = path.with_suffix(".key.new")
    fresh.unlink(missing_ok=True)
    _write(fresh, _encoded(key, passphrase))
    if read_key(fresh, passphrase).public_spki() != key.public_spki():
        raise _bad_key(fresh, "what was written does not read back")
    fresh.replace(path)
    _settle(path.parent)


def write_aside(path: Path, data: bytes) -> None:
    """Write a public file (certificate, pointer) whole or not at all."""
    fresh = path.with_suffix(path.suffix + ".new")
    fresh.unlink(missing_ok=True)
    _write(fresh, data)
    fresh.replace(path)
    _settle(path.parent)


def _read(path: Path) -> tuple[str, bytes]:
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise EtrustError(
                Kind.UNTRUSTED, "key_readable_by_others", where=str(path),
                zh=f"私钥文件 {path} 可被他人读取，已拒绝使用；请执行 chmod 600，并考虑更换密钥。",
                en=f"Private key {path} can be read by others and is refused; run chmod 600, and consider a new key.",
            )
        content = file.read(MAX_FILE)
    try:
        return pem.decode(content)
    except EtrustError as error:
        raise _bad_key(path, "unreadable") from error


def _given(path: Path, passphrase: bytes | None) -> bytes:
    if passphrase is None:
        raise EtrustError(
            Kind.UNAVAILABLE, "passphrase_missing", where=str(path),
            zh=f"私钥文件 {path} 已加密，但未配置口令；请设置 key_passphrase_file 或环境变量 ETRUST_KEY_PASSPHRASE。",
            en=f"Key file {path} is encrypted and no passphrase is set; set key_passphrase_file or ETRUST_KEY_PASSPHRASE.",
        )
    return passphrase


def _encoded(key: PrivateKey, passphrase: bytes | None) -> bytes:
    if passphrase is None:
        return pem.encode(PLAIN, key.pkcs8())
    return pem.encode(ENCRYPTED, pbes2.encrypt(key.pkcs8(), passphrase))


def _write(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    """Bring a changed name to the disk; systems that cannot open a folder do it themselves."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _bad_key(path: Path, why: str) -> EtrustError:
    return EtrustError(
        Kind.UNTRUSTED, "bad_key", where=str(path), zh=f"密钥文件 {path} 无法使用。", en=f"Key file {path}: {why}."
    )
