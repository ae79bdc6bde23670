"""gateway.store: what is stored opens under a permit for its act, its source and its scopes."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import Connection, text

from connectors.http import RawAnswer
from consent.database import read
from consent.decision import Permit
from consent.errors import VaultError
from consent.journal import Tx
from consent.subject import Act, Scope
from gateway.store.inbox import Inbox, Push
from gateway.store.snapshots import Snapshot, Store
from tests.consent.given import ANNA, NOON, TRAIL, Floor, ask, terms

SOURCES = ["baihang", "pboc"]
SCOPES = frozenset({Scope.TRADELINES, Scope.INQUIRIES})
RAW = RawAnswer(b"what it said", NOON)


class Kept:
    """One answer of PBOC, one push of PBOC and a snapshot that rests on both bureaus."""

    def __init__(self, floor: Floor) -> None:
        self.floor, self.store, self.inbox = floor, Store(floor.vault), Inbox(floor.vault)

    async def put(self) -> None:
        """Under consents for both bureaus (`wide`), and for one each."""

        def unit(tx: Tx) -> dict[str, UUID]:
            ledger = self.floor.ledger
            return {
                name: ledger.record(tx, TRAIL, terms(sources=sources), ANNA).grant.id
                for name, sources in (("wide", SOURCES), *((one, [one]) for one in SOURCES))
            }

        self.consents = await self.floor.journal.commit(unit)
        await self.floor.journal.commit(self._keep)

    def _keep(self, tx: Tx) -> None:
        permit = self.permit("wide")
        self.answer = self.store.keep_report(tx, permit, RAW, legible=True)
        push = Push(
            member="lender", source="pboc", webhook="w", said=b"s", events=b'["e"]', count=1
        )
        self.inbox.keep(tx, self.permit("wide", act=Act.RECEIVE), push, UUID(int=2))
        snapshot = Snapshot(
            id=UUID(int=3), member="lender", subject=ANNA, at=NOON, consent=permit.grant.id,
            purpose="loan_origination", sources=tuple(SOURCES), scopes=SCOPES, config="c", code="v",
            attributes="core/1", entry=UUID(int=4),
        )  # fmt: skip
        bodies = dict.fromkeys(("tradelines", "inquiries", "attributes"), b"{}")
        self.store.keep_snapshot(tx, snapshot, bodies, b"inputs", salt=b"salt")

    def permit(self, consent: str, **changed: Any) -> Permit:
        """To read both scopes of PBOC, under the consent for `consent`."""
        asked = ask(**{"act": Act.READ, "scopes": SCOPES, **changed})
        found = read(
            self.floor.engine,
            lambda conn: self.floor.ledger.weigh(conn, self.consents[consent], asked, at=NOON),
        )
        assert isinstance(found, Permit)
        return found

    def recent(self, conn: Connection, permit: Permit) -> bytes:
        return self.store.recent_report(conn, permit, NOON - timedelta(days=1)).raw.content

    def by_id(self, conn: Connection, permit: Permit) -> bytes:
        found = self.store.report(conn, permit, self.answer)
        assert found is not None
        return found.raw.content

    def pushed(self, conn: Connection, permit: Permit) -> bytes:
        said = self.inbox.opened(
            conn, permit, since=NOON - timedelta(days=1), until=NOON, room=1_000
        )
        return bytes(orjson.dumps(orjson.loads(said)["batches"]))

    def inputs(self, conn: Connection, permit: Permit) -> bytes:
        found = self.store.snapshot(conn, "lender", ANNA, UUID(int=3))
        assert found is not None
        return self.store.open_inputs(conn, permit, found)

    def section(self, *names: str) -> Callable[[Connection, Permit], bytes]:
        def opened(conn: Connection, permit: Permit) -> bytes:
            found = self.store.snapshot(conn, "lender", ANNA, UUID(int=3))
            assert found is not None
            return self.store.open_sections(conn, permit, found, names)[names[0]]

        return opened

    def open(self, what: Callable[[Connection, Permit], bytes], permit: Permit) -> bytes | str:
        """The bytes, or the refusal in words."""
        try:
            return read(self.floor.engine, lambda conn: what(conn, permit))
        except VaultError as refusal:
            return str(refusal)


@pytest.fixture
async def kept(tmp_path: Path) -> Kept:
    """What is in store."""
    found = Kept(Floor(tmp_path))
    await found.put()
    return found


def test_what_was_kept_opens_under_its_permit(kept: Kept) -> None:
    """The stores open what they are for."""
    to_read, to_fetch = kept.permit("wide"), kept.permit("wide", act=Act.FETCH)

    assert kept.open(kept.recent, to_read) == RAW.content
    assert kept.open(kept.by_id, to_read) == RAW.content
    assert kept.open(kept.by_id, kept.permit("pboc")) == RAW.content
    assert kept.open(kept.inputs, to_read) == b"inputs"
    assert kept.open(kept.section("tradelines"), to_read) == b"{}"
    assert kept.open(kept.pushed, to_fetch) == b'[["e"]]'


@pytest.mark.parametrize("act", [Act.FETCH, Act.REPORT, Act.RECEIVE])
def test_a_permit_to_do_something_else_reads_nothing(kept: Kept, act: Act) -> None:
    """What was allowed is asking, telling or taking in, each under rules of its own."""
    permit = kept.permit("wide", act=act)

    for what in (kept.recent, kept.by_id, kept.inputs, kept.section("attributes")):
        assert kept.open(what, permit) == "the permit is for another act"


@pytest.mark.parametrize("act", [Act.READ, Act.REPORT, Act.RECEIVE])
def test_the_inbox_opens_to_ask_and_for_nothing_else(kept: Kept, act: Act) -> None:
    """Taking a push in shows none of those before it, and a stored profile has its own copy."""
    assert kept.open(kept.pushed, kept.permit("wide", act=act)) == "the permit is for another act"


def test_a_consent_for_one_source_opens_nothing_of_another(kept: Kept) -> None:
    """Evidence of PBOC, and a snapshot that rests on it too, under a consent for Baihang alone."""
    permit = kept.permit("baihang", source="baihang")

    assert kept.open(kept.by_id, permit) == "the permit is for another source"
    for what in (kept.inputs, kept.section("attributes")):
        assert kept.open(what, permit) == "the permit is of a consent for other sources"


@pytest.mark.parametrize(("table", "act"), [("push", Act.FETCH), ("report", Act.READ)])
def test_a_row_called_another_sources_does_not_open(kept: Kept, table: str, act: Act) -> None:
    """Who can write to the database names the row; whose it is stands under the seal."""
    with kept.floor.engine.begin() as conn:
        conn.execute(text(f"UPDATE {table} SET source = 'baihang'"))  # noqa: S608 - our own tables
    permit = kept.permit("baihang", source="baihang", act=act)
    what = kept.pushed if table == "push" else kept.recent

    assert kept.open(what, permit) == "the permit is for another source"


def test_a_section_opens_for_its_scope(kept: Kept) -> None:
    """What is concluded from several scopes is cut item by item by whoever shows it."""
    permit = kept.permit("wide", scopes=frozenset({Scope.INQUIRIES}))

    assert kept.open(kept.section("tradelines"), permit) == "the permit is for other scopes"
    both = kept.section("inquiries", "tradelines")
    assert kept.open(both, permit) == "the permit is for other scopes"
    assert kept.open(kept.section("inquiries"), permit) == b"{}"
    assert kept.open(kept.section("attributes"), permit) == b"{}"
