"""Following another region's list: it only moves forward, and every attack on it has its own word."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from tests.support import ISSUER, NOW, TYPE_CODE, key_entry, make_signer, trust_list_of

from etrust.access.model import Body
from etrust.errors import EtrustError
from etrust.signing import base64url
from etrust.trust.following import Known, Named, anchors_of, follow, sign_pivot
from etrust.trust.lists import read_trust_list, sign_cbor_list, sign_trust_list
from etrust.trust.model import Endpoint, Right, RightKind, StateName, TrustList, TypeName

REGION = "650000"
ANCHOR, SECOND, THIRD, STRANGER = (make_signer(name) for name in ("anchor", "second anchor", "third anchor", "stranger"))
SIGNERS = [make_signer(f"key {each}") for each in range(12)]


def content(sequence: int = 1, **changes: object) -> TrustList:
    made = replace(trust_list_of(*(key_entry(each) for each in SIGNERS)), sequence=sequence)
    return replace(made, **changes)  # type: ignore[arg-type]


def followed(known: Known | None, token: bytes, *, at=NOW, named: Named | None = None) -> Known:  # type: ignore[no-untyped-def]
    return follow(known, token, region=REGION, anchor=ANCHOR.certificate, at=at, named=named)


def refusal(known: Known | None, token: bytes, **how: object) -> str:
    with pytest.raises(EtrustError) as caught:
        followed(known, token, **how)  # type: ignore[arg-type]
    return caught.value.code


FIRST = followed(None, sign_trust_list(content(5), ANCHOR))


def test_a_newer_list_takes_the_place_of_the_one_known() -> None:
    newer = followed(FIRST, sign_trust_list(content(6), ANCHOR))
    assert newer.snapshot.trust_list.sequence == 6
    assert followed(newer, sign_trust_list(content(9), ANCHOR)).snapshot.trust_list.sequence == 9


def test_rollback() -> None:
    assert refusal(FIRST, sign_trust_list(content(4), ANCHOR)) == "older_list"


def test_the_same_list_again_is_no_alarm_and_another_under_its_number_is() -> None:
    assert followed(FIRST, sign_trust_list(content(5), ANCHOR)).snapshot.digest == FIRST.snapshot.digest
    other = content(5, issued_at=NOW - timedelta(days=2))
    assert refusal(FIRST, sign_trust_list(other, ANCHOR)) == "same_number_other_list"


def test_freeze() -> None:
    token = sign_trust_list(content(6), ANCHOR)
    assert refusal(FIRST, token, at=NOW + timedelta(days=40)) == "expired_list"
    assert refusal(FIRST, token, at=NOW - timedelta(days=40)) == "expired_list"


def test_mix_and_match() -> None:
    assert refusal(FIRST, sign_trust_list(content(6, region="620000"), ANCHOR)) == "another_region"
    token = sign_trust_list(content(6), ANCHOR)
    digest = read_trust_list(token, anchors=[ANCHOR.certificate], at=NOW).digest
    assert followed(FIRST, token, named=Named(6, digest)).snapshot.digest == digest
    assert followed(FIRST, token, named=Named(5, "sha256:other")).snapshot.digest == digest
    assert refusal(FIRST, token, named=Named(7, digest)) == "older_than_named"
    assert refusal(FIRST, token, named=Named(6, "sha256:other")) == "older_than_named"


def test_another_anchor() -> None:
    assert refusal(FIRST, sign_trust_list(content(6), STRANGER)) == "untrusted_list"
    assert refusal(None, sign_trust_list(content(1), STRANGER)) == "untrusted_list"


def test_an_emptied_list() -> None:
    emptied = content(6, keys=(key_entry(STRANGER),))
    assert refusal(FIRST, sign_trust_list(emptied, ANCHOR)) == "emptied_list"
    other = replace(content(6), entities=(Body("11650000MB1A0009X1", "别的", "", "", 1, REGION, None),))
    assert refusal(FIRST, sign_trust_list(other, ANCHOR)) == "emptied_list"


def test_a_shrunken_list_says_what_it_leaves_out() -> None:
    few = tuple(key_entry(each) for each in SIGNERS[:6])
    assert refusal(FIRST, sign_trust_list(content(6, keys=few), ANCHOR)) == "shrunken_list"
    gone = frozenset(each.kid.hex() for each in SIGNERS[6:])
    assert followed(FIRST, sign_trust_list(content(6, keys=few, removes=gone), ANCHOR)).snapshot.trust_list.sequence == 6
    some = tuple(key_entry(each) for each in SIGNERS[:9])
    assert len(followed(FIRST, sign_trust_list(content(6, keys=some), ANCHOR)).snapshot.trust_list.keys) == 9


def pivot(old=ANCHOR, new=SECOND, *, region: str = REGION, days: int = -1) -> str:  # type: ignore[no-untyped-def]
    return sign_pivot(region, new.certificate, old, valid_from=NOW + timedelta(days=days))


def test_a_pivot_leads_to_the_next_anchor_and_not_back() -> None:
    moved = followed(FIRST, sign_trust_list(content(6, pivots=(pivot(),)), SECOND))
    assert moved.anchor == SECOND.certificate
    assert refusal(moved, sign_trust_list(content(7), ANCHOR)) == "older_list"  # the old anchor alone no longer counts
    assert refusal(moved, sign_trust_list(content(7, pivots=(pivot(),)), ANCHOR)) == "untrusted_list"
    twice = (pivot(), pivot(SECOND, THIRD))
    away_for_years = followed(None, sign_trust_list(content(9, pivots=twice), THIRD))
    assert away_for_years.anchor == THIRD.certificate
    assert followed(moved, sign_trust_list(content(9, pivots=twice), THIRD)).anchor == THIRD.certificate


@pytest.mark.parametrize(
    "statement", [pivot(STRANGER), pivot(region="620000"), pivot(days=1), "x", "a.b.c", pivot()[:-4] + "AAAA"],
)  # fmt: skip
def test_pivots_that_prove_nothing(statement: str) -> None:
    assert anchors_of([statement], region=REGION, pinned=ANCHOR.certificate, at=NOW) == [ANCHOR.certificate]
    assert refusal(FIRST, sign_trust_list(content(6, pivots=(statement,)), SECOND)) == "untrusted_list"
    assert followed(FIRST, sign_trust_list(content(6, pivots=(statement,)), ANCHOR)).anchor == ANCHOR.certificate


def test_a_pivot_before_its_time_leaves_the_old_anchor_in_force() -> None:
    early = (pivot(days=3),)
    assert followed(FIRST, sign_trust_list(content(6, pivots=early), ANCHOR)).anchor == ANCHOR.certificate
    assert refusal(FIRST, sign_trust_list(content(6, pivots=early), SECOND)) == "untrusted_list"
    assert followed(FIRST, sign_trust_list(content(6, pivots=early), SECOND), at=NOW + timedelta(days=4)).anchor == SECOND.certificate


def rich(sequence: int = 5) -> TrustList:
    return content(
        sequence,
        rights=(Right(ISSUER, RightKind.LICENSE, TYPE_CODE, NOW, None), Right(ISSUER, RightKind.SEAL, "official", NOW, NOW + timedelta(days=1))),
        endpoints=(Endpoint("api", "https://etrust.example/api/v1"),),
        types=(TypeName(TYPE_CODE, "business_license", "营业执照", "تىجارەت كىنىشكىسى", "Business license"),),
        states=(StateName("suspended", "02", "暂扣"),), removes=frozenset({"0011223344556677"}),
    )  # fmt: skip


def test_both_forms_of_a_list_say_the_same_under_one_digest() -> None:
    token = sign_trust_list(rich(), ANCHOR)
    cbor = sign_cbor_list(rich(), token, ANCHOR)
    first, second = (read_trust_list(each, anchors=[ANCHOR.certificate], at=NOW) for each in (token, cbor))
    assert first.trust_list == second.trust_list == rich()
    assert first.digest == second.digest
    assert len(cbor) < len(token)
    with pytest.raises(EtrustError, match="not signed by a trusted anchor"):
        read_trust_list(cbor, anchors=[STRANGER.certificate], at=NOW)
    for place in (5, len(cbor) // 2, len(cbor) - 3):
        with pytest.raises(EtrustError):
            read_trust_list(cbor[:place] + bytes((cbor[place] ^ 1,)) + cbor[place + 1 :], anchors=[ANCHOR.certificate], at=NOW)


def test_a_list_from_before_and_one_from_later_are_read() -> None:
    token = sign_trust_list(content(), ANCHOR)
    body = json.loads(base64url.decode(token.split(b".")[1]))
    for name in ("rights", "endpoints", "types", "states", "pivots", "removes"):
        del body[name]
    body["what_comes_next"] = {"a": [1]}
    head = token.split(b".")[0]
    signed = head + b"." + base64url.encode(json.dumps(body).encode()).encode()
    old = signed + b"." + base64url.encode(ANCHOR.sign(signed)).encode()
    assert read_trust_list(old, anchors=[ANCHOR.certificate], at=NOW).trust_list == content()


class Following(RuleBasedStateMachine):
    """Whatever is offered in whatever order: the number never falls, and one number has one list."""

    def __init__(self) -> None:
        super().__init__()
        self.known: Known | None = None
        self.seen: dict[int, str] = {}
        self.highest = 0

    @rule(sequence=st.integers(1, 6), days=st.integers(0, 2), signer=st.sampled_from([ANCHOR, STRANGER]), keys=st.integers(1, 12))
    def offer(self, sequence: int, days: int, signer, keys: int) -> None:  # type: ignore[no-untyped-def]
        made = content(sequence, issued_at=NOW - timedelta(days=days), keys=tuple(key_entry(each) for each in SIGNERS[:keys]))
        try:
            self.known = followed(self.known, sign_trust_list(made, signer))
        except EtrustError:
            return
        assert signer is ANCHOR
        digest = self.known.snapshot.digest
        assert self.seen.setdefault(sequence, digest) == digest
        assert sequence >= self.highest
        self.highest = sequence

    @invariant()
    def is_the_highest(self) -> None:
        assert self.known is None or self.known.snapshot.trust_list.sequence == self.highest


TestFollowing = Following.TestCase
TestFollowing.settings = settings(max_examples=20, stateful_step_count=12, deadline=None)
