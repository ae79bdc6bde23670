"""Personal data and secrets appear nowhere else: a canary searched for in everything we leave.

One borrower's whole life goes through the gateway, with errors provoked on the way. Then
every value of theirs, and every secret, is looked for in every place that is not a sealed field
or a reply to somebody who may see it, in any form it could have been copied in.
"""

import base64
import hashlib
import io
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import pytest
import pytest_asyncio

from connectors.sandbox.facts import Life
from connectors.sandbox.platform import attempts, declarations
from connectors.sandbox.render.platform import pushes
from connectors.sandbox.truth import accounts
from gateway import logs
from gateway.clients import Role
from gateway.evidence import Answer as SourceAnswer
from tests.scenarios.given import (
    BUREAUS,
    MEMBER,
    PUSHED,
    SECRETS,
    SOURCES,
    Answer,
    Stage,
    consent_request,
    stage_on,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Trace:
    """All that a gateway left behind, by where it was left."""

    places: dict[str, bytes] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)
    life: Life | None = None
    person: list[str] = field(default_factory=list)


def personal(life: Life) -> list[str]:
    """What tells who somebody is: the values of one life that no other life has."""
    person = life.person
    found = [
        person.name,
        person.id_number,
        person.mobile,
        person.email,
        *(home.text for home in person.homes),
        *(job.employer for job in life.jobs),
        *(job.address for job in life.jobs),
        *(one.ref for bureau in ("pboc", "baihang") for one in accounts(life, bureau)),
        *([person.former_mobile] if person.former_mobile else []),
        *([person.spouse] if person.spouse else []),
        *(one.device for one in attempts(life)),
        *(one.number for one in declarations(life)),
        *(f"lg-{life.index}-{number}" for number in range(10, len(attempts(life)))),
    ]
    return sorted(set(found))


def forms(value: str) -> Iterator[bytes]:
    """The bytes a value may have been written as."""
    plain = value.encode()
    texts = {plain, value.encode("gb18030"), value.encode("utf-16-le"), value.encode("utf-16-be")}
    yield from texts
    yield orjson.dumps(value)[1:-1]
    yield quote(value).encode()
    yield value.encode("unicode_escape")
    for text in texts:
        yield text.hex().encode()
        yield text.hex().upper().encode()
        for shift in range(3):  # where in the alphabet of four the value happens to begin
            encoded = base64.b64encode(bytes(shift) + text)
            inner = encoded[4 if shift else 0 : -4]
            if len(inner) >= 8:
                yield inner
                yield inner.replace(b"+", b"-").replace(b"/", b"_")


def found_in(places: dict[str, bytes], values: list[str]) -> list[tuple[str, int]]:
    """Where values were found, by place and by the value's number: no value is ever printed."""
    return sorted(
        {
            (place, number)
            for number, value in enumerate(values)
            for form in forms(value)
            for place, content in places.items()
            if form in content
        }
    )


async def provoke(stage: Stage, life: Life, consent: dict[str, Any]) -> list[Answer]:
    """Everything that can go wrong with this person in hand."""
    person = life.person
    grant = consent_request(life)
    pull = stage.pull_request(consent)
    document = {"id_type": "CN_RIC", "id_number": person.id_number}
    wrong_digit = person.id_number[:-1] + ("0" if person.id_number[-1] != "0" else "1")
    nobody = await stage.new_client(Role.OPS_READ)
    answers = [
        await stage.call("POST", "/v1/consents", changed)
        for changed in (
            {**grant, "subject": person.id_number},
            {**grant, "subject": {**grant["subject"], "id_number": wrong_digit}},
            {**grant, "subject": {**grant["subject"], "id_type": person.id_number}},
            {**grant, "subject": {**grant["subject"], "id_number": person.name}},
            {**grant, "subject": {**grant["subject"], "mobile": person.id_number}},
            {**grant, "subject": {**grant["subject"], "name": 8 * person.name * 10}},
            {**grant, "supersedes": person.id_number},
            {**grant, "consent": {**grant["consent"], "purpose": person.id_number}},
            {**grant, "consent": {**grant["consent"], "sources": [person.id_number]}},
            {**grant, "consent": {**grant["consent"], "expires_at": person.id_number}},
            {**grant, "consent": {**grant["consent"], "jurisdiction": person.id_number}},
        )
    ]
    document_only = {"subject": document}
    event = {"id": "e", "at": "2026-01-01T00:00:00Z", "outcome": "success", "method": "password"}
    answers += [
        await stage.push(
            "app_logins",
            {**document_only, "events": [{**event, **changed}]},
            id_=id_,
            headers=headers,
        )
        for changed, id_, headers in (
            ({"device": person.id_number + "!"}, None, None),
            ({"region": person.id_number}, None, None),
            ({"method": person.name}, None, None),
            ({"id": person.email}, None, None),
            ({"at": person.id_number}, None, None),
            ({}, person.id_number, None),  # that message said something else
            ({}, None, {"webhook-signature": f"v1,{person.id_number}"}),
            ({}, None, {"webhook-id": person.id_number}),
        )
    ]
    answers += [
        await stage.call("POST", "/v1/profiles", {**pull, **changed}, headers=headers)
        for changed, headers in (
            ({"subject": {**document, "id_number": wrong_digit}}, {}),
            ({"subject": {"ref": person.id_number}}, {}),
            ({"subject": {**document, "ref": consent["subject"]}}, {}),
            ({"consent_id": person.id_number}, {}),
            ({"purpose": person.mobile}, {}),
            ({"sources": [person.mobile]}, {}),
            ({"scopes": [person.id_number]}, {}),
            ({"deadline_ms": person.id_number}, {}),
            ({"purpose": "card_origination", "subject": document}, {}),
            ({}, {"Idempotency-Key": quote(person.name) * 50}),
        )
    ]
    answers += [
        await stage.call("POST", "/v1/consents", raw=orjson.dumps(grant)[:-5]),
        await stage.call("POST", "/v1/consents", raw=orjson.dumps(grant) + b" " * 70_000),
        await stage.call("POST", "/v1/consents", grant, key=nobody),
        await stage.call("POST", "/v1/consents", grant, key=""),
        await stage.call("GET", f"/v1/borrowers/{person.id_number}/profile?purpose=x"),
        await stage.call("GET", f"/v1/consents/{person.id_number}"),
        await stage.call("GET", f"/v1/audit/entries?subject={person.id_number}"),
        await stage.call("GET", f"/v1/audit/entries?after={quote(person.name)}"),
        await stage.withdraw(consent, headers={"If-Match": person.id_number}),
        await stage.call("POST", f"/v1/consents/{consent['id']}/withdraw", {"by": person.name}),
    ]
    return answers


async def defects(stage: Stage, life: Life, consent: dict[str, Any]) -> list[Answer]:
    """Bugs of ours that have this person's data in every frame of their traceback."""

    def leaky(*found: Any, **more: Any) -> None:
        raise ValueError(f"cannot handle {life.person.name} {life.person.id_number} {found} {more}")

    patch = pytest.MonkeyPatch()
    answers = []
    for owner, name in (
        (type(stage.services.connectors["bairong"]), "read"),
        (type(stage.services.connectors["baihang"]), "fetch"),
        (SourceAnswer, "timed"),
        (type(stage.services.pipeline.disclosing.store), "keep_snapshot"),
    ):
        patch.setattr(owner, name, leaky)
        answers.append(await stage.pull(consent))
        patch.undo()
    return answers


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def trace(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Trace]:
    """What is left of one borrower's day at the gateway."""
    spoken, heard = io.StringIO(), io.StringIO()
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    logs.configure(spoken, level=logging.DEBUG)
    root.addHandler(logging.StreamHandler(heard))
    root.setLevel(logging.WARNING)
    left = Trace()
    data = tmp_path_factory.mktemp("privacy")
    async with stage_on(data) as stage:
        life = stage.world.persona("many-lenders")
        left.life, left.person = life, personal(life)
        request = consent_request(life, sources=[*SOURCES, *PUSHED])
        for part, name in (("notice", "sha256"), ("evidence", "document_sha256")):
            request["consent"][part][name] = hashlib.sha256(part.encode()).hexdigest()
        consent = await stage.gateway.record_consent(request)
        for source, _, said in pushes(life):  # a sender may call its message by anything
            pushed = await stage.push(source, said, id_=life.person.id_number)
            assert pushed.status == 200
        pull = await stage.pull(consent, headers={"Idempotency-Key": "canary"})
        await stage.read(consent)
        await stage.pull(consent, max_age_s=600)
        for kind in ("garbage", "truncate", "drop", "too_large"):
            for source in SOURCES:
                await stage.fault(source, kind)
            await stage.pull(consent)
            stage.services.breakers["pboc"].close()
        errors = [*await provoke(stage, life, consent), *await defects(stage, life, consent)]
        modest = await stage.new_client(Role.PROFILE_READ, Role.AUDIT_READ)
        left.secrets = [*SECRETS.values(), *(k.split("_", 2)[2] for k in (stage.key, modest))]
        left.places |= {f"error {n}": a.body for n, a in enumerate(errors) if a.status >= 400}
        left.places["metrics"] = (await stage.call("GET", "/metrics")).body
        left.places["sources"] = (await stage.call("GET", "/v1/sources")).body
        left.places["entries"] = orjson.dumps(await stage.entries())
        for path, content in (await stage.gateway.log(MEMBER, stage.clock().year)).items():
            left.places[f"log {path}"] = content
        left.places["consent"] = (await stage.call("GET", f"/v1/consents/{consent['id']}")).body
        left.places["urls"] = "\n".join(one.url for one in stage.wire.exchanges).encode()
        model = await stage.read(consent, view="attributes", key=modest)
        left.places["model view"] = model.body
        left.places["reprs"] = repr((stage.services, consent["id"], SourceAnswer)).encode()
        left.places |= files(data)  # while everything is still in the write-ahead log
        assert sum(value.encode() in pull.body for value in left.person) > 10
    left.places |= {f"closed {name}": content for name, content in files(data).items()}
    root.handlers[:] = before
    root.setLevel(level)
    left.places["log lines"] = spoken.getvalue().encode()
    left.places["other log lines"] = heard.getvalue().encode()
    yield left


def files(data: Path) -> dict[str, bytes]:
    """Everything on disk but the keys."""
    return {
        str(path.relative_to(data)): path.read_bytes()
        for path in sorted(data.rglob("*"))
        if path.is_file() and "keys" not in path.parts
    }


async def test_the_search_would_find_what_it_looks_for(trace: Trace) -> None:
    """A canary nobody can hear proves nothing: each form is found where it is put."""
    for number, value in enumerate(trace.person):
        for form in forms(value):
            assert found_in({"here": b"\0" + form + b"\0"}, [value]) == [("here", 0)], number
    hidden = base64.b64encode(b"xy" + trace.person[0].encode() + b"z")
    assert found_in({"here": hidden}, trace.person) != []


async def test_the_places_are_the_ones_meant(trace: Trace) -> None:
    """The write-ahead log was searched while it held the data; so were tiles and checkpoints."""
    places = set(trace.places)

    assert {"creditgate.db", "creditgate.db-wal", "log checkpoint", "metrics", "urls"} <= places
    assert any(place.startswith("checkpoints/") for place in places)
    assert any(place.startswith("log tile/entries/") for place in places)
    assert len(trace.places["creditgate.db-wal"]) > 100_000
    assert trace.places["log lines"].count(b"request.failed") >= 2
    assert b"reader_failed" in trace.places["log lines"]
    assert len(trace.person) > 10


async def test_no_personal_value_is_left_anywhere(trace: Trace) -> None:
    """Not in logs, errors, metrics, URLs, audit entries in clear, nor in the database in clear."""
    assert found_in(trace.places, trace.person) == []


async def test_no_secret_is_left_anywhere(trace: Trace) -> None:
    """Neither a client's key nor what the bureaus gave us, whoever reads our files or our logs.

    Bairong puts our number there into its report ids, so a reply that names a report shows it.
    """
    places = {place: body for place, body in trace.places.items() if place != "model view"}

    assert found_in(places, trace.secrets) == []


async def test_log_lines_carry_listed_keys_only(trace: Trace) -> None:
    """The log is an allow-list: what is not on it is not written, however a line came about."""
    lines = [orjson.loads(line) for line in trace.places["log lines"].splitlines()]

    assert len(lines) > 30
    assert {key for line in lines for key in line} <= logs.ALLOWED | {"dropped_keys"}
    assert not any("dropped_keys" in line for line in lines)


async def test_the_person_is_asked_about_in_bodies_only(stage: Stage) -> None:
    """URLs are logged by everything on the way; headers, too, name nobody."""
    life = stage.somebody()
    await stage.pull(await stage.consented(life))
    asked = stage.wire.exchanges

    assert len(asked) == len(SOURCES)
    outside = {
        f"{one.source} {part}": content
        for one in asked
        for part, content in (("url", one.url.encode()), ("headers", repr(one.headers).encode()))
    }
    assert found_in(outside, personal(life)) == []
    told = {one.source for one in asked if life.person.id_number.encode() in one.asked}
    assert told == set(SOURCES) - {"region_risk"}
    assert BUREAUS.password.encode() not in b"".join(one.asked for one in asked)
