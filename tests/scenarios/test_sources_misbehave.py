"""One slow or broken source never costs the others, and what it costs is said."""

import asyncio
import re
import time
import tracemalloc
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from connectors.http import SourceClient
from connectors.sandbox.server import TOO_LARGE_BYTES
from tests.scenarios.given import (
    BUREAUS,
    PUSHED,
    SOURCES,
    Answer,
    Stage,
    gateway_on,
    lines,
    stage_on,
    until,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATIENCE_S = 1.2  # of the gateway with each source, in this module
SLACK_S = 6.0  # for a machine that does other things too; a hang or a dribble takes a minute


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """A gateway that waits for a source only so long."""
    async with stage_on(tmp_path_factory.mktemp("stage"), timeout_s=PATIENCE_S) as running:
        yield running


def said(answer: Answer) -> dict[str, tuple[str, str | None]]:
    """Outcome and reason of each source."""
    return {s: (line["outcome"], line.get("reason")) for s, line in lines(answer.json).items()}


FAULTS: list[tuple[str, dict[str, Any], tuple[str, str | None]]] = [
    ("delay", {"seconds": 0.05}, ("report", None)),
    ("delay", {"seconds": 2}, ("unavailable", "timeout")),
    ("hang", {}, ("unavailable", "timeout")),
    ("dribble", {"seconds": 0.05}, ("unavailable", "timeout")),
    ("drop", {}, ("unavailable", "protocol")),
    ("truncate", {}, ("unavailable", "protocol")),
    ("http_error", {"status": 503}, ("unavailable", "http_503")),
    ("http_error", {"status": 403}, ("locked_out", "http_403")),
    ("too_large", {}, ("broke_contract", "too_large")),
    ("no_hit", {}, ("no_hit", None)),
]
SOME = 4  # of the pairs one in so many is tried by default: each fault twice, each source too


@pytest.mark.parametrize(
    ("source", "kind", "more", "expected"),
    [
        pytest.param(
            source, kind, more, expected,
            id="-".join(map(str, (kind, *more.values(), source))),
            marks=() if (nth + number) % SOME == 0 else pytest.mark.slow,
        )
        for nth, (kind, more, expected) in enumerate(FAULTS)
        for number, source in enumerate(SOURCES)
    ],
)  # fmt: skip
async def test_a_fault_costs_its_source_and_no_other(
    stage: Stage, source: str, kind: str, more: dict[str, Any], expected: tuple[str, str | None]
) -> None:
    """Whatever one source does, the others' data is there, in time, and the log tells both."""
    consent = await stage.consented(stage.somebody())
    await stage.fault(source, kind, **more)
    began = time.perf_counter()
    pull = await stage.pull(consent)
    took_s = time.perf_counter() - began
    others = {other: ("report", None) for other in SOURCES if other != source}

    assert pull.status == 200
    assert said(pull) == {source: expected, **others}
    assert took_s < PATIENCE_S + SLACK_S
    ends = {e["source"]: e for e in await stage.entries(req=pull.req) if "latency_ms" in e["facts"]}
    good = expected[0] in {"report", "no_hit"}
    assert ends[source]["type"] == ("fetch.ok" if good else "fetch.failed")
    assert ends[source]["reason"] == expected[1]
    assert {ends[other]["type"] for other in others} == {"fetch.ok"}


@pytest.mark.parametrize("source", SOURCES)
async def test_garbage_is_named_and_never_guessed_at(stage: Stage, source: str) -> None:
    """Bytes that mean nothing are the source's broken contract, whatever its format."""
    consent = await stage.consented(stage.somebody())
    await stage.fault(source, "garbage")
    pull = await stage.pull(consent)

    outcome, reason = said(pull)[source]
    assert outcome == "broke_contract"
    assert reason
    assert {said(pull)[other][0] for other in SOURCES if other != source} == {"report"}
    assert len(pull.json["profile"]["inquiries"]) > 0


async def test_the_callers_deadline_is_kept(stage: Stage) -> None:
    """With two sources hanging, the quick ones are shown when the time is up."""
    consent = await stage.consented(stage.somebody())
    for source in ("pboc", "baihang"):
        await stage.fault(source, "hang")
    began = time.perf_counter()
    pull = await stage.pull(consent, deadline_ms=500)
    took_s = time.perf_counter() - began

    assert took_s < 0.5 + SLACK_S
    assert said(pull) == {
        **dict.fromkeys(SOURCES, ("report", None)),
        "pboc": ("unavailable", "deadline"),
        "baihang": ("unavailable", "deadline"),
    }


async def test_no_caller_has_longer_than_the_gateway_lets_them(stage: Stage) -> None:
    """`deadline_max_ms` is the operator's word: a caller who asks for more gets that."""
    now = stage.services.settings
    brief = replace(now, gateway=now.gateway.model_copy(update={"deadline_max_ms": 500}))
    consent = await stage.consented(stage.somebody(), sources=["bairong"])
    await stage.fault("bairong", "hang")
    async with gateway_on(brief, clock=stage.clock, wire=stage.wire) as (services, url):
        began = time.perf_counter()
        pull = await stage.at(services, url).pull(consent, deadline_ms=15_000)
        took_s = time.perf_counter() - began

    assert took_s < 0.5 + SLACK_S
    assert said(pull) == {"bairong": ("unavailable", "deadline")}


async def test_sources_are_asked_side_by_side(stage: Stage) -> None:
    """No source waits for another: all three have answered before the first is let through."""
    consent = await stage.consented(stage.somebody())
    with stage.wire.hold(*SOURCES):
        pulling = asyncio.create_task(stage.pull(consent))
        await until(lambda: sorted(stage.wire.held) == sorted(SOURCES))
    pull = await pulling

    assert {outcome for outcome, _ in said(pull).values()} == {"report"}


async def test_a_hasty_caller_closes_no_source_to_others(stage: Stage) -> None:
    """Deadlines too short for a source tell nothing about it, however many there are."""
    consent = await stage.consented(stage.somebody(), sources=["bairong"])
    await stage.fault("bairong", "hang", count=7)
    hasty = [await stage.pull(consent, deadline_ms=100) for _ in range(7)]
    stage.world.faults.waiting.clear()  # not every one of them came as far as the source
    patient = await stage.pull(consent)

    assert {said(pull)["bairong"] for pull in hasty} == {("unavailable", "deadline")}
    assert said(patient) == {"bairong": ("report", None)}


async def test_nothing_known_is_never_shown_as_nothing_there(stage: Stage) -> None:
    """When no source answers, attributes have no value and signals no opinion: never a zero."""
    consent = await stage.consented(stage.somebody())
    for source in SOURCES:
        await stage.fault(source, "http_error", status=503)
    profile = (await stage.pull(consent)).json["profile"]

    values = [(one["value"], one.get("missing")) for one in profile["attributes"]["values"]]
    assert values
    assert all(value is None and missing for value, missing in values)
    assert {one["state"] for one in profile["signals"]["results"]} == {"undecided"}


async def test_a_source_that_keeps_failing_is_left_alone_for_a_while(stage: Stage) -> None:
    """After five failures in a row nobody is sent there; after the pause one call may try."""
    consent = await stage.consented(stage.somebody(), sources=["baihang", "bairong"])
    await stage.fault("baihang", "http_error", count=5)
    for _ in range(5):
        await stage.pull(consent)
    stage.world.faults.calls.clear()
    skipped = await stage.pull(consent)
    told = (await stage.gateway.sources())["sources"]
    circuits = {one["name"]: one["circuit"] for one in told}

    assert said(skipped) == {"baihang": ("skipped", "circuit_open"), "bairong": ("report", None)}
    assert await stage.calls() == {**dict.fromkeys(SOURCES, 0), "bairong": 1}
    assert circuits == {**dict.fromkeys([*SOURCES, *PUSHED], "closed"), "baihang": "open"}
    with stage.clock.ahead(seconds=31):
        tried = await stage.pull(consent)
    assert {outcome for outcome, _ in said(tried).values()} == {"report"}


async def test_a_source_that_locked_us_out_is_not_asked_again(stage: Stage) -> None:
    """Asking on with refused credentials prolongs a lockout; an operator has to act."""
    consent = await stage.consented(stage.somebody(), sources=["baihang"])
    await stage.fault("baihang", "http_error", status=401)
    first = await stage.pull(consent)
    second = await stage.pull(consent)
    with stage.clock.ahead(minutes=59):
        third = await stage.pull(consent)

    assert said(first) == {"baihang": ("locked_out", "http_401")}
    assert {(pull.status, pull.json["code"]) for pull in (second, third)} == {
        (503, "no_source_asked")
    }
    assert (await stage.calls())["baihang"] == 1


async def test_wrong_credentials_are_the_sources_word_not_ours(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each bureau says in its own way that it does not know us; each way is `locked_out`."""
    whole = SourceClient.post

    async def mangled(client: SourceClient, path: str, content: bytes, **rest: Any) -> Any:
        headers = dict(rest.pop("headers"))
        if "Authorization" in headers:
            headers["Authorization"] = "Basic d3Jvbmc6d3Jvbmc="
        content = content.replace(BUREAUS.bairong_api_code.encode(), b"nobody")
        content = re.sub(rb"<Password>\w+<", b"<Password>%s<" % (b"0" * 64), content)
        return await whole(client, path, content, headers=headers, **rest)

    monkeypatch.setattr(SourceClient, "post", mangled)
    pull = await stage.pull(await stage.consented(stage.somebody()))

    assert {s: outcome for s, (outcome, _) in said(pull).items()} == dict.fromkeys(
        SOURCES, "locked_out"
    )


@pytest.mark.parametrize(
    ("half", "reason"), [("fetch", "connector_failed"), ("read", "reader_failed")]
)
async def test_a_defect_of_ours_costs_its_source_and_no_other(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, half: str, reason: str
) -> None:
    """A connector with a bug is a broken source: the others are better than none."""

    def broken(*_: object, **__: object) -> None:
        raise KeyError("a field nobody thought of")

    monkeypatch.setattr(type(stage.services.connectors["baihang"]), half, broken)
    consent = await stage.consented(stage.somebody())
    pull = await stage.pull(consent)

    assert said(pull) == {
        **dict.fromkeys(SOURCES, ("report", None)),
        "baihang": ("broke_contract", reason),
    }
    assert b"nobody thought of" not in pull.body


async def test_a_flood_does_not_fill_our_memory(stage: Stage) -> None:
    """Of 64 MiB sent, no more is held than the bound of the source, and a little."""
    consent = await stage.consented(stage.somebody(), sources=["bairong"])
    await stage.fault("bairong", "too_large")
    tracemalloc.start()
    try:
        pull = await stage.pull(consent)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert said(pull) == {"bairong": ("broke_contract", "too_large")}
    assert peak < TOO_LARGE_BYTES / 4


async def test_records_outside_the_consent_are_dropped(stage: Stage) -> None:
    """A bureau that sends more than was asked for does not widen the consent (PIPL art. 6)."""
    consent = await stage.consented(stage.somebody(), scopes=["inquiries"], sources=["pboc"])
    profile = (await stage.pull(consent)).json["profile"]

    said = [one for one in profile["issues"]["issues"] if one["kind"] == "out_of_scope"]
    assert [(one["where"], one["count"]) for one in said] == [("", 1)]  # not what, nor how much
    assert not {"identity", "tradelines", "public_records"} & set(profile)
