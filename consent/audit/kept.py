"""The last checkpoints, kept apart from the database.

One small file per tree in a directory that belongs on another disk, mount or machine than the
database. Trusted to be as new as the last publication: who can roll the database back, but not
these files, is noticed at the next start and at the next publication.
"""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, unquote

_SUFFIX = ".checkpoint"


class KeptCheckpoints:
    """Signed checkpoints by origin. A file is the old or the new one, never half of either."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def origins(self) -> list[str]:
        """Every origin a checkpoint is kept of."""
        files = self._directory.glob(f"*{_SUFFIX}")
        return sorted(unquote(file.name.removesuffix(_SUFFIX)) for file in files)

    def read(self, origin: str) -> bytes | None:
        """The checkpoint kept of `origin`, None when none ever was."""
        try:
            return self._path(origin).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, origin: str, note: bytes) -> None:
        """Replace the checkpoint kept of `origin` unless a newer one is there; durable on return.

        Processes publish at the same time: under the lock the slower one leaves the newer file.
        A crash before the rename leaves the old file and a stray dot-file, after it the new one.
        """
        with self._alone():
            kept = self.read(origin)
            if kept is None or _size(kept) <= _size(note):
                self._replace(origin, note)

    def _replace(self, origin: str, note: bytes) -> None:
        descriptor, stray = tempfile.mkstemp(dir=self._directory, prefix=".")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(note)
                file.flush()
                os.fsync(file.fileno())
            Path(stray).replace(self._path(origin))
        except BaseException:
            Path(stray).unlink(missing_ok=True)
            raise
        directory = os.open(self._directory, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        directory = os.open(self._directory, os.O_RDONLY)
        try:
            fcntl.flock(directory, fcntl.LOCK_EX)  # given back when it is closed
            yield
        finally:
            os.close(directory)

    def _path(self, origin: str) -> Path:
        return self._directory / f"{quote(origin, safe='')}{_SUFFIX}"


def _size(note: bytes) -> int:
    """The tree size a checkpoint states in its second line; -1 for what is no checkpoint."""
    lines = note.split(b"\n", 2)
    return int(lines[1]) if len(lines) > 1 and lines[1].isdigit() else -1
