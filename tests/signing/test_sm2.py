"""SM2: the standard's own example, an implementation by hand, openssl and GmSSL as referees."""

import subprocess
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etrust.errors import EtrustError
from etrust.signing import der, gmssl, libcrypto, sm2
from tests.signing import by_hand

# GB/T 32918.5-2017 (and GM/T 0003.5-2012), annex A.2: signature example on the recommended curve.
SECRET = 0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8
POINT = bytes.fromhex(
    "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
MESSAGE = b"message digest"
NONCE = 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21
RAW = bytes.fromhex(
    "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)
KEY = sm2.PrivateKey(SECRET.to_bytes(32, "big"), POINT)


def accepts(key: sm2.PublicKey, signature: bytes, data: bytes, signer_id: bytes = sm2.DEFAULT_ID) -> bool:
    try:
        key.check(signature, data, signer_id)
    except EtrustError as error:
        assert error.code == "bad_signature"
        return False
    return True


def test_the_example_of_the_standard() -> None:
    signature = sm2.signature_from_raw(RAW)
    assert by_hand.encode(by_hand.multiply(SECRET, by_hand.G)) == POINT
    assert by_hand.sign(SECRET, MESSAGE, nonce=NONCE) == signature
    assert accepts(KEY.public, signature, MESSAGE)
    assert not accepts(KEY.public, signature, MESSAGE + b".")
    assert sm2.signature_to_raw(signature) == RAW


def test_sm3_examples_of_its_standard() -> None:  # GB/T 32905-2016, annex A
    assert sm2.sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert sm2.sm3(b"abcd" * 8, b"abcd" * 8).hex() == "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"


@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=300), st.binary(min_size=1, max_size=40))
def test_the_library_and_the_one_by_hand_agree(data: bytes, signer_id: bytes) -> None:
    assert by_hand.verify(POINT, KEY.sign(data, signer_id), data, signer_id)
    assert accepts(KEY.public, by_hand.sign(SECRET, data, signer_id), data, signer_id)
    assert not accepts(KEY.public, by_hand.sign(SECRET, data, signer_id), data, signer_id + b"x")


def test_openssl_on_the_command_line_agrees(tmp_path: Path) -> None:
    (tmp_path / "key.der").write_bytes(KEY.pkcs8())
    (tmp_path / "pub.der").write_bytes(KEY.public.spki())
    (tmp_path / "data").write_bytes(MESSAGE)
    (tmp_path / "ours.sig").write_bytes(KEY.sign(MESSAGE))
    options = ["-sm3", "-sigopt", "distid:1234567812345678"]
    made = subprocess.run(
        ["openssl", "dgst", *options, "-sign", tmp_path / "key.der", "-keyform", "DER", "-out", tmp_path / "theirs.sig", tmp_path / "data"],
        check=False, capture_output=True,
    )  # fmt: skip
    if made.returncode:
        pytest.skip("this openssl has no SM2")
    assert accepts(KEY.public, (tmp_path / "theirs.sig").read_bytes(), MESSAGE)
    told = subprocess.run(
        ["openssl", "dgst", *options, "-verify", tmp_path / "pub.der", "-keyform", "DER", "-signature", tmp_path / "ours.sig", tmp_path / "data"],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert told.stdout.strip() == "Verified OK"


def test_a_key_survives_its_structures() -> None:
    key = sm2.PrivateKey.generate()
    again = sm2.PrivateKey.from_pkcs8(key.pkcs8())
    assert accepts(sm2.PublicKey.from_spki(key.public.spki()), again.sign(b"x"), b"x")
    assert key.sign(b"x") != key.sign(b"x")


@pytest.mark.parametrize("position", range(0, 72, 3))
def test_no_bit_of_a_signature_may_change(position: int) -> None:
    signature = bytearray(sm2.signature_from_raw(RAW))
    signature[position % len(signature)] ^= 1 << position % 8
    assert not accepts(KEY.public, bytes(signature), MESSAGE)


@pytest.mark.parametrize("signature", [
    b"", RAW, sm2.signature_from_raw(RAW) + b"\0", sm2.signature_from_raw(bytes(64)),
    sm2.signature_from_raw(RAW[:32] + sm2.ORDER.to_bytes(32, "big")),
    der.write(der.SEQUENCE, der.write_integer(int.from_bytes(RAW[:32], "big") + sm2.ORDER), der.write_integer(1)),
], ids=["empty", "raw", "more behind", "zeros", "s too large", "r too large"])  # fmt: skip
def test_one_form_only(signature: bytes) -> None:
    assert not accepts(KEY.public, signature, MESSAGE)


@pytest.mark.parametrize("backend", [libcrypto.load(), gmssl.load()], ids=["libcrypto", "gmssl"])
def test_points_off_the_curve_are_refused(backend: sm2.Backend | None) -> None:
    if backend is None:
        pytest.skip("not installed")
    for point in (POINT[:-1] + b"\0", b"\x04" + bytes(64), b"\x04" + b"\xff" * 64):
        with pytest.raises(EtrustError, match="bad_key"):
            backend.public_key(point)


@pytest.mark.parametrize("bad", [b"", POINT[1:], b"\x02" + POINT[1:33], POINT + b"\0"])
def test_points_of_another_form_are_refused(bad: bytes) -> None:
    with pytest.raises(EtrustError, match="bad_key"):
        sm2.PublicKey(bad)


@pytest.mark.parametrize("secret", [bytes(32), b"\xff" * 32, b"short", (sm2.ORDER - 1).to_bytes(32, "big")])
def test_private_keys_out_of_range_are_refused(secret: bytes) -> None:
    with pytest.raises(EtrustError, match="bad_key"):
        sm2.PrivateKey(secret, POINT)


def test_a_key_of_another_curve_is_refused() -> None:
    spki = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200") + POINT
    with pytest.raises(EtrustError, match="bad_key"):
        sm2.PublicKey.from_spki(spki)


def test_threads_may_share_a_key() -> None:
    signature = sm2.signature_from_raw(RAW)
    wrong: list[bool] = []

    def work() -> None:
        right = [accepts(KEY.public, signature, MESSAGE) and not accepts(KEY.public, KEY.sign(b"a"), b"b") for _ in range(60)]
        wrong.extend(each for each in right if not each)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert not wrong


def test_memory_is_given_back() -> None:
    """Two thousand keys, signatures and failures leave no more than a little behind."""

    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

    if not Path("/proc/self/statm").exists():
        pytest.skip("no /proc")

    def work() -> None:
        key = sm2.PublicKey(POINT)
        accepts(key, sm2.signature_from_raw(RAW), MESSAGE)
        accepts(key, sm2.signature_from_raw(RAW), b"other")
        KEY.sign(b"x")

    for _ in range(200):
        work()
    before = resident()
    for _ in range(2000):
        work()
    assert resident() - before < 1_500_000
