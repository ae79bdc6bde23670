"""A later read goes on beside the writer: what takes long is not done where all others wait.

(1) look      over a read snapshot of the database: what the consents of that instant cover is
              opened, merged, compared
(2) release   one unit of the journal: the consents are asked again, and what is shown is on record
              before it leaves

A look may take seconds, and neither the event loop nor the writer waits for it, nor any other work
in threads: looks have their own, few of them, and wait for each other; one client's look in at most
half of them. When what it rests on has changed by (2) a look was void, and begins anew, a few
times.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TypeVar
from weakref import WeakValueDictionary

from sqlalchemy import Connection, Engine

from consent.audit.catalogue import Actor
from consent.clock import Clock
from consent.database import read
from consent.errors import Conflict
from consent.journal import Journal, Tx

L = TypeVar("L")
T = TypeVar("T")

_AT_ONCE = 4  # each holds one of the connections, which the writer and all others need too
_OF_ONE = 2  # of one client
_MOST = 5  # looks for one release, so that whoever pauses and resumes a consent keeps none going


def threads() -> ThreadPoolExecutor:
    """Those of the looks of one gateway."""
    return ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="look")


@dataclass(frozen=True, slots=True)
class View:
    """A read snapshot of the database, and the instant of the look."""

    conn: Connection
    at: datetime


@dataclass(frozen=True, slots=True)
class Beside:
    """Where looks are made, in `threads` of their own, and released."""

    journal: Journal
    engine: Engine
    clock: Clock
    threads: ThreadPoolExecutor
    rooms: WeakValueDictionary[Actor, asyncio.Semaphore] = field(
        default_factory=WeakValueDictionary
    )
    """How many more looks those who have any in threads may have there."""

    async def released(
        self,
        by: Actor,
        look: Callable[[View], L],
        release: Callable[[L, Tx], T | None],
    ) -> T:
        """What `release` makes of the look; None of it means that the look was void.

        A look that raises has nothing to release. `Conflict` when one after the other was void.
        """
        for _ in range(_MOST):
            found = await self._looked(by, look)
            released = await self.journal.commit(partial(release, found))
            if released is not None:
                return released
        raise Conflict("what it rests on changed each time it was looked at; ask again")

    async def _looked(self, by: Actor, look: Callable[[View], L]) -> L:
        loop = asyncio.get_running_loop()
        async with self.rooms.setdefault(by, asyncio.Semaphore(_OF_ONE)):
            return await loop.run_in_executor(self.threads, self._look, look)

    def _look(self, look: Callable[[View], L]) -> L:
        at = self.clock()
        return read(self.engine, lambda conn: look(View(conn, at)))
