"""Whether the clock may be believed when a timestamp is asked for: rather no time than a wrong one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from etrust.clock import Clock, KernelClock
from etrust.errors import EtrustError, Kind


@dataclass(frozen=True, slots=True)
class ClockReading:
    """What is known of the clock at one moment.

    Attributes:
        now: what it shows.
        elapsed: seconds since the start on a clock that nobody can set.
        kernel: what the kernel says of it, None where it is not asked or does not tell.
    """

    now: datetime
    elapsed: float
    kernel: KernelClock | None = None


def clock_problem(reading: ClockReading, *, start: ClockReading, last: datetime | None, bound: timedelta) -> str:
    """Why a clock is not to be believed, in English; empty when it is.

    Args:
        start: an earlier reading that was believed.
        last: the last time given.
        bound: how far the clock may be off.
    """
    kernel = reading.kernel
    if kernel is not None and not kernel.synchronized:
        return "the kernel says it is not synchronized; set up NTP"
    if kernel is not None and kernel.max_error > bound:
        return f"it may be off by {kernel.max_error.total_seconds():.3f} s, more than {bound.total_seconds():.3f} s"
    if last is not None and reading.now < last:
        return f"it shows a time before the last one given, {last.isoformat()}"
    moved = (reading.now - start.now) - timedelta(seconds=reading.elapsed - start.elapsed)
    if abs(moved) > bound:
        return f"it was set by {moved.total_seconds():+.3f} s while running"
    return ""


class ClockWatch:
    """Tells the time for timestamps, or refuses: see `clock_problem`.

    A clock that was set while running is believed again once the kernel vouches for it, or after a restart.

    Args:
        steady: seconds on a clock that nobody can set.
        kernel: what the kernel says of the clock, None where it is not asked or does not tell.
        bound: how far the clock may be off.
    """

    def __init__(
        self, clock: Clock, steady: Callable[[], float], kernel: Callable[[], KernelClock | None], *, bound: timedelta
    ) -> None:
        self._clock, self._steady, self._kernel, self._bound = clock, steady, kernel, bound
        self._start = self._read()
        self._last: datetime | None = None

    def moment(self) -> datetime:
        """The present moment, never before the last one given.

        Raises:
            EtrustError: ``clock_unsure``.
        """
        reading = self._read()
        start = reading if reading.kernel is not None and reading.kernel.synchronized else self._start
        problem = clock_problem(reading, start=start, last=self._last, bound=self._bound)
        if problem:
            raise EtrustError(
                Kind.UNAVAILABLE, "clock_unsure",
                zh="本机时钟不可信，暂停签发时间戳；请检查时间同步（NTP）。",
                en=f"No timestamps for now, the clock is not to be believed: {problem}.",
            )
        self._start = start
        self.remember(reading.now)
        return reading.now

    def remember(self, given: datetime) -> None:
        """A time that has been given, by this process or before it."""
        self._last = given if self._last is None else max(self._last, given)

    def _read(self) -> ClockReading:
        return ClockReading(self._clock(), self._steady(), self._kernel())
