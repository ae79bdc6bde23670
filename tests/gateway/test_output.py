"""What a command prints arrives, whoever reads it and however slowly."""

import io
import os
import sys
from typing import Any

import pytest

from gateway.cli.app import main, whole

TEXT = "示例银行 " * 10_000


class Pipe(io.RawIOBase):
    """Takes a few bytes at a time, as a full pipe does."""

    name = "<pipe>"

    def __init__(self) -> None:
        self.taken = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:  # as the base class says it
        some = bytes(data)[:1000]
        self.taken += some
        return len(some)


def test_without_buffers_a_long_text_arrives_whole() -> None:
    """PYTHONUNBUFFERED is set in most containers: half a document with exit code 0 is a trap."""
    pipe = Pipe()
    unbuffered = io.TextIOWrapper(pipe, "utf-8", write_through=True)

    stream = whole(unbuffered)
    stream.write(TEXT)
    stream.flush()
    assert pipe.taken.decode() == TEXT


def test_a_stream_with_buffers_stays_what_it_is() -> None:
    """Nothing to mend there."""
    stream = io.TextIOWrapper(io.BytesIO(), "utf-8")

    assert whole(stream) is stream


def test_a_reader_that_goes_away_hears_no_complaint(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """`creditgate ... | head -1` is no error of anybody's."""
    reading, writing = os.pipe()
    os.close(reading)
    monkeypatch.setattr(sys, "argv", ["creditgate", "consent", "example"])
    monkeypatch.setattr(sys, "stdout", os.fdopen(writing, "w", encoding="utf-8"))
    with pytest.raises(SystemExit):
        main()
    sys.stdout.close()  # what Python does at its end

    assert capfd.readouterr().err == ""


def test_an_output_that_was_closed_ends_as_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """`creditgate ... >&-`: Python has no stream for it, and nothing to flush."""
    monkeypatch.setattr(sys, "argv", ["creditgate", "consent", "example"])
    monkeypatch.setattr(sys, "stdout", None)

    with pytest.raises(SystemExit):
        main()
