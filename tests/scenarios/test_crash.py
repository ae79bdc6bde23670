"""Killed in the middle of its work, a gateway starts again and has forgotten nothing it said."""

import asyncio
import hashlib
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import httpx
import orjson
import pytest

from connectors.http import open_http
from consent.audit.note import Vkey
from consent.audit.verify import verify
from consent.clock import stamp
from tests.scenarios.given import MEMBER, SECRETS, Answer, Stage, gateway_on, stage_on, until
from tests.scenarios.theorem import after_withdrawal, without_intent

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROOT = Path(__file__).resolve().parents[2]


def configuration(stage: Stage, folder: Path) -> Path:
    """The shipped configuration, its sources in the sandbox."""
    shutil.copytree(ROOT / "config", folder)
    front = folder / "gateway.toml"
    shipped = front.read_text()
    front.write_text(shipped.replace("http://127.0.0.1:8700", stage.sandbox_url))
    assert front.read_text() != shipped
    return folder


@asynccontextmanager
async def served(
    stage: Stage, config: Path
) -> AsyncIterator[tuple[Stage, asyncio.subprocess.Process]]:
    """`creditgate serve` in a process of its own; killed without a word when the block ends."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway", "--config", str(config), "--data", str(stage.data)),
        *("serve", "--port", "0"),
        cwd=ROOT,
        env={**os.environ, **SECRETS},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(30), open_http() as plain:
            said = orjson.loads(await process.stderr.readline())
            assert said["event"] == "serving"
            url = f"http://127.0.0.1:{said['port']}"
            draining = asyncio.create_task(process.stderr.read())
            yield replace(stage, url=url, plain=plain, http=plain), process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await process.wait()
        await draining


async def hurried(stage: Stage, consents: list[dict[str, Any]], heard: list[Answer]) -> None:
    """Pulls, one after the other, until nobody answers any more."""
    try:
        for consent in consents * 50:
            heard.append(await stage.pull(consent, sources=["bairong"]))  # noqa: PERF401 - all but the last must stay
    except httpx.TransportError:
        return


@pytest.mark.parametrize("rounds", [2, pytest.param(30, marks=pytest.mark.slow)])
async def test_no_acknowledged_release_is_lost_to_a_kill(tmp_path: Path, rounds: int) -> None:
    """SIGKILL among pulls, over and over: each start works, the log verifies, nothing is lost."""
    dice = Random(9)  # noqa: S311 - a schedule, not a secret
    heard: list[Answer] = []
    async with stage_on(tmp_path / "data") as stage:
        consents = [await stage.consented(stage.somebody()) for _ in range(6)]
        withdrawn = await stage.consented(stage.somebody())
        config = configuration(stage, tmp_path / "config")
        chosen = stage.services.settings
        for _ in range(rounds):
            async with served(stage, config) as (remote, process):
                assert (await remote.withdraw(withdrawn)).status in {200, 422}
                busy = [
                    asyncio.create_task(hurried(remote, consents[n::3], heard)) for n in range(3)
                ]
                await asyncio.sleep(dice.uniform(0.1, 0.4))
                process.send_signal(signal.SIGKILL)
                await asyncio.gather(*busy)
        async with gateway_on(chosen, clock=stage.clock, wire=stage.wire) as (services, url):
            again = stage.at(services, url)
            log = await again.gateway.log(MEMBER, again.clock().year)
            origin = services.log.origin(MEMBER, again.clock().year)
            found = verify(log.__getitem__, Vkey.parse(str(services.log.vkey(origin))))
            entries = await again.entries()
            after = await again.pull(consents[0])

    acknowledged = {hashlib.sha256(one.body).hexdigest() for one in heard if one.status == 200}
    released = {e["facts"]["reply_sha256"] for e in entries if e["type"] == "profile.release"}
    assert acknowledged
    assert acknowledged <= released
    assert found.size >= len(released)
    assert {one.status for one in heard} == {200}
    assert list(after_withdrawal(entries)) == []
    assert list(without_intent(entries)) == []
    assert after.status == 200


async def test_what_was_being_asked_when_it_died_is_a_question_in_the_log(tmp_path: Path) -> None:
    """The intent stands without an end, its use is counted, and its key can be used again later."""
    async with stage_on(tmp_path / "data") as stage:
        consent = await stage.consented(stage.somebody(), sources=["bairong"], max_uses=3)
        config = configuration(stage, tmp_path / "config")
        key = {"Idempotency-Key": "interrupted"}
        async with served(stage, config) as (remote, process):
            await stage.fault("bairong", "hang")
            asked = asyncio.create_task(remote.pull(consent, headers=key))
            await until(lambda: stage.world.faults.calls.get("bairong", 0) == 1)
            process.send_signal(signal.SIGKILL)
            with pytest.raises(httpx.TransportError):
                await asked
        waiting = await stage.pull(consent, headers=key)
        with stage.clock.ahead(minutes=2, seconds=1):
            again = await stage.pull(consent, headers=key)
        entries = await stage.entries(consent=consent["id"])
        used = (await stage.gateway.consent(consent["id"]))["used"]

    first = next(e["req"] for e in entries if e["type"] == "fetch.intended")
    assert [e["type"] for e in entries if e["req"] == first] == ["fetch.intended"]
    assert (waiting.status, again.status) == (409, 200)
    assert used == 2


async def test_a_polite_end_leaves_nothing_open(tmp_path: Path) -> None:
    """SIGTERM lets the pull in flight end and its reply leave; then the process goes, with 0."""
    async with stage_on(tmp_path / "data") as stage:
        consent = await stage.consented(stage.somebody(), sources=["bairong"])
        config = configuration(stage, tmp_path / "config")
        async with served(stage, config) as (remote, process):
            await stage.fault("bairong", "delay", seconds=0.5)
            asked = asyncio.create_task(remote.pull(consent))
            await until(lambda: stage.world.faults.calls.get("bairong", 0) == 1)
            process.send_signal(signal.SIGTERM)
            reply = await asked
            code = await process.wait()

    assert (reply.status, code) == (200, 0)


Sent = dict[str, tuple[dict[str, Any], bytes | None]]
"""What was pushed, by webhook id: the body, and the answer where one was heard."""


async def pushing(stage: Stage, consent: dict[str, Any], sent: Sent) -> None:
    """Pushes, one after the other, until nobody answers any more."""
    try:
        for number in range(500):
            id_ = f"msg_{consent['id']}_{len(sent)}"
            event = {
                "id": f"lg-{number}-{len(sent)}",
                "at": stamp(stage.clock()),
                "outcome": "failure",
                "method": "password",
            }
            body = {"subject": {"ref": consent["subject"]}, "events": [event]}
            sent[id_] = body, None
            answer = await stage.push("app_logins", body, id_=id_)
            assert answer.status == 200
            sent[id_] = body, answer.body
    except httpx.TransportError:
        return


@pytest.mark.parametrize("rounds", [1, pytest.param(3, marks=pytest.mark.slow)])
async def test_no_acknowledged_push_is_lost_to_a_kill(tmp_path: Path, rounds: int) -> None:
    """What was said to be kept is kept, once; what got no answer is kept once when repeated."""
    dice = Random(10)  # noqa: S311 - a schedule, not a secret
    sent: Sent = {}
    async with stage_on(tmp_path / "data") as stage:
        consents = [
            await stage.consented(stage.somebody(), sources=["app_logins"]) for _ in range(3)
        ]
        config = configuration(stage, tmp_path / "config")
        for _ in range(rounds):
            async with served(stage, config) as (remote, process):
                busy = [asyncio.create_task(pushing(remote, one, sent)) for one in consents]
                await asyncio.sleep(dice.uniform(0.1, 0.4))
                process.send_signal(signal.SIGKILL)
                await asyncio.gather(*busy)
        again = {
            id_: await stage.push("app_logins", body, id_=id_) for id_, (body, _) in sent.items()
        }
        entries = await stage.entries(type="ingest.accepted")

    heard = {id_: answer for id_, (_, answer) in sent.items() if answer is not None}
    assert 0 < len(heard) < len(sent)
    assert {one.status for one in again.values()} == {200}
    assert {id_: again[id_].body for id_ in heard} == heard
    assert sorted(e["id"] for e in entries) == sorted(one.json["id"] for one in again.values())
