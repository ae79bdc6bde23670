"""past.training_files: lists in any of three forms, and a file that is whole or not there."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from consent.errors import ConfigError, InvalidInput
from consent.subject import SubjectRef
from gateway.past.training import Line, Point
from gateway.past.training_files import ParquetFile, batches, parquet, points

WHO = UUID(int=7)
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
ROWS = [{"subject": str(WHO), "at": "2026-03-01T12:00:00Z"}] * 3


def csv_file(path: Path) -> Path:
    lines = ["subject,at", *(f"{one['subject']},{one['at']}" for one in ROWS)]
    path.with_suffix(".csv").write_text("\n".join(lines))
    return path.with_suffix(".csv")


def jsonl_file(path: Path) -> Path:
    path.with_suffix(".jsonl").write_bytes(b"\n".join(map(orjson.dumps, ROWS)))
    return path.with_suffix(".jsonl")


def parquet_file(path: Path) -> Path:
    china = timezone(timedelta(hours=8))
    rows = {"subject": [str(WHO)] * 3, "at": [AT.astimezone(china)] * 3}
    pq.write_table(pa.table(rows), path.with_suffix(".parquet"))
    return path.with_suffix(".parquet")


@pytest.mark.parametrize("made", [csv_file, jsonl_file, parquet_file])
def test_every_form_of_a_list_reads_alike(made: Callable[[Path], Path], tmp_path: Path) -> None:
    """A data scientist brings what is at hand."""
    found = list(points(made(tmp_path / "rows")))

    assert found == [Point(number, SubjectRef(WHO), AT) for number in range(3)]


@pytest.mark.parametrize(
    "line",
    [
        f"{WHO},2026-03-01T12:00:00",
        f"{WHO},2026-03-01",
        f"{WHO},",
        "nobody,2026-03-01T12:00:00Z",
        f"{WHO}",
        f"{WHO},0001-01-01T00:00:00+23:00",
    ],
)
def test_a_row_that_is_none_is_named(line: str, tmp_path: Path) -> None:
    """An instant without its offset could mean another day's knowledge: it is refused."""
    path = tmp_path / "rows.csv"
    path.write_text(f"subject,at\n{WHO},2026-03-01T12:00:00Z\n{line}\n")

    with pytest.raises(InvalidInput, match="row 2"):
        list(points(path))


def test_a_naive_instant_in_parquet_is_refused(tmp_path: Path) -> None:
    """Guessing the machine's time zone would move what was known by hours."""
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"subject": [str(WHO)], "at": [datetime(2026, 3, 1)]}), path)  # noqa: DTZ001

    with pytest.raises(InvalidInput, match="row 1"):
        list(points(path))


@pytest.mark.parametrize(
    "name", ["rows.txt", "none.csv", "broken.parquet", "binary.csv", "endless.csv"]
)
def test_a_file_that_is_no_list_is_told_what_would_be(name: str, tmp_path: Path) -> None:
    """Wrong ending, not there, not Parquet, not text, a quote that nobody closes."""
    (tmp_path / "broken.parquet").write_bytes(b"PAR1")
    (tmp_path / "endless.csv").write_text(f'subject,at\n{WHO},"{"2026" * 40_000}\n')
    (tmp_path / "binary.csv").write_bytes(b"subject,at\n\xff\xfe,x\n")

    with pytest.raises(InvalidInput):
        list(points(tmp_path / name))


def line(row: int, value: int | None, missing: str | None) -> Line:
    return Line(row, "p", AT, AT, {"a": (value, missing)}, disputed=row == 1)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    """Values as integers, the reason of each missing one beside it, instants in UTC."""
    path = tmp_path / "out.parquet"
    with ParquetFile(path, WHO, ["a"], {"catalogue": "core/1"}) as file:
        file.write([line(0, 5, None), line(1, None, "no_source")])
        file.write([])
        file.write([line(2, 0, None)])
        file.whole()
        file.name()

    table = pq.read_table(path)
    assert table.column("a").to_pylist() == [5, None, 0]
    assert table.column("a.missing").to_pylist() == [None, "no_source", None]
    assert table.column("disputed").to_pylist() == [False, True, False]
    assert table.column("at").to_pylist()[0] == AT
    assert table.schema.metadata[b"catalogue"] == b"core/1"
    assert path.stat().st_mode & 0o077 == 0


def test_an_export_that_fails_leaves_no_file(tmp_path: Path) -> None:
    """Half a data set looks like a whole one to whoever finds it."""
    path = tmp_path / "out.parquet"

    def half() -> None:
        with ParquetFile(path, WHO, ["a"], {}) as file:
            file.write([line(0, 5, None)])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()

    assert list(tmp_path.iterdir()) == []


def test_two_exports_to_one_name_do_not_meet(tmp_path: Path) -> None:
    """The first that is whole gets the name and keeps it; the other is told, and leaves no file."""
    path = tmp_path / "out.parquet"

    def second() -> None:
        with ParquetFile(path, UUID(int=2), ["a"], {}) as late:
            with ParquetFile(path, UUID(int=1), ["a"], {}) as first:
                first.write([line(0, 5, None)])
                first.whole()
                first.name()
            late.write([line(0, 6, None)])
            late.whole()
            late.name()

    with pytest.raises(InvalidInput, match="not there yet"):
        second()

    assert pq.read_table(path).column("a").to_pylist() == [5]
    assert list(tmp_path.iterdir()) == [path]


def test_batches_hold_every_point_once() -> None:
    """Memory is bounded by a batch, and none is lost at its edge."""
    asked = [Point(number, SubjectRef(WHO), AT) for number in range(7)]
    found = list(batches(iter(asked), 3))

    assert [len(one) for one in found] == [3, 3, 1]
    assert [point for batch in found for point in batch] == asked


def test_without_the_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parquet is optional; nobody should have to guess the name of the package."""
    gone: Any = None
    monkeypatch.setitem(sys.modules, "pyarrow", gone)

    with pytest.raises(ConfigError, match=r"creditgate\[parquet\]"):
        parquet()
