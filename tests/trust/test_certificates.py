"""Certificates of a region's own keys: made by profile, accepted by openssl, private keys closed to others."""

import stat
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from tests.support import ISSUER, NOW

from etrust.errors import EtrustError
from etrust.signing.files import KeyFolder
from etrust.signing.model import Algorithm
from etrust.trust.certificates import make_leaf, make_root, years_after
from etrust.trust.model import Purpose


@pytest.fixture
def keys(tmp_path: Path) -> KeyFolder:
    folder = KeyFolder(tmp_path / "keys")
    make_root(folder, "anchor", "etrust region 650000", NOW, 20)
    return folder


def leaf(keys: KeyFolder, algorithm: Algorithm = Algorithm.ES256) -> x509.Certificate:
    return make_leaf(
        keys, keys.load("anchor"), "issuer", common_name="credential", body=ISSUER, purpose=Purpose.CREDENTIAL,
        algorithm=algorithm, at=NOW, years=5,
    )  # fmt: skip


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_openssl_accepts_the_chain(keys: KeyFolder, algorithm: Algorithm) -> None:
    leaf(keys, algorithm)
    told = subprocess.run(
        ["openssl", "verify", "-x509_strict", "-attime", str(int(NOW.timestamp()) + 60), "-CAfile", keys.path / "anchor.crt",
         keys.path / "issuer.crt"], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout + told.stderr


def test_a_leaf_is_no_authority_and_names_its_body(keys: KeyFolder) -> None:
    certificate = leaf(keys)
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature
    assert not usage.key_cert_sign
    assert ISSUER in certificate.subject.rfc4514_string()
    assert certificate.not_valid_after_utc == years_after(NOW, 5)


def test_private_keys_are_closed_to_others(keys: KeyFolder) -> None:
    leaf(keys)
    assert stat.S_IMODE(keys.path.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys.path.glob("*.key")} == {0o600}


def test_a_key_others_can_read_is_refused(keys: KeyFolder) -> None:
    (keys.path / "anchor.key").chmod(0o644)
    with pytest.raises(EtrustError, match="key_readable_by_others"):
        keys.load("anchor")


def test_a_key_is_never_overwritten(keys: KeyFolder) -> None:
    with pytest.raises(EtrustError, match="key_exists"):
        make_root(keys, "anchor", "again", NOW, 1)


def test_a_key_left_without_certificate_by_a_crash_is_used_again(keys: KeyFolder) -> None:
    private = keys.create("issuer", Algorithm.ES256)
    assert leaf(keys).public_key() == private.public_key()


def test_a_certificate_of_another_key_is_refused(keys: KeyFolder) -> None:
    leaf(keys)
    (keys.path / "issuer.crt").write_bytes((keys.path / "anchor.crt").read_bytes())
    with pytest.raises(EtrustError, match="bad_key"):
        keys.load("issuer")


@pytest.mark.parametrize("name", ["../evil", "", "a/b", "a\0b", "x" * 100])
def test_a_name_cannot_leave_the_folder(keys: KeyFolder, name: str) -> None:
    with pytest.raises(EtrustError, match="bad_key_name"):
        keys.create(name, Algorithm.ES256)
