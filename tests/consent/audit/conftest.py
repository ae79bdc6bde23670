"""An empty log over a real SQLite file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from consent.audit.kept import KeptCheckpoints
from consent.database import metadata, open_engine
from tests.consent.audit.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An empty log."""
    engine = open_engine(f"sqlite:///{tmp_path / 'log.db'}")
    metadata.create_all(engine)
    (tmp_path / "kept").mkdir()
    yield World(engine, tmp_path, KeptCheckpoints(tmp_path / "kept"))
    engine.dispose()
