"""好差评: once for each step, nobody knows whose it was, small figures stay hidden, bad ones are followed up."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etrust.access.model import Operator, Role
from etrust.errors import EtrustError, Kind
from etrust.matters.ratings import HIDDEN_BELOW, Level, Opinion, Tally, published
from etrust.settings import Settings
from etrust.wiring import Rooms, open_rooms

MATTER = "11653121MB1A0009XQ4000107001001"
STATION, TOWN, COUNTY, ELSEWHERE = "12653121MB1A0011X3", "11653121MB1A0010X5", "11653121MB1A0009XQ", "11650000MB1A0004XU"


class Calendar:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@asynccontextmanager
async def opened(region: Settings) -> AsyncIterator[tuple[Rooms, Calendar]]:
    calendar = Calendar()
    async with open_rooms(region, clock=calendar) as rooms:
        yield rooms, calendar


async def invited(rooms: Rooms, case: str = "case-1", step: int = 1, body: str = STATION) -> str:
    path = await rooms.counter.invite(case_number=case, step=step, matter=MATTER, body=body)
    assert path.startswith("/rate/")
    return path.removeprefix("/rate/")


def supervisor(body: str = COUNTY, *roles: str) -> Operator:
    return Operator("supervisor", "监督员", body, "单位", frozenset(roles or (Role.SUPERVISOR,)))


async def refused(rooms: Rooms, token: str, opinion: Opinion) -> str:
    with pytest.raises(EtrustError) as caught:
        await rooms.counter.rate(token, opinion)
    return caught.value.code


async def test_a_step_is_rated_once_however_many_try(region: Settings) -> None:
    async with opened(region) as (rooms, _):
        token = await invited(rooms)
        assert token == await invited(rooms)  # receipt, phone and terminal show the same
        assert await rooms.counter.rating_path("case-1", 1) == f"/rate/{token}"
        tried = await asyncio.gather(*(rooms.counter.rate(token, Opinion(Level.GOOD)) for _ in range(20)), return_exceptions=True)
        codes = [each.code for each in tried if isinstance(each, EtrustError)]
        assert (tried.count(None), codes) == (1, ["already_rated"] * 19)
        assert (await rooms.counter.invitation(token)).used
        assert await invited(rooms, step=2) != token


async def test_nothing_links_a_rating_to_its_case(region: Settings) -> None:
    async with opened(region) as (rooms, _):
        await rooms.counter.rate(await invited(rooms, "case-quiet"), Opinion(Level.BAD, ("slow",), "慢"))
        await rooms.counter.rate(await invited(rooms, "case-call"), Opinion(Level.BAD, call_back=True))
        async with rooms.stores.pool.acquire() as connection:
            kept = {row["words"]: dict(row) for row in await connection.fetch("SELECT * FROM ratings")}
            uses = await connection.fetch("SELECT * FROM rating_uses")
        assert kept["慢"]["case_number"] == ""
        assert kept["慢"]["month"] == date(2026, 3, 1)
        assert not [value for value in kept["慢"].values() if isinstance(value, datetime)]
        assert {tuple(row.keys()) for row in uses} == {("token_digest",)}
        assert kept[""]["case_number"] == "case-call"


async def test_unknown_and_ended_links_have_one_answer(region: Settings) -> None:
    async with opened(region) as (rooms, calendar):
        token = await invited(rooms)
        calendar.now += timedelta(days=30)
        told = set()
        for tried in (token, "A" * 22):
            with pytest.raises(EtrustError) as caught:
                await rooms.counter.invitation(tried)
            told.add(str(caught.value))
            assert caught.value.kind is Kind.NOT_FOUND
        assert len(told) == 1


@pytest.mark.parametrize("opinion", [
    Opinion(Level.BAD, words="很" * 501), Opinion(Level.BAD, words="a\0b"), Opinion(Level.BAD, ("fast",)), Opinion(Level.VERY_GOOD, ("slow",)),
    Opinion(Level.FAIR, ("slow", "slow")), Opinion(Level.FAIR, ("invented",)),
], ids=["long", "nul", "praise for a bad one", "blame for a good one", "twice", "invented"])  # fmt: skip
async def test_what_does_not_fit_is_refused_and_the_link_stays(region: Settings, opinion: Opinion) -> None:
    async with opened(region) as (rooms, _):
        token = await invited(rooms)
        assert await refused(rooms, token, opinion) == "bad_rating"
        await rooms.counter.rate(token, Opinion(Level.FAIR, ("slow", "kind"), "很" * 500))
        assert (await rooms.counter.invitation(token)).used


@given(st.lists(st.tuples(st.sampled_from(["m1", "m2", "m3"]), st.integers(0, 12), st.sampled_from([date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]))))
def test_what_is_published_rests_on_enough_and_is_over(cells: list[tuple[str, int, date]]) -> None:
    tallies = [Tally(matter, "body", month, {Level.GOOD: count}) for matter, count, month in cells]
    shown = published(tallies, date(2026, 3, 15))
    assert all(each.total >= HIDDEN_BELOW and each.month < date(2026, 3, 1) for each in shown)
    assert set(map(id, shown)) == {id(each) for each in tallies if each.total >= HIDDEN_BELOW and each.month.month < 3}


async def test_figures_wait_for_the_end_of_the_month(region: Settings) -> None:
    async with opened(region) as (rooms, calendar):
        for number, level in enumerate([*[Level.VERY_GOOD] * 3, Level.FAIR, Level.BAD]):
            await rooms.counter.rate(await invited(rooms, f"case-{number}"), Opinion(level))
        for number in range(4):
            await rooms.counter.rate(await invited(rooms, f"few-{number}", body=TOWN), Opinion(Level.GOOD))
        assert await rooms.counter.figures() == ()
        calendar.now = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)  # the first of April by official time
        (tally,) = await rooms.counter.figures()
        assert (tally.body, tally.total, tally.satisfied) == (STATION, 5, 0.8)


async def test_bad_ratings_are_closed_by_the_supervisor_above(region: Settings) -> None:
    async with opened(region) as (rooms, calendar):
        await rooms.counter.rate(await invited(rooms), Opinion(Level.VERY_BAD, ("unkind",), "态度不好"))
        seen = await rooms.counter.supervision(supervisor())
        (bad,) = seen.waiting
        assert (bad.due, bad.words, seen.open, seen.late) == (date(2026, 3, 20), "态度不好", 1, 0)
        assert (await rooms.counter.supervision(supervisor(ELSEWHERE))).waiting == ()
        calendar.now += timedelta(days=11)
        assert (await rooms.counter.supervision(supervisor())).late == 1

        async def close(who: Operator, note: str = "已约谈并道歉", rating: uuid.UUID = bad.rating) -> str:
            try:
                await rooms.counter.follow_up(who, rating, founded=True, note=note)
            except EtrustError as error:
                return error.code
            return "closed"

        assert await close(supervisor(COUNTY, Role.CLERK)) == "no_role"
        assert await close(supervisor(ELSEWHERE)) == "no_bad_rating"
        assert await close(supervisor(), rating=uuid.uuid4()) == "no_bad_rating"
        assert await close(supervisor(), note="") == await close(supervisor(), note="字" * 501) == "bad_note"
        assert [await close(supervisor()), await close(supervisor())] == ["closed", "followed_up"]
        after = await rooms.counter.supervision(supervisor())
        assert (after.waiting, after.closed, after.late) == ((), 1, 0)


async def test_only_supervisors_and_administrators_read_the_words(region: Settings) -> None:
    async with opened(region) as (rooms, _):
        with pytest.raises(EtrustError) as caught:
            await rooms.counter.supervision(supervisor(STATION, Role.CLERK, Role.ISSUER, Role.KIOSK))
        assert caught.value.code == "no_role"
        assert (await rooms.counter.supervision(supervisor(COUNTY, Role.ADMIN))).remarks == ()
