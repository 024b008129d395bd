"""Whether a right covers a use: the rule against a second telling of it, one condition after the other."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from etrust.seals.model import Actor, Grant, GranteeKind, Purpose, covers

START = datetime(2026, 11, 1, tzinfo=UTC)
DAYS = st.integers(0, 4).map(lambda day: START + timedelta(days=day))
BODIES = st.sampled_from(["A", "B"])
TYPES = st.sampled_from(["", "passport", "business_license"])
MATTERS = st.sampled_from(["", "M1", "M2"])
GRANTS = st.builds(
    Grant, st.just(1), st.just("65000000000001"), st.sampled_from(GranteeKind), st.sampled_from(["officer", "issuer", "A", "B"]),
    st.sets(TYPES.filter(bool)).map(tuple), st.sets(MATTERS.filter(bool)).map(tuple), DAYS, st.none() | DAYS,
    st.sampled_from(["seals", "officer"]), st.none() | DAYS,
)  # fmt: skip
ACTORS = st.builds(Actor, st.sampled_from(["officer", "clerk"]), BODIES, st.sets(st.sampled_from(["issuer", "clerk"])).map(frozenset), DAYS)


@settings(max_examples=500)
@given(GRANTS, BODIES, ACTORS, st.builds(Purpose, TYPES, MATTERS))
def test_a_right_covers_what_each_of_its_conditions_allows(grant: Grant, seal_body: str, who: Actor, purpose: Purpose) -> None:
    expected = True
    if who.at < grant.valid_from:
        expected = False  # not yet
    if grant.given_by == who.operator:
        expected = False  # given to oneself, by whatever name
    if grant.ended_at is not None and who.at >= grant.ended_at:
        expected = False  # taken back
    if grant.valid_until is not None and who.at >= grant.valid_until:
        expected = False  # over
    if grant.kind is GranteeKind.OPERATOR and grant.grantee != who.operator:
        expected = False
    if grant.kind is GranteeKind.BODY and grant.grantee != who.body:
        expected = False
    if grant.kind is GranteeKind.ROLE and (grant.grantee not in who.roles or who.body != seal_body):
        expected = False
    if len(grant.license_types) > 0 and purpose.license_type not in grant.license_types:
        expected = False
    if len(grant.matters) > 0 and purpose.matter not in grant.matters:
        expected = False
    assert covers(grant, seal_body=seal_body, who=who, purpose=purpose) is expected


@settings(max_examples=500)
@given(GRANTS, BODIES, ACTORS, st.builds(Purpose, TYPES, MATTERS), DAYS)
def test_taking_a_right_back_never_gives_one(grant: Grant, seal_body: str, who: Actor, purpose: Purpose, ended: datetime) -> None:
    before = covers(replace(grant, ended_at=None), seal_body=seal_body, who=who, purpose=purpose)
    after = covers(replace(grant, ended_at=ended), seal_body=seal_body, who=who, purpose=purpose)
    assert before or not after
