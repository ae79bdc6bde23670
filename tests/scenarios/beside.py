"""Something that is done between a look and its release."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from consent.journal import Journal
from gateway.past.beside import Beside


@dataclass
class Meanwhile:
    """The journal, but `done` comes before the first release of a look, or before `every` one."""

    journal: Journal
    done: Callable[[], Awaitable[object]]
    every: bool = False
    times: int = 0

    async def commit(self, unit: Any) -> Any:
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
