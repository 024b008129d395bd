"""A PKCS#11 token in software (SoftHSM2) for one test: made in a folder, pulled out, put back."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from etrust.signing.token_place import TokenPlace

_LIBRARIES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so", "/usr/lib64/libsofthsm2.so",
              "/usr/local/lib/softhsm/libsofthsm2.so", "/opt/homebrew/lib/softhsm/libsofthsm2.so")  # fmt: skip


@dataclass(frozen=True)
class SoftToken:
    """The token's place, and the folder its content is in."""

    place: TokenPlace
    content: Path

    @contextmanager
    def pulled_out(self) -> Iterator[None]:
        """The token is not there meanwhile."""
        elsewhere = self.content.with_name("elsewhere")
        self.content.rename(elsewhere)
        self.content.mkdir()
        try:
            yield
        finally:
            shutil.rmtree(self.content)
            elsewhere.rename(self.content)


@contextmanager
def soft_token(folder: Path) -> Iterator[SoftToken]:
    """A fresh token ``etrust`` with PIN 5678; the module reads where it is when it is initialized, so one at a time."""
    library = next((Path(path) for path in _LIBRARIES if Path(path).exists()), None)
    tool = shutil.which("softhsm2-util")
    if library is None or tool is None:
        pytest.skip("SoftHSM2 is not installed (apt-get install softhsm2)")
    package = pytest.importorskip("pkcs11", reason="python-pkcs11 is not installed")
    content, configuration, pin = folder / "tokens", folder / "softhsm2.conf", folder / "pin"
    content.mkdir(parents=True)
    configuration.write_text(f"directories.tokendir = {content}\nobjectstore.backend = file\nlog.level = ERROR\n")
    pin.write_text("5678\n")
    pin.chmod(0o600)
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(configuration)
    try:
        package.lib(str(library)).reinitialize()
        subprocess.run(
            [tool, "--init-token", "--free", "--label", "etrust", "--so-pin", "1234", "--pin", "5678"],
            capture_output=True, check=True,
        )  # fmt: skip
        package.lib(str(library)).reinitialize()
        yield SoftToken(TokenPlace(library, "etrust", pin), content)
    finally:
        os.environ.pop("SOFTHSM2_CONF")
        if before is not None:
            os.environ["SOFTHSM2_CONF"] = before
            package.lib(str(library)).reinitialize()
