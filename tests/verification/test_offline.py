"""Checks with no server at all: two signed files, and what happens when one is missing, old or forged."""

from datetime import timedelta

import pytest
from tests.support import NOW, URI, Recipe, key_entry, make_signer, trust_list_of

from etrust.credentials.code import encode_code
from etrust.errors import EtrustError
from etrust.status.bits import Bitmap
from etrust.status.model import State
from etrust.status.tokens import encode_status_cwt
from etrust.trust.lists import sign_trust_list
from etrust.trust.model import Purpose
from etrust.verification.offline import OfflineVerifier

ANCHOR, ISSUER_KEY, STATUS_KEY = make_signer(), make_signer(), make_signer()
TRUST = sign_trust_list(trust_list_of(key_entry(ISSUER_KEY), key_entry(STATUS_KEY, Purpose.STATUS, body="650000")), ANCHOR)
CODE = encode_code(Recipe().signed(ISSUER_KEY))


def status_list(state: State = State.VALID, signer=STATUS_KEY, *, age: timedelta = timedelta(0)) -> bytes:  # type: ignore[no-untyped-def]
    bitmap = Bitmap(1000)
    bitmap.set(77, state)
    issued = NOW - age
    return encode_status_cwt(URI, bitmap, signer, iat=issued, exp=issued + timedelta(days=1), ttl=300)


def verifier(*lists: bytes, trust: bytes = TRUST, anchors=(ANCHOR.certificate,), now=NOW) -> OfflineVerifier:  # type: ignore[no-untyped-def]
    return OfflineVerifier.from_files(trust_list=trust, status_lists=lists, anchors=anchors, now=now, types={})


@pytest.mark.parametrize(("state", "status"), [
    (State.VALID, "valid"), (State.REVOKED, "revoked"), (State.SUSPENDED, "suspended"), (State.UNDER_OBJECTION, "under_objection"),
])  # fmt: skip
def test_the_list_decides(state: State, status: str) -> None:
    verdict = verifier(status_list(state)).check(CODE, at=NOW)
    assert verdict.status == status
    assert verdict.evidence.keys() == {"trust_list", "status_list"}


@pytest.mark.parametrize(("lists", "reason"), [
    ((), "status_list_missing"), ((status_list(age=timedelta(days=2)),), "status_list_expired"),
], ids=["none", "expired"])  # fmt: skip
def test_without_a_list_in_force_nothing_is_valid(lists: tuple[bytes, ...], reason: str) -> None:
    verdict = verifier(*lists).check(CODE, at=NOW)
    assert (verdict.verdict, verdict.status) == ("INDETERMINATE", "unknown")
    assert verdict.findings[-1].reason == reason


def test_a_list_does_not_speak_of_a_time_before_it() -> None:
    verdict = verifier(status_list()).check(CODE, at=NOW - timedelta(days=5))
    assert verdict.status == "unknown"


def test_lists_signed_by_a_stranger_are_refused() -> None:
    with pytest.raises(EtrustError, match="status_list_untrusted"):
        verifier(status_list(signer=make_signer()))
    with pytest.raises(EtrustError, match="status_list_untrusted"):
        verifier(status_list(signer=ISSUER_KEY))  # a key for credentials signs no status lists
    with pytest.raises(EtrustError, match="untrusted_list"):
        verifier(anchors=(make_signer().certificate,))


def test_an_expired_trust_list_fails_closed() -> None:
    with pytest.raises(EtrustError, match="expired_list"):
        verifier(status_list(), now=NOW + timedelta(days=40))


def test_a_number_alone_cannot_be_judged() -> None:
    for number in (Recipe().identifier.text, Recipe().identifier.short):
        assert verifier(status_list()).check(number, at=NOW).status == "unknown"


def test_a_file_beyond_all_bounds() -> None:
    with pytest.raises(EtrustError, match="too_large"):
        verifier(trust=b"x" * (33 * 1024 * 1024))


def test_a_list_that_vouches_for_itself_is_not_believed() -> None:
    with pytest.raises(EtrustError, match="anchor_needed") as caught:
        verifier(status_list(), anchors=())
    assert "sha256:" in caught.value.zh
