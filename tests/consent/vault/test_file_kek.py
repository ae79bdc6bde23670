"""consent.vault.file_kek: keys in files that only their owner can read."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from consent.errors import ConfigError
from consent.vault.file_kek import FileKek, add_index, add_root, create, load

FILES = [
    "consent-ed25519.key",
    "index.v1.key",
    "log-ed25519.key",
    "pepper.v1.key",
    "root-kek.v1.key",
]


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A directory of fresh keys."""
    create(tmp_path / "keys")
    return tmp_path / "keys"


def test_keys_are_made_private_and_distinct(made: Path) -> None:
    """Files 0600, directory 0700, each key its own 32 random bytes."""
    files = sorted(made.iterdir())

    assert [file.name for file in files] == FILES
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert {file.stat().st_size for file in files} == {32}
    assert len({file.read_bytes() for file in files}) == len(files)


def test_keys_are_private_under_any_umask(tmp_path: Path) -> None:
    """A careless shell must not open them up."""
    before = os.umask(0)
    try:
        create(tmp_path / "keys")
    finally:
        os.umask(before)

    load(tmp_path / "keys")
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


def test_keys_are_on_disk_before_they_are_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each file and its name: data sealed under a key that a power cut took is lost."""
    synced: list[bool] = []
    fsync = os.fsync

    def spy(handle: int) -> None:
        synced.append(stat.S_ISDIR(os.fstat(handle).st_mode))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", spy)
    create(tmp_path / "keys")

    assert synced == [False, True] * len(FILES)


def test_keys_are_never_overwritten(made: Path) -> None:
    """Running `init` twice must not cost all data."""
    before = {file.name: file.read_bytes() for file in made.iterdir()}
    with pytest.raises(ConfigError, match="never overwritten"):
        create(made)

    assert {file.name: file.read_bytes() for file in made.iterdir()} == before


def test_two_processes_making_keys_do_not_mix_them(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that saw an empty directory and came second stops at the first file."""
    before = {file.name: file.read_bytes() for file in made.iterdir()}
    with monkeypatch.context() as earlier:
        earlier.setattr(Path, "glob", lambda _self, _pattern: iter(()))
        with pytest.raises(ConfigError, match="File exists"):
            create(made)

    assert {file.name: file.read_bytes() for file in made.iterdir()} == before


def test_loaded_keys_are_the_files(made: Path) -> None:
    """Two loads are one vault; a wrap of the one opens in the other."""
    one, two = load(made), load(made)

    assert two.root.unwrap(one.root.wrap(b"k" * 32, b"b"), b"b", "1") == b"k" * 32
    assert one.index == two.index
    assert one.log_signer.key_id == two.log_signer.key_id != two.consent_signer.key_id


def test_a_second_version_joins_the_first(made: Path) -> None:
    """Rotation adds: what the old keys made stays readable."""
    old = load(made)
    assert (add_root(made), add_index(made)) == (2, 2)
    new = load(made)

    assert (old.root.version, new.root.version) == ("1", "2")
    assert new.root.unwrap(old.root.wrap(b"k" * 32, b"b"), b"b", "1") == b"k" * 32
    assert [key.version for key in new.index] == [1, 2]
    assert new.index[0] == old.index[0]


def test_versions_are_numbers_not_names(made: Path) -> None:
    """Version 10 is newer than 9."""
    for _ in range(9):
        add_root(made)

    assert load(made).root.version == "10"


def _chmod(mode: int) -> Callable[[Path], object]:
    return lambda path: path.chmod(mode)


def _link(path: Path) -> None:
    path.rename(path.with_suffix(".moved"))
    path.symlink_to(path.with_suffix(".moved"))


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    ("spoil", "remedy"),
    [
        (_chmod(0o640), "chmod 600"),
        (_chmod(0o604), "chmod 600"),
        (_chmod(0o620), "chmod 600"),
        (lambda path: path.write_bytes(b"k" * 31), "restore it from a backup"),
        (lambda path: path.write_bytes(b"k" * 33), "restore it from a backup"),
        (lambda path: path.unlink(), "creditgate init"),
        (_link, "creditgate init"),
    ],
    ids=["group reads", "others read", "group writes", "short", "long", "missing", "link"],
)
def test_a_spoilt_key_stops_the_start(
    made: Path, name: str, spoil: Callable[[Path], object], remedy: str
) -> None:
    """The message names the file and what to do, and shows no key."""
    key = (made / name).read_bytes()
    spoil(made / name)
    with pytest.raises(ConfigError, match=remedy) as caught:
        load(made)

    assert name in str(caught.value)
    assert repr(key) not in str(caught.value)


@pytest.mark.parametrize("mode", [0o750, 0o705, 0o730])
def test_an_open_directory_stops_the_start(made: Path, mode: int) -> None:
    """Whoever can write it can put other keys there."""
    made.chmod(mode)
    with pytest.raises(ConfigError, match="chmod 700"):
        load(made)
    with pytest.raises(ConfigError, match="chmod 700"):
        create(made)


def test_keys_of_another_user_stop_the_start(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They may know them."""
    own = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: own + 1)
    with pytest.raises(ConfigError, match="another user"):
        load(made)


def test_a_missing_directory_names_the_remedy(tmp_path: Path) -> None:
    """The first thing a new operator meets."""
    with pytest.raises(ConfigError, match="creditgate init"):
        load(tmp_path / "keys")


def test_a_file_in_place_of_the_directory_is_refused(tmp_path: Path) -> None:
    """In our words, by both."""
    (tmp_path / "keys").touch(mode=0o600)
    with pytest.raises(ConfigError, match="not a directory"):
        load(tmp_path / "keys")
    with pytest.raises(ConfigError, match="cannot make"):
        create(tmp_path / "keys")


def test_keys_cannot_be_made_where_nothing_can_be_written(tmp_path: Path) -> None:
    """The parent must exist; a mistyped path is not made up."""
    with pytest.raises(ConfigError, match="cannot make"):
        create(tmp_path / "typo" / "keys")


def test_a_failed_write_is_a_config_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk during `init` leaves a directory that does not load."""

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        with pytest.raises(ConfigError, match="No space left"):
            create(tmp_path / "keys")
    with pytest.raises(ConfigError):
        load(tmp_path / "keys")


def test_loaded_keys_keep_quiet_in_logs(made: Path) -> None:
    """No byte of any key in any text form."""
    files = load(made)
    shown = f"{files!r}{files!s}{files.root!r}{FileKek({3: b'k' * 32})!r}"

    assert "FileKek(versions 3)" in shown
    for path in made.iterdir():
        key = path.read_bytes()
        assert repr(key)[2:-1] not in shown
        assert key.hex() not in shown
