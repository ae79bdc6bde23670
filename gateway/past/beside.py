"""A later read that goes on beside the writer.

(1) look      in a thread, over a read snapshot of the database: what the consents of that instant
              cover is opened, merged, compared
(2) release   one unit of the journal: the consents are asked again, and what is shown is on record
              before it leaves

A look may take seconds, and neither the event loop nor the writer waits for it. When a consent it
rests on has changed by (2) it was void, and begins anew.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection, Engine

from consent.clock import Clock
from consent.database import read
from consent.journal import Journal, Tx

L = TypeVar("L")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class View:
    """A read snapshot of the database, and the instant of the look."""

    conn: Connection
    at: datetime


@dataclass(frozen=True, slots=True)
class Beside:
    """Where looks are made and released."""

    journal: Journal
    engine: Engine
    clock: Clock

    async def released(self, look: Callable[[View], L], release: Callable[[L, Tx], T | None]) -> T:
        """What `release` makes of the look; None of it means that the look was void.

        A look that raises has nothing to release.
        """
        while True:
            found = await asyncio.to_thread(self._look, look)
            released = await self.journal.commit(partial(release, found))
            if released is not None:
                return released

    def _look(self, look: Callable[[View], L]) -> L:
        at = self.clock()
        return read(self.engine, lambda conn: look(View(conn, at)))
