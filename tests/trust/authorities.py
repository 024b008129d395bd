"""Authorities and keys made on the spot, for the tests of certificates, lists and timestamps."""

import base64
import subprocess
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from tests.support import ISSUER, NOW

from etrust.signing import private_keys
from etrust.signing.files import FileSigner
from etrust.signing.model import Algorithm
from etrust.trust.certificates import CertificateRequest
from etrust.trust.issuing import make_anchor, make_certificate, new_serial

YEAR = timedelta(days=365)
PEM = "-----BEGIN {0}-----\n{1}\n-----END {0}-----\n"


@dataclass(frozen=True)
class Authority:
    """An anchor of one algorithm."""

    signer: FileSigner
    profile: str

    @property
    def algorithm(self) -> Algorithm:
        return self.signer.algorithm

    def certify(self, profile: str, algorithm: Algorithm | None = None, at: datetime = NOW, **changes: object) -> FileSigner:
        """A key with a certificate of a profile."""
        key = private_keys.generate(algorithm or self.algorithm)
        wanted = replace(request(profile, key.public_spki(), at), **changes)  # type: ignore[arg-type]
        return FileSigner(key, make_certificate(wanted, self.signer))


def request(profile: str, spki: bytes, at: datetime = NOW) -> CertificateRequest:
    """A good request for a certificate of three years."""
    return CertificateRequest(
        profile=profile, subject_name="新疆维吾尔自治区市场监督管理局", body=ISSUER, spki=spki, serial=new_serial(),
        not_before=at, not_after=at + 3 * YEAR, crl_point="https://etrust.example/crl/0102030405060708/1",
        authority_url="https://etrust.example/ca/0102030405060708",
    )  # fmt: skip


def authority(
    algorithm: Algorithm = Algorithm.ES256, at: datetime = NOW, name: str = "etrust region 650000"
) -> Authority:
    """A new anchor."""
    profile = "anchor_sm2" if algorithm is Algorithm.SM2 else "anchor"
    key = private_keys.generate(algorithm)
    return Authority(FileSigner(key, make_anchor(key, profile=profile, name=name, at=at, years=20)), profile)


def openssl(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run openssl, which shares no code with ours."""
    return subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, check=False)


def write_pem(path: Path, *contents: bytes, label: str = "CERTIFICATE") -> Path:
    """A file with certificates, or lists, for programs that want PEM."""
    path.write_text("".join(PEM.format(label, base64.encodebytes(each).decode().strip()) for each in contents))
    return path
