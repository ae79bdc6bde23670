"""The frame: 78 characters by offset, XML, perhaps a signature."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import SourceBrokeContract
from connectors.sources.pboc import frame
from connectors.sources.pboc.frame import Header

Pack = Callable[..., bytes]
HEADER = Header(
    sender="A1000000000001",
    receiver="B0000000000001",
    sent_at=datetime(2020, 6, 15, 2, 30, tzinfo=UTC),
    message_type="D101",
    message_id="0000000000000042",
)
LINE = b"B2.0.0A1000000000001B000000000000120200615103000D10100000000000000420000000000"


class Stamp:
    """A signer that shows what it was given."""

    def sign(self, signed: bytes) -> bytes:
        return b"signed:" + signed


def test_the_header_stands_at_its_offsets() -> None:
    """CCRC reads by offset; if this moves, every message is refused."""
    assert len(LINE) == 78
    assert HEADER.encode() == LINE + b"\r\n"


def test_the_time_of_the_header_is_that_of_china() -> None:
    """ABM007 refuses a time that is not theirs."""
    assert frame.decode("pboc", LINE + b"\r\n<a/>").header.sent_at == HEADER.sent_at


@pytest.mark.parametrize("reserved", [b"0" * 10, b"0" * 12, b"", b"X" * 10])
def test_what_is_reserved_is_not_looked_at(reserved: bytes) -> None:
    """The samples of F202 and G1xx carry twelve zeros."""
    read = frame.decode("pboc", LINE[:68] + reserved + b"\r\n<a/>")

    assert (read.header.message_id, read.body) == (HEADER.message_id, b"<a/>")


def test_a_signature_covers_header_and_body() -> None:
    """A header left out could be swapped for another borrower's."""
    sent = frame.encode(HEADER, b"<a/>", Stamp())
    read = frame.decode("pboc", sent)

    assert sent == LINE + b"\r\n<a/>{S:" + base64.b64encode(b"signed:" + read.signed) + b":S}"
    assert read.signature == b"signed:" + LINE + b"\r\n<a/>"
    assert read.body == b"<a/>"


def test_without_a_signature_there_is_none() -> None:
    """An empty signature would look like one that failed."""
    assert frame.decode("pboc", frame.encode(HEADER, b"<a/>")).signature is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\r\n<a/>",
        LINE + b"\n<a/>",
        LINE[:60] + b"\r\n<a/>",
        b"A" + LINE[1:] + b"\r\n<a/>",
        LINE.replace(b"20200615", b"20201415") + b"\r\n<a/>",
        LINE + b"0" * 200 + b"\r\n<a/>",
        LINE + b"\r\n",
        LINE + b"\r\nplain",
        LINE + b"\r\n<a/>{S:***:S}",
        LINE + b"\r\n<a/>AAAA:S}",
        LINE + b"\r\n<a/>{S:" + b"A" * 90_000 + b":S}",
        b"<html>maintenance</html>",
    ],
)
def test_anything_else_breaks_the_contract(content: bytes) -> None:
    """A proxy's error page is not a message."""
    with pytest.raises(SourceBrokeContract):
        frame.decode("pboc", content)


def test_a_message_has_a_bound() -> None:
    """Before anything in it is looked at."""
    with pytest.raises(SourceBrokeContract, match="too_large"):
        frame.decode("pboc", b"B" * (frame.MOST_BYTES + 1))


def test_a_whole_answer_above_the_bound_is_too_large(d102: Pack) -> None:
    """Sixteen megabytes of a sound D102 would all be decoded before its report is measured."""
    sound = d102(message=b"A" * frame.MOST_BYTES)

    with pytest.raises(SourceBrokeContract, match="too_large"):
        frame.decode("pboc", sound)
    assert frame.decode("pboc", d102(message=b"AAAA")).header.message_type == "D102"


@given(st.binary(max_size=300))
def test_no_bytes_do_worse_than_break_the_contract(content: bytes) -> None:
    """And none of them is quoted."""
    for sent in (content, LINE + b"\r\n" + content, LINE + b"\r\n<a/>" + content):
        try:
            frame.decode("pboc", sent)
        except SourceBrokeContract as error:
            text = str(error)
            assert len(text) < 100


@pytest.mark.parametrize(
    ("field", "value"), [("sender", "A1"), ("receiver", "x" * 14), ("message_id", "42")]
)
def test_a_field_that_does_not_fit_is_not_written(field: str, value: str) -> None:
    """It would shift everything behind it."""
    fields = {"sender": HEADER.sender, "receiver": HEADER.receiver, "message_id": "0" * 16}
    header = Header(sent_at=HEADER.sent_at, message_type="D101", **{**fields, field: value})
    with pytest.raises(ValueError, match="has 1"):
        header.encode()
