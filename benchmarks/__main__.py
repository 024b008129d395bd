"""Runs the benchmarks and prints a table; ends with 1 on any wrong answer."""

import argparse
import asyncio
import json
import sys
from importlib import import_module

import uvloop
from rich.console import Console
from rich.table import Table

from benchmarks.pairs import Result

NAMES = ("issuing", "check", "over_http", "status_list")


def main() -> int:
    """Run those named, or all."""
    arguments = argparse.ArgumentParser(prog="python -m benchmarks")
    arguments.add_argument("names", nargs="*", metavar="NAME", help=" ".join(NAMES))
    arguments.add_argument("--json", action="store_true")
    asked = arguments.parse_args()
    results: list[Result] = []
    for name in asked.names or NAMES:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            results += runner.run(import_module(f"benchmarks.{name}").run())
    if asked.json:
        print(json.dumps([result.row() for result in results], ensure_ascii=False, indent=1))
    else:
        _print(results)
    return 0


def _print(results: list[Result]) -> None:
    table = Table("what", "beside", "ratio min / median / max", "target", "µs ours (median)", "µs bare (median)", "a second")
    for result in results:
        row = result.row()
        ours, bare = row["ours_us"][1], row["bare_us"][1]  # type: ignore[index]  # lists of three
        target = "" if result.target is None else f"≤ {result.target}"
        ratio = " / ".join(f"{each:.2f}" for each in row["ratio"])  # type: ignore[attr-defined]  # a list of three
        table.add_row(result.name, result.bare_name, ratio, target, f"{ours:,.1f}", f"{bare:,.1f}", f"{1e6 / ours:,.0f}")
    Console(width=160).print(table)


if __name__ == "__main__":
    sys.exit(main())
