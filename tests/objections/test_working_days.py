"""Deadlines are counted in working days: national days off, working weekends, and the days of the region."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etrust.objections.calendar import WorkingDays, working_days

XINJIANG, NATIONAL = working_days("650000"), working_days("000000")


@pytest.mark.parametrize(
    ("day", "count", "due"),
    [
        (date(2026, 11, 25), 2, date(2026, 11, 27)),  # Wednesday to Friday
        (date(2026, 11, 27), 1, date(2026, 11, 30)),  # over a weekend
        (date(2026, 9, 30), 1, date(2026, 10, 8)),  # over the National Day week
        (date(2026, 10, 9), 1, date(2026, 10, 10)),  # a Saturday that is worked for it
        (date(2026, 9, 18), 1, date(2026, 9, 20)),  # a Sunday that is worked
        (date(2026, 5, 26), 1, date(2026, 6, 1)),  # 古尔邦节, in the region alone
        (date(2026, 12, 31), 1, date(2027, 1, 4)),  # New Year's Day, and a weekend
        (date(2026, 11, 25), 0, date(2026, 11, 25)),
    ],
)
def test_deadlines(day: date, count: int, due: date) -> None:
    assert XINJIANG.after(day, count) == due


def test_days_of_the_region_are_its_own() -> None:
    assert NATIONAL.after(date(2026, 5, 26), 1) == date(2026, 5, 27)
    assert XINJIANG.days_off[date(2026, 5, 27)] == "古尔邦节"
    assert WorkingDays() == NATIONAL


def test_a_year_to_come_is_provisional() -> None:
    assert not XINJIANG.is_provisional(date(2026, 12, 31))
    assert XINJIANG.is_provisional(date(2027, 1, 4))


@given(st.dates(date(2026, 1, 1), date(2027, 6, 1)), st.integers(1, 60))
def test_between_a_day_and_its_deadline_are_just_so_many_working_days(day: date, count: int) -> None:
    due = XINJIANG.after(day, count)
    worked = [each for each in range(day.toordinal() + 1, due.toordinal() + 1) if XINJIANG.is_working(date.fromordinal(each))]
    assert len(worked) == count
    assert XINJIANG.is_working(due)


def test_out_of_bounds() -> None:
    with pytest.raises(ValueError, match="401"):
        XINJIANG.after(date(2026, 1, 1), 401)
