"""Personal fields encrypted to the asking body: only its region opens them, and only whole."""

import base64
import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from etrust.errors import EtrustError
from etrust.recognition.sealed import key_of, open_fields, seal_fields
from etrust.signing.private_keys import SoftwareKey
from etrust.trust.model import Purpose
from tests.support import ISSUER, NOW, key_entry, make_signer, trust_of

BODY, OTHER = make_signer("body"), make_signer("region")


def private(seed: str) -> bytes:
    """The private key that `make_signer` makes of a seed."""
    signer = make_signer(seed)
    return signer._key.pkcs8()  # type: ignore[attr-defined, no-any-return]


KEYS = {BODY.kid.hex(): private("body"), OTHER.kid.hex(): private("region")}
FIELDS = {"holder_code": "650102199001011234", "姓名": "阿依古丽·吐尔逊"}


def test_there_and_back() -> None:
    entry = key_entry(BODY, Purpose.ENCRYPTION)
    sealed = seal_fields(FIELDS, entry)
    assert sealed.count(".") == 4
    assert "650102" not in sealed
    assert open_fields(sealed, KEYS) == FIELDS
    assert seal_fields(FIELDS, entry) != sealed


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=50) | st.integers(-(2**31), 2**31) | st.none(), max_size=6))
@settings(max_examples=25, deadline=None)
def test_any_fields(fields: dict[str, object]) -> None:
    assert open_fields(seal_fields(fields, key_entry(BODY, Purpose.ENCRYPTION)), KEYS) == fields


def test_what_was_altered_or_is_for_another_does_not_open() -> None:
    sealed = seal_fields(FIELDS, key_entry(BODY, Purpose.ENCRYPTION))
    parts = sealed.split(".")
    header = json.loads(base64.urlsafe_b64decode(parts[0] + "=="))
    def with_header(**changes: object) -> str:
        made = base64.urlsafe_b64encode(json.dumps({**header, **changes}).encode()).decode().rstrip("=")
        return ".".join([made, *parts[1:]])

    bad = [
        "", "x", sealed[:-4], ".".join([*parts[:3], parts[3][:-2] + "AA", parts[4]]), with_header(alg="dir"), with_header(enc="A128GCM"),
        with_header(typ="other"), with_header(kid="0" * 16), with_header(zip="DEF"), "A" * 600_000, sealed + ".x",
    ]  # fmt: skip
    for each in bad:
        with pytest.raises(EtrustError) as caught:
            open_fields(each, KEYS)
        assert caught.value.code == "bad_sealed"
    stranger = {BODY.kid.hex(): SoftwareKey(ec.generate_private_key(ec.SECP256R1())).pkcs8()}
    for keys in ({}, stranger):
        with pytest.raises(EtrustError, match="cannot be opened"):
            open_fields(sealed, keys)


def test_whose_key() -> None:
    region = key_entry(OTHER, Purpose.ENCRYPTION, body="650000")
    own, older = key_entry(BODY, Purpose.ENCRYPTION), key_entry(make_signer("older"), Purpose.ENCRYPTION, valid_from=NOW - timedelta(days=500))
    ended = key_entry(BODY, Purpose.ENCRYPTION, valid_until=NOW - timedelta(days=1))
    lost = key_entry(BODY, Purpose.ENCRYPTION, compromised_since=NOW)
    assert key_of(trust_of(older, own, region), ISSUER, NOW).kid == BODY.kid
    for entry in (ended, lost, key_entry(BODY, Purpose.MESSAGE)):
        assert key_of(trust_of(entry, region), ISSUER, NOW).kid == OTHER.kid
    with pytest.raises(EtrustError) as caught:
        key_of(trust_of(ended), ISSUER, NOW)
    assert caught.value.code == "no_encryption_key"
