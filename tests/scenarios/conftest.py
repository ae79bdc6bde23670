"""Scenarios: a sandbox world and a gateway on loopback, talked to over real HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scenarios.given import Stage, stage_on


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A running gateway with a client that may do everything."""
    async with stage_on(tmp_path) as running:
        yield running
