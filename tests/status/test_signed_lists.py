"""Signed status lists: read by independent implementations, refused when forged, silent outside their time."""

import base64
import json
from datetime import timedelta

import cbor2
import cwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey
from tests.support import NOW, URI, key_entry, make_signer, trust_of

from etrust.errors import EtrustError
from etrust.signing.files import FileSigner
from etrust.signing.model import Algorithm
from etrust.status.bits import Bitmap
from etrust.status.model import State, StatusUnknown
from etrust.status.tokens import ListSnapshot, encode_status_cwt, encode_status_jwt, read_status_list
from etrust.trust.model import Purpose

SIGNER = make_signer()
TRUST = trust_of(key_entry(SIGNER, Purpose.STATUS, body="650000", license_types=frozenset()))
FORMS = {"jwt": encode_status_jwt, "cwt": encode_status_cwt}


def signed(form: str, signer: FileSigner = SIGNER) -> bytes:
    bitmap = Bitmap(1000)
    bitmap.set(77, State.REVOKED)
    bitmap.set(78, State.UNDER_OBJECTION)
    return FORMS[form](URI, bitmap, signer, iat=NOW, exp=NOW + timedelta(days=1), ttl=300)


def public_pem(signer: FileSigner) -> bytes:
    key = x509.load_der_x509_certificate(signer.certificate).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def test_joserfc_reads_the_jwt() -> None:
    token = jwt.decode(signed("jwt").decode(), ECKey.import_key(public_pem(SIGNER)))
    assert token.header["typ"] == "statuslist+jwt"
    assert token.claims["sub"] == URI
    assert token.claims["status_list"]["bits"] == 2
    packed = base64.urlsafe_b64decode(token.claims["status_list"]["lst"] + "==")
    assert Bitmap.unpack(packed).get(77) == State.REVOKED


def test_cwt_reads_the_cwt() -> None:
    # Without "exp" checked: the list of this test lives in its own time.
    key = cwt.COSEKey.from_pem(public_pem(SIGNER), kid=SIGNER.kid)
    claims = cbor2.loads(cwt.COSE.new().decode(signed("cwt"), key))
    assert claims[2] == URI
    assert Bitmap.unpack(claims[65533]["lst"]).get(78) == State.UNDER_OBJECTION


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_what_was_signed_is_read(form: str, algorithm: Algorithm) -> None:
    signer = make_signer(algorithm=algorithm)
    trust = trust_of(key_entry(signer, Purpose.STATUS))
    snapshot = ListSnapshot([read_status_list(signed(form, signer), trust=trust, at=NOW)])
    assert snapshot.lookup(URI, 77, NOW).state == State.REVOKED
    assert snapshot.lookup(URI, 79, NOW + timedelta(hours=23)).state == State.VALID


def test_both_forms_have_one_digest() -> None:
    digests = {read_status_list(signed(form), trust=TRUST, at=NOW).digest for form in FORMS}
    assert len(digests) == 1


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("at", "index", "uri", "reason"), [
    (NOW + timedelta(days=1), 77, URI, "status_list_expired"),
    (NOW - timedelta(minutes=2), 77, URI, "status_list_expired"),
    (NOW, 1000, URI, "index_out_of_range"),
    (NOW, 77, URI + "0", "status_list_missing"),
])  # fmt: skip
def test_outside_its_time_and_reach_it_does_not_answer(form: str, at, index, uri, reason) -> None:  # type: ignore[no-untyped-def]
    snapshot = ListSnapshot([read_status_list(signed(form), trust=TRUST, at=NOW)])
    with pytest.raises(StatusUnknown) as caught:
        snapshot.lookup(uri, index, at)
    assert caught.value.code == reason


def test_of_two_lists_the_newer_answers() -> None:
    newer = encode_status_jwt(URI, Bitmap(1000), SIGNER, iat=NOW + timedelta(hours=1), exp=NOW + timedelta(days=1), ttl=1)
    lists = [read_status_list(token, trust=TRUST, at=NOW + timedelta(hours=1)) for token in (newer, signed("cwt"))]
    assert ListSnapshot(lists).lookup(URI, 77, NOW + timedelta(hours=2)).state == State.VALID


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("trust", [
    trust_of(),
    trust_of(key_entry(SIGNER, Purpose.CREDENTIAL)),
    trust_of(key_entry(SIGNER, Purpose.STATUS, algorithm=Algorithm.EDDSA)),
    trust_of(key_entry(SIGNER, Purpose.STATUS, compromised_since=NOW)),
    trust_of(key_entry(SIGNER, Purpose.STATUS, valid_until=NOW)),
], ids=["unknown key", "key for another purpose", "another algorithm", "compromised", "key out of use"])  # fmt: skip
def test_a_list_nobody_vouches_for_is_refused(form: str, trust) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(EtrustError) as caught:
        read_status_list(signed(form), trust=trust, at=NOW)
    assert caught.value.code == "status_list_untrusted"


@pytest.mark.parametrize("form", FORMS)
def test_a_list_from_the_future_is_refused(form: str) -> None:
    with pytest.raises(EtrustError, match="status_list_untrusted"):
        read_status_list(signed(form), trust=TRUST, at=NOW - timedelta(hours=1))


def test_a_changed_list_is_refused() -> None:
    head, body, signature = signed("jwt").split(b".")
    claims = json.loads(base64.urlsafe_b64decode(body + b"=="))
    claims["exp"] += 10**6
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=")
    with pytest.raises(EtrustError, match="status_list_untrusted"):
        read_status_list(head + b"." + forged + b"." + signature, trust=TRUST, at=NOW)


def test_a_token_without_algorithm_is_refused() -> None:
    _, body, _ = signed("jwt").split(b".")
    kid = base64.urlsafe_b64encode(SIGNER.kid).rstrip(b"=").decode()
    none = base64.urlsafe_b64encode(json.dumps({"alg": "none", "kid": kid, "typ": "statuslist+jwt"}).encode()).rstrip(b"=")
    with pytest.raises(EtrustError, match="status_list_untrusted"):
        read_status_list(none + b"." + body + b".", trust=TRUST, at=NOW)


@pytest.mark.parametrize("data", [b"", b"ey", b"ey.ey.ey", b"e30.e30.e30", b"eyJhIjoxfQ.e30.e30", b"\xd2\x84", b"{}", b"\x80"])
def test_what_is_no_list(data: bytes) -> None:
    with pytest.raises(EtrustError) as caught:
        read_status_list(data, trust=TRUST, at=NOW)
    assert caught.value.code in {"bad_status_list", "bad_cose"}
