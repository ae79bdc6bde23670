"""gateway.logs: what is not on the list is not written, whoever logs it."""

import io
import logging
from collections.abc import Iterator

import orjson
import pytest
import structlog

from gateway import logs


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """The log as a string; the process's own set-up is put back afterwards."""
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    stream = io.StringIO()
    logs.configure(stream)
    yield stream
    structlog.reset_defaults()
    root.handlers[:], root.level = before[0], before[1]


def test_an_unknown_key_is_dropped_and_said(written: io.StringIO) -> None:
    """A developer who logs a name by mistake finds a count, not the name."""
    structlog.get_logger().info("request", status=200, subject_name="CANARY", body="CANARY")

    line = orjson.loads(written.getvalue())
    assert (line["status"], line["dropped_keys"]) == (200, 2)
    assert "CANARY" not in written.getvalue()


def test_a_traceback_shows_places_and_no_values(written: io.StringIO) -> None:
    """Neither the exception's text nor local variables: both may hold a payload."""

    def reads(payload: str) -> None:
        raise ValueError(f"cannot read {payload}")

    try:
        reads("CANARY")
    except ValueError:
        structlog.get_logger().exception("failed")

    line = orjson.loads(written.getvalue())
    assert line["error"] == "ValueError"
    assert any("reads" in place for place in line["where"])
    assert "CANARY" not in written.getvalue()


def test_other_libraries_speak_without_their_words(written: io.StringIO) -> None:
    """Clients log URLs and drivers log parameters; we keep who spoke, not what."""
    logging.getLogger("httpx").warning("GET https://bureau.invalid/?id=%s", "CANARY")
    logging.getLogger("httpx").info("GET https://bureau.invalid/?id=%s", "CANARY")

    lines = written.getvalue().splitlines()
    assert len(lines) == 1
    assert orjson.loads(lines[0])["code"] == "httpx"
    assert "CANARY" not in written.getvalue()


@pytest.mark.parametrize("forbidden", ["name", "subject", "id_number", "mobile", "body", "url"])
def test_no_personal_key_is_on_the_list(forbidden: str) -> None:
    """The list is the policy; this is the tripwire for whoever extends it."""
    assert forbidden not in logs.ALLOWED
