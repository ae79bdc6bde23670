"""No record, no reply: each durable write broken twice, not stored and stored but answer lost."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.engine import RootTransaction
from sqlalchemy.exc import OperationalError

from consent.audit.catalogue import Entry
from consent.errors import AuditUnavailable
from gateway import pipeline
from tests.scenarios.given import SOURCES, Answer, Stage, consent_request

pytestmark = pytest.mark.asyncio(loop_scope="module")

Broken = Callable[[Stage, str], Any]


@contextmanager
def not_stored(stage: Stage, kind: str) -> Iterator[None]:
    """The log takes no entry of this type; nothing of the batch is stored."""
    log = stage.services.log
    whole = log.append

    def append(conn: Connection, entries: Sequence[Entry]) -> object:
        if any(entry.type.value == kind for entry in entries):
            raise AuditUnavailable("the disk is full")
        return whole(conn, entries)

    log.append = append  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        del log.append


@contextmanager
def answer_lost(stage: Stage, kind: str) -> Iterator[None]:
    """A batch with an entry of this type is stored, and then its commit says that it failed."""
    log = stage.services.log
    whole, commit = log.append, RootTransaction.commit
    doomed: list[Connection] = []

    def append(conn: Connection, entries: Sequence[Entry]) -> object:
        if any(entry.type.value == kind for entry in entries):
            doomed.append(conn)
        return whole(conn, entries)

    def lost(transaction: RootTransaction) -> None:
        commit(transaction)
        if transaction.connection in doomed:
            raise OperationalError("COMMIT", None, OSError("disk I/O error"))

    log.append = append  # type: ignore[method-assign, assignment]
    RootTransaction.commit = lost  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        del log.append
        RootTransaction.commit = commit  # type: ignore[method-assign]


def fails_closed(answer: Answer) -> None:
    """A 503 that says why, and nothing of a profile."""
    assert (answer.status, answer.json["code"]) == (503, "audit_unavailable")
    assert b"tradelines" not in answer.body


BOTH = pytest.mark.parametrize("broken", [not_stored, answer_lost])


@BOTH
async def test_without_a_stored_intent_no_socket_opens(stage: Stage, broken: Broken) -> None:
    """Whether the intent was lost or only its receipt: who cannot be sure does not ask."""
    consent = await stage.consented(stage.somebody(), max_uses=5)
    before = stage.rows()
    with broken(stage, "fetch.intended"):
        pull = await stage.pull(consent, headers={"Idempotency-Key": consent["id"]})
    stored = broken is answer_lost

    fails_closed(pull)
    assert sum((await stage.calls()).values()) == 0
    assert ("fetch.intended" in await stage.kinds(pull.req)) is stored
    assert stored or stage.rows() == before
    assert (await stage.gateway.consent(consent["id"]))["used"] == int(stored)


@BOTH
async def test_without_a_stored_release_nothing_is_released(stage: Stage, broken: Broken) -> None:
    """The sources answered, and still not a byte leaves; the intents say what was asked."""
    consent = await stage.consented(stage.somebody())
    before = stage.rows()
    with broken(stage, "profile.release"):
        pull = await stage.pull(consent)
    kept = {name: stage.rows()[name] - before[name] for name in ("snapshot", "report")}
    stored = broken is answer_lost

    fails_closed(pull)
    assert await stage.calls() == dict.fromkeys(SOURCES, 1)
    assert kept == (
        {"snapshot": 1, "report": len(SOURCES)} if stored else {"snapshot": 0, "report": 0}
    )
    kinds = await stage.kinds(pull.req)
    assert kinds.count("fetch.intended") == len(SOURCES)
    assert ("profile.release" in kinds) is stored


async def test_an_answer_lost_after_it_was_stored_can_be_asked_for_again(stage: Stage) -> None:
    """With the same Idempotency-Key the caller gets what was stored, and no second inquiry."""
    consent = await stage.consented(stage.somebody())
    again = {"Idempotency-Key": consent["id"]}
    with answer_lost(stage, "profile.release"):
        fails_closed(await stage.pull(consent, headers=again))
    repeated = await stage.pull(consent, headers=again)

    assert repeated.status == 200
    assert await stage.calls() == dict.fromkeys(SOURCES, 1)


@BOTH
@pytest.mark.usefixtures("either_length")
async def test_without_a_stored_disclosure_no_profile_is_read(stage: Stage, broken: Broken) -> None:
    """Looking is disclosing: a read that cannot be put on record shows nothing."""
    consent = await stage.consented(stage.somebody(), sources=["bairong"])
    await stage.pull(consent)
    with broken(stage, "profile.read"):
        read = await stage.read(consent)

    fails_closed(read)
    assert (await stage.read(consent)).status == 200


@BOTH
async def test_a_refusal_that_cannot_be_recorded_is_no_answer_either(
    stage: Stage, broken: Broken
) -> None:
    """Denials are evidence as much as permissions."""
    consent = await stage.consented(stage.somebody())
    with broken(stage, "consent.checked"):
        pull = await stage.pull(consent, purpose="card_origination")

    fails_closed(pull)
    assert "refusals" not in pull.json


async def test_a_consent_that_cannot_be_recorded_does_not_exist(stage: Stage) -> None:
    """Neither the consent nor the subject nor a key of theirs is left behind."""
    before = stage.rows()
    with not_stored(stage, "consent.recorded"):
        refused = await stage.call("POST", "/v1/consents", consent_request(stage.somebody()))

    fails_closed(refused)
    assert stage.rows() == before


async def test_a_withdrawal_that_cannot_be_recorded_is_not_half_one(stage: Stage) -> None:
    """The caller hears that it failed, and it did: state and entry stand or fall together."""
    consent = await stage.consented(stage.somebody(), sources=["bairong"])
    with not_stored(stage, "consent.withdrawn"):
        fails_closed(await stage.withdraw(consent))

    assert (await stage.gateway.consent(consent["id"]))["state"] == "ACTIVE"
    assert (await stage.pull(consent)).status == 200


async def test_a_withdrawal_whose_answer_was_lost_counts(stage: Stage) -> None:
    """When in doubt the subject's word stands: it is stored, so nothing is shown any more."""
    consent = await stage.consented(stage.somebody(), sources=["bairong"])
    await stage.pull(consent)
    with answer_lost(stage, "consent.withdrawn"):
        fails_closed(await stage.withdraw(consent))

    assert (await stage.pull(consent)).status == 403
    assert (await stage.read(consent)).status == 403


async def test_reading_the_log_is_refused_when_it_cannot_be_recorded(stage: Stage) -> None:
    """Who looks at the audit log is on record, or does not look."""
    with not_stored(stage, "audit.read"):
        fails_closed(await stage.call("GET", "/v1/audit/entries"))


async def test_one_failed_batch_takes_nobody_else_with_it(stage: Stage) -> None:
    """The requests of the batch hear of it; those after it are served."""
    consents = [await stage.consented(stage.somebody(), sources=["bairong"]) for _ in range(6)]
    with not_stored(stage, "fetch.intended"):
        failed = await asyncio.gather(*(stage.pull(consent) for consent in consents))
    served = await asyncio.gather(*(stage.pull(consent) for consent in consents))

    assert {answer.status for answer in failed} == {503}
    assert {answer.status for answer in served} == {200}


@pytest.mark.parametrize("step", ["merge", "encoded"])
async def test_a_defect_of_ours_leaves_no_intent_without_an_end(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """The log says how each fetch ended, and the key can be used again once we are mended."""
    consent = await stage.consented(stage.somebody())
    request, key = stage.pull_request(consent), {"Idempotency-Key": f"defect-{step}"}

    def broken(*_: object, **__: object) -> None:
        raise KeyError("CANARY")

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, step, broken)
        failed = await stage.call("POST", "/v1/profiles", request, headers=key)

    assert (failed.status, failed.json["code"]) == (500, "internal")
    assert b"CANARY" not in failed.body
    entries = await stage.entries(req=failed.req)
    intended = {e["source"] for e in entries if e["type"] == "fetch.intended"}
    ended = {e["source"] for e in entries if e["reason"] == "gateway_failed"}
    assert intended == ended == set(SOURCES)
    again = await stage.call("POST", "/v1/profiles", request, headers=key)
    assert again.status == 200


async def test_an_unusual_method_becomes_no_label(stage: Stage) -> None:
    """A method is the caller's own word: only those we know become labels and log values."""
    assert (await stage.call("PROPFIND", "/v1/sources")).status == 405

    exposed = (await stage.call("GET", "/metrics")).body.decode()
    assert 'method="other"' in exposed
    assert "PROPFIND" not in exposed
