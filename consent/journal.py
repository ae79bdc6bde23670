"""State and its evidence become durable together: the one way to write to the database.

A *unit* is a plain function of a `Tx`. It changes state through `tx.conn` and records what it
did through `tx.note`. To refuse and have the refusal on record, a unit notes it and returns; a
unit that raises leaves nothing at all.

Concurrent units share one commit (group commit): each runs in its own savepoint, so one that
raises takes nothing of the others with it; then all entries are appended to the audit log, and
the transaction commits. `commit` returns when that commit is durable. Units run on the event
loop, because each is a handful of indexed statements; waiting for the write lock and for the
disk happens in a thread, and meanwhile the next batch gathers.

If the log cannot be written, nothing of the batch is: every caller gets `AuditUnavailable`.
A crash before the commit leaves nothing. A crash after it leaves state, entries and tree
together, and at worst a published checkpoint that is one batch old, which the next start
brings forward. When the commit's own answer is lost the callers are told `AuditUnavailable`
although the batch may be stored: nothing is released on it, and the entries say what was tried.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import Connection, Engine

from consent.audit.catalogue import Entry
from consent.clock import Clock
from consent.errors import AuditUnavailable, LogCorrupt

T = TypeVar("T")

_BATCH = 256  # units a commit carries at most, so that one slow disk does not starve early callers


class Log(Protocol):
    """What the journal needs of the audit log."""

    def append(self, conn: Connection, entries: list[Entry]) -> object:
        """Add `entries` inside the open transaction; raises `AuditUnavailable`."""
        ...

    def publish(self) -> None:
        """Write the latest checkpoints where they are kept apart from the database."""
        ...


@dataclass(frozen=True, slots=True)
class Tx:
    """One unit's view of the open transaction. `at` is the one instant all it decides uses."""

    conn: Connection
    at: datetime
    entries: list[Entry] = field(default_factory=list)

    def note(self, entry: Entry) -> None:
        """Record `entry` in the same commit as the state it speaks of."""
        self.entries.append(entry)


Unit = Callable[[Tx], T]


@dataclass(slots=True)
class _Waiting(Generic[T]):
    unit: Unit[T]
    done: asyncio.Future[T]
    tx: Tx | None = None
    value: T | None = None
    error: BaseException | None = None


class Journal:
    """The only writer. One per process and event loop; several processes may share a database."""

    def __init__(
        self, engine: Engine, log: Log, clock: Clock, *, publish_every_s: float = 0.5
    ) -> None:
        self._engine = engine
        self._log = log
        self._clock = clock
        self._publish_every_s = publish_every_s
        self._waiting: deque[_Waiting[Any]] = deque()
        self._writing: asyncio.Task[None] | None = None
        self._publishing: asyncio.Task[None] | None = None
        self._closed = False
        self._due = False
        self._unwritten: AuditUnavailable | None = None
        self._unpublished: AuditUnavailable | LogCorrupt | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")

    @property
    def trouble(self) -> AuditUnavailable | LogCorrupt | None:
        """Why the latest batch or checkpoints could not be written; a reason not to be ready."""
        return self._unwritten or self._unpublished

    async def commit(self, unit: Unit[T]) -> T:
        """Run `unit` and return its value once it, and what it noted, are durable.

        Raises what the unit raised (nothing of it is stored) or `AuditUnavailable`.
        """
        if self._closed:
            raise AuditUnavailable("the journal is closed")
        waiting: _Waiting[T] = _Waiting(unit, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        return await waiting.done

    async def close(self) -> None:
        """Finish what waits, publish the checkpoints, accept nothing more.

        Does not raise: what is committed stands, and the next start brings the checkpoints forward.
        """
        self._closed = True
        if self._writing is not None:
            await self._writing
        if self._publishing is not None:
            self._publishing.cancel()
            await asyncio.gather(self._publishing, return_exceptions=True)
        await self._in_thread(self._publish)
        self._thread.shutdown()

    async def _write_all(self) -> None:
        while self._waiting:
            count = min(len(self._waiting), _BATCH)
            batch = [
                w for w in (self._waiting.popleft() for _ in range(count)) if not w.done.done()
            ]
            if batch:
                await self._write(batch)
        self._due = True
        if self._publishing is None or self._publishing.done():
            self._publishing = asyncio.create_task(self._publish_while_due())

    async def _write(self, batch: list[_Waiting[Any]]) -> None:
        try:
            await self._attempt(batch)
            self._unwritten = None
        except Exception as exc:  # noqa: BLE001 - whatever it was, no caller may believe it is stored
            refusal = AuditUnavailable(f"the batch was not written: {type(exc).__name__}")
            refusal.__cause__ = exc
            self._unwritten = refusal
            for waiting in batch:
                waiting.error = waiting.error or refusal
        for waiting in batch:
            if waiting.done.done():
                continue
            if waiting.error is not None:
                waiting.done.set_exception(waiting.error)
            else:
                waiting.done.set_result(waiting.value)

    async def _attempt(self, batch: list[_Waiting[Any]]) -> None:
        with self._engine.connect().execution_options(writing=True) as conn:
            transaction = await self._in_thread(conn.begin)
            try:
                entries: list[Entry] = []
                for waiting in batch:
                    if not waiting.done.done():  # a caller that gave up meanwhile writes nothing
                        entries += self._run(conn, waiting)
                if entries:
                    self._log.append(conn, entries)
            except BaseException:
                transaction.rollback()
                raise
            await self._in_thread(transaction.commit)

    def _run(self, conn: Connection, waiting: _Waiting[Any]) -> list[Entry]:
        """Run one unit in its savepoint; its entries, or none when it raised."""
        tx = Tx(conn, self._clock())
        conn.exec_driver_sql("SAVEPOINT unit")
        try:
            waiting.value = waiting.unit(tx)
        except Exception as exc:  # noqa: BLE001 - handed to the caller whose unit it is
            conn.exec_driver_sql("ROLLBACK TO unit")
            waiting.error = exc
            tx.entries.clear()
        conn.exec_driver_sql("RELEASE unit")
        return tx.entries

    async def _publish_while_due(self) -> None:
        """Publish soon after a batch, and again for batches that committed meanwhile."""
        while self._due:
            await asyncio.sleep(self._publish_every_s)
            self._due = False
            await self._in_thread(self._publish)
            # Stays due when it failed: the disk may come back. A corrupt log refuses for good.
            self._due = self._due or isinstance(self._unpublished, AuditUnavailable)

    def _publish(self) -> None:
        try:
            self._log.publish()
        except (AuditUnavailable, LogCorrupt) as exc:
            self._unpublished = exc
        else:
            self._unpublished = None

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """Run what waits for a lock or the disk in the journal's own thread.

        Its own, because the shared ones may be busy reading somebody's large report.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
