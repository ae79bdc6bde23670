"""Files of the transfer platform: names, header lines, many documents in one file."""

from contextlib import suppress
from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import SourceBrokeContract, SourceError
from connectors.sources.pboc import batch
from connectors.sources.pboc.batch import FileHeader, FileName

NAME = FileName("A1000000000001", date(2026, 3, 1), "F501", 1)
HEADER = FileHeader(NAME, datetime(2026, 3, 1, 4, 5, 6, tzinfo=UTC), "F502", "0000000002")
LINE = b"A2.0.0A1000000000001" + b"20260301F5010010" + b"20260301120506F502" + b"0000000002\r\n"

DOCUMENTS = st.lists(
    st.binary(max_size=300)
    .map(lambda inner: b"<Document>" + inner.replace(b"<", b"") + b"</Document>")
    .map(lambda whole: whole.strip())
)


def documents(content: bytes) -> list[bytes]:
    """Every document of a file without its header."""
    return list(batch.read_documents("pboc", BytesIO(content)))


def test_a_file_name_has_its_parts_in_place() -> None:
    """CCRC refuses a file over one character of its name (ABN001 to ABN009)."""
    assert str(NAME) == "A100000000000120260301F5010010"
    assert FileName.parse(str(NAME)) == NAME


@pytest.mark.parametrize(
    "wrong",
    [
        FileName("A1", date(2026, 3, 1), "F501", 1),
        FileName("A1000000000001", date(2026, 3, 1), "F501", 1000),
        FileName("A1000000000001", date(2026, 3, 1), "F501", -1),
        FileName("A1000000000001", date(2026, 3, 1), "F5011", 1),
        FileName("A1000000000001", date(2026, 3, 1), "F501", 1, ""),
    ],
)
def test_a_name_that_does_not_fit_is_not_written(wrong: FileName) -> None:
    """Shifted by one place, the serial would read as another file's."""
    with pytest.raises(ValueError, match="does not fit"):
        str(wrong)


@pytest.mark.parametrize(
    "text", ["", "A100000000000120260301F501001", "A100000000000120261301F5010010"]
)
def test_what_is_no_name_is_not_read(text: str) -> None:
    """A month 13 is damage, not another calendar."""
    with pytest.raises(ValueError):  # noqa: PT011 - the message is the library's for a bad date
        FileName.parse(text)


def test_the_header_stands_at_its_offsets() -> None:
    """In China's time, as everything CCRC says."""
    assert HEADER.encode() == LINE
    assert batch.read_header("pboc", BytesIO(LINE)) == HEADER


def test_counters_are_digits() -> None:
    """A blank among them would move all that follows."""
    with pytest.raises(ValueError, match="digits"):
        FileHeader(NAME, HEADER.sent_at, "F501", "1 2").encode()


@pytest.mark.parametrize(
    "line",
    [
        b"",
        LINE[:-2],
        LINE.replace(b"A2", b"B2"),
        LINE.replace(b"20260301120506", b"20260301250506"),
        LINE.replace(b"A100000000000120260301F", b"A100000000000120261301F"),
        LINE[:-2] + b"0" * 300 + b"\r\n",
    ],
)
def test_a_damaged_header_breaks_the_contract(line: bytes) -> None:
    """With its records unread: they may be another member's."""
    with pytest.raises(SourceBrokeContract) as caught:
        batch.read_header("pboc", BytesIO(line))
    assert caught.value.reason == "bad_header"


@given(DOCUMENTS, st.sampled_from([1, 7, 64, 1 << 16]))
def test_documents_come_out_as_they_went_in(content: list[bytes], chunk: int) -> None:
    """Wherever a chunk ends: one lost record is one borrower without a score."""
    file = BytesIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch, "_CHUNK", chunk)
        assert batch.write(file, HEADER, content) == len(content)
        file.seek(0)

        assert batch.read_header("pboc", file) == HEADER
        assert list(batch.read_documents("pboc", file)) == content


@pytest.mark.parametrize(
    ("tail", "reason"),
    [
        (b"<Document>", "cut_file"),
        (b"x", "cut_file"),
        (b"{S:YWJj:S}", "signed_file"),
        (b"<Document>" + b"x" * batch.MOST_DOCUMENT_BYTES, "too_large"),
        (b"<Document>" + b"x" * batch.MOST_DOCUMENT_BYTES + b"</Document>", "too_large"),
        (b"y" * 10 * batch.MOST_DOCUMENT_BYTES, "too_large"),
    ],
)
def test_what_follows_the_last_document_is_named(tail: bytes, reason: str) -> None:
    """A file cut on its way must not look like a shorter one."""
    with pytest.raises(SourceBrokeContract) as caught:
        documents(b"<Document/>".replace(b"/>", b"></Document>") + b"\r\n" + tail)
    assert caught.value.reason == reason


@given(st.binary(max_size=2000))
def test_no_bytes_do_worse_than_break_the_contract(content: bytes) -> None:
    """Half a file, another file, an attack: one typed outcome."""
    file = BytesIO(content)
    with suppress(SourceError):
        batch.read_header("pboc", file)
    file.seek(0)
    with suppress(SourceError):
        list(batch.read_documents("pboc", file))
