"""Fixtures and guards shared by all tests."""

import logging
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

from gateway.serving import settle_memory

SHARED = Path(__file__).resolve().parents[2] / "shared"

# Without a deadline: a first call that loads data is not slow code.
settings.register_profile("default", deadline=None, max_examples=25)
settings.register_profile("thorough", deadline=None, max_examples=100)
settings.load_profile("thorough" if os.environ.get("CI") else "default")


def pytest_collection_finish() -> None:
    """As `creditgate serve` does: looking for cycles took a tenth of the run."""
    settle_memory()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of vectors and samples beside the checkout; absent elsewhere."""
    if not SHARED.is_dir():
        pytest.skip("needs ../shared beside the checkout (test vectors made by others)")
    return SHARED


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """Commands set the process's logging up; the next test finds it as it was."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    if structlog.is_configured():
        structlog.reset_defaults()
    root.handlers[:], root.level = handlers, level


@pytest.fixture(autouse=True)
def _no_sockets(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unit tests open no sockets; scenarios may, and only they."""
    if "scenarios" in Path(str(request.node.path)).parts:
        return

    def refuse(_self: socket.socket, address: object) -> None:
        raise AssertionError(f"a unit test opened a socket to {address!r}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
