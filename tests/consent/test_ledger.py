"""consent.ledger: events that chain, uses that cannot be overdrawn, ends that hold."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from consent import canonical
from consent.audit.search import Query, search
from consent.decision import Permit, Refusal, RefusalReason, State
from consent.errors import Conflict, ImpossibleEvent, InvalidInput, NotFound, VaultError
from consent.journal import Tx
from consent.ledger import Attempt, Consent, Ledger
from consent.lifecycle import TRANSITIONS, Event, fold
from consent.purposes import Purposes
from consent.subject import Scope, SubjectRef
from consent.vault import file_kek
from consent.vault.signing import verify_jws
from tests.consent.given import ANNA, NOON, TRAIL, Floor, ask, terms

T = TypeVar("T")


@pytest.fixture
def floor(tmp_path: Path) -> Floor:
    """An empty floor."""
    return Floor(tmp_path)


async def commit(floor: Floor, unit: Callable[[Tx], T]) -> T:
    return await floor.journal.commit(unit)


async def granted(floor: Floor, **changed: object) -> Consent:
    return await commit(floor, lambda tx: floor.ledger.record(tx, TRAIL, terms(**changed), ANNA))


def weighed(floor: Floor, consent: Consent, **changed: object) -> Permit | Refusal:
    with floor.engine.connect() as conn:
        wanted = ask(**changed)
        return floor.ledger.weigh(conn, consent.grant.id, wanted, at=floor.clock())


def types(floor: Floor) -> list[str]:
    with floor.engine.connect() as conn:
        page = search(conn, Query(member="lender"), limit=1000)
    in_order = sorted(page.entries, key=lambda one: one.position.index)
    return [orjson.loads(one.leaf)["type"] for one in in_order]


def permitted(floor: Floor, consent: Consent, **changed: object) -> Permit:
    permit = weighed(floor, consent, **changed)
    assert isinstance(permit, Permit)
    return permit


async def test_a_recorded_consent_permits_and_is_signed(floor: Floor) -> None:
    """The receipt verifies offline and says what was stored, chained by its digest."""
    consent = await granted(floor)

    document = orjson.loads(
        verify_jws(consent.receipt, [floor.receipt_key], typ="consent-receipt+jws")
    )
    assert canonical.encode(document) == consent.artefact.payload
    assert document["subject"] == {"ref": str(ANNA)}
    assert isinstance(weighed(floor, consent), Permit)
    assert types(floor) == ["log.opened", "consent.recorded"]


async def test_every_event_names_the_one_before(floor: Floor) -> None:
    """A consent's history is a hash chain: no event can be taken out or put in between."""
    consent = await granted(floor)
    for event in (Event.PAUSE, Event.RESUME, Event.WITHDRAW):
        await commit(floor, _event(floor, consent, event))

    with floor.engine.connect() as conn:
        history = floor.ledger.history(conn, "lender", consent.grant.id)
    documents = [
        orjson.loads(verify_jws(one.decode(), [floor.receipt_key], typ="consent-receipt+jws"))
        for one in history
    ]
    assert [d["seq"] for d in documents] == [1, 2, 3, 4]
    assert [d["status"] for d in documents] == ["ACTIVE", "PAUSED", "ACTIVE", "WITHDRAWN"]
    digests = [sha256(canonical.encode(document)).hexdigest() for document in documents]
    assert [document["prev"] for document in documents] == [None, *digests[:-1]]


def _event(
    floor: Floor, consent: Consent, event: Event, seq: int | None = None
) -> Callable[[Tx], Attempt]:
    return lambda tx: floor.ledger.apply(
        tx, TRAIL, consent.grant.id, event, by="subject", expected_seq=seq
    )


@given(events=st.lists(st.sampled_from([e for e in Event if e is not Event.REQUEST]), max_size=6))
def test_the_ledger_agrees_with_the_fold(
    events: list[Event], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Stored state is the fold of the events that were let through, whatever was tried."""
    floor = Floor(tmp_path_factory.mktemp("floor"))

    async def story() -> tuple[State, list[Event]]:
        consent = await granted(floor)
        happened = [Event.REQUEST, Event.AUTHORISE]
        for event in events:
            attempt = await commit(floor, _event(floor, consent, event))
            if attempt.error is None:
                happened.append(event)
            else:
                assert (fold(happened), event) not in TRANSITIONS
        with floor.engine.connect() as conn:
            stored = floor.ledger.load(conn, "lender", consent.grant.id)
        assert stored is not None
        return stored.grant.state, happened

    state, happened = asyncio.run(story())
    assert state is fold(happened)


async def test_after_withdrawal_nothing_is_permitted(floor: Floor) -> None:
    """From its commit on: no weighing, no use, no gate lets anything through."""
    consent = await granted(floor)
    permit = permitted(floor, consent)
    await commit(floor, _event(floor, consent, Event.WITHDRAW))

    verdict = weighed(floor, consent)
    assert isinstance(verdict, Refusal)
    assert verdict.reason is RefusalReason.WITHDRAWN
    lost = await commit(floor, lambda tx: floor.ledger.use(tx, TRAIL, [permit]))
    assert lost is RefusalReason.WITHDRAWN
    with floor.engine.connect() as conn:
        assert floor.ledger.gate(conn, permit, at=NOON) is RefusalReason.WITHDRAWN


async def test_a_permit_does_not_survive_a_pause(floor: Floor) -> None:
    """Paused and resumed is another epoch: what was decided before is void."""
    consent = await granted(floor)
    permit = permitted(floor, consent)
    for event in (Event.PAUSE, Event.RESUME):
        await commit(floor, _event(floor, consent, event))

    with floor.engine.connect() as conn:
        assert floor.ledger.gate(conn, permit, at=NOON) is RefusalReason.CHANGED
    assert isinstance(weighed(floor, consent), Permit)


async def test_expiry_needs_no_scheduler(floor: Floor) -> None:
    """R6: the gate computes it; the event is written when somebody notices, with its instant."""
    consent = await granted(floor)
    permit = permitted(floor, consent)
    floor.clock.forward(days=30)

    with floor.engine.connect() as conn:
        assert floor.ledger.gate(conn, permit, at=floor.clock()) is RefusalReason.EXPIRED
    await commit(floor, lambda tx: floor.ledger.settle(tx, TRAIL, consent.grant))
    with floor.engine.connect() as conn:
        entry = orjson.loads(search(conn, Query(member="lender"), limit=1).entries[0].leaf)
    assert entry["type"] == "consent.expired"
    assert entry["facts"]["expired_at"] == "2026-03-31T12:00:00.000000Z"


async def test_uses_cannot_be_overdrawn_at_once(floor: Floor) -> None:
    """R2: fifty callers race for three uses, and exactly three get one."""
    consent = await granted(floor, max_uses=3)
    permit = permitted(floor, consent)

    async def use(n: int) -> RefusalReason | None:
        trail = replace(TRAIL, req=f"req-{n}")
        return await floor.journal.commit(lambda tx: floor.ledger.use(tx, trail, [permit]))

    got = await asyncio.gather(*(use(n) for n in range(50)))

    assert got.count(None) == 3
    assert set(got) == {None, RefusalReason.CONSUMED}


async def test_uses_cannot_be_overdrawn_by_another_process(floor: Floor, tmp_path: Path) -> None:
    """Two processes over one database share the counter, not a copy of it."""
    consent = await granted(floor, max_uses=1)
    other = Floor(tmp_path)
    mine, theirs = permitted(floor, consent), permitted(other, consent)

    first = await floor.journal.commit(lambda tx: floor.ledger.use(tx, TRAIL, [mine]))
    second = await other.journal.commit(lambda tx: other.ledger.use(tx, TRAIL, [theirs]))

    assert (first, second) == (None, RefusalReason.CONSUMED)


async def test_frequency_is_counted_per_source(floor: Floor) -> None:
    """One ask a day and source: the other source may still be asked, tomorrow both."""
    consent = await granted(floor, frequency={"unit": "day", "value": 1})
    permit = permitted(floor, consent)
    await commit(floor, lambda tx: floor.ledger.use(tx, TRAIL, [permit]))

    again = weighed(floor, consent)
    assert isinstance(again, Refusal)
    assert again.reason is RefusalReason.FREQUENCY_EXHAUSTED
    assert isinstance(weighed(floor, consent, source="baihang"), Permit)
    floor.clock.forward(days=1)
    assert isinstance(weighed(floor, consent), Permit)


async def test_an_event_on_an_ended_consent_is_an_error_on_record(floor: Floor) -> None:
    """422 for the caller, an entry for the auditor, no change."""
    consent = await granted(floor)
    await commit(floor, _event(floor, consent, Event.WITHDRAW))

    attempt = await floor.journal.commit(
        lambda tx: floor.ledger.apply(tx, TRAIL, consent.grant.id, Event.RESUME, by="x")
    )

    assert isinstance(attempt.error, ImpossibleEvent)
    assert attempt.consent.grant.state is State.WITHDRAWN
    assert types(floor)[-1] == "consent.attempted"


async def test_of_two_changes_at_once_one_loses(floor: Floor) -> None:
    """R5: both read version 1; the second is told that it moved on, and both are entries."""
    consent = await granted(floor)

    results = await asyncio.gather(
        commit(floor, _event(floor, consent, Event.PAUSE, seq=1)),
        commit(floor, _event(floor, consent, Event.EXTEND, seq=1)),
    )

    errors = [result.error for result in results]
    assert [type(error) for error in errors] == [type(None), Conflict]
    assert types(floor)[-2:] == ["consent.paused", "consent.attempted"]


async def test_a_newer_consent_takes_over_in_one_step(floor: Floor) -> None:
    """R10: there is no instant with both or with neither, and the two are linked."""
    old = await granted(floor)
    new = await commit(
        floor,
        lambda tx: floor.ledger.record(
            tx, TRAIL, terms(scopes=["tradelines"]), ANNA, supersedes=old.grant.id
        ),
    )

    verdict = weighed(floor, old)
    assert isinstance(verdict, Refusal)
    assert verdict.reason is RefusalReason.SUPERSEDED
    assert isinstance(weighed(floor, new), Permit)
    assert types(floor)[-2:] == ["consent.superseded", "consent.recorded"]


async def test_a_failed_takeover_leaves_the_old_one(floor: Floor) -> None:
    """Somebody else's consent cannot be superseded, and trying changes nothing."""
    old = await granted(floor)
    somebody = SubjectRef(uuid4())

    with pytest.raises(InvalidInput):
        await commit(
            floor,
            lambda tx: floor.ledger.record(tx, TRAIL, terms(), somebody, supersedes=old.grant.id),
        )
    assert isinstance(weighed(floor, old), Permit)


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("/purpose", {"purpose": "curiosity"}),
        ("/sources/1", {"sources": ["pboc", "pbco"]}),
        ("/jurisdiction", {"jurisdiction": "XX"}),
        ("/expires_at", {"expires_at": NOON}),
        ("/evidence/time", {"evidence": {"method": "face", "document_sha256": "0" * 64,
                                         "channel": "app", "time": NOON + timedelta(hours=1)}}),
    ],
)  # fmt: skip
async def test_terms_that_cannot_be_are_named(
    floor: Floor, field: str, changed: dict[str, object]
) -> None:
    """The channel that collected it can be corrected from the message alone."""
    with pytest.raises(InvalidInput) as caught:
        await granted(floor, **changed)
    assert caught.value.field == field
    assert types(floor) == []


async def test_another_member_finds_nothing(floor: Floor) -> None:
    """A consent id leaked to another lender is worth nothing there."""
    consent = await granted(floor)

    verdict = weighed(floor, consent, member="other")
    assert isinstance(verdict, Refusal)
    assert verdict.reason is RefusalReason.NOT_FOUND
    other = TRAIL.__class__("other", TRAIL.actor, "r")
    with pytest.raises(NotFound):
        await commit(
            floor,
            lambda tx: floor.ledger.apply(tx, other, consent.grant.id, Event.WITHDRAW, by="x"),
        )


async def test_a_scope_left_out_is_a_scope_not_granted(floor: Floor) -> None:
    """Purpose limitation: what was not on the form cannot be asked for."""
    consent = await granted(floor)

    verdict = weighed(floor, consent, scopes=frozenset({Scope.TRADELINES, Scope.SCORES}))

    assert isinstance(verdict, Refusal)
    assert verdict.reason is RefusalReason.SCOPE_NOT_GRANTED


@pytest.mark.parametrize(
    "forged",
    [
        "state = 'ACTIVE'",
        "epoch = 1",
        "seq = 1",
        "expires_at = '2099-01-01T00:00:00.000000Z'",
        "max_uses = 7",
        "subject = '00000000000000000000000000000009'",
        "receipt = 'a.b.c'",
    ],
)
async def test_a_consent_nobody_signed_is_none(floor: Floor, forged: str) -> None:
    """Whoever can write to the database cannot bring a withdrawn consent back to life."""
    consent = await granted(floor)
    await commit(floor, _event(floor, consent, Event.WITHDRAW))
    with floor.engine.connect().execution_options(writing=True) as conn, conn.begin():
        conn.execute(text(f"UPDATE consent SET {forged}"))  # noqa: S608 - a forgery of this test

    with pytest.raises(VaultError):
        weighed(floor, consent)


async def test_a_purpose_that_left_the_catalogue_can_still_be_withdrawn(
    floor: Floor, tmp_path: Path
) -> None:
    """What a subject agreed to stands in the artefact, not in today's configuration."""
    consent = await granted(floor)
    later = Floor(tmp_path)
    later.ledger = Ledger(
        purposes=Purposes(purposes={}),
        rules={},
        sources=frozenset(),
        signer=file_kek.load(tmp_path / "keys").consent_signer,
        names=later.vault,
    )

    attempt = await commit(later, _event(later, consent, Event.WITHDRAW))

    assert attempt.consent.grant.state is State.WITHDRAWN
