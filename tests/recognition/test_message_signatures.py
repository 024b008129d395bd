"""Signed messages between regions: what was signed verifies, and nothing else does."""

from dataclasses import replace
from datetime import timedelta

import pytest
from http_message_signatures import HTTPMessageSigner, algorithms

from etrust.errors import EtrustError
from etrust.recognition.signatures import (
    Answer,
    Request,
    content_digest,
    kept_headers,
    sign_answer,
    sign_request,
    verify_answer,
    verify_request,
)
from etrust.signing.model import Algorithm
from etrust.trust.model import KeyEntry, Purpose
from tests.support import NOW, key_entry, make_signer

OURS, THEIRS = "650000", "620000"
NONCE = "0123456789abcdefABCDEF"
URL = "http://127.0.0.1:8180/api/v1/recognition/holdings?x=1"
SIGNER = make_signer("partner")
KEYS = [key_entry(make_signer("other"), Purpose.MESSAGE), key_entry(SIGNER, Purpose.MESSAGE)]


def request(**changes: object) -> Request:
    made = Request("POST", URL, {"Content-Type": "application/json", "Idempotency-Key": "k" * 20}, b'{"a":1}')
    sign_request(made, SIGNER, sender=THEIRS, recipient=OURS, nonce=NONCE, at=NOW)
    found = Request(made.method, made.url, kept_headers(made.headers), made.body)
    return replace(found, **changes)  # type: ignore[arg-type]


def answer(to: Request, **changes: object) -> Answer:
    made = Answer(200, {"Content-Type": "application/json"}, b'{"b":2}', to)
    sign_answer(made, SIGNER, at=NOW)
    return replace(Answer(made.status_code, kept_headers(made.headers), made.body, to), **changes)  # type: ignore[arg-type]


def test_a_request_verifies_by_the_senders_key() -> None:
    found = verify_request(request(), KEYS, recipient=OURS, at=NOW + timedelta(seconds=30))
    assert (found.kid, found.nonce, found.created) == (SIGNER.kid, NONCE, NOW.replace(microsecond=0))


@pytest.mark.parametrize("algorithm", [Algorithm.ES256, Algorithm.EDDSA])
def test_both_algorithms(algorithm: Algorithm) -> None:
    signer = make_signer(algorithm=algorithm)
    made = Request("GET", URL, {})
    sign_request(made, signer, sender=THEIRS, recipient=OURS, nonce=NONCE, at=NOW)
    assert verify_request(made, [key_entry(signer, Purpose.MESSAGE)], recipient=OURS, at=NOW).kid == signer.kid


def changed(name: str, value: str) -> Request:
    found = request()
    found.headers[name] = value
    return found


def without(name: str) -> Request:
    found = request()
    del found.headers[name]
    return found


BAD = {
    "body": request(body=b'{"a":2}'), "body and digest": changed("content-digest", content_digest(b'{"a":2}')),
    "no digest": without("content-digest"), "method": request(method="PUT"), "path": request(url=URL.replace("holdings", "notices")),
    "query": request(url=URL + "&y=2"), "sender": changed("etrust-sender", "610000"),
    "type": changed("content-type", "text/plain"), "key": changed("idempotency-key", "x" * 20), "no signature": without("signature"),
    "no input": without("signature-input"), "not base64": changed("signature", "etrust=:!:"),
    "another label": changed("signature", request().headers["signature"].replace("etrust=", "other=")),
    "garbage": changed("signature-input", "((((" * 100), "key taken away": without("idempotency-key"),
}  # fmt: skip


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_what_was_changed_is_refused(bad: Request) -> None:
    with pytest.raises(EtrustError) as caught:
        verify_request(bad, KEYS, recipient=OURS, at=NOW)
    assert caught.value.code == "bad_message_signature"


@pytest.mark.parametrize("seconds", [-30, 90, 100_000])
def test_old_and_early_ones(seconds: int) -> None:
    with pytest.raises(EtrustError, match="not of this moment"):
        verify_request(request(), KEYS, recipient=OURS, at=NOW + timedelta(seconds=seconds))


def test_for_another_recipient() -> None:
    with pytest.raises(EtrustError, match="another region"):
        verify_request(request(), KEYS, recipient="610000", at=NOW)
    with pytest.raises(EtrustError, match="does not count"):
        verify_request(changed("etrust-recipient", "610000"), KEYS, recipient="610000", at=NOW)


def test_by_a_key_that_is_not_theirs_and_by_no_key() -> None:
    for keys in ([], KEYS[:1], [replace(KEYS[1], algorithm=Algorithm.EDDSA)], [replace(KEYS[1], algorithm=Algorithm.SM2)]):
        with pytest.raises(EtrustError, match="does not count"):
            verify_request(request(), keys, recipient=OURS, at=NOW)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f'nonce="{NONCE}"', 'nonce="another0another0"'), ('tag="etrust-partner"', 'tag="other"'), ('"@method" ', ""), ('"etrust-recipient" ', ""),
        (";expires=", ";expired="), (";created=", ";create="), ('alg="ecdsa-p256-sha256"', 'alg="hmac-sha256"'),
        ('alg="ecdsa-p256-sha256"', 'alg="ed25519"'), ("keyid=", "key="),
    ],
)  # fmt: skip
def test_parameters_are_signed(old: str, new: str) -> None:
    found = request()
    assert old in found.headers["signature-input"] or old == '"etrust-recipient" '
    found.headers["signature-input"] = found.headers["signature-input"].replace(old, new).replace(' "etrust-recipient"' if "recipient" in old else "\0", "")
    with pytest.raises(EtrustError, match="does not count"):
        verify_request(found, KEYS, recipient=OURS, at=NOW)


@pytest.mark.parametrize("nonce", ["", "short", "x" * 65])
def test_nonces_are_bounded(nonce: str) -> None:
    made = Request("GET", URL, {})
    sign_request(made, SIGNER, sender=THEIRS, recipient=OURS, nonce=nonce, at=NOW)
    with pytest.raises(EtrustError, match="nonce"):
        verify_request(made, KEYS, recipient=OURS, at=NOW)


def test_a_signature_that_covers_too_little() -> None:
    """Correct in itself, but the body could be another."""
    made = Request("POST", URL, {"Etrust-Sender": THEIRS, "Etrust-Recipient": OURS, "Content-Digest": content_digest(b"")}, b"")
    writer = HTTPMessageSigner(signature_algorithm=algorithms.ECDSA_P256_SHA256)
    prepared = writer.prepare(
        made, key_id=SIGNER.kid.hex(), created=NOW, expires=NOW + timedelta(seconds=60), nonce=NONCE, tag="etrust-partner", label="etrust",
        covered_component_ids=("@method", "@path", "etrust-sender", "etrust-recipient"), use_existing_digest=True,
    )  # fmt: skip
    writer.apply(made, prepared, SIGNER.sign(prepared.signature_base))
    with pytest.raises(EtrustError, match="not covered"):
        verify_request(made, KEYS, recipient=OURS, at=NOW)


def test_headers_twice_or_endless_are_refused() -> None:
    for headers in ({"Signature": "a", "signature": "b"}, {"Signature": "x" * 5000}):
        with pytest.raises(EtrustError, match="too long, or stands twice"):
            kept_headers(headers)
    assert kept_headers({"X-Other": "1", "Signature": "a"}) == {"signature": "a"}


def test_an_answer_belongs_to_its_request() -> None:
    asked = request()
    assert verify_answer(answer(asked), KEYS, at=NOW).kid == SIGNER.kid
    other = Request("POST", URL, {"Content-Type": "application/json"}, b'{"a":1}')
    sign_request(other, SIGNER, sender=THEIRS, recipient=OURS, nonce="another-nonce-0000", at=NOW)
    for bad in (
        answer(asked, body=b"{}"), answer(asked, status_code=404), answer(asked, request=request(method="GET")),
        answer(asked, request=Request(other.method, other.url, kept_headers(other.headers), other.body)),
        answer(asked, headers={}), answer(asked, request=request(url=URL.replace("holdings", "x"))),
    ):  # fmt: skip
        with pytest.raises(EtrustError, match="does not count"):
            verify_answer(bad, KEYS, at=NOW)


def test_a_request_is_no_answer() -> None:
    asked = request()
    forged = Answer(200, dict(asked.headers), asked.body, asked)
    with pytest.raises(EtrustError, match="does not count"):
        verify_answer(forged, KEYS, at=NOW)


def test_keys_are_tried_by_their_id_only() -> None:
    """An entry with the same id and another key: ids have eight bytes and may collide."""
    twin = key_entry(make_signer("twin"), Purpose.MESSAGE)
    colliding: KeyEntry = replace(twin, kid=SIGNER.kid)
    assert verify_request(request(), [colliding, KEYS[1]], recipient=OURS, at=NOW).kid == SIGNER.kid
    with pytest.raises(EtrustError, match="does not count"):
        verify_request(request(), [colliding], recipient=OURS, at=NOW)
