"""The golden files: made again byte for byte, and passed by the verifier with their own root and revocation list."""

import subprocess
from pathlib import Path

import pytest

from etrust.trust.chains import Ground
from etrust.trust.crls import CrlSet, read_crls
from etrust.trust.x509 import read_certificates
from etrust.verification.files import verify_file
from etrust.verification.model import Overall
from etrust.verification.seals import recognize
from tests.data.ses.generate import FOLDER, files
from tests.ses.making import NOW, SIGNER, made

GROUND = Ground(
    read_certificates((FOLDER / "root.crt").read_bytes()), NOW, crls=CrlSet(read_crls((FOLDER / "root.crl").read_bytes()))
)
SEALED = sorted(path.name for path in FOLDER.glob("v?.*"))


def test_the_generator_makes_the_same_bytes_again() -> None:
    made_again = files()
    assert len(made_again) == 11
    for name, data in made_again.items():
        assert (FOLDER / name).read_bytes() == data, name


@pytest.mark.parametrize("name", SEALED)
def test_each_is_recognized_and_passes(name: str) -> None:
    data = (FOLDER / name).read_bytes()
    kind = recognize(data)
    assert kind == {"esl": "seal", "dat": "seal_signature", "ofd": "ofd"}[name[3:]]
    verdict = verify_file(data, ground=GROUND, document=b"the document")
    assert verdict.verdict is Overall.PASSED, verdict.findings
    assert verdict.evidence["anchors"].startswith("sha256:")


@pytest.mark.parametrize("name", SEALED)
def test_without_an_anchor_none_passes(name: str) -> None:
    data = (FOLDER / name).read_bytes()
    verdict = verify_file(data, ground=Ground((), NOW), document=b"the document")
    assert (verdict.verdict, verdict.sub_indication) == (Overall.INDETERMINATE, "NO_CERTIFICATE_CHAIN_FOUND")


def test_openssl_accepts_the_certificates(tmp_path: Path) -> None:
    leaf = tmp_path / "leaf.der"
    leaf.write_bytes(made(SIGNER))
    told = subprocess.run(
        ["openssl", "verify", "-vfyopt", "distid:1234567812345678", "-attime", str(int(NOW.timestamp())),
         "-CAfile", FOLDER / "root.crt", leaf], capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "distid" in told.stderr:
        pytest.skip("this openssl has no SM2")
    assert told.returncode == 0, told.stdout + told.stderr
