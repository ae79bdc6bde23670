"""Something that is done between a look and its release; and profiles that take long to read."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

from consent.journal import Journal
from gateway.beside import Beside
from gateway.store import snapshots


@contextmanager
def everything_long() -> Iterator[None]:
    """Every profile is too large to be opened within a unit."""
    with patch.object(snapshots, "_BRIEF", 0):
        yield


@dataclass
class Meanwhile:
    """The journal, but `done` comes before the first release of a look, or before `every` one."""

    journal: Journal
    done: Callable[[], Awaitable[object]]
    every: bool = False
    times: int = 0

    async def commit(self, unit: Any) -> Any:
        if unit.func.__name__ == "_at_once":  # looks and releases: nothing comes between
            return await self.journal.commit(unit)
        self.times += 1
        if self.every or self.times == 1:
            await self.done()
        return await self.journal.commit(unit)

    @classmethod
    def at(
        cls, beside: Beside, done: Callable[[], Awaitable[object]], *, every: bool = False
    ) -> tuple[Beside, "Meanwhile"]:
        """Where looks are released after `done`, and how often one was."""
        meanwhile = cls(beside.journal, done, every)
        return replace(beside, journal=meanwhile), meanwhile  # type: ignore[arg-type] # as one
