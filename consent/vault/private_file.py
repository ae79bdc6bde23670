"""Files that hold a private key: read only when nobody else can read or have planted them."""

import os
import stat
from pathlib import Path

from consent.errors import ConfigError

_OTHERS = 0o077


def read(path: Path, most: int) -> bytes:
    """Up to `most` bytes of `path`, checked on the open file: nothing is swapped in between.

    OSError when it cannot be read or is a link, ConfigError when it is open to others.
    """
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:  # noqa: PTH123 - Path.open follows links
        check(path, os.fstat(file.fileno()), "600")
        return file.read(most)


def check(path: Path, found: os.stat_result, mode: str) -> None:
    """Refuse what another user could read or may have planted; `mode` is the remedy's."""
    if found.st_uid != os.geteuid():
        raise ConfigError(f"{path} belongs to another user; chown it to the gateway's own")
    if stat.S_IMODE(found.st_mode) & _OTHERS:
        raise ConfigError(f"{path} is open to other users; chmod {mode} {path}")
