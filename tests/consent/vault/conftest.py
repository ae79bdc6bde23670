"""A vault over a real SQLite file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine

from consent.database import metadata, open_engine
from consent.decision import Permit
from consent.vault.record import Vault
from tests.consent.vault.given import CountingKek, Hand, Writing, earn, new_vault


@pytest.fixture
def hand() -> Hand:
    """The clocks of one process."""
    return Hand()


@pytest.fixture
def kek() -> CountingKek:
    """A root key with a counter."""
    return CountingKek()


@pytest.fixture
def vault(hand: Hand, kek: CountingKek) -> Vault:
    """A vault with nothing in memory."""
    return new_vault(hand, kek)


@pytest.fixture
def permit() -> Permit:
    """A permit for the usual member and subject."""
    return earn()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A fresh database file."""
    engine = open_engine(f"sqlite:///{tmp_path / 'vault.db'}")
    metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def writing(engine: Engine) -> Writing:
    """Opens a write transaction that commits at its end, or rolls back when left by an error."""

    @contextmanager
    def begin() -> Iterator[Connection]:
        with engine.connect().execution_options(writing=True) as conn, conn.begin():
            yield conn

    return begin
