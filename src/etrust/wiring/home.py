"""The home folder of a deployment: where its keys, its trust anchor and its reject files are."""

import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from etrust.errors import EtrustError, Kind
from etrust.settings import Settings
from etrust.signing.files import KeyFolder
from etrust.signing.token_place import TokenPlace

ANCHOR_KEY = "anchor"
STATUS_KEY = "status"
ANCHOR_SM2_KEY, TIMESTAMP_KEY, TIMESTAMP_SM2_KEY, SEAL_MAKER_KEY = "anchor-sm2", "timestamp", "timestamp-sm2", "seal-maker"
CODE_KEY, RECEIPT_KEY = "code", "receipt"
LOG_KEY, WITNESS_KEY, MESSAGE_KEY, ENCRYPTION_KEY = "log", "witness", "message", "encryption"


@dataclass(frozen=True, slots=True)
class Home:
    """A home folder; nothing is created until it is asked for."""

    path: Path
    passphrase: bytes | None = field(default=None, repr=False)
    token: TokenPlace | None = None

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The home of a deployment, with the passphrase of its keys and its token.

        Raises:
            EtrustError: ``bad_passphrase_file``; ``bad_setting``: a token is named in part only.
        """
        return cls(settings.home, passphrase_of(settings), _token(settings))

    @property
    def keys(self) -> KeyFolder:
        """The folder of private keys."""
        return KeyFolder(self.path / "keys", self.passphrase, self.token)

    @property
    def rejects(self) -> Path:
        """Where reject files go; made with mode 0700, because they hold personal data."""
        folder = self.path / "rejects"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    @property
    def is_founded(self) -> bool:
        """Whether `etrust init` has made this home."""
        return ANCHOR_KEY in self.keys.names()

    def anchor_certificate(self) -> bytes:
        """The certificate (DER) of the region's trust anchor."""
        return self.keys.certificate(ANCHOR_KEY)

    def require_founded(self) -> None:
        """Return quietly when this is a home.

        Raises:
            EtrustError: ``no_home``.
        """
        if not self.is_founded:
            raise EtrustError(
                Kind.NOT_FOUND, "no_home", where=str(self.path),
                zh=f"{self.path} 不是 etrust 的工作目录，请先运行 etrust init --home {self.path}。",
                en=f"{self.path} is not an etrust home; run etrust init --home {self.path} first.",
            )


def passphrase_of(settings: Settings) -> bytes | None:
    """The passphrase of the key files, from the environment or else from the file named; None when there is none.

    Raises:
        EtrustError: ``bad_passphrase_file``.
    """
    if settings.key_passphrase is not None:
        return settings.key_passphrase.get_secret_value().encode()
    return None if settings.key_passphrase_file is None else read_passphrase(settings.key_passphrase_file)


def read_passphrase(path: Path) -> bytes:
    """The first line of a file that nobody else may read.

    Raises:
        EtrustError: ``bad_passphrase_file``.
    """
    try:
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise _bad_passphrase_file(path, "可被他人读取，请执行 chmod 600", "can be read by others; run chmod 600")
        found = path.read_bytes().split(b"\n", 1)[0].rstrip(b"\r")
    except OSError as error:
        raise _bad_passphrase_file(path, "无法读取", "cannot be read") from error
    if not found:
        raise _bad_passphrase_file(path, "第一行为空", "has an empty first line")
    return found


def _token(settings: Settings) -> TokenPlace | None:
    given = (settings.pkcs11_module, settings.pkcs11_token, settings.pkcs11_pin_file)
    if given == (None, None, None):
        return None
    module, label, pin_file = given
    if module is None or label is None or pin_file is None:
        raise EtrustError(
            Kind.INVALID, "bad_setting", where="pkcs11_module",
            zh="使用密码设备须同时设置 pkcs11_module、pkcs11_token 与 pkcs11_pin_file。",
            en="A token needs all of pkcs11_module, pkcs11_token and pkcs11_pin_file.",
        )
    return TokenPlace(module, label, pin_file)


def _bad_passphrase_file(path: Path, zh: str, en: str) -> EtrustError:
    return EtrustError(
        Kind.UNAVAILABLE, "bad_passphrase_file", where=str(path), zh=f"口令文件 {path} {zh}。", en=f"Passphrase file {path} {en}."
    )
