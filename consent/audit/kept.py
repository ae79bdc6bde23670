"""The last checkpoints, kept apart from the database.

One small file per tree in a directory that belongs on another disk, mount or machine than the
database. Trusted to be as new as the last publication: who can roll the database back, but not
these files, is noticed at the next start and at the next publication.
"""

import os
import tempfile
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
        """Replace the checkpoint kept of `origin`; durable on return.

        A crash before the rename leaves the old file and a stray one, after it the new file.
        """
        descriptor, stray = tempfile.mkstemp(dir=self._directory, suffix=".tmp")
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

    def _path(self, origin: str) -> Path:
        return self._directory / f"{quote(origin, safe='')}{_SUFFIX}"
