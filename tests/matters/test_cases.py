"""Cases: numbers given once, steps of a table, deadlines by the Beijing day, and nothing overdue forgotten."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etrust.clock import BEIJING, official_date
from etrust.errors import EtrustError
from etrust.matters import case_store, cases
from etrust.matters.case_model import (
    CLOSED,
    MAX_SERIAL,
    TRANSITIONS,
    Action,
    CaseActor,
    CaseState,
    case_number,
    check_number,
    deadline_of,
    settled,
)
from etrust.matters.case_words import ACTIONS, STATES
from etrust.matters.model import Outcome
from etrust.matters.samples import NEWBORN
from etrust.settings import Settings
from tests.family import HUSBAND
from tests.matters.made import CODE, in_force, material, matter
from tests.matters.scene import Scene, scene
from tests.matters.test_outcomes import on_duty

SERIALS = st.integers(1, MAX_SERIAL)


@given(SERIALS, st.dates(date(2020, 1, 1), date(2099, 12, 31)))
def test_a_number_names_matter_day_and_serial(serial: int, day: date) -> None:
    number = case_number(NEWBORN, day, serial)
    check_number(number, NEWBORN)
    assert (len(number), number[:31], number[31:39], int(number[39:])) == (43, NEWBORN, f"{day:%Y%m%d}", serial)


@pytest.mark.parametrize(("number", "code"), [
    ("", "bad_case_number"), (NEWBORN + "202613010001", "bad_case_number"), (NEWBORN + "20261125001", "bad_case_number"),
    (NEWBORN.lower() + "202611250001", "bad_case_number"), (NEWBORN + "２02611250001", "bad_case_number"),
    (CODE + "202611250001", "case_of_other_matter"),
])  # fmt: skip
def test_a_number_out_of_shape(number: str, code: str) -> None:
    with pytest.raises(EtrustError, match=code):
        check_number(number, NEWBORN)


def test_the_table_of_steps() -> None:
    assert {state for state, _ in TRANSITIONS if state} == set(CaseState) - CLOSED  # nothing leads out of what is closed
    assert set(TRANSITIONS.values()) | {CaseState.LACKING, CaseState.SUPPLEMENTED} == set(CaseState)
    assert {action for _, action in TRANSITIONS} == set(Action) == set(ACTIONS)
    assert set(STATES) == set(CaseState)


@given(st.sampled_from(CaseState), st.sampled_from(Action), st.dictionaries(st.text(max_size=3), st.sampled_from(Outcome)))
def test_no_case_is_supplemented_or_accepted_whole_while_something_is_to_be_brought(
    state: CaseState, action: Action, outcomes: dict[str, Outcome]
) -> None:
    after = settled(state, action, outcomes)
    if Outcome.DEFERRED in outcomes.values():
        assert after == (CaseState.LACKING if action is Action.ACCEPT else state)
    elif state is CaseState.LACKING and action in (Action.CHECK, Action.SUPPLEMENT):
        assert after is CaseState.SUPPLEMENTED
    else:
        assert after is state


@given(st.integers(1, 365), st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)))
def test_a_deadline_is_a_day_in_beijing(days: int, at: datetime) -> None:
    assert deadline_of(days, at) == at.astimezone(BEIJING).date() + timedelta(days=days)


async def test_numbers_of_a_day_are_given_once_and_end(at: Scene) -> None:
    pool, who = at.rooms.stores.pool, CaseActor.of(at.clerk, at.rooms.clock())
    found = await at.rooms.catalogue.matter(NEWBORN)
    assert found is not None

    async def opened() -> str:
        async with pool.acquire() as connection, connection.transaction():
            return await cases.open_case(connection, found, who, "x")

    numbers = await asyncio.gather(*(opened() for _ in range(20)))
    day = official_date(who.at)
    assert sorted(numbers) == [case_number(NEWBORN, day, serial) for serial in range(1, 21)]
    async with pool.acquire() as connection:
        await connection.execute("UPDATE case_serials SET last = $1", MAX_SERIAL - 1)
    assert (await opened()).endswith(f"{MAX_SERIAL}")
    with pytest.raises(EtrustError, match="case_numbers_used_up"):
        await opened()
    async with pool.acquire() as connection:
        tomorrow = await case_store.next_serial(connection, NEWBORN, day + timedelta(days=1))
    assert tomorrow == 1


async def test_what_is_overdue_is_listed_from_the_day_after(region: Settings) -> None:
    async with scene(region) as at:
        await in_force(at.rooms, matter(material("card", "resident_identity_card"), material("later", "birth_certificate", deferral=5)))
        check = await on_duty(at, deferrals=("later",))
        desk, now = at.rooms.matters, at.rooms.clock
        case = await desk.take_step(check.case_number, Action.ACCEPT, operator=at.clerk, reason="容缺受理")
        assert case.state is CaseState.LACKING
        deadline = case.deferred[0].deadline
        assert deadline == official_date(now()) + timedelta(days=5)
        last = datetime(deadline.year, deadline.month, deadline.day, 23, 59, 59, tzinfo=BEIJING) - now()
        at.rooms.clock = lambda: now() + last
        assert not await desk.overdue(at.clerk)
        at.rooms.clock = lambda: now() + last + timedelta(seconds=2)
        assert await desk.overdue(at.clerk) == [(check.case_number, "later", deadline)]
        assert (await desk.case(check.case_number, at.clerk)).is_overdue(at.rooms.clock())
        assert not await desk.overdue(await at.rooms.operator("officer"))  # another body's clerk sees nothing
        await desk.take_step(check.case_number, Action.SUPPLEMENT, operator=at.clerk, reason="x", materials=("later",))
        assert not await desk.overdue(at.clerk)


async def test_two_clerks_in_one_case_come_one_after_the_other(at: Scene) -> None:
    await in_force(at.rooms, matter(material("card", "resident_identity_card")))
    number = (await on_duty(at)).case_number
    checks = await asyncio.gather(*(on_duty(at, case_number=number) for _ in range(3)))
    assert sorted(check.step for check in checks) == [3, 4, 5]
    desk = at.rooms.matters
    done = await asyncio.gather(
        *(desk.take_step(number, Action.ACCEPT, operator=at.clerk, reason="x") for _ in range(3)), return_exceptions=True
    )
    assert sum(not isinstance(each, BaseException) for each in done) == 1
    assert {each.code for each in done if isinstance(each, EtrustError)} == {"bad_transition"}
    case = await desk.case(number, at.clerk)
    assert [event.step for event in case.events] == list(range(1, 7))
    assert HUSBAND.code not in str(case)


