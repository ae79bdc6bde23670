"""Every value has its evidence: in the profile, in the log, and at any later time."""

import hashlib
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import Connection

from connectors.records import Report
from connectors.sandbox.bureaus import knows
from consent.clock import stamp, utc_now
from consent.decision import Permit
from consent.subject import Ask, Scope, SubjectRef
from gateway import pipeline
from gateway.clients import Role
from gateway.sections import SECTIONS
from tests.scenarios.given import (
    MEMBER,
    PURPOSE,
    SOURCES,
    Answer,
    Stage,
    consent_request,
    lines,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


def cited(document: Any) -> Iterator[str]:
    """Every piece of evidence a profile names, wherever it stands."""
    if isinstance(document, dict):
        for name, value in document.items():
            if isinstance(value, list) and value and isinstance(value[0], str):
                yield from value if name in {"basis", "records", "disputed"} else ()
            elif name == "evidence":
                yield value
            else:
                yield from cited(value)
    elif isinstance(document, list):
        for value in document:
            yield from cited(value)


def metrics(document: Any) -> Iterator[tuple[str, str]]:
    """Every number a source counted itself, as its source and record."""
    if isinstance(document, dict):
        if "record_id" in document and "source" in document:
            yield document["source"], document["record_id"]
        for value in document.values():
            yield from metrics(value)
    elif isinstance(document, list):
        for value in document:
            yield from metrics(value)


def unfounded(document: Any, where: str = "") -> Iterator[str]:
    """Places of conclusions that name no record."""
    if isinstance(document, dict):
        if "rule" in document and "value" in document and not document.get("basis"):
            yield where
        for name, value in document.items():
            yield from unfounded(value, f"{where}/{name}")
    elif isinstance(document, list):
        for place, value in enumerate(document):
            yield from unfounded(value, f"{where}/{place}")


def received(stage: Stage) -> set[str]:
    """Every record in the answers the sources gave, as evidence names it."""
    found = set()
    for exchange in stage.wire.exchanges:
        said = stage.services.connectors[exchange.source].read(exchange.raw)
        if isinstance(said, Report):
            found |= {
                f"{said.source}/{said.report_id.replace('/', '%2F')}/{record.record_id}"
                for record in said.records
            }
    return found


@pytest.mark.parametrize("persona", ["many-lenders", "card-overdue", "small-loan-churn"])
async def test_every_merged_value_rests_on_records_that_exist(stage: Stage, persona: str) -> None:
    """No conclusion without evidence, and no evidence that no source ever gave."""
    consent = await stage.consented(stage.world.persona(persona))
    profile = (await stage.pull(consent)).json["profile"]
    evidence = set(cited(profile))

    records = received(stage)
    assert list(unfounded(profile)) == []
    assert len(evidence) > 10
    assert evidence <= records
    assert set(metrics(profile))
    assert set(metrics(profile)) <= {
        (source, record) for source, _, record in (one.split("/", 2) for one in records)
    }


async def test_the_disclosure_entry_seals_the_very_bytes(stage: Stage) -> None:
    """Who holds a reply can prove it is the one that was released, and which snapshot it shows."""
    consent = await stage.consented(stage.somebody())
    pull, read = await stage.pull(consent), await stage.read(consent)

    for answer, kind in ((pull, "profile.release"), (read, "profile.read")):
        shown = [e for e in await stage.entries(req=answer.req) if e["type"] == kind]
        assert [e["facts"]["reply_sha256"] for e in shown] == [
            hashlib.sha256(answer.body).hexdigest()
        ]
        assert shown[0]["facts"]["snapshot"] == answer.json["snapshot"]["id"]
        assert shown[0]["consent"] == {"id": consent["id"], "seq": 1, "epoch": 1}
        if kind == "profile.release":
            assert shown[0]["id"] == answer.json["snapshot"]["entry"]


async def test_each_fetch_ends_on_record_with_the_digest_of_what_came(stage: Stage) -> None:
    """Of every answer the log knows the hash, so a raw report produced later can be checked."""
    consent = await stage.consented(stage.world.persona("many-lenders"))
    pull = await stage.pull(consent)
    entries = await stage.entries(req=pull.req)
    ends = {e["source"]: e["facts"]["sha256"] for e in entries if e["type"] == "fetch.ok"}

    assert ends == {one.source: one.raw.sha256 for one in stage.wire.exchanges}
    order = [e["type"] for e in entries]
    assert order == ["fetch.intended"] * len(SOURCES) + ["fetch.ok"] * len(SOURCES) + [
        "profile.release"
    ]


async def test_what_was_told_the_source_is_sealed_in_the_intent(stage: Stage) -> None:
    """Each intent carries, sealed under the subject's key, whom it was about."""
    consent = await stage.consented(stage.somebody())
    pull = await stage.pull(consent)
    intents = [e for e in await stage.entries(req=pull.req) if e["type"] == "fetch.intended"]

    assert len({e["detail"] for e in intents}) == len(SOURCES)
    assert all(e["detail"] for e in intents)


async def test_a_source_of_regions_is_never_told_whom_about(stage: Stage) -> None:
    """The code of the region leaves the house and nothing else, and the intent says so."""
    life = stage.world.persona("risky-region")
    person = life.person
    consent = await stage.consented(life)
    pull = await stage.pull(consent)
    (asked,) = stage.wire.of("region_risk")
    ask = Ask(
        MEMBER,
        SubjectRef.parse(consent["subject"]),
        "region_risk",
        PURPOSE,
        frozenset({Scope.REGION}),
    )
    intents = await stage.entries(req=pull.req, source="region_risk", type="fetch.intended")
    services = stage.services

    def opened(conn: Connection) -> dict[str, str]:
        permit = services.ledger.weigh(conn, UUID(consent["id"]), ask, at=services.clock())
        assert isinstance(permit, Permit)
        entry, detail = UUID(intents[0]["id"]), intents[0]["detail"]
        told: dict[str, str] = orjson.loads(
            services.vault.open_detail(conn, permit, entry_id=entry, detail=detail)
        )
        return told

    assert orjson.loads(asked.asked) == {"region": "999998"}
    told = f"{asked.url} {asked.headers} {asked.asked!r}"
    assert not [v for v in (person.name, person.mobile, person.id_number[6:]) if v in told]
    assert services.read(opened) == {"region": "999998"}


async def test_a_telephone_that_is_not_the_subjects_is_no_identity(stage: Stage) -> None:
    """The operator knows the mobile as somebody else's: it says so, and joins no identity."""
    life = next(
        life
        for life in map(stage.world.life, stage.used)
        if life.person.former_mobile and knows(life, "pboc")
    )
    asked = consent_request(life, sources=["pboc", "telecom"])
    asked["subject"]["mobile"] = life.person.former_mobile
    pull = await stage.pull(await stage.gateway.record_consent(asked))
    profile = pull.json["profile"]
    told = {
        metric["name"]: (metric["value"], metric["segment"])
        for section in ("identity", "behaviour")
        for metric in profile[section]["metrics"]
        if metric["source"] == "telecom"
    }

    assert told == {"three_factor_agree": (0, "disagree"), "phone_in_use": (0, "cancelled")}
    assert "telecom" not in {one.partition("/")[0] for one in cited(profile["identity"])}
    assert lines(pull.json)["telecom"]["outcome"] == "report"


async def test_a_read_is_the_pull_byte_for_byte(stage: Stage) -> None:
    """What a model saw can be shown again: same snapshot, same consent, same bytes."""
    consent = await stage.consented(stage.somebody())
    pull, read = await stage.pull(consent), await stage.read(consent)

    assert read.body == pull.body
    assert read.headers["etag"] == pull.headers["etag"]


async def test_an_unchanged_profile_is_not_sent_again(stage: Stage) -> None:
    """If-None-Match spares the bytes, not the record: the look is on record all the same."""
    consent = await stage.consented(stage.somebody(), sources=["bairong"])
    await stage.pull(consent)
    first = await stage.read(consent)
    again = await reread(stage, consent, first.headers["etag"])
    await stage.pull(consent)
    newer = await reread(stage, consent, first.headers["etag"])

    assert (again.status, again.body) == (304, b"")
    assert await stage.kinds(again.req) == ["profile.read"]
    assert newer.status == 200
    assert newer.headers["etag"] != first.headers["etag"]


async def reread(stage: Stage, consent: dict[str, Any], etag: str, key: str = "") -> Answer:
    path = f"/v1/borrowers/{consent['subject']}/profile?purpose={consent['purpose']}"
    return await stage.call("GET", path, key=key or None, headers={"If-None-Match": etag})


async def test_one_etag_names_one_sequence_of_bytes(stage: Stage) -> None:
    """A client with more rights must not be told that the shorter view it knows is the whole."""
    consent = await stage.consented(stage.somebody())
    await stage.pull(consent)
    modest = await stage.new_client(Role.PROFILE_READ)
    short = await stage.read(consent, key=modest)
    whole = await reread(stage, consent, short.headers["etag"])

    assert "birth_date" not in short.json["profile"]["identity"]
    assert whole.status == 200
    assert "birth_date" in whole.json["profile"]["identity"]


async def test_the_past_is_shown_as_it_was_known(stage: Stage) -> None:
    """`as_of` brings back the version of that moment, byte for byte, and none before the first."""
    consent = await stage.consented(stage.somebody())
    before = stamp(utc_now())
    first = await stage.pull(consent)
    between = stamp(utc_now())
    second = await stage.pull(consent, sources=["bairong"], scopes=["inquiries"])

    assert (await stage.read(consent, as_of=between)).body == first.body
    assert (await stage.read(consent)).body == second.body
    assert (await stage.read(consent, as_of=before)).status == 404


async def test_a_view_shows_its_sections_and_no_others(stage: Stage) -> None:
    """Models need numbers, not people: the attributes view carries neither names nor accounts."""
    consent = await stage.consented(stage.somebody())
    pull = await stage.pull(consent, view="attributes")
    read = await stage.read(consent, view="attributes")

    assert set(pull.json["profile"]) == SECTIONS["attributes"]
    assert read.body == pull.body


async def test_a_narrower_consent_shows_less_of_the_same_snapshot(stage: Stage) -> None:
    """What the consent of today does not cover is left out, also inside conclusions."""
    life = stage.somebody()
    wide = await stage.consented(life)
    await stage.pull(wide)
    await stage.withdraw(wide)
    narrow = await stage.consented(life, scopes=["inquiries"])
    read = await stage.read(narrow)
    profile = read.json["profile"]

    assert read.status == 200
    assert read.json["scopes"] == ["inquiries"]
    hidden = {"tradelines", "identity", "public_records", "scores", "contributions"}
    assert not hidden & set(profile)
    rested_on = [set(one["scopes"]) for one in profile["attributes"]["values"]]
    assert rested_on
    assert all(scopes <= {"inquiries"} for scopes in rested_on)


async def test_much_is_merged_elsewhere_to_the_same_end(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large profile is merged in a thread; what comes out must not depend on where."""
    consent = await stage.consented(stage.somebody())
    here = (await stage.pull(consent)).json["profile"]
    monkeypatch.setattr(pipeline, "_MERGE_INLINE_RECORDS", 0)
    there = (await stage.pull(consent, max_age_s=3600)).json["profile"]

    for section in ("tradelines", "inquiries", "attributes", "signals"):
        assert there[section] == here[section]
