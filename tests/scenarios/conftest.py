"""Scenarios: a sandbox world and a gateway on loopback, talked to over real HTTP.

A module's scenarios share one stage and one event loop (`pytestmark`), each with borrowers of
its own (`stage.somebody()`); a scenario that breaks something takes `fresh_stage`.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
import pytest_asyncio

from tests.scenarios.beside import everything_long
from tests.scenarios.given import Stage, stage_on


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """A running gateway with a client that may do everything."""
    async with stage_on(tmp_path_factory.mktemp("stage")) as running:
        yield running


@pytest.fixture
def stage(shared_stage: Stage) -> Stage:
    """The module's stage, with nothing left of what other scenarios did to its sources."""
    shared_stage.calm()
    return shared_stage


@pytest.fixture(params=["brief", "long"])
def either_length(request: pytest.FixtureRequest) -> Iterator[None]:
    """Once with profiles as they are, once with all too large to be opened within a unit."""
    with everything_long() if request.param == "long" else nullcontext():
        yield


@pytest_asyncio.fixture(loop_scope="module")
async def fresh_stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage of its own, to be broken."""
    async with stage_on(tmp_path) as running:
        yield running
