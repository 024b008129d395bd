"""The key folder: four kinds of keys made, certified, loaded and used; what does not fit is refused."""

import stat
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from etrust.errors import EtrustError
from etrust.signing import private_keys
from etrust.signing.files import KeyFolder
from etrust.signing.model import Algorithm
from etrust.signing.spki import algorithm_of_spki, certificate_spki
from etrust.signing.verify import VerifyKey
from etrust.trust.certificates import CertificateRequest
from etrust.trust.issuing import make_anchor, make_certificate, new_serial
from tests.support import ISSUER, NOW

PROFILES = {
    Algorithm.ES256: "credential", Algorithm.EDDSA: "credential", Algorithm.RS256: "document", Algorithm.SM2: "seal",
}  # fmt: skip
ALL = pytest.mark.parametrize("algorithm", list(Algorithm))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> KeyFolder:
    """A folder with a P-256 and an SM2 anchor."""
    folder = KeyFolder(tmp_path_factory.mktemp("authority") / "keys")
    for name, algorithm, profile in (("anchor", Algorithm.ES256, "anchor"), ("anchor-sm2", Algorithm.SM2, "anchor_sm2")):
        key = folder.create(name, algorithm)
        folder.certify(name, make_anchor(key, profile=profile, name=name, at=NOW, years=20))
    return folder


def certificate(authority: KeyFolder, spki: bytes) -> bytes:
    algorithm = algorithm_of_spki(spki)
    request = CertificateRequest(
        profile=PROFILES[algorithm], subject_name="key", body=ISSUER, spki=spki, serial=new_serial(),
        not_before=NOW, not_after=NOW + timedelta(days=300),
    )  # fmt: skip
    return make_certificate(request, authority.load("anchor-sm2" if algorithm is Algorithm.SM2 else "anchor"))


@ALL
def test_a_key_is_made_certified_loaded_and_signs(authority: KeyFolder, tmp_path: Path, algorithm: Algorithm) -> None:
    keys = KeyFolder(tmp_path / "keys")
    created = keys.create("some", algorithm)
    assert keys.names() == frozenset()
    assert keys.public_spki("some") == created.public_spki()
    keys.certify("some", certificate(authority, created.public_spki()))
    signer = KeyFolder(tmp_path / "keys").load("some")
    assert keys.names() == {"some"}
    assert signer.algorithm is algorithm
    assert signer.certificate == keys.certificate("some")
    assert certificate_spki(signer.certificate) == signer.public_spki()
    for each in (signer, created):
        VerifyKey.from_certificate(signer.certificate, algorithm).check(each.sign(b"data"), b"data")


@ALL
def test_a_wrong_signature_is_refused(algorithm: Algorithm) -> None:
    key = private_keys.generate(algorithm)
    verify, signature = VerifyKey.from_spki(key.public_spki(), algorithm), key.sign(b"data")
    flipped = bytes((*signature[:20], signature[20] ^ 1, *signature[21:]))
    for wrong, data in ((flipped, b"data"), (signature, b"datA"), (signature[:-1], b"data"), (bytes(len(signature)), b"data"), (b"", b"data")):
        with pytest.raises(EtrustError, match="bad_signature"):
            verify.check(wrong, data)


@ALL
def test_a_key_verifies_with_its_own_algorithm_only(algorithm: Algorithm) -> None:
    spki = private_keys.generate(algorithm).public_spki()
    for other in set(Algorithm) - {algorithm}:
        with pytest.raises(EtrustError, match="bad_certificate"):
            VerifyKey.from_spki(spki, other)


@ALL
def test_openssl_reads_the_file(tmp_path: Path, algorithm: Algorithm) -> None:
    keys = KeyFolder(tmp_path)
    spki = keys.create("some", algorithm).public_spki()
    told = subprocess.run(["openssl", "pkey", "-in", tmp_path / "some.key", "-pubout", "-outform", "DER"], capture_output=True, check=True)
    assert told.stdout == spki
    assert stat.S_IMODE((tmp_path / "some.key").stat().st_mode) == 0o600


def test_keys_made_by_openssl_are_read(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    for name, options in {
        "p256": ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"], "ed": ["ED25519"], "sm2": ["EC", "-pkeyopt", "ec_paramgen_curve:SM2"],
        "rsa": ["RSA", "-pkeyopt", "rsa_keygen_bits:3072"],
    }.items():
        subprocess.run(["openssl", "genpkey", "-algorithm", *options, "-out", tmp_path / f"{name}.key"], check=True, capture_output=True)
        (tmp_path / f"{name}.key").chmod(0o600)
    found = {name: KeyFolder(tmp_path).signing_key(name).algorithm for name in ("p256", "ed", "sm2", "rsa")}
    assert found == {"p256": Algorithm.ES256, "ed": Algorithm.EDDSA, "sm2": Algorithm.SM2, "rsa": Algorithm.RS256}


def test_a_key_left_without_certificate_is_used_again_but_not_for_another_algorithm(tmp_path: Path) -> None:
    keys = KeyFolder(tmp_path)
    spki = keys.create("some", Algorithm.SM2).public_spki()
    assert keys.create("some", Algorithm.SM2).public_spki() == spki
    with pytest.raises(EtrustError, match="key_exists"):
        keys.create("some", Algorithm.ES256)


@ALL
def test_a_certificate_of_another_key_is_refused(authority: KeyFolder, tmp_path: Path, algorithm: Algorithm) -> None:
    keys = KeyFolder(tmp_path)
    keys.create("some", algorithm)
    stranger = certificate(authority, private_keys.generate(algorithm).public_spki())
    with pytest.raises(EtrustError, match="bad_key"):
        keys.certify("some", stranger)
    assert keys.names() == frozenset()


def test_an_sm2_key_whose_point_is_another_is_refused(tmp_path: Path) -> None:
    one, other = (private_keys.generate(Algorithm.SM2) for _ in range(2))
    mixed = one.pkcs8().replace(one.public_spki()[-64:], other.public_spki()[-64:])
    assert mixed != one.pkcs8()
    with pytest.raises(EtrustError, match="bad_key"):
        private_keys.from_pkcs8(mixed)


@pytest.mark.parametrize("weak", [rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP384R1())], ids=["rsa-2048", "p-384"])
def test_keys_too_short_or_on_other_curves_are_refused(weak: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> None:
    encoded = weak.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(EtrustError, match="bad_key"):
        private_keys.from_pkcs8(encoded)


def test_a_certificate_object_is_taken_too(tmp_path: Path, authority: KeyFolder) -> None:
    keys = KeyFolder(tmp_path)
    encoded = certificate(authority, keys.create("some", Algorithm.ES256).public_spki())
    keys.certify("some", x509.load_der_x509_certificate(encoded))
    assert keys.load("some").certificate == encoded


@pytest.mark.parametrize("content", [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
                                     b"-----BEGIN RSA PRIVATE KEY-----\nMAA=\n-----END RSA PRIVATE KEY-----\n"])  # fmt: skip
def test_files_that_are_no_key_end_in_a_clear_word(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "some.key").write_bytes(content)
    (tmp_path / "some.key").chmod(0o600)
    with pytest.raises(EtrustError, match="bad_key") as caught:
        KeyFolder(tmp_path).signing_key("some")
    assert str(tmp_path) in caught.value.where


def test_a_key_not_there_is_named(tmp_path: Path) -> None:
    for ask in (KeyFolder(tmp_path).load, KeyFolder(tmp_path).signing_key, KeyFolder(tmp_path / "nowhere").certificate):
        with pytest.raises(EtrustError, match="no_key"):
            ask("some")


def test_private_keys_are_closed_to_others(tmp_path: Path) -> None:
    keys = KeyFolder(tmp_path / "keys")
    keys.create("some", Algorithm.SM2)
    assert stat.S_IMODE(keys.path.stat().st_mode) == 0o700
    (keys.path / "some.key").chmod(0o640)
    with pytest.raises(EtrustError, match="key_readable_by_others"):
        keys.signing_key("some")


def test_a_key_with_a_certificate_is_never_made_again(tmp_path: Path, authority: KeyFolder) -> None:
    keys = KeyFolder(tmp_path)
    keys.certify("some", certificate(authority, keys.create("some", Algorithm.ES256).public_spki()))
    with pytest.raises(EtrustError, match="key_exists"):
        keys.create("some", Algorithm.ES256)


@pytest.mark.parametrize("name", ["../evil", "", "a/b", "a\0b", "x" * 100, ".hidden", "钥匙"])
def test_a_name_cannot_leave_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(EtrustError, match="bad_key_name"):
        KeyFolder(tmp_path).create(name, Algorithm.ES256)
