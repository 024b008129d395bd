"""Runs the benchmarks and prints a table; ends with 1 on any wrong answer.

Figures are no grounds for failing: they depend on the machine. What was asked for is printed beside them.
"""

import argparse
import asyncio
import json
import sys
import traceback
from importlib import import_module

import uvloop
from rich.console import Console
from rich.table import Table

from benchmarks.pairs import Result, spread

NAMES = (
    "issuing",
    "check",
    "over_http",
    "one_code",
    "matter_checks",
    "base45",
    "status_list",
    "revoking",
    "documents",
    "signing",
    "ledger",
)


def main() -> int:
    """Run those named, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(NAMES):
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    results: list[Result] = []
    for name in asked.names or NAMES:
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                results += runner.run(import_module(f"benchmarks.{name}").run())
        except AssertionError:
            traceback.print_exc()
            return 1
    if asked.json:
        print(json.dumps([result.row() for result in results], ensure_ascii=False, indent=1))
    else:
        _print(results)
    return 0


def _print(results: list[Result]) -> None:
    table = Table("what, beside what", "ratio\nmin / median / max", "ratio of CPU\nmin / median / max", "asked for",
                  "µs ours\n(median)", "µs bare\n(median)", "a second\n(median)")  # fmt: skip
    for result in results:
        ours, bare = (spread([cost.wall * 1e6 for cost in costs])[1] for costs in (result.ours, result.bare))
        table.add_row(
            f"{result.name}{result.note and f' ({result.note})'}\n  [dim]beside {result.bare_name}[/]",
            _ratio(result.ratios), _ratio(result.cpu_ratios), "" if result.target is None else f"≤ {result.target:.2f}",
            f"{ours:,.1f}", f"{bare:,.1f}", f"{1e6 / ours:,.0f}",
        )  # fmt: skip
    Console(width=160).print(table)


def _ratio(ratios: list[float]) -> str:
    return " / ".join(f"{each:.2f}" for each in spread(ratios))


if __name__ == "__main__":
    sys.exit(main())
