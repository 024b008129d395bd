"""OpenSSL, GmSSL and the one by hand: what one signs the others accept, what is corrupted all refuse; thousands of cases."""

import random
from collections.abc import Iterator

import pytest

from etrust.signing import gmssl, libcrypto, sm2
from etrust.signing.libcrypto import Libcrypto
from tests.signing import by_hand

CASES = 1000  # eight thousand judgments
BY_HAND_EVERY = 40  # curve arithmetic in Python integers takes a hundred times as long
Case = tuple[bytes, bytes, bytes, bytes]  # secret, point, data, signer id


@pytest.fixture(scope="module")
def openssl() -> Libcrypto:
    found = libcrypto.load()
    if found is None:
        pytest.skip("no OpenSSL 3 with SM2 on this machine")
    return found


@pytest.fixture(scope="module")
def other() -> gmssl.Gmssl:
    found = gmssl.load()
    if found is None:
        pytest.skip("gmssl-pyx is not installed")
    return found


def cases(openssl: Libcrypto, other: gmssl.Gmssl) -> Iterator[Case]:
    chance = random.Random(20260724)
    for number in range(CASES):
        if number % 20 == 0:
            secret, point = (openssl, other)[number // 20 % 2].generate()
        yield secret, point, chance.randbytes(chance.choice([0, 1, 31, 32, 33, 64, 200, 5000])), chance.randbytes(chance.randint(1, 64))


def corrupted(case: Case, signature: bytes, chance: random.Random) -> tuple[bytes, bytes, bytes]:
    """Signature, data and signer id with one of them changed in one bit."""
    _, _, data, signer_id = case
    parts = [sm2.signature_to_raw(signature), data, signer_id]
    which = chance.choice([index for index, part in enumerate(parts) if part])
    place = chance.randrange(len(parts[which]) * 8)
    changed = bytearray(parts[which])
    changed[place // 8] ^= 1 << place % 8
    parts[which] = bytes(changed)
    return sm2.signature_from_raw(parts[0]), parts[1], parts[2]


def test_what_one_signs_the_others_accept_and_what_is_corrupted_all_refuse(openssl: Libcrypto, other: gmssl.Gmssl) -> None:
    chance = random.Random(7)
    judged = 0
    for number, case in enumerate(cases(openssl, other)):
        secret, point, data, signer_id = case
        signers = {"openssl": openssl, "gmssl": other}
        made = {name: each.sign(each.private_key(secret, point), data, signer_id) for name, each in signers.items()}
        if number % BY_HAND_EVERY == 0:
            made["by hand"] = by_hand.sign(int.from_bytes(secret, "big"), data, signer_id)
        for name, signature in made.items():
            bad, bad_data, bad_id = corrupted(case, signature, chance)
            for judge in signers.values():
                key = judge.public_key(point)
                assert judge.check(key, signature, data, signer_id), (name, judge.name, number)
                assert not judge.check(key, bad, bad_data, bad_id), (name, judge.name, number)
            if number % BY_HAND_EVERY == 0:
                assert by_hand.verify(point, signature, data, signer_id), (name, number)
                assert not accepted_by_hand(point, bad, bad_data, bad_id), (name, number)
            judged += 1
    assert judged >= 2 * CASES


def accepted_by_hand(point: bytes, signature: bytes, data: bytes, signer_id: bytes) -> bool:
    try:
        return by_hand.verify(point, signature, data, signer_id)
    except Exception:  # noqa: BLE001 - numbers out of range are refused with an error
        return False


def test_a_signature_of_another_key_is_refused_by_all(openssl: Libcrypto, other: gmssl.Gmssl) -> None:
    (secret, point), (_, stranger) = openssl.generate(), other.generate()
    signature = openssl.sign(openssl.private_key(secret, point), b"data", sm2.DEFAULT_ID)
    assert not openssl.check(openssl.public_key(stranger), signature, b"data", sm2.DEFAULT_ID)
    assert not other.check(other.public_key(stranger), signature, b"data", sm2.DEFAULT_ID)
    assert not by_hand.verify(stranger, signature, b"data")
