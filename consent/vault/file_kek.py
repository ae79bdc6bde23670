"""Keys in files, for development and small installations: one directory holds every secret.

    root-kek.v<N>.key         root keys; the newest wraps, all of them unwrap
    index.v<N>.key            index keys, and the pepper of the same version beside each:
    pepper.v<N>.key           both are active until their files are removed
    log-ed25519.key           seed of the key that signs the audit log's checkpoints
    consent-ed25519.key       seed of the key that signs consent receipts

Each file holds 32 random bytes and nothing else, mode 0600, in a directory of mode 0700, owned
by the user the gateway runs as. Trusted for everything: whoever reads the directory and the
database reads all personal data, whoever writes it can forge receipts and checkpoints. Losing
it is losing the data. A key management service takes the place of `FileKek` in production.
"""

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from consent.errors import ConfigError, VaultError
from consent.vault import private_file
from consent.vault.blind import IndexKey
from consent.vault.signing import Signer
from consent.vault.suites import KEY_BYTES
from consent.vault.wrapping import unwrap, wrap, wrapper

_ROOT, _INDEX, _PEPPER = "root-kek", "index", "pepper"
_LOG, _CONSENT = "log-ed25519.key", "consent-ed25519.key"


class FileKek:
    """A `KeyEncryption` over root keys read from files."""

    def __init__(self, keys: Mapping[int, bytes]) -> None:
        self._ciphers = {str(version): wrapper(key) for version, key in keys.items()}
        self._newest = str(max(keys))

    def __repr__(self) -> str:
        return f"FileKek(versions {', '.join(self._ciphers)})"

    @property
    def version(self) -> str:
        """The newest root key."""
        return self._newest

    def wrap(self, key: bytes, bound: bytes) -> bytes:
        """Encrypt `key` under the newest root key."""
        return wrap(self._ciphers[self._newest], key, bound)

    def unwrap(self, wrapped: bytes, bound: bytes, version: str) -> bytes:
        """Decrypt with the root key it was wrapped under; VaultError without that one."""
        if version not in self._ciphers:
            known = ", ".join(self._ciphers)
            raise VaultError(f"no root key of version {version!r}; known: {known}")
        return unwrap(self._ciphers[version], wrapped, bound)


@dataclass(frozen=True, slots=True)
class KeyFiles:
    """Everything the directory holds, loaded."""

    root: FileKek
    index: tuple[IndexKey, ...]
    log_signer: Signer
    consent_signer: Signer


def create(directory: Path) -> None:
    """Make `directory` with a first version of every key; ConfigError if it has any already.

    A crash half-way leaves an incomplete directory, which `load` refuses and which has sealed
    nothing yet: remove it and start over.
    """
    try:
        directory.mkdir(mode=0o700, exist_ok=True)
    except OSError as exc:
        raise ConfigError(f"cannot make {directory}: {exc.strerror}") from exc
    _check_directory(directory)
    if any(directory.glob("*.key")):
        raise ConfigError(f"{directory} holds keys already; they are never overwritten")
    for name in (_numbered(_ROOT, 1), _numbered(_INDEX, 1), _numbered(_PEPPER, 1), _LOG, _CONSENT):
        _write(directory, name)


def add_root(directory: Path) -> int:
    """Add the next root key and return its version; member keys made from now on use it."""
    version = max(_read_versions(directory, _ROOT)) + 1
    _write(directory, _numbered(_ROOT, version))
    return version


def add_index(directory: Path) -> int:
    """Add the next index key and pepper and return their version; the older stay active."""
    version = max(_read_versions(directory, _INDEX)) + 1
    _write(directory, _numbered(_PEPPER, version))
    _write(directory, _numbered(_INDEX, version))
    return version


def load(directory: Path) -> KeyFiles:
    """Read every key; ConfigError, with the remedy, when one is missing or exposed."""
    _check_directory(directory)
    index = _read_versions(directory, _INDEX)
    peppers = {version: _read(directory / _numbered(_PEPPER, version)) for version in index}
    return KeyFiles(
        root=FileKek(_read_versions(directory, _ROOT)),
        index=tuple(IndexKey(version, index[version], peppers[version]) for version in index),
        log_signer=Signer(_read(directory / _LOG)),
        consent_signer=Signer(_read(directory / _CONSENT)),
    )


def _numbered(name: str, version: int) -> str:
    return f"{name}.v{version}.key"


def _read_versions(directory: Path, name: str) -> dict[int, bytes]:
    pattern = re.compile(rf"{name}\.v([1-9][0-9]*)\.key")
    names = (pattern.fullmatch(path.name) for path in directory.iterdir())
    found = {int(match[1]): directory / match[0] for match in names if match}
    if not found:
        found = {1: directory / _numbered(name, 1)}  # read below, so that its absence is named
    return {version: _read(found[version]) for version in sorted(found)}


def _write(directory: Path, name: str) -> None:
    """Write 32 random bytes as a new file, durable on return; never over an existing one."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    try:
        with open(os.open(directory / name, flags, 0o600), "wb") as file:  # noqa: PTH123 - Path.open takes no mode for creation
            file.write(os.urandom(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        _sync_directory(directory)
    except OSError as exc:
        raise ConfigError(f"cannot write {directory / name}: {exc.strerror}") from exc


def _sync_directory(directory: Path) -> None:
    """Make the new name itself survive a power loss."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _check_directory(directory: Path) -> None:
    try:
        found = directory.lstat()
    except OSError as exc:
        raise _missing(directory, exc) from exc
    if not stat.S_ISDIR(found.st_mode):
        raise ConfigError(f"{directory} is not a directory; name one that holds only keys")
    private_file.check(directory, found, "700")


def _read(path: Path) -> bytes:
    """The key in `path`."""
    try:
        key = private_file.read(path, KEY_BYTES + 1)
    except OSError as exc:
        raise _missing(path, exc) from exc
    if len(key) != KEY_BYTES:
        raise ConfigError(f"{path} is not a key of {KEY_BYTES} bytes; restore it from a backup")
    return key


def _missing(path: Path, exc: OSError) -> ConfigError:
    remedy = "make keys with `creditgate init`, or restore them from a backup"
    return ConfigError(f"cannot read {path}: {exc.strerror}; {remedy}")
