"""Encrypted key files: openssl reads ours and we read its; wrong passphrases, crashes and hostile files end well."""

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etrust.errors import EtrustError
from etrust.signing import der, key_files, pbes2, pem, private_keys
from etrust.signing.files import KeyFolder
from etrust.signing.model import Algorithm

PASSPHRASE = "口令 with spaces and ' quotes".encode()
ALL = pytest.mark.parametrize("algorithm", list(Algorithm))


def public(path: Path, passphrase: bytes) -> bytes:
    """The public key that openssl finds in an encrypted file."""
    (path.parent / "pass").write_bytes(passphrase)
    command = ["openssl", "pkey", "-in", path, "-passin", f"file:{path.parent / 'pass'}", "-pubout", "-outform", "DER"]
    return subprocess.run(command, capture_output=True, check=True).stdout


@ALL
def test_a_folder_with_a_passphrase_writes_what_openssl_opens(tmp_path: Path, algorithm: Algorithm) -> None:
    keys = KeyFolder(tmp_path, PASSPHRASE)
    spki = keys.create("some", algorithm).public_spki()
    assert b"ENCRYPTED PRIVATE KEY" in (tmp_path / "some.key").read_bytes()
    assert public(tmp_path / "some.key", PASSPHRASE) == spki
    assert keys.public_spki("some") == spki
    assert keys.place_of("some") == "encrypted"


@pytest.mark.parametrize("options", [["-v2", "aes-256-cbc"], ["-scrypt"], ["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA512", "-iter", "5000"]],
                         ids=["pbkdf2", "scrypt", "sha512"])  # fmt: skip
@ALL
def test_what_openssl_encrypts_is_opened(tmp_path: Path, algorithm: Algorithm, options: list[str]) -> None:
    plain = KeyFolder(tmp_path / "plain")
    spki = plain.create("some", algorithm).public_spki()
    target = tmp_path / "some.key"
    subprocess.run(
        ["openssl", "pkcs8", "-topk8", *options, "-in", plain.path / "some.key", "-passout", "pass:secret", "-out", target],
        capture_output=True, check=True,
    )  # fmt: skip
    target.chmod(0o600)
    assert KeyFolder(tmp_path, b"secret").public_spki("some") == spki


def test_a_wrong_passphrase_and_a_missing_one_are_told_apart(tmp_path: Path) -> None:
    KeyFolder(tmp_path, PASSPHRASE).create("some", Algorithm.SM2)
    for passphrase, code in ((b"wrong", "wrong_passphrase"), (None, "passphrase_missing")):
        with pytest.raises(EtrustError, match=code) as caught:
            KeyFolder(tmp_path, passphrase).signing_key("some")
        assert "some.key" in caught.value.where
        assert "ETRUST_KEY_PASSPHRASE" in caught.value.zh


def test_the_passphrase_is_not_shown_by_the_folder(tmp_path: Path) -> None:
    assert "secret" not in repr(KeyFolder(tmp_path, b"secret"))


@settings(max_examples=300, deadline=None)
@given(st.binary(min_size=1, max_size=40))
def test_no_wrong_passphrase_opens(passphrase: bytes) -> None:
    if passphrase != b"right":
        with pytest.raises(EtrustError, match="wrong_passphrase"):
            pbes2.decrypt(QUICK, passphrase)


def _quick() -> bytes:
    """A key under so few rounds that hundreds of guesses take no time; padding alone would let one in 256 pass."""
    plain = pem.encode("PRIVATE KEY", private_keys.generate(Algorithm.ES256).pkcs8())
    command = ["openssl", "pkcs8", "-topk8", "-v2", "aes-256-cbc", "-iter", "1", "-passout", "pass:right", "-outform", "DER"]
    return subprocess.run(command, input=plain, capture_output=True, check=True).stdout


QUICK = _quick()


@ALL
def test_encrypting_in_place(tmp_path: Path, algorithm: Algorithm) -> None:
    spki = KeyFolder(tmp_path).create("some", algorithm).public_spki()
    assert KeyFolder(tmp_path).encrypt("some", b"first")
    assert KeyFolder(tmp_path, b"first").public_spki("some") == spki
    assert KeyFolder(tmp_path, b"first").encrypt("some", b"second")
    assert not KeyFolder(tmp_path, b"first").encrypt("some", b"second")  # done already: a second run passes it over
    assert KeyFolder(tmp_path, b"second").public_spki("some") == spki
    with pytest.raises(EtrustError, match="wrong_passphrase"):
        KeyFolder(tmp_path, b"first").signing_key("some")
    assert [path.name for path in tmp_path.iterdir()] == ["some.key"]
    assert (tmp_path / "some.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("step", ["open", "fsync", "replace"])
def test_a_crash_while_encrypting_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """The process dies at a step; the old file still opens, and the next run finishes."""
    spki = KeyFolder(tmp_path).create("some", Algorithm.ES256).public_spki()

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(*{"open": (os, "open"), "fsync": (os, "fsync"), "replace": (Path, "replace")}[step], die)
        with pytest.raises(KeyboardInterrupt):
            KeyFolder(tmp_path).encrypt("some", PASSPHRASE)
    assert KeyFolder(tmp_path).public_spki("some") == spki
    assert KeyFolder(tmp_path).encrypt("some", PASSPHRASE)
    assert KeyFolder(tmp_path, PASSPHRASE).public_spki("some") == spki


def scrypt_file(cost: int, block_size: int, parallel: int) -> bytes:
    """An encrypted key that asks for so much work."""
    derivation = der.write(der.SEQUENCE, der.write(der.OCTETS, bytes(16)), *map(der.write_integer, (cost, block_size, parallel)))
    scheme = der.write(
        der.SEQUENCE, der.write(der.SEQUENCE, der.write_oid(pbes2.SCRYPT), derivation),
        der.write(der.SEQUENCE, der.write_oid(pbes2.AES_256_CBC), der.write(der.OCTETS, bytes(16))),
    )  # fmt: skip
    return der.write(der.SEQUENCE, der.write(der.SEQUENCE, der.write_oid(pbes2.PBES2), scheme), der.write(der.OCTETS, bytes(64)))


@pytest.mark.parametrize(("cost", "block_size", "parallel"), [(1 << 40, 8, 1), (1 << 15, 1 << 20, 1), (1 << 15, 8, 1 << 20), (3, 8, 1), (0, 8, 1), (1 << 15, 0, 1)])
def test_a_file_that_asks_for_endless_work_is_refused(cost: int, block_size: int, parallel: int) -> None:
    with pytest.raises(EtrustError, match="unknown_encryption"):
        pbes2.decrypt(scrypt_file(cost, block_size, parallel), b"x")


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(QUICK) - 1), st.integers(1, 255))
def test_a_damaged_file_ends_in_a_clear_word(place: int, change: int) -> None:
    damaged = bytes((*QUICK[:place], QUICK[place] ^ change, *QUICK[place + 1 :]))
    try:
        pbes2.decrypt(damaged, b"right")
    except EtrustError as error:
        assert error.code in ("wrong_passphrase", "unknown_encryption", "bad_der")


def test_a_key_file_is_never_written_over(tmp_path: Path) -> None:
    key = private_keys.generate(Algorithm.ES256)
    key_files.write_key(tmp_path / "some.key", key, None)
    with pytest.raises(FileExistsError):
        key_files.write_key(tmp_path / "some.key", key, None)
    assert key_files.read_key(tmp_path / "some.key", None).public_spki() == key.public_spki()
