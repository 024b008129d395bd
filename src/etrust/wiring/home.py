"""The home folder of a deployment: where its keys, its trust anchor and its reject files are."""

from dataclasses import dataclass
from pathlib import Path

from etrust.errors import EtrustError, Kind
from etrust.signing.files import FileSigner, KeyFolder
from etrust.signing.model import Signer

ANCHOR_KEY = "anchor"
STATUS_KEY = "status"
ANCHOR_SM2_KEY, TIMESTAMP_KEY, TIMESTAMP_SM2_KEY, SEAL_MAKER_KEY = "anchor-sm2", "timestamp", "timestamp-sm2", "seal-maker"


@dataclass(frozen=True, slots=True)
class Home:
    """A home folder; nothing is created until it is asked for."""

    path: Path

    @property
    def keys(self) -> KeyFolder:
        """The folder of private keys."""
        return KeyFolder(self.path / "keys")

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
        return self.keys.load(ANCHOR_KEY).certificate

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


class SignerCabinet:
    """Loads the signers of bodies once and keeps them."""

    def __init__(self, keys: KeyFolder, names: dict[str, str]) -> None:
        self._keys = keys
        self._names = names  # key name by body
        self._loaded: dict[str, FileSigner] = {}

    def of_body(self, body: str) -> Signer:
        """The credential signer of a body.

        Raises:
            EtrustError: ``no_key`` when the body has no key in this home.
        """
        name = self._names.get(body)
        if name is None:
            raise EtrustError(
                Kind.FORBIDDEN, "no_key", where=body,
                zh=f"本部署没有机构 {body} 的签发密钥。", en=f"This deployment has no issuing key of body {body}.",
            )
        return self.named(name)

    def named(self, name: str) -> Signer:
        """A signer by the name of its key."""
        if name not in self._loaded:
            self._loaded[name] = self._keys.load(name)
        return self._loaded[name]
