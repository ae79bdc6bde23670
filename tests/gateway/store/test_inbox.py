"""gateway.store.inbox: a flood of pushes costs one profile no more than its share."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import Connection

from consent.database import read
from consent.decision import Permit
from consent.ids import uuid7
from consent.journal import Tx
from consent.subject import Act
from gateway.store.inbox import _MOST_BATCHES, Inbox, Push
from tests.consent.given import ANNA, NOON, TRAIL, Floor, ask, terms

ROOM = 10**9


class Full:
    """An inbox of PBOC's pushes about Anna."""

    def __init__(self, floor: Floor) -> None:
        self.floor, self.inbox, self.pushed = floor, Inbox(floor.vault), 0

    async def push(self, number: int) -> None:
        """So many more, each with the next number as its one event, a millisecond apart."""

        def unit(tx: Tx) -> None:
            for _ in range(number):
                said = b"[%d]" % self.pushed
                push = Push(
                    member="lender", source="pboc", webhook=said.decode(), said=said,
                    events=said, count=1,
                )  # fmt: skip
                at = NOON + timedelta(milliseconds=self.pushed)
                self.inbox.keep(tx, self.permit(tx.conn, Act.RECEIVE), push, uuid7(at))
                self.pushed += 1

        await self.floor.journal.commit(unit)

    def permit(self, conn: Connection, act: Act) -> Permit:
        found = self.floor.ledger.weigh(conn, self.consent, ask(act=act), at=NOON)
        assert isinstance(found, Permit)
        return found

    async def consented(self) -> None:
        self.consent = await self.floor.journal.commit(
            lambda tx: self.floor.ledger.record(tx, TRAIL, terms(), ANNA).grant.id
        )

    def opened(self) -> Any:
        """What a profile is told."""
        day = timedelta(days=1)

        def told(conn: Connection) -> bytes:
            permit = self.permit(conn, Act.FETCH)
            return self.inbox.opened(conn, permit, since=NOON - day, until=NOON + day, room=ROOM)

        return orjson.loads(read(self.floor.engine, told))


@pytest.fixture
async def full(tmp_path: Path) -> Full:
    """An inbox that holds as many as are opened."""
    found = Full(Floor(tmp_path))
    await found.consented()
    await found.push(_MOST_BATCHES)
    return found


async def test_no_more_batches_are_opened_than_the_loop_bears(full: Full) -> None:
    """Each takes its time on the loop that serves everybody, however small it is."""
    whole = full.opened()
    await full.push(1)
    cut = full.opened()

    numbers = [number for batch in cut["batches"] for number in batch]
    assert (len(whole["batches"]), whole["partial"]) == (_MOST_BATCHES, False)
    assert (numbers, cut["partial"]) == ([*range(1, _MOST_BATCHES + 1)], True)
