"""No time is given by a clock that is not to be believed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support import NOW

from etrust.clock import KernelClock, kernel_clock, steady_seconds
from etrust.errors import EtrustError
from etrust.trust.stamp_clock import ClockReading, ClockWatch, clock_problem

BOUND = timedelta(milliseconds=500)
GOOD = KernelClock(True, timedelta(milliseconds=20))
UNSYNCHRONIZED = KernelClock(False, timedelta(seconds=16))


@dataclass
class Machine:
    """A machine whose clocks a test sets."""

    now: datetime = NOW
    elapsed: float = 1000.0
    kernel: KernelClock | None = None

    def passes(self, seconds: float, wall: float | None = None) -> None:
        self.elapsed += seconds
        self.now += timedelta(seconds=seconds if wall is None else wall)

    def watch(self) -> ClockWatch:
        return ClockWatch(lambda: self.now, lambda: self.elapsed, lambda: self.kernel, bound=BOUND)


@dataclass
class Refused:
    """Whether a watch refuses."""

    watch: ClockWatch
    told: list[str] = field(default_factory=list)

    def __call__(self) -> bool:
        try:
            self.watch.moment()
        except EtrustError as error:
            assert error.code == "clock_unsure"
            self.told.append(error.en)
            return True
        return False


def test_a_clock_that_runs_is_believed() -> None:
    machine = Machine()
    watch = machine.watch()
    for _ in range(5):
        machine.passes(3600, 3600.01)
        assert watch.moment() == machine.now


@pytest.mark.parametrize("wall", [-3600.0, 10.6, 9.4, 86_400.0])
def test_a_clock_that_was_set_is_not(wall: float) -> None:
    machine = Machine()
    watch = machine.watch()
    watch.moment()
    machine.passes(10, wall)
    assert Refused(watch)()
    machine.passes(100)
    assert Refused(watch)()


def test_a_clock_set_while_the_kernel_vouches_for_it_is_believed_again() -> None:
    machine = Machine(kernel=GOOD)
    watch = machine.watch()
    watch.moment()
    machine.passes(10, 15)
    assert watch.moment() == machine.now


def test_no_time_before_the_last_one_given() -> None:
    machine = Machine(kernel=GOOD)
    watch = machine.watch()
    watch.remember(NOW + timedelta(seconds=30))
    assert Refused(watch)()
    machine.passes(30)
    assert watch.moment() == machine.now
    machine.passes(1, -0.1)
    assert Refused(watch)()


@pytest.mark.parametrize("kernel", [UNSYNCHRONIZED, KernelClock(True, timedelta(seconds=1))])
def test_what_the_kernel_says_counts(kernel: KernelClock) -> None:
    machine = Machine(kernel=kernel)
    assert Refused(machine.watch())()
    machine.kernel = GOOD
    assert not Refused(machine.watch())()


@settings(deadline=None)
@given(steps=st.lists(st.tuples(st.floats(0, 10_000), st.floats(-2, 2)), max_size=30))
def test_times_given_never_go_back_and_never_stray_from_the_steady_clock(steps: list[tuple[float, float]]) -> None:
    machine = Machine()
    watch = machine.watch()
    given_times: list[datetime] = []
    for seconds, off in steps:
        machine.passes(seconds, seconds + off)
        try:
            given_times.append(watch.moment())
        except EtrustError:
            continue
        assert abs((given_times[-1] - NOW) - timedelta(seconds=machine.elapsed - 1000)) <= BOUND + timedelta(milliseconds=1)
    assert given_times == sorted(given_times)


def test_every_reason_is_told_in_words() -> None:
    start = ClockReading(NOW, 0)
    readings: list[tuple[ClockReading, str]] = [
        (ClockReading(NOW, 0, UNSYNCHRONIZED), "NTP"), (ClockReading(NOW, 0, KernelClock(True, timedelta(seconds=9))), "9.000 s"),
        (ClockReading(NOW - timedelta(seconds=9), 0), "last one given"), (ClockReading(NOW + timedelta(seconds=9), 0), "+9.000 s"),
    ]  # fmt: skip
    for reading, told in readings:
        assert told in clock_problem(reading, start=start, last=NOW, bound=BOUND)
    assert not clock_problem(ClockReading(NOW, 0, GOOD), start=start, last=NOW, bound=BOUND)


def test_the_machine_can_be_asked() -> None:
    told = kernel_clock()
    assert told is None or told.max_error >= timedelta(0)
    clock: Callable[[], float] = steady_seconds
    assert clock() <= clock()
