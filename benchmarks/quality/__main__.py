"""`python -m benchmarks.quality`: simulate populations, run the real path, print the table."""

import argparse
import os
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import orjson
from rich.console import Console

from benchmarks.quality import table
from benchmarks.quality.population import measured
from benchmarks.quality.tally import Failure
from connectors.sandbox.noise import LEVELS
from connectors.sandbox.world import World

TODAY = date(2026, 3, 1)
_QUICK, _FULL, _WRONG, _STAGED = 300, 20_000, 100_000, 0.05
_WIDTH = 110


def main() -> int:
    """Two populations for each noise, one whole, one of wrong answers; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="benchmarks.quality", description=__doc__)
    parser.add_argument("--borrowers", type=int, help=f"default {_FULL}")
    parser.add_argument("--wrong", type=int, help=f"borrowers for wrong answers, default {_WRONG}")
    parser.add_argument("--seed", type=int, default=1, help="of the world")
    parser.add_argument("--noise", choices=LEVELS, action="append", help="default and heavy")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--quick", action="store_true", help=f"{_QUICK} borrowers, rough numbers")
    parser.add_argument("--failures", type=Path, help="write what came out wrong, a JSON a line")
    asked = parser.parse_args()
    size = asked.borrowers or (_QUICK if asked.quick else _FULL)
    many = asked.wrong or (10 * size if asked.quick else _WRONG)
    missed, failures, console = False, [], Console(highlight=False, width=_WIDTH)
    for noise in asked.noise or ("default", "heavy"):
        world = World(asked.seed, TODAY, size, noise=LEVELS[noise], staged=_STAGED)
        tally = measured(world, asked.jobs)
        missed |= table.show(console, world, tally)
        larger = replace(world, size=many)
        wrong = measured(larger, asked.jobs, wronged=True)
        missed |= table.show_wrong(console, larger, wrong)
        failures += [(noise, one) for one in (*tally.failures, *wrong.failures)]
    if asked.failures:
        asked.failures.write_bytes(b"".join(_line(noise, one) for noise, one in failures))
    return int(missed)


def _line(noise: str, one: Failure) -> bytes:
    shown = {
        "noise": noise,
        "borrower": one.index,
        "what": one.what,
        "evidence": one.evidence,
        "facts": one.facts,
    }
    return orjson.dumps(shown, option=orjson.OPT_APPEND_NEWLINE)


if __name__ == "__main__":
    sys.exit(main())
