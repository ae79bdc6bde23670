"""A read that takes long holds nobody up, and is the same read."""

import asyncio
import hashlib
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import orjson
import pytest
from sqlalchemy.engine import RootTransaction

from consent.audit.catalogue import EventType
from consent.clock import parse_stamp
from consent.errors import AuditUnavailable
from consent.vault.record import Vault
from gateway import rebuild, showing
from gateway.looking import Looking
from gateway.reply import Reply
from gateway.requests import ReadRequest
from tests.scenarios.beside import Meanwhile, everything_long
from tests.scenarios.given import Answer, Stage
from tests.scenarios.test_beside_the_writer import asked, pulled, trail, where
from tests.scenarios.test_retention import replayed, somebody_with_a_past

pytestmark = pytest.mark.asyncio(loop_scope="module")

LOOP = threading.main_thread()


@pytest.fixture
def opening(monkeypatch: pytest.MonkeyPatch) -> list[threading.Thread]:
    """The threads in which something sealed was opened."""
    seen: list[threading.Thread] = []
    opened = Vault.open_record

    def watched(*args: Any) -> dict[str, bytes]:
        seen.append(threading.current_thread())
        return opened(*args)

    monkeypatch.setattr(Vault, "open_record", watched)
    return seen


async def shown(
    stage: Stage, consent: dict[str, Any], meanwhile: Callable[[], Awaitable[object]]
) -> Any:
    """A read, and what is done between its look and its release."""
    beside, _ = Meanwhile.at(where(stage), meanwhile)
    looking: Looking = replace(stage.services.pipeline.looking, beside=beside)
    return await looking.read(ReadRequest(**asked(stage, consent)))


async def told(stage: Stage, reply: Answer) -> dict[str, Any]:
    """The one entry of a read."""
    (entry,) = await stage.entries(req=reply.req)
    assert entry["type"] == "profile.read"
    facts: dict[str, Any] = entry["facts"]
    return facts


async def test_a_usual_read_is_one_unit(stage: Stage, opening: list[threading.Thread]) -> None:
    """A thread would cost it more than it costs others; the entry tells the bytes that left."""
    consent, pull = await pulled(stage)
    opening.clear()
    read = await stage.read(consent)

    assert read.body == pull.body
    assert opening == [LOOP]
    assert (await told(stage, read))["reply_sha256"] == hashlib.sha256(read.body).hexdigest()


async def test_a_large_profile_is_opened_in_no_unit(
    stage: Stage, opening: list[threading.Thread]
) -> None:
    """Not even its seal is looked at where all others wait; the bytes and the entry are alike."""
    key = {"Idempotency-Key": "large"}
    consent = await stage.consented(stage.somebody())
    pull = await stage.pull(consent, headers=key)
    opening.clear()
    with everything_long():
        replies = [await stage.read(consent), await stage.pull(consent, headers=key)]

    assert [reply.body for reply in replies] == [pull.body] * 2
    assert len(opening) == 2
    assert LOOP not in opening
    facts = [await told(stage, reply) for reply in replies]
    assert {one["reply_sha256"] for one in facts} == {hashlib.sha256(pull.body).hexdigest()}


async def test_nothing_is_merged_again_in_a_unit(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others write, and are answered, while a profile is made again without what is over."""
    consent, _, days = await somebody_with_a_past(stage)
    merging, written = threading.Event(), threading.Event()

    def slowly(*args: Any, **more: Any) -> Any:
        merging.set()
        assert written.wait(5), "nobody could write"
        return rebuild.rebuild(*args, **more)

    monkeypatch.setattr(showing, "rebuild", slowly)

    async def others() -> None:
        await asyncio.to_thread(merging.wait, 5)
        entry = partial(trail().entry, EventType.AUDIT_READ)
        await stage.services.journal.commit(lambda tx: tx.note(entry(tx.at)))
        written.set()

    with stage.clock.ahead(days=days + 1):
        read, _ = await asyncio.gather(stage.read(consent), others())

    assert read.status == 200
    assert "merged_by" in read.json["snapshot"]


async def test_a_read_that_took_until_midnight_replays(stage: Stage) -> None:
    """It shows by the law of its look what is on record a day later: the entry tells of which."""
    consent, _, days = await somebody_with_a_past(stage)

    async def midnight() -> None:
        stage.clock.later = timedelta(days=days + 1)

    with stage.clock.ahead(days=days), everything_long():
        reply = await shown(stage, consent, midnight)
        (entry,) = await stage.entries(subject=consent["subject"], type="profile.read")
        done = await replayed(stage, Answer(200, {"x-request-id": entry["req"]}, b""))

    assert isinstance(reply, Reply)
    assert (done.proven, done.sha256) == (True, reply.sha256)


async def test_a_pull_meanwhile_is_not_what_was_asked_for(stage: Stage) -> None:
    """What is meant by an instant is decided once, where all that came before it is known."""
    consent, pull = await pulled(stage)
    with everything_long():
        reply = await shown(stage, consent, lambda: stage.pull(consent))

    assert reply.body == pull.body
    assert (await stage.read(consent)).body != pull.body


@pytest.mark.usefixtures("either_length")
async def test_an_instant_means_one_snapshot_however_soon_it_is_asked_for(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A snapshot on its way to the disk was made before a read that comes now: the read shows it.

    Else the same instant would mean another one a moment later.
    """
    consent, _ = await pulled(stage)
    commit = RootTransaction.commit

    def slowly(transaction: RootTransaction) -> None:
        time.sleep(0.02)
        commit(transaction)

    monkeypatch.setattr(RootTransaction, "commit", slowly)
    pulling = asyncio.ensure_future(stage.pull(consent, max_age_s=600))
    reads: list[tuple[ReadRequest, asyncio.Future[Any]]] = []
    while not pulling.done():
        request = ReadRequest(**asked(stage, consent))
        reads.append((request, asyncio.ensure_future(stage.services.pipeline.read(request))))
        await asyncio.sleep(0.004)
    made = parse_stamp((await pulling).json["snapshot"]["at"])
    newest = (await pulling).json["snapshot"]["id"]
    of = [
        (request.as_of, orjson.loads((await read).body)["snapshot"]["id"])
        for request, read in reads
    ]

    assert {as_of >= made for as_of, _ in of} == {True, False}
    assert all((id_ == newest) == (as_of >= made) for as_of, id_ in of)


async def test_a_crash_before_the_release_disclosed_nothing(stage: Stage) -> None:
    """It was opened and nobody saw it; the log does not say that anybody did."""
    consent, _ = await pulled(stage)

    async def crash() -> None:
        raise AuditUnavailable("as good as dead")

    with everything_long(), pytest.raises(AuditUnavailable):
        await shown(stage, consent, crash)

    kinds = {entry["type"] for entry in await stage.entries(subject=consent["subject"])}
    assert "profile.read" not in kinds


async def test_a_refused_read_opens_nothing_and_is_on_record_once(
    stage: Stage, opening: list[threading.Thread]
) -> None:
    """However large the profile: who may not see it has nothing opened, and waits for nobody."""
    consent, _ = await pulled(stage)
    await stage.withdraw(consent)
    opening.clear()
    with everything_long():
        read = await stage.read(consent)

    assert (read.status, opening) == (403, [])
    assert await stage.kinds(read.req) == ["profile.denied"]
