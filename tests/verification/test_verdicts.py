"""The pure verifier: every status that a code can have, each with its own reason, none of them "valid" by default."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import ISSUER, NOW, TYPE_CODE, URI, Recipe, key_entry, make_signer, trust_of

from etrust.credentials.code import encode_code
from etrust.ids import LicenseIdentifier
from etrust.signing.model import Algorithm
from etrust.status.model import State, StatusAnswer, StatusUnknown
from etrust.verification.model import Outcome, Overall, Status, Verdict
from etrust.verification.verify import verify, verify_credential

SIGNER = make_signer()
TRUST = trust_of(key_entry(SIGNER))


class Fixed:
    """A status snapshot that has one answer."""

    def __init__(self, state: State = State.VALID, reason: str = "") -> None:
        self.answer = StatusAnswer(state, reason, None, "sha256:status")

    def lookup(self, uri, index, at) -> StatusAnswer:  # type: ignore[no-untyped-def]
        assert (uri, index) == (URI, 77)
        return self.answer


class Silent:
    """A status snapshot that has no answer."""

    def __init__(self, error: StatusUnknown) -> None:
        self.error = error

    def lookup(self, uri, index, at) -> StatusAnswer:  # type: ignore[no-untyped-def]
        raise self.error


def verdict_of(recipe: Recipe | None = None, *, signer=SIGNER, trust=TRUST, status=None, at=NOW) -> Verdict:  # type: ignore[no-untyped-def]
    code = encode_code((recipe or Recipe()).signed(signer))
    return verify(code, trust=trust, status=status or Fixed(), at=at, types={})


def reasons(verdict: Verdict) -> dict[str, str]:
    return {finding.step: finding.reason for finding in verdict.findings if finding.reason}


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_valid(algorithm: Algorithm) -> None:
    signer = make_signer(algorithm=algorithm)
    verdict = verdict_of(signer=signer, trust=trust_of(key_entry(signer)))
    assert (verdict.verdict, verdict.status, verdict.sub_indication) == (Overall.PASSED, Status.VALID, "")
    assert [finding.step for finding in verdict.findings] == ["format", "issuer", "signature", "entitlement", "validity", "status"]
    assert {finding.outcome for finding in verdict.findings} == {Outcome.PASSED}
    assert verdict.evidence == {"trust_list": TRUST.digest, "status_list": "sha256:status"}
    assert verdict.license is not None
    assert verdict.license["identifier"] == Recipe().identifier.text


@pytest.mark.parametrize(("recipe", "at", "status", "reason"), [
    (Recipe(expires=NOW), NOW, Status.EXPIRED, "expired"),
    (Recipe(expires=NOW), NOW - timedelta(seconds=1), Status.VALID, None),
    (Recipe(expires=None), NOW + timedelta(days=36500), Status.VALID, None),
    (Recipe(not_before=NOW), NOW - timedelta(seconds=1), Status.NOT_YET_VALID, "not_yet_valid"),
    (Recipe(not_before=NOW), NOW, Status.VALID, None),
    (Recipe(issued_at=NOW, not_before=None), NOW - timedelta(seconds=61), Status.NOT_YET_VALID, "issued_later"),
    (Recipe(issued_at=NOW, not_before=None), NOW - timedelta(seconds=60), Status.VALID, None),
])  # fmt: skip
def test_period(recipe: Recipe, at, status: Status, reason: str | None) -> None:  # type: ignore[no-untyped-def]
    verdict = verdict_of(recipe, at=at)
    assert verdict.status == status
    assert reasons(verdict).get("validity") == reason


@pytest.mark.parametrize(("state", "why", "overall", "status"), [
    (State.REVOKED, "撤销原因", Overall.FAILED, Status.REVOKED),
    (State.REVOKED, "superseded", Overall.FAILED, Status.SUPERSEDED),
    (State.SUSPENDED, "", Overall.FAILED, Status.SUSPENDED),
    (State.UNDER_OBJECTION, "", Overall.INDETERMINATE, Status.UNDER_OBJECTION),
])  # fmt: skip
def test_state(state: State, why: str, overall: Overall, status: Status) -> None:
    verdict = verdict_of(status=Fixed(state, why))
    assert (verdict.verdict, verdict.status) == (overall, status)


@pytest.mark.parametrize("error", [
    StatusUnknown.missing(URI), StatusUnknown.expired(URI), StatusUnknown.out_of_range(URI), StatusUnknown.unreachable(URI),
], ids=lambda error: error.code)  # fmt: skip
def test_a_status_that_cannot_be_had_is_never_valid(error: StatusUnknown) -> None:
    verdict = verdict_of(status=Silent(error))
    assert (verdict.verdict, verdict.status, verdict.sub_indication) == (Overall.INDETERMINATE, Status.UNKNOWN, "TRY_LATER")
    assert reasons(verdict)["status"] == error.code
    assert "status_list" not in verdict.evidence


def test_unknown_key() -> None:
    verdict = verdict_of(trust=trust_of(key_entry(make_signer())))
    assert (verdict.verdict, verdict.status) == (Overall.INDETERMINATE, Status.UNKNOWN_ISSUER)
    assert reasons(verdict)["issuer"] == "unknown_key"
    assert verdict.license is None


@pytest.mark.parametrize(("change", "reason", "sub_indication"), [
    ({"body": "11650000MB1A0003XT"}, "key_of_another_body", "SIG_CONSTRAINTS_FAILURE"),
    ({"license_types": frozenset({"11100000000013338W011"})}, "type_not_entitled", "SIG_CONSTRAINTS_FAILURE"),
    ({"valid_until": NOW - timedelta(days=30)}, "key_not_in_force_when_issued", "OUT_OF_BOUNDS_NO_POE"),
    ({"valid_from": NOW}, "key_not_in_force_when_issued", "OUT_OF_BOUNDS_NO_POE"),
    ({"compromised_since": NOW}, "key_compromised", "OUT_OF_BOUNDS_NO_POE"),
])  # fmt: skip
def test_a_key_signs_only_what_the_trust_list_lets_it(change, reason: str, sub_indication: str) -> None:  # type: ignore[no-untyped-def]
    verdict = verdict_of(trust=trust_of(key_entry(SIGNER, **change)))
    assert (verdict.status, verdict.sub_indication) == (Status.UNKNOWN_ISSUER, sub_indication)
    assert reasons(verdict)["entitlement"] == reason


def test_the_algorithm_is_the_trust_lists_not_the_tokens() -> None:
    verdict = verdict_of(trust=trust_of(key_entry(SIGNER, algorithm=Algorithm.EDDSA)))
    assert verdict.status == Status.BAD_SIGNATURE
    assert reasons(verdict)["signature"] == "algorithm_not_of_key"


def test_every_key_with_the_id_is_tried() -> None:
    wrong = replace(key_entry(make_signer()), kid=SIGNER.kid)
    assert verdict_of(trust=trust_of(wrong, key_entry(SIGNER))).status == Status.VALID
    assert verdict_of(trust=trust_of(wrong)).status == Status.BAD_SIGNATURE


def test_the_gravest_status_decides_and_every_finding_stays() -> None:
    verdict = verdict_of(Recipe(expires=NOW - timedelta(days=1)), status=Fixed(State.REVOKED))
    assert verdict.status == Status.REVOKED
    assert reasons(verdict) == {"validity": "expired", "status": "revoked"}


def test_another_identifier_under_the_same_signature_is_refused() -> None:
    other = LicenseIdentifier.make(TYPE_CODE, ISSUER, "ABCDEFGHIJKLMNOPQRSX", 1)
    raw = Recipe().signed(SIGNER)
    forged = raw.replace(b"ABCDEFGHIJKLMNOPQRST.001." + Recipe().identifier.check.encode(),
                         b"ABCDEFGHIJKLMNOPQRSX.001." + other.check.encode())  # fmt: skip
    assert forged != raw
    assert verify_credential(forged, trust=TRUST, status=Fixed(), at=NOW, types={}).status == Status.BAD_SIGNATURE


@given(st.integers(0, 300), st.integers(0, 7))
def test_no_flipped_bit_is_ever_valid(place: int, bit: int) -> None:
    raw = bytearray(Recipe().signed(SIGNER))
    # The tag byte alone carries nothing that is signed: without it the structure is the untagged form.
    place = 1 + place % (len(raw) - 1)
    raw[place] ^= 1 << bit
    assert verify_credential(bytes(raw), trust=TRUST, status=Silent(StatusUnknown.missing(URI)), at=NOW, types={}).status != Status.VALID
    verdict = verify_credential(bytes(raw), trust=TRUST, status=Lenient(), at=NOW, types={})
    assert verdict.status != Status.VALID


class Lenient:
    """Says valid to everything."""

    def lookup(self, uri, index, at) -> StatusAnswer:  # type: ignore[no-untyped-def]
        return StatusAnswer(State.VALID, "", None, "sha256:status")


@given(st.text(max_size=200))
def test_any_text_gets_a_verdict(text: str) -> None:
    for presented in (text, "ET1:" + text):
        verdict = verify(presented, trust=TRUST, status=Fixed(), at=NOW, types={})
        assert verdict.status == Status.MALFORMED
        assert verdict.license is None


def test_the_same_question_with_the_same_lists_has_the_same_answer() -> None:
    code = encode_code(Recipe().signed(SIGNER))
    ask = lambda: verify(code, trust=TRUST, status=Fixed(), at=NOW, types={})  # noqa: E731
    assert ask() == ask()
