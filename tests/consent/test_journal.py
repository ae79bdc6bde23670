"""consent.journal: state and evidence together, or neither; and one commit for many."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from consent.audit.catalogue import Entry, EventType
from consent.errors import AuditUnavailable, Conflict
from consent.journal import Journal, Tx
from tests.consent.given import TRAIL, Clock, Floor


@dataclass
class FakeLog:
    """Remembers batches; fails as told, before or after storing."""

    batches: list[int] = field(default_factory=list)
    published: int = 0
    failing: str = ""

    def append(self, conn: Connection, entries: Sequence[Entry]) -> object:
        if self.failing == "append":
            raise AuditUnavailable("disk full")
        if self.failing == "defect":
            raise KeyError("a bug of ours")
        self.batches.append(len(entries))
        conn.execute(text("INSERT INTO noted VALUES (:n)"), {"n": len(entries)})
        return None

    def publish(self) -> None:
        if self.failing == "publish":
            raise AuditUnavailable("no such directory")
        self.published += 1


@pytest.fixture
def floor(tmp_path: Path) -> Floor:
    """A floor with a table to write to."""
    floor = Floor(tmp_path)
    with floor.engine.connect().execution_options(writing=True) as conn, conn.begin():
        conn.execute(text("CREATE TABLE done (n INTEGER)"))
        conn.execute(text("CREATE TABLE noted (n INTEGER)"))
    return floor


def writes(n: int, error: Exception | None = None) -> Callable[[Tx], int]:
    def unit(tx: Tx) -> int:
        tx.conn.execute(text("INSERT INTO done VALUES (:n)"), {"n": n})
        tx.note(TRAIL.entry(EventType.AUDIT_READ, tx.at))
        if error is not None:
            raise error
        return n

    return unit


def stored(floor: Floor, table: str) -> list[int]:
    with floor.engine.connect() as conn:
        return list(conn.execute(text(f"SELECT n FROM {table} ORDER BY n")).scalars())  # noqa: S608 - a name of this test


async def test_what_is_returned_is_durable(floor: Floor) -> None:
    """`commit` comes back after the transaction, with the unit's value."""
    journal = Journal(floor.engine, FakeLog(), Clock())

    assert await journal.commit(writes(7)) == 7
    assert (stored(floor, "done"), stored(floor, "noted")) == ([7], [1])


async def test_concurrent_units_share_a_commit(floor: Floor) -> None:
    """A hundred callers do not wait for a hundred disks."""
    log = FakeLog()
    journal = Journal(floor.engine, log, Clock())

    assert await asyncio.gather(*(journal.commit(writes(n)) for n in range(100))) == [*range(100)]
    assert sum(log.batches) == 100
    assert len(log.batches) <= 3


async def test_a_unit_that_raises_takes_nothing_with_it(floor: Floor) -> None:
    """Its rows and its notes are gone; its neighbours of the same batch are stored."""
    journal = Journal(floor.engine, FakeLog(), Clock())

    got = await asyncio.gather(
        journal.commit(writes(1)),
        journal.commit(writes(2, Conflict("no"))),
        journal.commit(writes(3)),
        return_exceptions=True,
    )

    assert [type(one) for one in got] == [int, Conflict, int]
    assert (stored(floor, "done"), stored(floor, "noted")) == ([1, 3], [2])


@pytest.mark.parametrize("failing", ["append", "defect"])
async def test_without_evidence_nothing_is_stored(floor: Floor, failing: str) -> None:
    """No record, no state: every caller of the batch is told, whatever broke the log."""
    journal = Journal(floor.engine, FakeLog(failing=failing), Clock())

    three = [journal.commit(writes(n)) for n in range(3)]
    got = await asyncio.gather(*three, return_exceptions=True)

    assert [type(one) for one in got] == [AuditUnavailable] * 3
    assert stored(floor, "done") == []


async def test_a_commit_whose_answer_is_lost_is_not_believed(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stored but unanswered: the caller must not release anything on it."""
    from sqlalchemy.engine import RootTransaction  # noqa: PLC0415 - patched here only

    journal = Journal(floor.engine, FakeLog(), Clock())
    real = RootTransaction.commit

    def lost(transaction: RootTransaction) -> None:
        real(transaction)
        raise OSError("the answer never came")

    monkeypatch.setattr(RootTransaction, "commit", lost)
    with pytest.raises(AuditUnavailable):
        await journal.commit(writes(1))
    monkeypatch.undo()
    assert stored(floor, "done") == [1]
    assert await journal.commit(writes(2)) == 2


async def test_a_caller_that_gave_up_writes_nothing(floor: Floor) -> None:
    """Cancelled while waiting: its unit never runs, the others do."""
    journal = Journal(floor.engine, FakeLog(), Clock())
    first = asyncio.create_task(journal.commit(writes(1)))
    await asyncio.sleep(0)
    second = asyncio.create_task(journal.commit(writes(2)))
    await asyncio.sleep(0)
    second.cancel()

    assert await first == 1
    with pytest.raises(asyncio.CancelledError):
        await second
    assert await journal.commit(writes(3)) == 3
    assert stored(floor, "done") == [1, 3]


async def test_closing_publishes_and_refuses_more(floor: Floor) -> None:
    """A clean stop leaves the newest checkpoint outside, and no writer behind."""
    log = FakeLog()
    journal = Journal(floor.engine, log, Clock(), publish_every_s=60)
    await journal.commit(writes(1))
    await journal.close()

    assert log.published == 1
    with pytest.raises(AuditUnavailable):
        await journal.commit(writes(2))


async def test_checkpoints_are_published_soon(floor: Floor) -> None:
    """At most `publish_every_s` after a commit, and not for each one."""
    log = FakeLog()
    journal = Journal(floor.engine, log, Clock(), publish_every_s=0.05)
    for n in range(5):
        await journal.commit(writes(n))
    await asyncio.sleep(0.15)

    assert log.published == 1
    await journal.close()


async def test_what_cannot_be_published_stays_due(floor: Floor) -> None:
    """The gateway says that it is not ready, and publishes once it can."""
    log = FakeLog(failing="publish")
    journal = Journal(floor.engine, log, Clock(), publish_every_s=0.02)
    await journal.commit(writes(1))
    await asyncio.sleep(0.1)
    before = journal.trouble
    log.failing = ""
    await asyncio.sleep(0.1)
    after = journal.trouble

    assert isinstance(before, AuditUnavailable)
    assert (after, log.published) == (None, 1)
    await journal.close()
