"""The code's text by itself: what goes in comes out, it fits its QR version, and only a fresh one of this region is good."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etrust.credentials import base45
from etrust.credentials.online_code import (
    MAX_RAW,
    PREFIX,
    CodeFor,
    CodeState,
    OnlineClaims,
    encode_claims,
    is_online_code,
    parse_online_code,
    read_online_code,
    sign_online_code,
)
from etrust.credentials.qr import version
from etrust.errors import EtrustError
from etrust.onecode.masking import mask_name, shown_name
from etrust.onecode.model import Subject
from etrust.signing import cose
from etrust.signing.files import FileSigner
from etrust.signing.model import Algorithm
from etrust.trust.model import Purpose, TrustSnapshot
from etrust.verification.model import Verdict
from etrust.verification.online_code import is_genuine_and_fresh, verify_online_code
from tests.support import ISSUER, NOW, TYPE_CODE, key_entry, make_signer, trust_of

SIGNER = make_signer()
REGION = "650000"
LONGEST_COMPANY = "新疆维吾尔自治区喀什地区塔什库尔干塔吉克自治县帕米尔高原农牧业综合开发有限责任公司第一分公司"
NAMES = st.one_of(
    st.sampled_from(["买*", "𬭚*", "ئ*", LONGEST_COMPANY, "A" * 200, ""]), st.text(st.characters(codec="utf-8"), max_size=90)
)
SHORTS = st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=24, max_size=24)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2120, 1, 1)).map(lambda at: at.replace(microsecond=0, tzinfo=NOW.tzinfo))


def claims(kind: CodeFor = CodeFor.LICENSE, **changes: object) -> OnlineClaims:
    made = OnlineClaims(
        REGION, NOW, NOW + timedelta(seconds=60), bytes(range(16)), kind, "买*",
        TYPE_CODE if kind is CodeFor.LICENSE else "", "ABCDEFGHIJKLMNOPQRST001X" if kind is CodeFor.LICENSE else "",
        CodeState.VALID if kind is CodeFor.LICENSE else CodeState.UNKNOWN, "1" * 31 if kind is CodeFor.MATTER else "",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def trust(signer: FileSigner = SIGNER, purpose: Purpose = Purpose.CODE, **changes: object) -> TrustSnapshot:
    return trust_of(key_entry(signer, purpose, **{"body": REGION, "license_types": frozenset(), **changes}))


def judged(text: str, *, lists: TrustSnapshot | None = None, after: float = 5) -> Verdict:
    return verify_online_code(text, trust=lists or trust(), at=NOW + timedelta(seconds=after), types={})


@settings(deadline=None)
@given(st.sampled_from(CodeFor), NAMES, SHORTS, st.sampled_from(CodeState), st.binary(min_size=16, max_size=16), MOMENTS)
def test_what_goes_in_comes_out_and_fits_version_10(  # type: ignore[no-untyped-def]
    kind, name, short, state, handle, at
) -> None:
    told = claims(kind, name=name, handle=handle, issued_at=at, expires_at=at + timedelta(seconds=60))
    if kind is CodeFor.LICENSE:
        told = replace(told, short=short, state=state)
    text = sign_online_code(told, SIGNER)
    read = read_online_code(text).claims
    assert replace(read, name=name) == told
    assert name.startswith(read.name.removesuffix("…"))
    assert version(text, "M") <= 10


def test_the_longest_code_is_as_long_as_version_10_holds() -> None:
    raw = base45.decode(sign_online_code(claims(name=LONGEST_COMPANY), SIGNER).removeprefix(PREFIX))
    assert MAX_RAW - 3 < len(raw) <= MAX_RAW  # a Chinese character takes three bytes


@pytest.mark.parametrize("kind", CodeFor)
def test_a_fresh_code_of_the_region(kind: CodeFor) -> None:
    verdict = judged(sign_online_code(claims(kind), SIGNER))
    assert is_genuine_and_fresh(verdict)
    assert (verdict.kind, verdict.findings[5].step, verdict.findings[5].outcome) == ("code", "use", "skipped")
    assert verdict.evidence == {"trust_list": trust().digest}
    assert verdict.license is not None
    assert verdict.license["fields"][0]["value"] == "买*"  # type: ignore[index]
    wanted = ("TOTAL-PASSED", "valid") if kind is CodeFor.LICENSE else ("INDETERMINATE", "unknown")
    assert (verdict.verdict, verdict.status) == wanted


@pytest.mark.parametrize(("after", "status"), [
    (-11, "not_yet_valid"), (-10, "valid"), (0, "valid"), (59, "valid"), (69.9, "valid"), (70, "expired"), (3600, "expired"),
])  # fmt: skip
def test_a_minute_and_ten_seconds_between_two_clocks(after: float, status: str) -> None:
    verdict = judged(sign_online_code(claims(), SIGNER), after=after)
    assert verdict.status == status
    assert is_genuine_and_fresh(verdict) == (status == "valid")
    assert (verdict.license is None) == (status != "valid")


@pytest.mark.parametrize(("state", "status"), [
    (CodeState.REVOKED, "revoked"), (CodeState.SUSPENDED, "suspended"), (CodeState.UNDER_OBJECTION, "under_objection"),
    (CodeState.EXPIRED, "expired"), (CodeState.NOT_YET_VALID, "not_yet_valid"), (CodeState.SUPERSEDED, "superseded"),
    (CodeState.UNKNOWN, "unknown"),
])  # fmt: skip
def test_a_license_out_of_force_is_told_as_such(state: CodeState, status: str) -> None:
    verdict = judged(sign_online_code(claims(state=state), SIGNER))
    assert (verdict.status, is_genuine_and_fresh(verdict)) == (status, True)


WRONG = {
    "a key for credentials": (trust(purpose=Purpose.CREDENTIAL), "unknown_issuer", "unknown_key"),
    "a key not listed": (trust(make_signer()), "unknown_issuer", "unknown_key"),
    "a key of a body": (trust(body=ISSUER), "unknown_issuer", "code_of_other_region"),
    "a compromised key": (trust(compromised_since=NOW - timedelta(days=1)), "unknown_issuer", "key_compromised"),
    "a key no more in force": (trust(valid_until=NOW), "unknown_issuer", "key_not_in_force_when_issued"),
    "another algorithm on the list": (trust(algorithm=Algorithm.EDDSA), "bad_signature", "algorithm_not_of_key"),
}


@pytest.mark.parametrize("name", WRONG)
def test_the_trust_list_decides_who_may_sign(name: str) -> None:
    lists, status, reason = WRONG[name]
    verdict = judged(sign_online_code(claims(), SIGNER), lists=lists)
    assert (verdict.status, verdict.license, is_genuine_and_fresh(verdict)) == (status, None, False)
    assert reason in {finding.reason for finding in verdict.findings}


def test_a_code_that_claims_another_region() -> None:
    verdict = judged(sign_online_code(claims(region="620000"), SIGNER))
    assert (verdict.status, verdict.findings[3].reason) == ("unknown_issuer", "code_of_other_region")


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 255))
def test_no_changed_byte_leaves_it_good(place: int, change: int) -> None:
    raw = bytearray(base45.decode(sign_online_code(claims(), SIGNER).removeprefix(PREFIX)))
    raw[place % len(raw)] ^= change
    verdict = judged(PREFIX + base45.encode(bytes(raw)))
    assert verdict.verdict != "TOTAL-PASSED"
    assert verdict.license is None


@settings(deadline=None)
@given(st.one_of(st.text(max_size=300), st.binary(max_size=300).map(lambda data: PREFIX + base45.encode(data))))
def test_no_text_makes_it_fall_over(text: str) -> None:
    assert judged(text).status == "malformed"


HEADER = {cose.ALGORITHM: -7, cose.KEY_ID: SIGNER.kid}


@pytest.mark.parametrize("changes", [
    {"expires_at": NOW + timedelta(seconds=61)}, {"expires_at": NOW}, {"handle": b"short"}, {"region": "65"}, {"matter": "1"},
    {"name": "甲" * 61},
], ids=["two minutes", "no time", "short handle", "no division", "short matter", "long name"])  # fmt: skip
def test_claims_that_no_code_has(changes: dict[str, object]) -> None:
    kind = CodeFor.MATTER if "matter" in changes or "name" in changes else CodeFor.LICENSE
    raw = cose.sign1(encode_claims(claims(kind, **changes)), HEADER, SIGNER)
    with pytest.raises(EtrustError, match="bad_online_code"):
        parse_online_code(raw)


def test_what_is_an_online_code() -> None:
    text = sign_online_code(claims(), SIGNER)
    assert is_online_code(text)
    assert is_online_code(" ｅｔ2:…")
    assert not is_online_code("ET1:ABC")
    assert read_online_code(f"  {text.lower()}\n").claims == read_online_code(text).claims


def test_names_of_persons_are_masked_and_those_of_companies_are_not() -> None:
    assert [mask_name(name) for name in ("买买提·阿布都", "李勇", " 张 ", "")] == ["买*", "李*", "张*", "*"]
    assert shown_name(Subject(b"", "李勇", "650102196001011799", "111")) == "李*"
    assert shown_name(Subject(b"", "新疆天山达盛棉业有限公司", "936501021MRN4WKEFQ", "001")) == "新疆天山达盛棉业有限公司"
