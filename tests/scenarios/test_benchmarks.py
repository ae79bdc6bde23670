"""The benchmarks run: they are how a slow change is noticed, so they must not rot."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROWS = (
    "requests/s, sources answer at once",
    "requests/s, sources answer in 20 ms",
    "CPU ms of the server a request",
    "added latency ms p50",
    "added latency ms p99",
    "GET /v1/borrowers/{id}/profile",
    "budget of one pull",
    "budget of one profile read",
    "x aiohttp",
    "bare lxml parse",
    "x pydantic",
    "bare AESGCM",
    "AuditLog.append",
)
"""One line of each comparison, whatever its numbers are."""


@pytest.mark.slow
def test_a_quick_run_completes_and_prints_every_comparison() -> None:
    """Numbers depend on the machine; that there are any does not."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,  # a minute of CPU; the machine may have other work
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert [row for row in ROWS if row not in done.stdout] == []
