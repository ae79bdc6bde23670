"""Checkpoints kept apart: what a start accepts, and what it refuses."""

import os
import shutil
from pathlib import Path

import pytest

from consent.audit.kept import KeptCheckpoints
from consent.audit.note import Checkpoint
from consent.database import open_engine
from consent.errors import AuditUnavailable, LogCorrupt
from tests.consent.audit.world import World

ORIGIN = "credit.example/audit/lender-7/2026"


def kept_size(world: World) -> int:
    """The size of the tree as kept apart."""
    note = world.kept.read(ORIGIN)
    assert note is not None
    return Checkpoint.open(note, world.vkey()).size


def copy(world: World, name: str) -> Path:
    """A backup of the database."""
    world.engine.dispose()  # the last connection to close empties the write-ahead log
    return Path(shutil.copy(world.directory / "log.db", world.directory / name))


def restored(world: World, backup: Path) -> World:
    """A gateway started on `backup`, beside the checkpoints of today."""
    return World(open_engine(f"sqlite:///{backup}"), world.directory, world.kept)


def test_a_published_checkpoint_is_the_committed_one(world: World) -> None:
    """What was never committed must not be promised to anybody."""
    world.append(*world.entries(4))
    world.log.publish()
    assert kept_size(world) == 5

    with world.engine.connect().execution_options(writing=True) as conn:
        transaction = conn.begin()
        world.log.append(conn, world.entries(3))
        world.log.publish()
        assert kept_size(world) == 5
        transaction.commit()
    world.log.publish()  # the batch that was under way stayed due
    assert kept_size(world) == 8


def test_publishing_twice_writes_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Publishing runs all the time; an idle gateway must not wear out a disk."""
    world.append(world.entry())
    world.log.publish()
    monkeypatch.setattr(KeptCheckpoints, "write", lambda *_: pytest.fail("written again"))
    world.log.publish()
    world.log.check()


def test_a_crash_before_publishing_is_made_good(world: World) -> None:
    """A commit without its publication is the normal end of a killed process."""
    world.append(world.entry())
    world.log.publish()
    world.append(*world.entries(300))
    world.append(world.entry(member="lender-8"))
    started = world.another_process()
    started.check()

    assert kept_size(world) == 302
    assert world.kept.origins() == [ORIGIN, "credit.example/audit/lender-8/2026"]


def test_an_empty_log_may_start(world: World) -> None:
    """The first start has neither trees nor checkpoints."""
    world.log.check()
    world.log.publish()


def test_a_restored_backup_does_not_start(world: World) -> None:
    """Restoring last week's database would forget this week's releases."""
    world.append(*world.entries(4))
    backup = copy(world, "backup.db")
    world.append(*world.entries(3))
    world.log.publish()
    old = restored(world, backup)
    with pytest.raises(LogCorrupt, match="behind") as told:
        old.log.check()
    old.engine.dispose()

    assert told.value.index == 5
    assert kept_size(world) == 8


def test_a_history_rewritten_with_our_own_key_does_not_start(world: World) -> None:
    """Whoever has key and database still cannot contradict what was kept apart."""
    world.append(world.entry(0))
    backup = copy(world, "backup.db")
    world.append(world.entry(1))
    world.log.publish()
    rewritten = restored(world, backup)
    rewritten.append(*rewritten.entries(9))
    with pytest.raises(LogCorrupt, match="contradicts"):
        rewritten.log.check()
    rewritten.engine.dispose()

    assert kept_size(world) == 3


def test_a_running_log_notices_that_it_was_rolled_back(world: World) -> None:
    """Once publication finds a contradiction nothing more may be built on that database."""
    world.append(*world.entries(4))
    world.log.publish()
    world.tamper("DELETE FROM audit_tree")
    world.tamper("DELETE FROM audit_entry")
    world.append(world.entry())
    with pytest.raises(LogCorrupt, match="behind"):
        world.log.publish()
    with pytest.raises(LogCorrupt, match="behind"):
        world.append(world.entry())


def test_a_vanished_tree_does_not_start(world: World) -> None:
    """A dropped table is the crudest way to lose evidence."""
    world.append(world.entry())
    world.log.publish()
    world.tamper("DELETE FROM audit_tree")
    with pytest.raises(LogCorrupt, match="gone"):
        world.log.check()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_tree SET size = size + 1",
        "UPDATE audit_tree SET root = zeroblob(32)",
        "UPDATE audit_entry SET leaf = x'7b7d' WHERE leaf_index = 2",
        "DELETE FROM audit_entry WHERE leaf_index = 4",
    ],
)
def test_a_tampered_head_does_not_start(world: World, statement: str) -> None:
    """The stored head must be what was signed, and the stored tiles must lead to it."""
    world.append(*world.entries(4))
    world.log.publish()
    world.tamper(statement)
    with pytest.raises(LogCorrupt):
        world.another_process().check()


def test_a_kept_checkpoint_that_is_not_ours_does_not_start(world: World) -> None:
    """A torn or foreign file is no reason to start as if nothing had been kept."""
    world.append(world.entry())
    for note in (
        b"",
        b"rubbish",
        Checkpoint(ORIGIN, 1, bytes(32)).sign(type(world.signer)(bytes(32))),
    ):
        world.kept.write(ORIGIN, note)
        with pytest.raises(LogCorrupt):
            world.another_process().check()


def test_a_write_that_fails_leaves_the_old_checkpoint(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk must cost the newest checkpoint, not the last good one."""
    world.append(world.entry())
    world.log.publish()
    world.append(world.entry())

    def full(_descriptor: int) -> None:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(AuditUnavailable):
            world.log.publish()
    assert kept_size(world) == 2
    assert world.kept.origins() == [ORIGIN]
    assert len(list((world.directory / "kept").iterdir())) == 1
    world.log.publish()
    assert kept_size(world) == 3


def test_an_origin_cannot_name_a_file_elsewhere(world: World) -> None:
    """The name of a file comes from the name of a member."""
    world.kept.write("../../x", b"note")

    assert world.kept.origins() == ["../../x"]
    assert world.kept.read("../../x") == b"note"
    assert len(list((world.directory / "kept").iterdir())) == 1


def test_a_slower_process_does_not_put_an_older_checkpoint_back(world: World) -> None:
    """Both read the database, one of them earlier: what is kept must not become older."""
    world.append(*world.entries(2))
    world.log.publish()
    older = world.kept.read(ORIGIN)
    assert older is not None
    world.append(*world.entries(2))
    world.log.publish()

    world.kept.write(ORIGIN, older)

    assert kept_size(world) == 5
