"""Keys on a PKCS#11 token, tried on SoftHSM2: made, used from many threads, lost and found again."""

import contextlib
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from etrust.errors import EtrustError
from etrust.signing import pkcs11
from etrust.signing.files import KeyFolder
from etrust.signing.model import Algorithm
from etrust.signing.token_place import TokenKey, TokenPlace
from etrust.signing.verify import VerifyKey
from etrust.trust.issuing import make_anchor
from tests.signing.soft_token import SoftToken, soft_token
from tests.support import NOW

KINDS = pytest.mark.parametrize("algorithm", [Algorithm.ES256, Algorithm.EDDSA, Algorithm.RS256])


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoftToken]:
    with soft_token(tmp_path_factory.mktemp("token")) as made:
        yield made


@pytest.fixture
def keys(token: SoftToken, tmp_path: Path) -> KeyFolder:
    return KeyFolder(tmp_path / "keys", token=token.place)


def check(key: pkcs11.SigningKey, data: bytes) -> None:
    VerifyKey.from_spki(key.public_spki(), key.algorithm).check(key.sign(data), data)


@KINDS
def test_a_key_made_on_the_token_signs(keys: KeyFolder, algorithm: Algorithm) -> None:
    made = keys.create_on_token(f"made-{algorithm.value}", algorithm)
    check(made, b"data")
    assert not list(keys.path.glob("*.key"))
    assert keys.public_spki(f"made-{algorithm.value}") == made.public_spki()


def test_a_certified_key_is_loaded_like_any_other(keys: KeyFolder) -> None:
    key = keys.create_on_token("anchor", Algorithm.ES256)
    keys.certify("anchor", make_anchor(key, profile="anchor", name="anchor", at=NOW, years=20))  # type: ignore[arg-type]  # asks it nothing but its key and signature
    signer = keys.load("anchor")
    assert keys.names() == {"anchor"}
    assert keys.place_of("anchor") == "token"
    VerifyKey.from_certificate(signer.certificate, signer.algorithm).check(signer.sign(b"data"), b"data")


def test_a_private_key_cannot_be_taken_out(token: SoftToken, keys: KeyFolder) -> None:
    keys.create_on_token("closed", Algorithm.ES256)
    package = pkcs11._package()
    key = pkcs11._token(token.place).ask(lambda session: session.get_key(object_class=package.ObjectClass.PRIVATE_KEY, label="closed"))
    assert key[package.Attribute.SENSITIVE]
    assert not key[package.Attribute.EXTRACTABLE]
    with pytest.raises(package.AttributeSensitive):
        key[package.Attribute.VALUE]


def test_making_again_after_a_crash_uses_the_key_that_is_there(token: SoftToken, keys: KeyFolder) -> None:
    left_behind = pkcs11.generate_on_token(token.place, TokenKey("left", Algorithm.ES256)).public_spki()  # no pointer written yet
    assert keys.create_on_token("left", Algorithm.ES256).public_spki() == left_behind
    assert keys.create_on_token("left", Algorithm.ES256).public_spki() == left_behind


def test_many_threads_sign_at_once(keys: KeyFolder) -> None:
    key = keys.create_on_token("threads", Algorithm.ES256)
    verify, failures = VerifyKey.from_spki(key.public_spki(), Algorithm.ES256), []

    def work(number: int) -> None:
        try:
            for turn in range(40):
                data = f"{number} {turn}".encode()
                verify.check(key.sign(data), data)
        except Exception as error:  # noqa: BLE001 - told below
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_token_that_goes_away_is_told_and_used_again_when_it_is_back(tmp_path: Path) -> None:
    with soft_token(tmp_path / "token") as token:
        key = pkcs11.generate_on_token(token.place, TokenKey("some", Algorithm.ES256))
        check(key, b"before")
        with token.pulled_out():
            for _ in range(3):
                with pytest.raises(EtrustError, match="token_unavailable") as caught:
                    key.sign(b"data")
            assert token.place.label in caught.value.zh
        check(key, b"after")


def test_a_key_not_on_the_token_is_named(keys: KeyFolder) -> None:
    keys.point_to_token("nothing", TokenKey("not there", Algorithm.ES256))
    with pytest.raises(EtrustError, match="no_key"):
        keys.public_spki("nothing")


def test_a_refused_pin_is_not_sent_again_until_it_is_corrected(tmp_path: Path) -> None:
    with soft_token(tmp_path / "token") as token:
        token.place.pin_file.write_text("0000\n")
        key = pkcs11.key_on_token(token.place, TokenKey("some", Algorithm.ES256))
        sent: list[str] = []
        for _ in range(20):  # a token would lock after a few
            with pytest.raises(EtrustError, match="token_pin_refused"):
                key.sign(b"data")
            sent.append(str(pkcs11._token(token.place)._refused))
        assert set(sent) == {"0000"}
        token.place.pin_file.write_text("5678\n")
        check(pkcs11.generate_on_token(token.place, TokenKey("some", Algorithm.ES256)), b"data")


def test_what_cannot_be_used_is_told(token: SoftToken, tmp_path: Path) -> None:
    wanted = TokenKey("some", Algorithm.ES256)
    cases = {
        "no_token": (None, wanted),
        "token_algorithm": (token.place, TokenKey("some", Algorithm.SM2)),
        "token_unavailable": (TokenPlace(tmp_path / "no-library.so", "etrust", token.place.pin_file), wanted),
        "bad_pin_file": (TokenPlace(token.place.module, "etrust", tmp_path / "no-pin"), wanted),
    }
    for code, (place, key) in cases.items():
        with pytest.raises(EtrustError, match=code):
            pkcs11.key_on_token(place, key).sign(b"data")
    with pytest.raises(EtrustError, match="token_unavailable"):
        pkcs11.key_on_token(TokenPlace(token.place.module, "another", token.place.pin_file), wanted).sign(b"data")


def test_a_pin_file_open_to_others_is_refused(tmp_path: Path) -> None:
    with soft_token(tmp_path / "token") as token:
        token.place.pin_file.chmod(0o644)
        with pytest.raises(EtrustError, match="bad_pin_file"):
            pkcs11.key_on_token(token.place, TokenKey("some", Algorithm.ES256)).sign(b"data")


def test_another_process_signs_with_the_same_key(token: SoftToken, keys: KeyFolder) -> None:
    key = keys.create_on_token("shared", Algorithm.ES256)
    script = (
        "import sys; from pathlib import Path; from etrust.signing.files import KeyFolder;"
        "from etrust.signing.token_place import TokenPlace;"
        f"place = TokenPlace(Path({str(token.place.module)!r}), {token.place.label!r}, Path({str(token.place.pin_file)!r}));"
        f"sys.stdout.write(KeyFolder(Path({str(keys.path)!r}), token=place).signing_key('shared').sign(b'data').hex())"
    )
    made = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    VerifyKey.from_spki(key.public_spki(), key.algorithm).check(bytes.fromhex(made.stdout), b"data")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_opens_the_token_for_itself(keys: KeyFolder) -> None:
    key = keys.create_on_token("forked", Algorithm.ES256)
    check(key, b"parent")
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:  # nothing of the test run may happen in the child
        with contextlib.suppress(BaseException):
            os.write(writer, key.sign(b"child"))
        os._exit(0)
    os.close(writer)
    signature = os.read(reader, 1000)
    os.waitpid(child, 0)
    VerifyKey.from_spki(key.public_spki(), key.algorithm).check(signature, b"child")
    check(key, b"parent again")


def test_the_tool_of_softhsm_sees_the_key(token: SoftToken, keys: KeyFolder) -> None:
    tool = shutil.which("pkcs11-tool")
    if tool is None:
        pytest.skip("pkcs11-tool (opensc) is not installed")
    keys.create_on_token("seen", Algorithm.ES256)
    told = subprocess.run([tool, "--module", token.place.module, "--list-objects", "--login", "--pin", "5678"], capture_output=True, text=True, check=True)
    assert "seen" in told.stdout
