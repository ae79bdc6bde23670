"""Where configuration is read from: a folder, or the bytes that were kept of one.

Whatever is read is remembered, so that the digest is over the very bytes that decided, and so
that the same settings can be made of them again.
"""

import csv
import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

from pydantic import TypeAdapter, ValidationError

from connectors.normalise import codes
from consent.errors import ConfigError

TABLES = "codes/"
"""Prefix of the code tables among the files."""

_Checked = TypeVar("_Checked")


def digest_of(files: Mapping[str, bytes]) -> str:
    """One digest over files, by name and content."""
    whole = hashlib.sha256()
    for name, content in sorted(files.items()):
        whole.update(f"{name}\0{hashlib.sha256(content).hexdigest()}\n".encode())
    return whole.hexdigest()


class Origin(Protocol):
    """What `Files` reads from."""

    def read(self, name: str) -> bytes:
        """One file; `ConfigError` when it is not there."""
        ...

    def each(self, folder: str) -> list[str]:
        """The TOML files of a sub-folder, in order."""
        ...

    def tables(self) -> Mapping[str, bytes]:
        """The code tables that go with it, under `TABLES`."""
        ...


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder on disk; the code tables are those of this installation."""

    path: Path

    def read(self, name: str) -> bytes:
        """One file."""
        try:
            return (self.path / name).read_bytes()
        except OSError as exc:
            raise ConfigError(f"cannot read {self.path / name}: {exc.strerror}") from None

    def each(self, folder: str) -> list[str]:
        """The TOML files of a sub-folder."""
        return sorted(f"{folder}/{path.name}" for path in (self.path / folder).glob("*.toml"))

    def tables(self) -> Mapping[str, bytes]:
        """The installation's."""
        return {f"{TABLES}{name}": content for name, content in codes.contents().items()}


@dataclass(frozen=True, slots=True)
class Kept:
    """The files of a configuration as they were."""

    files: Mapping[str, bytes] = field(repr=False)

    def read(self, name: str) -> bytes:
        """One file."""
        if name not in self.files:
            raise ConfigError(f"the kept configuration has no {name}; another build wrote it")
        return self.files[name]

    def each(self, folder: str) -> list[str]:
        """The TOML files of a sub-folder."""
        return sorted(
            name for name in self.files if name.startswith(f"{folder}/") and name.endswith(".toml")
        )

    def tables(self) -> Mapping[str, bytes]:
        """Those of its day."""
        return {name: body for name, body in self.files.items() if name.startswith(TABLES)}


class Files:
    """The configuration being read."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self._read = dict(origin.tables())

    def toml(self, name: str, shape: type[_Checked]) -> _Checked:
        """One TOML file as its model; `ConfigError` names the file and the keys."""
        try:
            plain = tomllib.loads(self._bytes(name).decode())
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
            raise ConfigError(f"{name}: not TOML ({exc})") from None
        return self._checked(name, shape, plain)

    def rows(self, name: str, shape: type[_Checked]) -> list[_Checked]:
        """One CSV file, a model a line."""
        lines = csv.DictReader(self._bytes(name).decode().splitlines(), strict=True)
        return [self._checked(name, shape, row) for row in lines]

    def each(self, folder: str) -> list[str]:
        """The TOML files of a sub-folder."""
        return self._origin.each(folder)

    def contents(self) -> dict[str, bytes]:
        """Every file read so far, and the code tables, by name."""
        return dict(self._read)

    def _bytes(self, name: str) -> bytes:
        self._read[name] = self._origin.read(name)
        return self._read[name]

    @staticmethod
    def _checked(name: str, shape: type[_Checked], plain: object) -> _Checked:
        try:
            return TypeAdapter(shape).validate_python(plain)
        except ValidationError as exc:
            where: dict[str, list[str]] = {}
            for error in exc.errors(include_input=False, include_url=False):
                key = ".".join(map(str, error["loc"]))
                where.setdefault(error["msg"].removeprefix("Value error, "), []).append(key)
            wrong = "; ".join(f"{', '.join(keys)}: {why}" for why, keys in where.items())
            raise ConfigError(f"{name}: {wrong}") from None
