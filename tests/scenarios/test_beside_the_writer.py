"""Later reads open what is stored beside the writer, and what happens meanwhile counts."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

from consent.audit.catalogue import Actor, EventType, Trail
from consent.clock import parse_stamp
from consent.decision import Refusal
from consent.errors import Conflict, VaultError
from consent.ids import uuid7
from consent.journal import Tx
from consent.lifecycle import Event
from consent.subject import SubjectRef
from consent.vault.record import Vault
from gateway.beside import Beside, View
from gateway.past.recalling import Recalling
from gateway.past.replay import Replayed
from gateway.past.training import Export, Point
from gateway.rebuild import CannotRebuild
from gateway.reply import Reply
from gateway.requests import ExplainRequest, HistoryRequest, PullRequest, ReadRequest
from gateway.sections import SECTIONS
from tests.scenarios.beside import Meanwhile, everything_long
from tests.scenarios.given import MEMBER, PURPOSE, Answer, Stage, until
from tests.scenarios.test_no_key import erase
from tests.scenarios.test_replay import replayed
from tests.scenarios.test_retention import somebody_with_a_past

pytestmark = pytest.mark.asyncio(loop_scope="module")

Looking = Callable[[Stage, Beside, Mapping[str, Any], Answer], Awaitable[Any]]
"""A later read of what a pull brought, where it is told to look."""


def trail(who: str = "test") -> Trail:
    return Trail(MEMBER, Actor("operator", who, "local"), str(uuid4()), code="creditgate 0")


def asked(stage: Stage, consent: Mapping[str, Any], who: str = "test") -> dict[str, Any]:
    """What every request to look says."""
    subject = SubjectRef.parse(consent["subject"])
    return {
        "trail": trail(who),
        "subject": subject,
        "name": stage.services.vault.pseudonym(MEMBER, subject),
        "purpose": PURPOSE,
        "sections": SECTIONS["full"],
        "identified": True,
        "as_of": stage.clock(),
    }


async def explanation(
    stage: Stage,
    beside: Beside,
    consent: Mapping[str, Any],
    _: Answer,
    path: str = "/identity/name",
) -> Reply | Refusal:
    looking = replace(stage.services.explaining.looking, beside=beside)
    explaining = replace(stage.services.explaining, looking=looking)
    return await explaining.explain(ExplainRequest(**asked(stage, consent), path=path))


async def history(
    stage: Stage, beside: Beside, consent: Mapping[str, Any], _: Answer
) -> Reply | Refusal:
    recalling = replace(stage.services.recalling, beside=beside)
    return await recalling.history(HistoryRequest(**asked(stage, consent), limit=10))


async def replay(
    stage: Stage, beside: Beside, _: Mapping[str, Any], pull: Answer
) -> Replayed | Refusal | CannotRebuild:
    replaying = replace(stage.services.replaying, beside=beside)
    return await replaying.replay(trail(), UUID(pull.json["snapshot"]["id"]))


async def long_read(
    stage: Stage, beside: Beside, consent: Mapping[str, Any], _: Answer
) -> Reply | Refusal:
    looking = replace(stage.services.explaining.looking, beside=beside)
    with everything_long():
        return await looking.read(ReadRequest(**asked(stage, consent)))


async def long_repeat(
    stage: Stage, beside: Beside, consent: Mapping[str, Any], pull: Answer
) -> Reply | Refusal:
    looking = replace(stage.services.explaining.looking, beside=beside)
    of = asked(stage, consent)
    del of["as_of"]
    repeated = PullRequest(
        **of, consent=UUID(consent["id"]), sources=(), scopes=frozenset(), max_age_s=0,
        deadline_s=1, attribute_set="core/1",
    )  # fmt: skip
    with everything_long():
        return await looking.repeat(repeated, UUID(pull.json["snapshot"]["id"]))


async def export(stage: Stage, beside: Beside, consent: Mapping[str, Any], _: Answer) -> Any:
    """Rows, and how many are left out, by reason."""
    catalogue, now = stage.services.settings.merging.attributes.default, stage.clock()
    names = tuple(one.name for one in catalogue.attributes)
    of = Export(
        id=uuid7(now), at=now, trail=trail(), purpose=PURPOSE, catalogue=catalogue.catalogue,
        names=names,
    )  # fmt: skip
    training = replace(stage.services.training, beside=beside)
    return await training.batch(of, [Point(0, SubjectRef.parse(consent["subject"]), now)])


LOOKS: Mapping[Looking, EventType] = {
    long_read: EventType.PROFILE_READ,
    long_repeat: EventType.PROFILE_READ,
    explanation: EventType.PROFILE_EXPLAINED,
    history: EventType.PROFILE_HISTORY,
    replay: EventType.PROFILE_REPLAYED,
    export: EventType.EXPORT_READ,
}
"""And the event that puts it on record."""

each_look = pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.__name__)


async def pulled(stage: Stage) -> tuple[dict[str, Any], Answer]:
    consent = await stage.consented(stage.somebody())
    return consent, await stage.pull(consent)


def where(stage: Stage) -> Beside:
    """Where the gateway looks."""
    return stage.services.training.beside


@each_look
async def test_others_write_while_it_opens(
    stage: Stage, look: Looking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody's large report keeps no consent, pull or withdrawal of others waiting."""
    consent, pull = await pulled(stage)
    opening, written = threading.Event(), threading.Event()
    opened = Vault.open_record

    def slowly(*args: Any) -> dict[str, bytes]:
        opening.set()
        assert written.wait(5), "nobody could write"
        return opened(*args)

    monkeypatch.setattr(Vault, "open_record", slowly)

    async def others() -> None:
        await asyncio.to_thread(opening.wait, 5)
        entry = partial(trail().entry, EventType.AUDIT_READ)
        await stage.services.journal.commit(lambda tx: tx.note(entry(tx.at)))
        written.set()

    await asyncio.gather(look(stage, where(stage), consent, pull), others())

    assert len(await stage.entries(subject=consent["subject"], type=LOOKS[look])) == 1


@each_look
async def test_a_withdrawal_meanwhile_counts(stage: Stage, look: Looking) -> None:
    """It was opened while the consent held, and nothing of it is shown or said to be."""
    consent, pull = await pulled(stage)
    beside, meanwhile = Meanwhile.at(where(stage), lambda: stage.withdraw(consent))

    came_to = await look(stage, beside, consent, pull)

    assert meanwhile.times == 2
    if look is export:
        assert came_to == ([], {"withdrawn": 1})
    else:
        assert isinstance(came_to, Refusal)
        assert came_to.reason == "withdrawn"
    entries = await stage.entries(subject=consent["subject"])
    assert LOOKS[look] not in {entry["type"] for entry in entries}
    assert (entries[-1]["type"], entries[-1]["reason"]) == ("profile.denied", "withdrawn")


@pytest.mark.parametrize("ended", [0, 1])
async def test_a_replay_rests_on_each_of_its_consents(stage: Stage, ended: int) -> None:
    """A page of two consents is one reply, whichever of them ends."""
    life = stage.somebody()
    consents = [await stage.consented(life, sources=[one]) for one in ("pboc", "baihang")]
    for consent in consents:
        await stage.pull(consent)
    await history(stage, where(stage), consents[0], Answer(200, {}, b""))
    entry, _ = await stage.entries(subject=consents[0]["subject"], type="profile.history")
    beside, meanwhile = Meanwhile.at(where(stage), lambda: stage.withdraw(consents[ended]))
    replaying = replace(stage.services.replaying, beside=beside)

    assert isinstance(await replaying.replay(trail(), UUID(entry["id"])), Refusal)
    assert meanwhile.times == 2


@each_look
async def test_an_erasure_meanwhile_counts(stage: Stage, look: Looking) -> None:
    """What was opened before is not shown after: it comes to what it comes to without a key."""
    consent, pull = await pulled(stage)
    beside, _ = Meanwhile.at(where(stage), lambda: erase(stage, consent))

    if look in {long_read, long_repeat, explanation, history}:
        with pytest.raises(VaultError):
            await look(stage, beside, consent, pull)
        entries = await stage.entries(subject=consent["subject"])
        assert LOOKS[look] not in {entry["type"] for entry in entries}
        return
    came_to = await look(stage, beside, consent, pull)
    assert came_to == ([], {"unreadable": 1}) or isinstance(came_to, CannotRebuild)


async def test_a_key_that_does_not_open_ends_the_look(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest key was damaged, those before it open: that is so however often one looks."""
    consent, pull = await pulled(stage)

    def damaged(*_: object) -> None:
        raise VaultError("a wrapped key does not open")

    monkeypatch.setattr(Vault, "check_subject", damaged)
    done = await replay(stage, where(stage), consent, pull)

    assert isinstance(done, Replayed)
    assert done.proven
    assert await export(stage, where(stage), consent, pull) == ([], {"unreadable": 1})


@each_look
async def test_a_consent_that_never_rests_ends_the_look(stage: Stage, look: Looking) -> None:
    """Each time it was opened under a consent that is not as it was; that goes on for no client."""
    consent, pull = await pulled(stage)

    def unit(tx: Tx) -> None:
        for event in (Event.PAUSE, Event.RESUME):
            ledger = stage.services.ledger
            done = ledger.apply(tx, trail(), UUID(consent["id"]), event, by="subject")
            assert done.error is None

    async def paused_and_resumed() -> None:
        await stage.services.journal.commit(unit)

    beside, meanwhile = Meanwhile.at(where(stage), paused_and_resumed, every=True)

    with pytest.raises(Conflict):
        await look(stage, beside, consent, pull)
    assert meanwhile.times == 5
    entries = await stage.entries(subject=consent["subject"])
    assert not {LOOKS[look], "profile.denied"} & {entry["type"] for entry in entries}


@each_look
async def test_an_end_by_time_meanwhile_counts(stage: Stage, look: Looking) -> None:
    """Time ends a consent without an event: the look was in time, what it saw would not be."""
    consent, pull = await pulled(stage)

    async def expired() -> None:
        stage.clock.later = parse_stamp(consent["expires_at"]) - stage.clock()

    with stage.clock.ahead():
        beside, meanwhile = Meanwhile.at(where(stage), expired)
        came_to = await look(stage, beside, consent, pull)
        entries = await stage.entries(subject=consent["subject"])

    assert meanwhile.times == 2
    assert came_to == ([], {"expired": 1}) or came_to.reason == "expired"
    assert LOOKS[look] not in {entry["type"] for entry in entries}
    assert ("profile.denied", "expired") in {(one["type"], one["reason"]) for one in entries}


@each_look
async def test_an_end_by_time_within_the_look_counts(
    stage: Stage, look: Looking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a permit that ran out does not open is refused, not broken."""
    consent, pull = await pulled(stage)
    opened, over = Vault.open_record, parse_stamp(consent["expires_at"])

    def at_the_end(*args: Any) -> dict[str, bytes]:
        stage.clock.later += max(over - stage.clock(), timedelta())
        return opened(*args)

    monkeypatch.setattr(Vault, "open_record", at_the_end)
    with stage.clock.ahead():
        came_to = await look(stage, where(stage), consent, pull)
        entries = await stage.entries(subject=consent["subject"])

    assert came_to == ([], {"expired": 1}) or came_to.reason == "expired"
    assert ("profile.denied", "expired") in {(one["type"], one["reason"]) for one in entries}


@pytest.mark.parametrize(("clients", "at_once"), [(1, 2), (2, 4), (3, 4)])
async def test_a_few_looks_go_on_at_once_and_keep_nobody_waiting(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, clients: int, at_once: int
) -> None:
    """Clients ask as often as they like: pulls find a thread, and the writer a connection.

    One client's looks leave half the threads to others; usual reads need none.
    """
    consent, pull = await pulled(stage)
    written, opening, merged = threading.Event(), [0], Recalling._compared

    def slowly(*args: Any) -> Any:
        opening[0] += 1
        assert written.wait(20), "nobody could write"
        return merged(*args)

    monkeypatch.setattr(Recalling, "_compared", slowly)
    pages = [
        HistoryRequest(**asked(stage, consent, f"client {number % clients}"), limit=10)
        for number in range(20)
    ]
    looks = [asyncio.ensure_future(stage.services.recalling.history(page)) for page in pages]
    await until(lambda: opening[0] >= at_once)
    await asyncio.wait_for(asyncio.to_thread(int), 5)
    async with asyncio.timeout(10):
        await stage.pull(await stage.consented(stage.somebody()))
        read = await stage.read(consent)
    meanwhile = opening[0]
    written.set()
    await asyncio.gather(*looks)

    assert meanwhile == at_once
    assert read.body == pull.body


async def test_who_asks_for_much_keeps_no_other_client_waiting(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two long looks of another client's go on; this one's is the next."""
    consent, pull = await pulled(stage)
    written, opened = threading.Event(), Recalling._compared

    def slowly(recalling: Recalling, request: HistoryRequest, view: View) -> Any:
        assert request.trail.actor.id == "patient" or written.wait(20)
        return opened(recalling, request, view)

    monkeypatch.setattr(Recalling, "_compared", slowly)
    looks = [asyncio.ensure_future(history(stage, where(stage), consent, pull)) for _ in range(20)]
    await asyncio.sleep(0)
    page = HistoryRequest(**asked(stage, consent, "patient"), limit=10)
    async with asyncio.timeout(10):
        assert isinstance(await stage.services.recalling.history(page), Reply)
    written.set()
    await asyncio.gather(*looks)

    assert not where(stage).rooms


async def test_who_gives_up_a_look_is_shown_nothing_and_it_is_not_said(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for it any more when it has been opened."""
    consent, pull = await pulled(stage)
    written, opening, opened = threading.Event(), threading.Event(), Vault.open_record

    def slowly(*args: Any) -> dict[str, bytes]:
        opening.set()
        assert written.wait(5)
        return opened(*args)

    monkeypatch.setattr(Vault, "open_record", slowly)
    look = asyncio.ensure_future(explanation(stage, where(stage), consent, pull))
    await asyncio.to_thread(opening.wait, 5)
    look.cancel()
    written.set()
    with pytest.raises(asyncio.CancelledError):
        await look
    monkeypatch.undo()
    await history(stage, where(stage), consent, pull)

    kinds = {entry["type"] for entry in await stage.entries(subject=consent["subject"])}
    assert "profile.explained" not in kinds


async def test_an_explanation_replays_by_the_law_of_its_look(stage: Stage) -> None:
    """A look that ends on the day after may show what is over by then: its entry tells its day."""
    consent, pull, days = await somebody_with_a_past(stage)
    values = []
    for later in (days, days + 1):
        with stage.clock.ahead(days=later):
            found = (await stage.read(consent)).json["profile"]["attributes"]["values"]
            values.append({one["name"]: one["value"] for one in found})
    name = next(name for name, value in values[0].items() if values[1][name] != value)

    async def midnight() -> None:
        stage.clock.later = timedelta(days=days + 1)

    with stage.clock.ahead(days=days):
        beside, _ = Meanwhile.at(where(stage), midnight)
        path = f"/attributes/values/{name}"
        reply = await explanation(stage, beside, consent, pull, path)
        (entry,) = await stage.entries(subject=consent["subject"], type="profile.explained")
        done = await replayed(stage, entry["id"])

    assert isinstance(done, Replayed)
    assert isinstance(reply, Reply)
    assert (done.proven, done.sha256) == (True, reply.sha256)
