"""`make bench`: every comparison, in one run.

First the whole gateway against what people would write without it, then its parts, each against
a bare library or a bare store. `--quick` is a smoke run: all of it works, the numbers are rough.
"""

import argparse
import subprocess
import sys
from importlib.util import find_spec

from rich.console import Console

from benchmarks.processes import ROOT

_PARTS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("gateway", (), ("--quick",)),
    ("http", ("--quick",), ("--quick",)),
    ("pboc", (), ()),
    ("merge", ("--quick",), ("--quick",)),
    ("quality", ("--quick",), ("--quick", "--noise", "default")),
    ("quality.lookalikes", (), ()),
    ("quality.febrl", ("--quick",), ("--quick",)),
    ("vault", (), ("--quick",)),
    (
        "audit",
        ("--entries", "10000", "--verify", "100000"),
        ("--entries", "1000", "--verify", "5000"),
    ),
)
"""Module, then its arguments in a full and in a quick run."""

_PEERS = {"quality.febrl": "splink"}
"""Modules that need `benchmarks/requirements.lock`, and by what one sees that it is installed."""


def main() -> int:
    """Run them one after the other; 1 when one of them broke down."""
    parser = argparse.ArgumentParser(prog="benchmarks", description="The gateway's costs.")
    parser.add_argument("--quick", action="store_true", help="a smoke run with rough numbers")
    quick = parser.parse_args().quick
    console = Console(highlight=False)
    broken = []
    for name, full, short in _PARTS:
        command = ("-m", f"benchmarks.{name}", *(short if quick else full))
        console.rule(f"python {' '.join(command)}", align="left")
        if name in _PEERS and find_spec(_PEERS[name]) is None:
            console.print(
                "left out: benchmarks/requirements.lock is not installed (make bench does)"
            )
            continue
        done = subprocess.run([sys.executable, *command], cwd=ROOT, check=False)  # noqa: S603 - our own modules
        if done.returncode:
            broken.append(name)
    if broken:
        console.print(f"broke down: {', '.join(broken)}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
