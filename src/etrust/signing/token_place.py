"""Where a PKCS#11 token (密码机、智能密码钥匙) is, and what a key on it is called; the token itself is in `signing.pkcs11`."""

from dataclasses import dataclass
from pathlib import Path

from etrust.signing.model import Algorithm


@dataclass(frozen=True, slots=True)
class TokenPlace:
    """A token of this deployment.

    Attributes:
        module: the PKCS#11 library of its maker.
        label: the token's label.
        pin_file: a file whose first line is the user's PIN; it is read again at each login.
    """

    module: Path
    label: str
    pin_file: Path


@dataclass(frozen=True, slots=True)
class TokenKey:
    """A key on a token: its label there, and the algorithm it signs with."""

    label: str
    algorithm: Algorithm
