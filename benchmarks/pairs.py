"""Measuring in pairs: the bare operation and ours in turn, so that a drifting machine drifts for both."""

import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Timed:
    """How often something was done, and in how many seconds by the clock of whoever did it."""

    count: int
    seconds: float


Work = Callable[[], Awaitable[int | Timed]]
"""Does something some number of times and returns how many, with its own time where it has one; raises on any wrong answer."""

Cpu = Callable[[], float]
"""Seconds of processor time used so far."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one operation took, in seconds: by the clock on the wall, and of processor time."""

    wall: float
    cpu: float


@dataclass(slots=True)
class Result:
    """What was measured, round by round.

    Attributes:
        target: the highest median ratio by the clock that is good; None where none is set.
        note: what else is to be told, such as a size.
    """

    name: str
    bare_name: str
    target: float | None = None
    ours: list[Cost] = field(default_factory=list)
    bare: list[Cost] = field(default_factory=list)
    note: str = ""

    @property
    def ratios(self) -> list[float]:
        """Ours over bare by the clock, pair by pair."""
        return [ours.wall / bare.wall for ours, bare in zip(self.ours, self.bare, strict=True)]

    @property
    def cpu_ratios(self) -> list[float]:
        """Ours over bare in processor time, pair by pair; it hardly feels the neighbors of a shared machine."""
        return [ours.cpu / bare.cpu for ours, bare in zip(self.ours, self.bare, strict=True) if bare.cpu]

    def row(self) -> dict[str, object]:
        """The figures for programs: minimum, median and maximum each."""
        return {
            "name": self.name, "bare": self.bare_name, "target": self.target, "rounds": len(self.ours), "note": self.note,
            "ratio": spread(self.ratios), "cpu_ratio": spread(self.cpu_ratios),
            "ours_us": spread([each.wall * 1e6 for each in self.ours]),
            "bare_us": spread([each.wall * 1e6 for each in self.bare]),
            "ours_cpu_us": spread([each.cpu * 1e6 for each in self.ours]),
            "bare_cpu_us": spread([each.cpu * 1e6 for each in self.bare]),
        }  # fmt: skip


async def _nothing() -> None:
    """Nothing to prepare."""


async def pairs(
    name: str, bare_name: str, bare: Work, ours: Work, *, rounds: int, target: float | None = None,
    before: Callable[[], Awaitable[None]] = _nothing, cpu: Cpu = time.process_time,
) -> Result:
    """Measure both in turn, after one round that does not count; `before` prepares a round and is not measured."""
    result = Result(name, bare_name, target=target)
    for counted in [False] + [True] * rounds:
        await before()
        costs = await timed(bare, cpu), await timed(ours, cpu)
        if counted:
            result.bare.append(costs[0])
            result.ours.append(costs[1])
    return result


async def timed(work: Work, cpu: Cpu = time.process_time) -> Cost:
    """What one operation took."""
    begun, used = time.perf_counter(), cpu()
    done = await work()
    if not isinstance(done, Timed):
        done = Timed(done, time.perf_counter() - begun)
    return Cost(done.seconds / done.count, (cpu() - used) / done.count)


def with_server(process: int) -> Cpu:
    """Processor time of this process and of one more on this machine, such as PostgreSQL's end of a connection."""
    counted = Path(f"/proc/{process}/schedstat")
    if not counted.exists():  # another system, or a server elsewhere
        return time.process_time
    return lambda: time.process_time() + int(counted.read_text().split()[0]) / 1e9


def spread(values: Sequence[float]) -> list[float]:
    """Minimum, median and maximum; empty without values."""
    return [round(each, 3) for each in (min(values), statistics.median(values), max(values))] if values else []
