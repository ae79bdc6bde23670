"""No consent, no socket: what a consent does not cover never reaches a source."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from consent.audit.catalogue import Actor, Trail
from consent.clock import stamp, utc_now
from consent.ids import uuid7
from consent.lifecycle import Event
from consent.subject import SubjectRef
from gateway.past.training import Export, Point
from tests.scenarios.given import MEMBER, PURPOSE, SOURCES, Answer, Stage, consent_request, lines

pytestmark = pytest.mark.asyncio(loop_scope="module")

Asked = Callable[[Stage], Awaitable[Answer]]
"""Sets a scene and asks; what comes back must be a refusal."""


async def wrong_purpose(stage: Stage) -> Answer:
    consent = await stage.consented(stage.somebody())
    return await stage.pull(consent, purpose="card_origination")


async def source_not_granted(stage: Stage) -> Answer:
    consent = await stage.consented(stage.somebody(), sources=["pboc"])
    return await stage.pull(consent, sources=["bairong"])


async def scope_not_granted(stage: Stage) -> Answer:
    consent = await stage.consented(stage.somebody(), scopes=["tradelines"])
    return await stage.pull(consent, scopes=["tradelines", "inquiries"])


async def somebody_elses(stage: Stage) -> Answer:
    mine = await stage.consented(stage.somebody())
    theirs = await stage.consented(stage.somebody())
    return await stage.pull(mine, consent_id=theirs["id"])


async def unknown(stage: Stage) -> Answer:
    consent = await stage.consented(stage.somebody())
    return await stage.pull(consent, consent_id=str(uuid7(utc_now())))


async def another_members(stage: Stage) -> Answer:
    key = await stage.new_client(member="rival")
    life = stage.somebody()
    theirs = (await stage.call("POST", "/v1/consents", consent_request(life), key=key)).json
    mine = await stage.consented(life)
    return await stage.pull(mine, consent_id=theirs["id"])


async def not_yet_valid(stage: Stage) -> Answer:
    tomorrow = stamp(utc_now() + timedelta(days=1))
    return await stage.pull(await stage.consented(stage.somebody(), not_before=tomorrow))


async def expired(stage: Stage) -> Answer:
    soon = stamp(utc_now() + timedelta(hours=1))
    consent = await stage.consented(stage.somebody(), expires_at=soon)
    with stage.clock.ahead(hours=1):
        return await stage.pull(consent)


async def withdrawn(stage: Stage) -> Answer:
    consent = await stage.consented(stage.somebody())
    await stage.withdraw(consent)
    return await stage.pull(consent)


async def paused(stage: Stage) -> Answer:
    consent = await stage.consented(stage.somebody())
    trail = Trail(MEMBER, Actor("operator", "test", "local"), "pause")
    ledger = stage.services.ledger
    await stage.services.journal.commit(
        lambda tx: ledger.apply(tx, trail, UUID(consent["id"]), Event.PAUSE, by="subject")
    )
    return await stage.pull(consent)


async def superseded(stage: Stage) -> Answer:
    life = stage.somebody()
    consent = await stage.consented(life)
    newer = {**consent_request(life), "supersedes": consent["id"]}
    assert (await stage.call("POST", "/v1/consents", newer)).status == 201
    return await stage.pull(consent)


async def used_up(stage: Stage) -> Answer:
    consent = await stage.consented(stage.somebody(), fetch="ONETIME", sources=["bairong"])
    assert (await stage.pull(consent)).status == 200
    stage.world.faults.calls.clear()
    return await stage.pull(consent)


async def asked_too_often(stage: Stage) -> Answer:
    daily = {"unit": "day", "value": 1}
    consent = await stage.consented(stage.somebody(), frequency=daily, sources=["bairong"])
    assert (await stage.pull(consent)).status == 200
    stage.world.faults.calls.clear()
    return await stage.pull(consent)


async def without_separate_consent(stage: Stage) -> Answer:
    return await stage.pull(
        await stage.consented(stage.somebody(), separate_consents=[], sources=["pboc"])
    )


async def without_consequence_notice(stage: Stage) -> Answer:
    return await stage.pull(
        await stage.consented(stage.somebody(), consequence_notice_version=None, sources=["pboc"])
    )


REFUSED: list[tuple[Asked, str]] = [
    (wrong_purpose, "purpose_not_granted"),
    (source_not_granted, "source_not_granted"),
    (scope_not_granted, "scope_not_granted"),
    (somebody_elses, "other_subject"),
    (unknown, "not_found"),
    (another_members, "not_found"),
    (not_yet_valid, "not_yet_valid"),
    (expired, "expired"),
    (withdrawn, "withdrawn"),
    (paused, "paused"),
    (superseded, "superseded"),
    (used_up, "consumed"),
    (asked_too_often, "frequency_exhausted"),
    (without_separate_consent, "separate_consent_missing"),
    (without_consequence_notice, "consequence_notice_missing"),
]


@pytest.mark.parametrize(("asked", "reason"), REFUSED, ids=[f.__name__ for f, _ in REFUSED])
async def test_a_refused_ask_opens_no_socket(stage: Stage, asked: Asked, reason: str) -> None:
    """Each way a consent can fail to cover an ask is named, is on record, and reaches no source."""
    refused = await asked(stage)
    entries = await stage.entries(req=refused.req)

    assert (refused.status, refused.json["code"]) == (403, "consent_refused")
    assert all(one["reason"] == reason for one in refused.json["refusals"].values())
    assert all(one["explanation"] for one in refused.json["refusals"].values())
    assert sum((await stage.calls()).values()) == 0
    checked = [entry for entry in entries if entry["type"] == "consent.checked"]
    assert {entry["source"] for entry in checked} == set(refused.json["refusals"])
    assert {(entry["verdict"], entry["reason"]) for entry in checked} == {("deny", reason)}
    assert not {"fetch.intended", "profile.release"} & {entry["type"] for entry in entries}


async def test_a_refusal_leaves_nothing_but_its_entry(stage: Stage) -> None:
    """No use is counted, no claim is held and no key is touched by an ask that was refused."""
    consent = await stage.consented(stage.somebody(), max_uses=3)
    before = stage.rows()
    refused = await stage.pull(
        consent, purpose="card_origination", headers={"Idempotency-Key": "refused-1"}
    )

    assert refused.status == 403
    assert stage.rows() == before
    assert (await stage.gateway.consent(consent["id"]))["used"] == 0


async def test_the_first_refusal_after_its_time_ends_a_consent(stage: Stage) -> None:
    """Nothing else would say in the log when a consent was over; said once, it is over for all."""
    soon = stamp(utc_now() + timedelta(hours=1))
    consent = await stage.consented(stage.somebody(), expires_at=soon, sources=["bairong"])
    with stage.clock.ahead(hours=2):
        first, again = [await stage.pull(consent) for _ in range(2)]

    assert await stage.kinds(first.req) == ["consent.checked", "consent.expired"]
    assert await stage.kinds(again.req) == ["consent.checked"]
    assert (await stage.gateway.consent(consent["id"]))["state"] == "EXPIRED"


async def test_a_refused_source_costs_the_granted_ones_nothing(stage: Stage) -> None:
    """What is covered is asked; what is not is a line with its reason, and no call."""
    consent = await stage.consented(stage.somebody(), sources=["bairong"])
    reply = await stage.pull(consent, sources=["pboc", "baihang", "bairong"])

    assert reply.status == 200
    said = {s: (line["outcome"], line.get("reason")) for s, line in lines(reply.json).items()}
    assert said == {
        "pboc": ("refused", "source_not_granted"),
        "baihang": ("refused", "source_not_granted"),
        "bairong": ("report", None),
    }
    assert await stage.calls() == {**dict.fromkeys(SOURCES, 0), "bairong": 1}


async def test_what_no_source_offers_is_asked_of_none(stage: Stage) -> None:
    """A scope that is granted but nowhere to be had ends without a call, and on record."""
    consent = await stage.consented(
        stage.somebody(), scopes=["behaviour"], sources=["pboc", "baihang"]
    )
    nothing = await stage.pull(consent)

    assert (nothing.status, nothing.json["code"]) == (503, "no_source_asked")
    assert sum((await stage.calls()).values()) == 0
    assert [e["reason"] for e in await stage.entries(req=nothing.req)] == ["no_source_asked"]


async def test_the_intent_is_durable_before_the_socket_opens(stage: Stage) -> None:
    """When a source is called, any other process can read in the log that it was to be."""
    consent = await stage.consented(stage.somebody(), sources=["pboc"])
    seen: list[list[str]] = []

    async def look() -> None:
        with closing(sqlite3.connect(stage.database)) as db:
            rows = db.execute("SELECT leaf FROM audit_entry WHERE source = 'pboc'").fetchall()
        entries = [orjson.loads(leaf) for (leaf,) in rows]
        seen.append([e["type"] for e in entries if (e["consent"] or {}).get("id") == consent["id"]])

    stage.wire.before = look
    reply = await stage.pull(consent)

    assert reply.status == 200
    assert seen == [["fetch.intended"]]


async def test_a_use_is_counted_once_for_all_sources_of_a_pull(stage: Stage) -> None:
    """Sources side by side are one use of the consent, and the last use ends it."""
    consent = await stage.consented(stage.somebody(), max_uses=2)
    statuses = [(await stage.pull(consent)).status for _ in range(3)]
    now = await stage.gateway.consent(consent["id"])

    assert statuses == [200, 200, 403]
    assert (now["used"], now["state"]) == (2, "CONSUMED")
    assert await stage.calls() == dict.fromkeys(SOURCES, 2)


async def test_concurrent_pulls_never_overuse_a_consent(stage: Stage) -> None:
    """Check and use are one step (race R2): of eight at once, exactly the two allowed ask."""
    consent = await stage.consented(stage.somebody(), max_uses=2, sources=["bairong"])
    replies = await asyncio.gather(*(stage.pull(consent) for _ in range(8)))

    assert sorted(reply.status for reply in replies) == [200] * 2 + [403] * 6
    assert (await stage.calls())["bairong"] == 2


async def test_a_consent_used_up_still_shows_what_it_brought(stage: Stage) -> None:
    """Reading leaves no footprint: a one-time consent covers the reply it was given for."""
    consent = await stage.consented(stage.somebody(), fetch="ONETIME", sources=["bairong"])
    await stage.pull(consent)
    read = await stage.read(consent)

    assert read.status == 200


async def test_a_stored_profile_needs_a_consent_of_today(stage: Stage) -> None:
    """What was lawful to fetch is not thereby lawful to show: reads are weighed like asks."""
    soon = stamp(utc_now() + timedelta(hours=1))
    consent: dict[str, Any] = await stage.consented(
        stage.somebody(), expires_at=soon, sources=["bairong"]
    )
    await stage.pull(consent)
    other_purpose = await stage.read({**consent, "purpose": "card_origination"})
    with stage.clock.ahead(hours=2):
        late = await stage.read(consent)

    def reasons(answer: Answer) -> set[str]:
        return {one["reason"] for one in answer.json["refusals"].values()}

    assert (other_purpose.status, reasons(other_purpose)) == (403, {"purpose_not_granted"})
    assert (late.status, reasons(late)) == (403, {"expired"})
    kinds = await stage.kinds(late.req)
    assert kinds == ["profile.denied", "consent.expired"]


def path(subject: str, what: str) -> str:
    """Where something of a borrower is read, for the purpose of the scenarios."""
    return f"/v1/borrowers/{subject}/{what}?purpose={PURPOSE}"


async def exported(stage: Stage, subject: str) -> dict[str, int]:
    """Why an export of this borrower as known now has no row; it must have none."""
    catalogue, now = stage.services.settings.merging.attributes.default, stage.clock()
    export = Export(
        id=uuid7(now), at=now, trail=Trail(MEMBER, Actor("operator", "test", "local"), "exporting"),
        purpose=PURPOSE, catalogue=catalogue.catalogue,
        names=tuple(one.name for one in catalogue.attributes),
    )  # fmt: skip
    points = [Point(0, SubjectRef(UUID(subject)), now)]
    rows, left_out = await stage.services.training.batch(export, points)
    assert rows == []
    return dict(left_out)


async def test_every_source_of_a_snapshot_needs_a_consent_of_today(stage: Stage) -> None:
    """Two bureaus stand behind it: a yes to one of them shows nothing, nor does a yes to each."""
    life = stage.somebody()
    both = await stage.consented(life, sources=["pboc", "baihang"])
    subject = both["subject"]
    await stage.pull(both)
    await stage.withdraw(both)

    for granted, missing in (("baihang", "pboc"), ("pboc", "baihang")):
        await stage.consented(life, sources=[granted])
        looks = [
            await stage.read(both),
            await stage.read(both, view="attributes"),
            await stage.read(both, explain="/identity/name"),
            await stage.call("GET", path(subject, "attributes")),
            await stage.call("GET", path(subject, "history")),
        ]

        for look in looks:
            assert (look.status, look.json["code"]) == (403, "consent_refused")
            refused = {source: one["reason"] for source, one in look.json["refusals"].items()}
            assert refused == {missing: "source_not_granted"}
            assert await stage.kinds(look.req) == ["profile.denied"]
        assert await exported(stage, subject) == {"source_not_granted": 1}


async def test_a_history_names_what_lacks_a_consent_for_a_source(stage: Stage) -> None:
    """Beside a snapshot that may be shown, the one of two bureaus is a line with the reason."""
    life = stage.somebody()
    both = await stage.consented(life, sources=["pboc", "baihang"])
    older = (await stage.pull(both)).json["snapshot"]["id"]
    await stage.withdraw(both)
    alone = await stage.consented(life, sources=["baihang"])
    newer = (await stage.pull(alone)).json["snapshot"]["id"]
    page = await stage.call("GET", path(both["subject"], "history"))

    assert [one["id"] for one in page.json["snapshots"]] == [newer, older]
    assert page.json["snapshots"][1] == {"id": older, "refused": {"reason": "source_not_granted"}}
    assert "changes" not in page.json["snapshots"][0]
    assert await stage.kinds(page.req) == ["profile.denied", "profile.history"]


async def test_a_later_consent_does_not_change_who_an_earlier_one_asks_about(stage: Stage) -> None:
    """Another name or no mobile, told with another consent, must not make its answers no-hits."""
    life = stage.somebody()
    first = await stage.consented(life)
    other = consent_request(life)
    other["subject"] = {**other["subject"], "name": "别名", "mobile": None}
    await stage.gateway.record_consent(other)

    again = await stage.gateway.pull_profile(stage.pull_request(first))

    assert {line["outcome"] for line in lines(again).values()} == {"report"}
