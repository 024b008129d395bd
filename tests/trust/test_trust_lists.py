"""Trust lists: signed by the anchor the reader knows, whole, in their time; anything else fails closed."""

import base64
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from joserfc import jws
from joserfc.jwk import ECKey
from tests.status.test_signed_lists import public_pem
from tests.support import ISSUER, NOW, key_entry, make_signer, trust_list_of

from etrust.errors import EtrustError
from etrust.trust.lists import anchor_of, read_trust_list, sign_trust_list
from etrust.trust.model import Purpose

ANCHOR, KEY = make_signer(), make_signer()
CONTENT = trust_list_of(key_entry(KEY), key_entry(make_signer(), Purpose.STATUS, body="650000"))
TOKEN = sign_trust_list(CONTENT, ANCHOR)


def refusal(token: bytes, **changes: object) -> str:
    arguments = {"anchors": [ANCHOR.certificate], "at": NOW, **changes}
    with pytest.raises(EtrustError) as caught:
        read_trust_list(token, **arguments)  # type: ignore[arg-type]
    return caught.value.code


def test_content_comes_back() -> None:
    snapshot = read_trust_list(TOKEN + b"\n", anchors=[make_signer().certificate, ANCHOR.certificate], at=NOW)
    assert snapshot.trust_list == CONTENT
    assert snapshot.keys_for(KEY.kid, Purpose.CREDENTIAL)[0].certificate == KEY.certificate
    assert snapshot.keys_for(KEY.kid, Purpose.STATUS) == ()
    entity = snapshot.entity(ISSUER)
    assert entity is not None
    assert entity.name_zh == "新疆维吾尔自治区市场监督管理局"
    assert snapshot.digest.startswith("sha256:")


def test_an_independent_implementation_verifies_the_list() -> None:
    registry = jws.JWSRegistry()
    registry.max_header_length = registry.max_payload_length = 100_000  # the header carries a certificate
    verified = jws.deserialize_compact(TOKEN, ECKey.import_key(public_pem(ANCHOR)), registry=registry)
    assert json.loads(verified.payload)["region"] == "650000"


def test_the_anchor_it_names_can_be_compared() -> None:
    assert anchor_of(TOKEN) == ANCHOR.certificate
    assert x509.load_der_x509_certificate(anchor_of(TOKEN)).subject.rfc4514_string() == "CN=test"


def test_another_anchor_is_not_believed() -> None:
    assert refusal(TOKEN, anchors=[make_signer().certificate]) == "untrusted_list"
    assert refusal(TOKEN, anchors=[]) == "untrusted_list"


@pytest.mark.parametrize("at", [CONTENT.next_update, CONTENT.next_update + timedelta(days=1), CONTENT.issued_at - timedelta(seconds=1)])
def test_out_of_its_time(at) -> None:  # type: ignore[no-untyped-def]
    assert refusal(TOKEN, at=at) == "expired_list"


def test_an_empty_list_is_refused_even_when_signed() -> None:
    body = json.loads(_unbase64(TOKEN.split(b".")[1]))
    assert refusal(_signed({**body, "keys": []})) == "bad_trust_list"
    assert refusal(_signed({**body, "entities": []})) == "bad_trust_list"


def test_a_key_id_that_is_not_its_certificates_is_refused() -> None:
    body = json.loads(_unbase64(TOKEN.split(b".")[1]))
    body["keys"][0]["kid"] = "00" * 8
    assert refusal(_signed(body)) == "bad_trust_list"


def test_any_change_breaks_the_signature() -> None:
    head, body, signature = TOKEN.split(b".")
    changed = json.loads(_unbase64(body))
    changed["keys"][0]["license_types"].append("11100000000013338W011")
    assert refusal(b".".join([head, _base64(json.dumps(changed).encode()), signature])) == "untrusted_list"


def test_two_keys_with_one_id_are_both_tried() -> None:
    content = replace(CONTENT, keys=(*CONTENT.keys, key_entry(KEY, body="11650000MB1A0003XT")))
    snapshot = read_trust_list(sign_trust_list(content, ANCHOR), anchors=[ANCHOR.certificate], at=NOW)
    assert len(snapshot.keys_for(KEY.kid, Purpose.CREDENTIAL)) == 2


@pytest.mark.parametrize("token", [b"", b"a.b", b"a.b.c", b"....", b"e30.e30.e30", TOKEN[:100], b"\xff" * 50, TOKEN.split(b".")[1]], ids=range(8))
def test_what_is_no_list(token: bytes) -> None:
    assert refusal(token) == "bad_trust_list"


def _signed(body: object) -> bytes:
    head = TOKEN.split(b".")[0]
    signed = head + b"." + _base64(json.dumps(body).encode())
    return signed + b"." + _base64(ANCHOR.sign(signed))


def _base64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _unbase64(data: bytes) -> bytes:
    return base64.urlsafe_b64decode(data + b"=" * (-len(data) % 4))
