"""Agreements with partner regions: two officers, what they cover, what ends them, and what a verdict says of them."""

from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etrust.errors import EtrustError
from etrust.recognition import region_change_store
from etrust.recognition.agree import Terms
from etrust.recognition.agreement_diff import differences
from etrust.recognition.agreement_file import read_agreements
from etrust.recognition.agreements import (
    ALL,
    Agreement,
    AgreementState,
    Footing,
    agreement_for,
    agreement_for_seals,
    recognised,
)
from etrust.recognition.model import RegionAction, RegionProposal
from etrust.settings import Settings
from etrust.verification.model import Finding, Outcome, Overall, Status, Verdict
from etrust.wiring import Rooms, open_rooms
from tests.recognition.regions import GANSU, add_partner, agree_with
from tests.support import NOW

TYPE, OTHER = "11100000MB0143028R001", "111000000000133708001"
YEAR, DAY = timedelta(days=365), timedelta(days=1)
MATTER = "11653121MB1A0009XQ4000100010000"
MADE = Agreement(
    number="HR-620000-2026-0001", region=GANSU, types=frozenset({TYPE}), seals=frozenset({"license"}), matters=frozenset(),
    max_list_age=DAY, consent_only=False, valid_from=NOW, valid_until=NOW + YEAR, replaces=None, document="x", reason="x",
    legal_basis="x", proposed_by="trust", proposed_at=NOW, approved_by="trust2", approved_at=NOW,
)  # fmt: skip
VERDICT = Verdict(Overall.PASSED, "", Status.VALID, "credential", NOW, (Finding("status", Outcome.PASSED),), {"trust_list": "x"}, {})


def for_type(*agreements: Agreement, type_code: str = TYPE, matter: str = "", at=NOW, on_duty: bool = False) -> str:  # type: ignore[no-untyped-def]
    found = agreement_for(agreements, region=GANSU, type_code=type_code, matter=matter, at=at, on_duty=on_duty)
    return "" if found is None else found.number


def test_what_an_agreement_covers() -> None:
    assert for_type(MADE) == MADE.number
    assert for_type(MADE, type_code=OTHER) == ""
    assert for_type(replace(MADE, types=frozenset({ALL})), type_code=OTHER) == MADE.number
    assert for_type(replace(MADE, region="610000")) == ""
    only = replace(MADE, matters=frozenset({MATTER}))
    assert (for_type(only), for_type(only, matter=MATTER), for_type(MADE, matter=MATTER)) == ("", MADE.number, MADE.number)
    assert (for_type(replace(MADE, consent_only=True), on_duty=True), for_type(replace(MADE, consent_only=True))) == ("", MADE.number)
    assert agreement_for_seals([MADE], region=GANSU, kind="license", at=NOW) == MADE
    assert agreement_for_seals([MADE], region=GANSU, kind="official", at=NOW) is None


@pytest.mark.parametrize(("changes", "at", "state"), [
    ({}, NOW, AgreementState.IN_FORCE), ({}, NOW - timedelta(seconds=1), AgreementState.NOT_YET),
    ({}, NOW + YEAR, AgreementState.OVER), ({}, NOW + YEAR - timedelta(seconds=1), AgreementState.IN_FORCE),
    ({"approved_at": None}, NOW, AgreementState.PROPOSED), ({"approved_at": NOW + DAY}, NOW, AgreementState.NOT_YET),
    ({"refused_at": NOW, "approved_at": None}, NOW, AgreementState.REFUSED),
    ({"ended_at": NOW}, NOW, AgreementState.OVER), ({"ended_at": NOW + DAY}, NOW, AgreementState.IN_FORCE),
])  # fmt: skip
def test_when_it_is_in_force(changes, at, state: AgreementState) -> None:  # type: ignore[no-untyped-def]
    changed = replace(MADE, **changes)
    assert changed.state(at) is state
    assert bool(for_type(changed, at=at)) == (state is AgreementState.IN_FORCE)


@given(st.sampled_from(Status), st.booleans(), st.booleans(), st.booleans(), st.timedeltas(timedelta(0), timedelta(days=3)))
def test_an_agreement_makes_nothing_better(status: Status, there: bool, online: bool, owed: bool, age: timedelta) -> None:
    overall = Overall.PASSED if status is Status.VALID else Overall.INDETERMINATE
    judged = replace(VERDICT, status=status, verdict=overall)
    made = replace(MADE, online_status=online, receipt_owed=owed) if there else None
    counted = recognised(judged, made, Footing(age, is_current=False))
    if status is not Status.VALID:
        assert (counted.status, counted.verdict) == (status, overall)
    elif made is None or age > DAY or online or owed:
        assert (counted.status, counted.verdict, counted.sub_indication) != (Status.VALID, Overall.PASSED, "")
    else:
        assert counted.verdict is Overall.PASSED
    assert counted.findings[-1].step == "recognition"
    assert counted.evidence.get("agreement") == (MADE.number if there else None)


def test_the_reasons_are_told() -> None:
    def reason(made: Agreement | None, footing: Footing | None = None) -> tuple[str, str]:
        found = recognised(VERDICT, made, footing)
        return found.findings[-1].reason, found.sub_indication

    assert reason(None) == ("no_agreement", "NO_AGREEMENT")
    assert reason(MADE, Footing(DAY + timedelta(seconds=1))) == ("list_too_old", "OUT_OF_DATE_LIST")
    assert reason(replace(MADE, online_status=True), Footing(DAY, is_current=False)) == ("list_not_current", "TRY_LATER")
    assert reason(replace(MADE, receipt_owed=True)) == ("receipt_owed", "TRY_LATER")
    assert reason(replace(MADE, receipt_owed=True), Footing(matter=MATTER)) == ("", "")


async def with_gansu(rooms: Rooms) -> None:
    await add_partner(rooms, GANSU, "甘肃省", "http://127.0.0.1:1", rooms.anchor_certificate())


def terms(rooms: Rooms, **changes: object) -> Terms:
    now = rooms.clock()
    plain = Terms(GANSU, frozenset({TYPE}), now, now + YEAR, "新甘互认〔2026〕1号", "互认", "国办发〔2022〕3号")
    return replace(plain, **changes)  # type: ignore[arg-type]


async def test_two_officers_and_a_number(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        first, second = await rooms.operator("trust"), await rooms.operator("trust2")
        with pytest.raises(EtrustError, match="no_such_region"):
            await rooms.agreements.propose(terms(rooms), who=first)
        await with_gansu(rooms)
        made = await rooms.agreements.propose(terms(rooms), who=first)
        assert made.number == f"HR-{GANSU}-{rooms.clock().year}-0001"
        with pytest.raises(EtrustError, match="second_person_needed"):
            await rooms.agreements.approve(made.number, who=first)
        for operator in ("admin", "clerk", "seals"):
            with pytest.raises(EtrustError, match="no_role"):
                await rooms.agreements.approve(made.number, who=await rooms.operator(operator))
        assert for_type(*await rooms.agreements.all(), at=rooms.clock()) == ""
        approved = await rooms.agreements.approve(made.number, who=second)
        assert (approved.approved_by, approved.state(rooms.clock())) == ("trust2", AgreementState.IN_FORCE)
        for again in (rooms.agreements.approve(made.number, who=second), rooms.agreements.refuse(made.number, "x", who=second)):
            with pytest.raises(EtrustError, match="not_proposed"):
                await again
        assert (await rooms.agreements.propose(terms(rooms), who=first)).number.endswith("-0002")
        async with rooms.stores.pool.acquire() as connection:
            with pytest.raises(asyncpg.PostgresError, match="append only"):
                await connection.execute("UPDATE agreements SET types = '{}'")


async def test_one_takes_the_place_of_another(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        await with_gansu(rooms)
        now = rooms.clock()
        first = await agree_with(rooms, GANSU, types=frozenset({TYPE, OTHER}))
        second = await agree_with(
            rooms, GANSU, types=frozenset({TYPE}), replaces=first.number, valid_from=now + DAY, receipt_owed=True
        )
        first = await rooms.agreements.find(first.number)
        assert first.ended_at == second.valid_from
        every = await rooms.agreements.all()
        assert for_type(*every, type_code=OTHER, at=rooms.clock()) == first.number
        assert for_type(*every, type_code=OTHER, at=now + DAY) == ""
        assert for_type(*every, at=now + DAY) == second.number
        told = {name: (old, new) for name, old, new in differences(first, second)}
        assert told["types"] == ([OTHER], [])
        assert told["receipt_owed"] == (["false"], ["true"])
        assert told.keys() == {"types", "receipt_owed", "valid_from"} | ({"valid_until"} & told.keys())


@pytest.mark.parametrize("changes", [
    {"types": frozenset()}, {"types": frozenset({"short"})}, {"seals": frozenset({"none_such"})}, {"matters": frozenset({"a b"})},
    {"valid_until": NOW - YEAR}, {"max_list_age": timedelta(seconds=1)}, {"reason": " "}, {"document": ""}, {"legal_basis": "x" * 201},
])  # fmt: skip
async def test_terms_that_are_none(region: Settings, changes: dict[str, object]) -> None:
    async with open_rooms(region) as rooms:
        await with_gansu(rooms)
        with pytest.raises(EtrustError, match="bad_agreement"):
            await rooms.agreements.propose(terms(rooms, **changes), who=await rooms.operator("trust"))


async def test_one_officer_ends_it(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        await with_gansu(rooms)
        made = await agree_with(rooms, GANSU)
        who = await rooms.operator("trust2")
        with pytest.raises(EtrustError, match="bad_agreement"):
            await rooms.agreements.end(made.number, " ", who=who)
        ended = await rooms.agreements.end(made.number, "协议终止", who=who)
        assert ended.state(rooms.clock()) is AgreementState.OVER
        with pytest.raises(EtrustError, match="not_in_force"):
            await rooms.agreements.end(made.number, "协议终止", who=who)


async def test_the_file_is_the_regions_own_and_for_a_week(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        await with_gansu(rooms)
        made = await agree_with(rooms, GANSU, consent_only=True, matters=frozenset({MATTER}))
        await rooms.agreements.propose(terms(rooms), who=await rooms.operator("trust"))  # not approved: not in the file
        token, trust, now = await rooms.agreements.export(), await rooms.trust.snapshot(), rooms.clock()
        found = read_agreements(token, trust=trust, at=now)
        (listed,) = found.agreements
        assert (listed.number, listed.types, listed.matters, listed.consent_only) == (made.number, made.types, made.matters, True)
        assert listed.state(now) is AgreementState.IN_FORCE
        assert found.partners[GANSU].anchor == rooms.anchor_certificate()
        head, body, signature = token.split(b".")
        for bad in (b"", b"..", b".".join((head, body[:-4] + b"AAAA", signature)), await rooms.trust.token()):
            with pytest.raises(EtrustError, match=r"untrusted_agreements|bad_"):
                read_agreements(bad, trust=trust, at=now)
        with pytest.raises(EtrustError, match="untrusted_agreements"):
            read_agreements(token, trust=trust, at=now + timedelta(days=7))


def proposal(rooms: Rooms, action: RegionAction = RegionAction.ADD, **changes: object) -> RegionProposal:
    wanted = RegionProposal(
        0, action, GANSU, "甘肃省", "", "Gansu", "https://etrust.gansu.example", rooms.anchor_certificate(), None, "互认", "", rooms.clock()
    )
    return replace(wanted, **changes)  # type: ignore[arg-type]


async def test_a_region_is_added_and_removed_by_two(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        first, second = await rooms.operator("trust"), await rooms.operator("trust2")
        with pytest.raises(EtrustError, match="no_role"):
            await rooms.agreements.propose_region(proposal(rooms), who=await rooms.operator("clerk"))
        number = await rooms.agreements.propose_region(proposal(rooms), who=first)
        assert await rooms.partners.region(GANSU) is None
        with pytest.raises(EtrustError, match="already_proposed"):
            await rooms.agreements.propose_region(proposal(rooms), who=second)
        with pytest.raises(EtrustError, match="second_person_needed"):
            await rooms.agreements.decide_region(number, approve=True, who=first)
        await rooms.agreements.decide_region(number, approve=True, who=second)
        found = await rooms.partners.region(GANSU)
        assert found is not None
        assert (found.name_zh, found.base_url, found.anchor) == ("甘肃省", "https://etrust.gansu.example", rooms.anchor_certificate())
        with pytest.raises(EtrustError, match="not_proposed"):
            await rooms.agreements.decide_region(number, approve=True, who=second)
        number = await rooms.agreements.propose_region(proposal(rooms, RegionAction.REMOVE), who=second)
        await rooms.agreements.decide_region(number, approve=False, who=second)  # taken back
        assert await rooms.partners.region(GANSU) is not None
        number = await rooms.agreements.propose_region(proposal(rooms, RegionAction.REMOVE), who=second)
        await rooms.agreements.decide_region(number, approve=True, who=first)
        assert await rooms.partners.region(GANSU) is None
        async with rooms.stores.pool.acquire() as connection:
            assert await region_change_store.waiting(connection) == []


@pytest.mark.parametrize(("changes", "code"), [
    ({"region": "650000"}, "bad_region"), ({"region": "62"}, "bad_region"), ({"base_url": "http://gansu.example"}, "bad_address"),
    ({"base_url": "https://a:b@gansu.example"}, "bad_address"), ({"anchor": b""}, "bad_certificate"), ({"anchor": b"x"}, "bad_"),
    ({"name_zh": ""}, "bad_proposal"), ({"reason": ""}, "bad_proposal"),
])  # fmt: skip
async def test_regions_that_are_none(region: Settings, changes: dict[str, object], code: str) -> None:
    async with open_rooms(region) as rooms:
        with pytest.raises(EtrustError, match=code):
            await rooms.agreements.propose_region(proposal(rooms, **changes), who=await rooms.operator("trust"))
