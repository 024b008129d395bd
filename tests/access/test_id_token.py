"""ID tokens: genuine ones are believed, and each way of cheating with one is refused by name."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from etrust.access.id_token import Expected, UnknownKeyError, judge_id_token, read_keys
from etrust.errors import EtrustError
from tests.support import NOW

KEY = ECKey.generate_key("P-256", {"kid": "one", "use": "sig"})
OTHER = ECKey.generate_key("P-256", {"kid": "one", "use": "sig"})
RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
KEYS = read_keys({"keys": [KEY.as_dict(private=False), RSA.as_dict(private=False)]})
EXPECTED = Expected("https://id.example", "etrust", "the nonce", "the access token", NOW - timedelta(seconds=30))
CLAIMS = {
    "iss": "https://id.example", "aud": "etrust", "sub": "17", "nonce": "the nonce",
    "iat": int(NOW.timestamp()) - 5, "exp": int(NOW.timestamp()) + 300,
}  # fmt: skip


def token(key: Any = KEY, algorithm: str = "ES256", kid: str | None = "one", **changes: object) -> str:
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not ...}
    header = {"alg": algorithm} | ({"kid": kid} if kid else {})
    return jwt.encode(header, claims, key, algorithms=[algorithm])


def refusal(text: str, expected: Expected = EXPECTED) -> str:
    with pytest.raises(EtrustError) as caught:
        judge_id_token(text, KEYS, expected, NOW)
    return caught.value.where or caught.value.code


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_a_genuine_token_is_believed() -> None:
    half = base64.urlsafe_b64encode(hashlib.sha256(b"the access token").digest()[:16]).rstrip(b"=").decode()
    assert judge_id_token(token(at_hash=half), KEYS, EXPECTED, NOW)["sub"] == "17"
    assert judge_id_token(token(RSA, "RS256", "rsa"), KEYS, EXPECTED, NOW)["sub"] == "17"


@pytest.mark.parametrize(("name", "value", "said"), [
    ("iss", "https://evil.example", "iss"), ("aud", "another", "aud"), ("aud", [], "aud"), ("azp", "another", "azp"),
    ("nonce", "another", "nonce"), ("nonce", ..., "nonce"), ("sub", "", "sub"), ("sub", "x" * 256, "sub"), ("sub", 5, "sub"),
    ("at_hash", "AAAA", "at_hash"),
])  # fmt: skip
def test_a_wrong_claim_is_refused(name: str, value: object, said: str) -> None:
    assert refusal(token(**{name: value})) == said


@pytest.mark.parametrize("changes", [
    {"exp": int(NOW.timestamp()) - 61}, {"iat": int(NOW.timestamp()) + 61}, {"iat": int(NOW.timestamp()) - 700}, {"exp": ...}, {"iat": ...},
    {"exp": "soon"}, {"nbf": int(NOW.timestamp()) + 61},
])  # fmt: skip
def test_a_token_out_of_its_time_is_refused(changes: dict[str, object]) -> None:
    assert refusal(token(**changes))


def test_no_signature_and_shared_secrets_are_refused() -> None:
    unsigned = f"{part({'alg': 'none'})}.{part(CLAIMS)}."
    assert refusal(unsigned) == "form"
    assert refusal(f"{part({'alg': 'none', 'kid': 'one'})}.{part(CLAIMS)}.AAAA") == "alg"
    signed = f"{part({'alg': 'HS256', 'kid': 'one'})}.{part(CLAIMS)}"  # the public key taken for a shared secret
    mac = hmac.new(KEY.as_pem(private=False), signed.encode(), hashlib.sha256).digest()
    assert refusal(f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}") == "alg"


def test_a_key_serves_its_own_algorithm_only() -> None:
    with pytest.raises(UnknownKeyError):
        judge_id_token(token(RSA, "RS256", "one"), KEYS, EXPECTED, NOW)
    with pytest.raises(UnknownKeyError):
        judge_id_token(token(kid="unknown"), KEYS, EXPECTED, NOW)
    assert refusal(token(OTHER)) == "signature"
    assert refusal(token().replace(".", ".A", 1)) in {"form", "signature"}
    assert refusal("x" * 40_000) == "form"


def test_a_fresh_sign_in_must_be_one() -> None:
    fresh = replace(EXPECTED, fresh=True)
    assert refusal(token(), fresh) == "sign_in_not_fresh"
    assert refusal(token(auth_time=int(NOW.timestamp()) - 600), fresh) == "sign_in_not_fresh"
    assert judge_id_token(token(auth_time=int(NOW.timestamp()) - 10), KEYS, fresh, NOW)["sub"] == "17"


def test_keys_that_cannot_be_used_are_left_out() -> None:
    short = {**RSA.as_dict(private=False), "n": "AQAB"}
    secret = {"kty": "oct", "k": "c2VjcmV0", "kid": "s"}
    assert read_keys({"keys": [short, secret, {"kty": "EC"}, "nonsense", {**KEY.as_dict(private=False), "use": "enc"}]}) == ()
    assert read_keys(None) == read_keys({"keys": {}}) == ()
