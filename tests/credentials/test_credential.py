"""The credential: CWT claims in COSE_Sign1, read back by an independent implementation, strict in reading."""

from dataclasses import replace
from datetime import UTC, datetime

import cbor2
import cwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from tests.support import NOW, Recipe, make_signer

from etrust.credentials.credential import MAX_CREDENTIAL, encode_claims, parse
from etrust.credentials.model import Claims
from etrust.errors import EtrustError
from etrust.signing.model import Algorithm

SIGNER = make_signer()
moments = st.datetimes(datetime(1970, 1, 2), datetime(9000, 1, 1)).map(lambda t: t.replace(microsecond=0, tzinfo=UTC))
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=100)
recipes = st.builds(
    Recipe,
    issued_at=moments, not_before=st.none() | moments, expires=st.none() | moments,
    status_index=st.integers(0, 2**20 - 1),
    fields=st.dictionaries(st.integers(1, 400), texts | st.lists(texts, max_size=4), max_size=10),
)  # fmt: skip


@given(recipes)
def test_claims_come_back_as_they_were(recipe: Recipe) -> None:
    assert parse(recipe.signed(SIGNER)).claims == recipe.claims()


@given(recipes)
def test_encoding_is_the_deterministic_one_of_cbor2(recipe: Recipe) -> None:
    encoded = encode_claims(recipe.claims())
    assert cbor2.dumps(cbor2.loads(encoded), canonical=True) == encoded


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_an_independent_implementation_accepts_the_signature(algorithm: Algorithm) -> None:
    signer = make_signer(algorithm=algorithm)
    raw = Recipe(expires=datetime(2199, 1, 1, tzinfo=UTC), not_before=datetime(2020, 1, 1, tzinfo=UTC),
                 issued_at=datetime(2020, 1, 1, tzinfo=UTC)).signed(signer)  # fmt: skip
    public = x509.load_der_x509_certificate(signer.certificate).public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    key = cwt.COSEKey.from_pem(pem, kid=signer.kid)
    claims = cwt.decode(raw, key)
    assert claims[1] == "650000"
    assert claims[65535]["status_list"]["idx"] == 77
    assert claims[-65537][0].startswith("11100000MB0143028R001.")


def test_the_cwt_tag_may_stand_in_front() -> None:
    raw = Recipe().signed(SIGNER)
    assert parse(b"\xd8\x3d" + raw).claims == parse(raw).claims == parse(raw[1:]).claims


def test_an_empty_protected_map_counts_as_the_empty_string() -> None:
    sign1 = cbor2.loads(Recipe().signed(SIGNER)).value
    unprotected = {1: -7, 4: SIGNER.kid}
    bodies = [cbor2.dumps([protected, unprotected, sign1[2], sign1[3]]) for protected in (b"", b"\xa0")]
    assert parse(bodies[0]).to_be_signed == parse(bodies[1]).to_be_signed


def _with_payload(payload: bytes) -> bytes:
    sign1 = cbor2.loads(Recipe().signed(SIGNER)).value
    return cbor2.dumps([sign1[0], sign1[1], payload, sign1[3]])


def _changed(**changes: object) -> bytes:
    claims = cbor2.loads(encode_claims(Recipe().claims()))
    for name, value in changes.items():
        key = {"iss": 1, "exp": 4, "iat": 6, "status": 65535, "license": -65537}[name]
        claims[key] = value
    return _with_payload(cbor2.dumps(claims))


BAD = {
    "empty": b"",
    "text": b"hello",
    "too large": b"\xd2" + b"\0" * MAX_CREDENTIAL,
    "cut off": Recipe().signed(SIGNER)[:-1],
    "something after it": Recipe().signed(SIGNER) + b"\0",
    "claims no map": _with_payload(b"\x01"),
    "duplicate claim": _with_payload(b"\xa2\x06\x00\x06\x01"),
    "duplicate field": _with_payload(encode_claims(Recipe().claims()).replace(b"\xa2\x00\x78", b"\xa2\x00\x78")[:-1]),
    "no issuing time": _changed(iat=None),
    "issuing time a text": _changed(iat="2026"),
    "time beyond the calendar": _changed(exp=10**15),
    "negative time": _changed(exp=-1),
    "not a number": _changed(exp=float("nan")),
    "no status": _changed(status={}),
    "status index negative": _changed(status={"status_list": {"idx": -1, "uri": "u"}}),
    "status index huge": _changed(status={"status_list": {"idx": 2**40, "uri": "u"}}),
    "status index a boolean": _changed(status={"status_list": {"idx": True, "uri": "u"}}),
    "status uri long": _changed(status={"status_list": {"idx": 1, "uri": "u" * 999}}),
    "no license": _changed(license={}),
    "identifier wrong": _changed(license={0: "11100000MB0143028R001.x"}),
    "field a map": _changed(license={0: cbor2.loads(encode_claims(Recipe().claims()))[-65537][0], 1: {}}),
    "field key a text": _changed(license={0: cbor2.loads(encode_claims(Recipe().claims()))[-65537][0], "a": "b"}),
    "nested deep": _with_payload(b"\x81" * 300 + b"\x00"),
    "array of billions": _with_payload(b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff"),
    "indefinite length": _with_payload(b"\xbf\xff"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_credential_is_refused_with_a_word(name: str) -> None:
    with pytest.raises(EtrustError) as caught:
        parse(BAD[name])
    assert caught.value.kind in {"malformed", "too_large"}


@given(st.binary(max_size=400))
def test_no_bytes_make_it_fall_over(raw: bytes) -> None:
    with pytest.raises(EtrustError):
        parse(raw)


@given(st.data())
def test_every_flipped_bit_is_refused_or_seen(data: st.DataObject) -> None:
    raw = bytearray(Recipe().signed(SIGNER))
    place, bit = data.draw(st.integers(0, len(raw) - 1)), data.draw(st.integers(0, 7))
    raw[place] ^= 1 << bit
    good = parse(Recipe().signed(SIGNER))
    try:
        flipped = parse(bytes(raw))
    except EtrustError:
        return
    assert (flipped.to_be_signed, flipped.signature) != (good.to_be_signed, good.signature) or flipped.kid != good.kid


def test_claims_are_plain_data() -> None:
    claims: Claims = Recipe().claims()
    assert replace(claims, issued_at=NOW).issued_at == NOW
