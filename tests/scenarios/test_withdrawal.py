"""A withdrawal counts from its commit on: no later fetch, no later read, in no process."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest

from consent.clock import stamp, utc_now
from tests.scenarios.given import (
    SECRETS,
    SOURCES,
    Answer,
    Stage,
    another_gateway,
    consent_request,
    until,
)
from tests.scenarios.theorem import after_withdrawal, without_intent

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROOT = Path(__file__).resolve().parents[2]


def reasons(answer: Answer) -> set[str]:
    return {one["reason"] for one in answer.json["refusals"].values()}


async def nothing_came_of(stage: Stage, pull: Answer, *, reason: str = "withdrawn") -> None:
    """The pull ended as if the sources had never answered, and the log says so."""
    entries = await stage.entries(req=pull.req)
    asked = [e["source"] for e in entries if e["type"] == "fetch.intended"]
    discarded = [e for e in entries if e["type"] == "fetch.discarded"]

    assert (pull.status, pull.json["code"]) == (403, "consent_refused")
    assert reasons(pull) == {reason}
    assert sorted(e["source"] for e in discarded) == sorted(asked)
    assert {(e["verdict"], e["reason"]) for e in discarded} == {("deny", reason)}
    assert {e["type"] for e in entries} == {"fetch.intended", "fetch.discarded"}


# -- who withdraws while the answers are on their way ---------------------------------------------


async def over_http(stage: Stage, consent: dict[str, Any]) -> None:
    assert (await stage.withdraw(consent)).status == 200


async def at_another_gateway(stage: Stage, consent: dict[str, Any]) -> None:
    async with another_gateway(stage) as other:
        assert (await other.withdraw(consent)).status == 200


async def at_the_terminal(stage: Stage, consent: dict[str, Any]) -> None:
    """`creditgate consent withdraw`, in a process of its own, on the data of the server."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway", "--data", str(stage.data)),
        *("consent", "withdraw", consent["id"], "--json"),
        cwd=ROOT,
        env={**os.environ, **SECRETS},
        stdout=asyncio.subprocess.PIPE,
    )
    told, _ = await process.communicate()
    assert process.returncode == 0
    assert orjson.loads(told)["state"] == "WITHDRAWN"


Withdraws = Callable[[Stage, dict[str, Any]], Awaitable[None]]


@pytest.mark.parametrize("withdraws", [over_http, at_another_gateway, at_the_terminal])
async def test_a_withdrawal_during_a_fetch_wins(stage: Stage, withdraws: Withdraws) -> None:
    """Race R1: what arrives after the withdrawal is dropped, whoever took the withdrawal."""
    consent = await stage.consented(stage.somebody())
    with stage.wire.hold(*SOURCES):
        pulling = asyncio.create_task(stage.pull(consent, deadline_ms=20_000))
        await until(lambda: len(stage.wire.held) == len(SOURCES))
        before = stage.rows()
        await withdraws(stage, consent)
    pull = await pulling

    await nothing_came_of(stage, pull)
    kept = {name: stage.rows()[name] - before[name] for name in ("snapshot", "report")}
    assert kept == {"snapshot": 0, "report": 0}


@pytest.mark.parametrize("source", SOURCES)
async def test_one_slow_source_is_enough_to_lose_the_race(stage: Stage, source: str) -> None:
    """Answers that came in time are not released either once the consent ends before the last."""
    consent = await stage.consented(stage.somebody())
    with stage.wire.hold(source):
        pulling = asyncio.create_task(stage.pull(consent))
        await until(lambda: len(stage.wire.exchanges) == len(SOURCES))
        await until(lambda: stage.wire.held == [source])
        await stage.withdraw(consent)

    await nothing_came_of(stage, await pulling)


async def test_a_stored_answer_was_not_asked_for_and_is_not_discarded(stage: Stage) -> None:
    """It stood in for asking: the log has no intent of it, and it is kept as it was."""
    consent = await stage.consented(stage.somebody(), sources=["bairong", "pboc"])
    await stage.pull(consent, sources=["bairong"])
    with stage.wire.hold("pboc"):
        pulling = asyncio.create_task(stage.pull(consent, max_age_s=3600))
        await until(lambda: stage.wire.held == ["pboc"])
        kept = stage.rows()["report"]
        await stage.withdraw(consent)
    pull = await pulling

    await nothing_came_of(stage, pull)
    assert [e["source"] for e in await stage.entries(req=pull.req)] == ["pboc", "pboc"]
    assert stage.rows()["report"] == kept


async def test_a_source_that_hangs_until_the_deadline_loses_it_too(stage: Stage) -> None:
    """There is nothing to discard, and still nothing may be shown."""
    consent = await stage.consented(stage.somebody(), sources=["baihang"])
    await stage.fault("baihang", "hang")
    pulling = asyncio.create_task(stage.pull(consent, deadline_ms=400))
    await until(lambda: stage.world.faults.calls.get("baihang", 0) == 1)
    await stage.withdraw(consent)

    await nothing_came_of(stage, await pulling)


async def test_what_comes_too_late_is_not_even_opened(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading a body is using it: nobody looks into one whose consent has ended."""
    opened: list[object] = []
    for source in SOURCES:
        kind = type(stage.services.connectors[source])
        monkeypatch.setattr(kind, "read", lambda _, raw: opened.append(raw))
    consent = await stage.consented(stage.somebody())
    with stage.wire.hold(*SOURCES):
        pulling = asyncio.create_task(stage.pull(consent))
        await until(lambda: len(stage.wire.held) == len(SOURCES))
        await stage.withdraw(consent)
    await pulling

    assert opened == []


@pytest.mark.usefixtures("either_length")
async def test_after_a_withdrawal_nothing_is_shown_anywhere(stage: Stage) -> None:
    """Stored profile, past version, repeated pull, new pull: each 403, at every gateway at once."""
    async with another_gateway(stage) as other:
        consent = await stage.consented(stage.somebody())
        again = {"Idempotency-Key": consent["id"]}
        assert (await stage.pull(consent, headers=again)).status == 200
        then = stamp(utc_now())
        assert (await other.read(consent)).status == 200
        await stage.withdraw(consent)
        stage.world.faults.calls.clear()
        tried = [
            await one
            for at in (stage, other)
            for one in (
                at.read(consent),
                at.read(consent, view="attributes"),
                at.read(consent, as_of=then),
                at.pull(consent),
                at.pull(consent, headers=again),
                at.pull(consent, max_age_s=3600),
            )
        ]

    assert [answer.status for answer in tried] == [403] * 12
    assert all(reasons(answer) == {"withdrawn"} for answer in tried)
    assert sum((await stage.calls()).values()) == 0
    for answer in tried:
        assert {e["verdict"] for e in await stage.entries(req=answer.req)} == {"deny"}


async def test_a_consent_that_is_used_up_can_still_be_withdrawn(stage: Stage) -> None:
    """What a one-time consent brought is shown until the subject says otherwise, and not after."""
    consent = await stage.consented(stage.somebody(), fetch="ONETIME", sources=["bairong"])
    await stage.pull(consent)
    before = await stage.read(consent)
    withdrawal = await stage.withdraw(consent)
    after = await stage.read(consent)

    assert (before.status, withdrawal.status, after.status) == (200, 200, 403)
    assert withdrawal.json["state"] == "WITHDRAWN"
    assert reasons(after) == {"withdrawn"}


async def test_an_expiry_during_a_fetch_is_no_different(stage: Stage) -> None:
    """Race R6: nobody has to notice the expiry in time, the gate computes it."""
    soon = stamp(utc_now() + timedelta(hours=1))
    consent = await stage.consented(stage.somebody(), expires_at=soon, sources=["bairong"])
    with stage.wire.hold("bairong"):
        pulling = asyncio.create_task(stage.pull(consent))
        await until(lambda: stage.wire.held == ["bairong"])
        with stage.clock.ahead(hours=1):
            stage.wire.holds["bairong"].set()
            pull = await pulling

    await nothing_came_of(stage, pull, reason="expired")


async def test_a_consent_replaced_during_a_fetch_is_over(stage: Stage) -> None:
    """Race R10: the newer consent says what holds, also for what was asked under the older."""
    life = stage.somebody()
    consent = await stage.consented(life, sources=["bairong"])
    with stage.wire.hold("bairong"):
        pulling = asyncio.create_task(stage.pull(consent))
        await until(lambda: stage.wire.held == ["bairong"])
        newer = {**consent_request(life), "supersedes": consent["id"]}
        assert (await stage.call("POST", "/v1/consents", newer)).status == 201

    await nothing_came_of(stage, await pulling, reason="superseded")


async def test_a_withdrawal_of_a_version_that_moved_on_changes_nothing(stage: Stage) -> None:
    """Race R5: the loser is told, and both attempts are on record."""
    consent = await stage.consented(stage.somebody())
    stale = await stage.withdraw(consent, headers={"If-Match": '"7"'})
    fresh = await stage.withdraw(consent, headers={"If-Match": '"1"'})
    twice = await stage.withdraw(consent)

    assert [a.status for a in (stale, fresh, twice)] == [409, 200, 422]
    assert [a.json.get("code") for a in (stale, twice)] == ["conflict", "impossible_event"]
    said = [(e["type"], e["verdict"]) for e in await stage.entries(consent=consent["id"])]
    assert said == [
        ("consent.recorded", "allow"),
        ("consent.attempted", "deny"),
        ("consent.withdrawn", "allow"),
        ("consent.attempted", "deny"),
    ]


# -- the theorem ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("either_length")
async def test_no_disclosure_follows_a_withdrawal_in_any_storm(stage: Stage) -> None:
    """20 borrowers, 240 pulls, reads and withdrawals at two gateways: the log alone tells."""
    dice = Random(20260301)  # noqa: S311 - a schedule, not a secret
    async with another_gateway(stage) as other:
        gates = replace(stage, http=stage.plain), replace(other, http=stage.plain)
        people = [stage.somebody() for _ in range(20)]
        holds = [await stage.consented(life) for life in people]
        withdrawn: set[str] = set()
        late: list[Answer] = []
        room = asyncio.Semaphore(24)

        async def step() -> None:
            at = dice.choice(gates)
            who, what = dice.randrange(len(people)), dice.random()
            async with room:
                consent = holds[who]
                ended = consent["id"] in withdrawn
                if what < 0.15:
                    await at.withdraw(consent)
                    withdrawn.add(consent["id"])
                elif what < 0.25:
                    holds[who] = await at.consented(people[who])
                elif what < 0.6:
                    pull = await at.pull(consent, sources=dice.sample(SOURCES, 1))
                    if ended:
                        late.append(pull)
                else:
                    await at.read(consent)

        await asyncio.gather(*(step() for _ in range(240)))
    log = await stage.entries()

    kinds = [entry["type"] for entry in log]
    assert kinds.count("profile.release") > 20
    assert kinds.count("consent.withdrawn") > 10
    assert kinds.count("profile.read") > 10
    assert list(after_withdrawal(log)) == []
    assert list(without_intent(log)) == []
    assert {answer.status for answer in late} == {403}
