"""The files of an export: a list of (subject, instant) in, one Parquet file out.

Both are streamed: a list of any length and a file of any size need the memory of one batch.
Parquet comes with the optional extra `parquet` (pyarrow).
"""

import csv
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from itertools import islice
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Self
from uuid import UUID

import orjson

from consent.clock import parse_stamp
from consent.errors import ConfigError, InvalidInput
from consent.subject import SubjectRef
from gateway.past.training import Line, Point

_CHUNK_BYTES = 1 << 20
_COLUMNS = "columns subject (our reference) and at (an instant with its UTC offset)"
_MISSING = ".missing"
_DISPUTED = "disputed"


def parquet() -> tuple[ModuleType, ModuleType]:
    """Pyarrow and its Parquet module; `ConfigError` says how to install them."""
    try:
        return import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError:
        wanted = "this needs Parquet: install creditgate with the extra, creditgate[parquet]"
        raise ConfigError(wanted) from None


def points(path: Path) -> Iterator[Point]:
    """The list, in its order; `InvalidInput` names the first row that is none."""
    read = _READERS.get(path.suffix.lower())
    if read is None:
        raise InvalidInput(str(path), f"a file ending in {', '.join(_READERS)}, with {_COLUMNS}")
    try:
        for number, row in enumerate(read(path)):
            yield _point(path, number, row)
    except OSError as exc:
        raise InvalidInput(str(path), f"a readable file ({exc.strerror})") from None
    except (UnicodeDecodeError, csv.Error):
        raise InvalidInput(str(path), "text in UTF-8, of short fields") from None


def batches(of: Iterator[Point], size: int) -> Iterator[list[Point]]:
    """At most `size` at a time."""
    while batch := list(islice(of, size)):
        yield batch


def _point(path: Path, number: int, row: Any) -> Point:  # noqa: ANN401 - whatever the file holds
    try:
        at = row["at"]
        text = at if isinstance(at, str) else at.isoformat()  # naive: refused by `parse_stamp`
        return Point(number, SubjectRef(UUID(str(row["subject"]))), parse_stamp(text))
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError):
        raise InvalidInput(f"{path.name}, row {number + 1}", _COLUMNS) from None


def _csv(path: Path) -> Iterator[Any]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _jsonl(path: Path) -> Iterator[Any]:
    with path.open("rb") as file:
        for line in file:
            try:
                yield orjson.loads(line)
            except orjson.JSONDecodeError:
                yield None


def _parquet(path: Path) -> Iterator[Any]:
    arrow, module = parquet()
    try:
        file = module.ParquetFile(path)
    except (arrow.ArrowInvalid, arrow.ArrowIOError):
        raise InvalidInput(str(path), "a Parquet file") from None
    with file:
        for batch in file.iter_batches(batch_size=1000):
            yield from batch.to_pylist()


_READERS: dict[str, Callable[[Path], Iterator[Any]]] = {
    ".csv": _csv,
    ".jsonl": _jsonl,
    ".parquet": _parquet,
}


class ParquetFile:
    """One file, all or nothing: it gets its name when it is whole, and none when it is not.

    Until then it is `<name>.<export>.part`, readable by nobody else, which no other export touches;
    a crash leaves at most that. `InvalidInput` where no file can be made.
    """

    def __init__(
        self, path: Path, export: UUID, names: Sequence[str], about: dict[str, str]
    ) -> None:
        self._arrow, module = parquet()
        self._path, self._part = path, path.with_name(f"{path.name}.{export}.part")
        self._names = tuple(names)
        try:
            os.close(os.open(self._part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except OSError as exc:
            raise InvalidInput(str(path), f"a file that can be made ({exc.strerror})") from None
        self._schema = self._columns().with_metadata(about)
        self._writer = module.ParquetWriter(self._part, self._schema, compression="zstd")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.close()
        self._part.unlink(missing_ok=True)

    def write(self, lines: Sequence[Line]) -> None:
        """Add rows."""
        if not lines:
            return
        columns: dict[str, list[Any]] = {
            "row": [line.row for line in lines],
            "subject": [line.subject for line in lines],
            "at": [line.at for line in lines],
            "known_at": [line.known_at for line in lines],
            _DISPUTED: [line.disputed for line in lines],
        }
        for name in self._names:
            columns[name] = [line.values[name][0] for line in lines]
            columns[f"{name}{_MISSING}"] = [line.values[name][1] for line in lines]
        self._writer.write_table(self._arrow.table(columns, schema=self._schema))

    def whole(self) -> str:
        """Nothing more comes: the SHA-256 of the file, in hex."""
        self._writer.close()
        digest = hashlib.sha256()
        with self._part.open("rb") as file:
            os.fsync(file.fileno())
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
        return digest.hexdigest()

    def name(self) -> None:
        """Give it its name; `InvalidInput` when another file has it by now, which stays."""
        try:
            os.link(self._part, self._path)
        except FileExistsError:
            raise InvalidInput(str(self._path), "a file that is not there yet") from None

    def _columns(self) -> Any:  # noqa: ANN401 - an untyped library's schema
        arrow = self._arrow
        word = arrow.dictionary(arrow.int32(), arrow.string())
        instant = arrow.timestamp("us", tz="UTC")
        fields = [
            ("row", arrow.int64()),
            ("subject", arrow.string()),
            ("at", instant),
            ("known_at", instant),
            (_DISPUTED, arrow.bool_()),
        ]
        for name in self._names:
            fields += [(name, arrow.int64()), (f"{name}{_MISSING}", word)]
        return arrow.schema(fields)
