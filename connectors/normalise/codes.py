"""Code tables of a source, read from `config/codes/<source>.csv`.

A code means nothing on its own: PBOC's account status 4 is a bad debt on a loan and a closed
account on a card. So the key is (table, account type, code), an empty account type standing for
all of them. A code that is not there has no meaning: the look-up fails, and the caller counts it.

The files are UTF-8 CSV with the columns `table`, `account_type`, `code`, `word` (ours), `label`
(the source's) and `source` (where the row was published).
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from consent.errors import ConfigError

_HERE = Path(__file__).resolve()
# The checkout keeps `config` at its root; the wheel carries it as `gateway/default_config`.
_FOLDERS = (
    _HERE.parents[2] / "config" / "codes",
    _HERE.parents[2] / "gateway" / "default_config" / "codes",
)
_COLUMNS = ("table", "account_type", "code", "word", "label", "source")


@dataclass(frozen=True, slots=True)
class Code:
    """One row: our `word` for a source's code, its own `label`, and where that is published."""

    word: str
    label: str
    source: str


@dataclass(frozen=True, slots=True)
class CodeTables:
    """All code tables of one source."""

    name: str
    rows: Mapping[tuple[str, str, str], Code]

    def tables(self) -> frozenset[str]:
        """The ids of all tables."""
        return frozenset(table for table, _, _ in self.rows)

    def words(self, *tables: str, account_type: str = "") -> Mapping[str, str]:
        """Code to word, over `tables`, as it holds for `account_type`.

        `ConfigError` on an unknown table, or when two of the tables disagree about a code.
        """
        unknown = frozenset(tables) - self.tables()
        if unknown:
            raise ConfigError(f"no code table {', '.join(sorted(unknown))} for {self.name}")
        found: dict[str, str] = {}
        for (table, of_type, code), row in self.rows.items():
            if table not in tables or of_type not in ("", account_type):
                continue
            if found.setdefault(code, row.word) != row.word:
                raise ConfigError(f"{self.name}: two meanings of code {code} in {tables}")
        return MappingProxyType(found)


def parse(name: str, lines: Iterable[str]) -> CodeTables:
    """Read the CSV form; `ConfigError` on wrong columns, empty cells or a repeated key."""
    reader = csv.DictReader(lines, strict=True)
    if tuple(reader.fieldnames or ()) != _COLUMNS:
        raise ConfigError(f"code tables of {name}: expected columns {', '.join(_COLUMNS)}")
    rows: dict[tuple[str, str, str], Code] = {}
    for row in reader:
        key = (row["table"], row["account_type"], row["code"])
        code = Code(row["word"], row["label"], row["source"])
        if not (key[0] and key[2] and code.word and code.label and code.source):
            raise ConfigError(f"code tables of {name}: line {reader.line_num} has an empty cell")
        if key in rows:
            raise ConfigError(f"code tables of {name}: line {reader.line_num} repeats a code")
        rows[key] = code
    return CodeTables(name, MappingProxyType(rows))


def contents() -> Mapping[str, bytes]:
    """The bytes of every table file by name: part of what an answer was decided under."""
    for folder in _FOLDERS:
        if folder.is_dir():
            return {path.name: path.read_bytes() for path in sorted(folder.glob("*.csv"))}
    raise ConfigError("no code tables: expected config/codes")


@cache
def load(name: str) -> CodeTables:
    """The tables of source `name`, read once; `ConfigError` when there are none."""
    for folder in _FOLDERS:
        path = folder / f"{name}.csv"
        if path.is_file():
            with path.open(encoding="utf-8", newline="") as lines:
                return parse(name, lines)
    raise ConfigError(f"no code tables for {name}: expected config/codes/{name}.csv")
