"""The only module that reads the clock. Everything else takes a `Clock` or a point in time as an argument."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

Clock = Callable[[], datetime]
"""Returns the present moment as an aware `datetime` in UTC."""

BEIJING = timezone(timedelta(hours=8), "UTC+8")
"""Official time of the whole country; dates printed on licenses are days in this zone."""


def system_clock() -> datetime:
    """The machine's present moment in UTC."""
    return datetime.now(UTC)


def day_start(day: date) -> datetime:
    """The first moment of a calendar day in official time."""
    return datetime(day.year, day.month, day.day, tzinfo=BEIJING)


def day_end(day: date) -> datetime:
    """The first moment after a calendar day in official time: a license valid until that day is expired from here on."""
    return day_start(day) + timedelta(days=1)


def official_date(moment: datetime) -> date:
    """The calendar day of a moment in official time."""
    return moment.astimezone(BEIJING).date()
