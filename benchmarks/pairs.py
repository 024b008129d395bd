"""Measuring in pairs: the bare operation and ours in turn, so that a drifting machine drifts for both."""

import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

Work = Callable[[], Awaitable[int | float]]
"""Does something some number of times and returns how many, or the seconds one took; raises on any wrong answer."""


@dataclass(slots=True)
class Result:
    """What was measured: seconds for one operation, round by round."""

    name: str
    bare_name: str
    ours: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    target: float | None = None

    @property
    def ratios(self) -> list[float]:
        """Ours over bare, pair by pair."""
        return [ours / bare for ours, bare in zip(self.ours, self.bare, strict=True)]

    def row(self) -> dict[str, object]:
        """The figures for programs."""
        return {
            "name": self.name, "bare": self.bare_name, "ratio": spread(self.ratios), "target": self.target,
            "ours_us": spread([each * 1e6 for each in self.ours]), "bare_us": spread([each * 1e6 for each in self.bare]),
        }  # fmt: skip


async def _nothing() -> None:
    """Nothing to prepare."""


async def pairs(
    name: str, bare_name: str, bare: Work, ours: Work, *, rounds: int, target: float | None = None,
    before: Callable[[], Awaitable[None]] = _nothing,
) -> Result:
    """Measure both in turn, after one round that does not count; `before` prepares a round and is not measured."""
    result = Result(name, bare_name, target=target)
    for counted in [False] + [True] * rounds:
        await before()
        bare_seconds, our_seconds = await timed(bare), await timed(ours)
        if counted:
            result.bare.append(bare_seconds)
            result.ours.append(our_seconds)
    return result


async def timed(work: Work) -> float:
    """Seconds for one operation."""
    begun = time.perf_counter()
    told = await work()
    return told if isinstance(told, float) else (time.perf_counter() - begun) / told


def spread(values: Sequence[float]) -> list[float]:
    """Minimum, median and maximum."""
    return [round(each, 3) for each in (min(values), statistics.median(values), max(values))]
