"""The only module that reads the clock. Everything else takes a `Clock` or a point in time as an argument."""

import contextlib
import ctypes
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import ClassVar

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


@dataclass(frozen=True, slots=True)
class KernelClock:
    """What the kernel says about its clock.

    Attributes:
        synchronized: whether a time service disciplines it (NTP, PTP).
        max_error: how far it is from true time at most, as the time service reckons.
    """

    synchronized: bool
    max_error: timedelta


class _Timex(ctypes.Structure):
    """The head of ``struct timex`` (adjtimex(2)); the kernel writes at most 256 bytes."""

    _fields_: ClassVar = [
        ("modes", ctypes.c_uint), ("offset", ctypes.c_long), ("freq", ctypes.c_long), ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long), ("status", ctypes.c_int), ("rest", ctypes.c_byte * 256),
    ]  # fmt: skip


_UNSYNCHRONIZED, _TIME_ERROR = 0x40, 5


def kernel_clock() -> KernelClock | None:
    """The state of the machine's clock, None where the kernel does not tell (other systems than Linux)."""
    if sys.platform != "linux":
        return None
    state, told = -1, _Timex()
    with contextlib.suppress(OSError, AttributeError):
        state = ctypes.CDLL(None).adjtimex(ctypes.byref(told))
    if state < 0:
        return None
    good = state != _TIME_ERROR and not told.status & _UNSYNCHRONIZED
    return KernelClock(good, timedelta(microseconds=told.maxerror))


def steady_seconds() -> float:
    """Seconds that only ever go forward at their own pace, from a point that means nothing."""
    return time.monotonic()
