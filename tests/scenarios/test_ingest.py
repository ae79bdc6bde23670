"""What the lender's own platform pushes: signed, once, under a consent of now, all or nothing."""

import asyncio
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from connectors.sandbox.facts import Life
from connectors.sandbox.render.platform import pushes
from consent.clock import stamp, utc_now
from consent.decision import Permit
from consent.subject import Act, Scope
from consent.vault.webhook import Secrets
from gateway.clients import Role
from tests.scenarios.given import BUREAUS, PUSHED, Answer, Stage, consent_request, lines
from tests.scenarios.test_no_record import BOTH, Broken, answer_lost, fails_closed
from tests.scenarios.test_rebuild import permit_of, rebuilt, shown
from tests.scenarios.theorem import after_withdrawal

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROOT = Path(__file__).resolve().parents[2]
LOGINS, PURPOSES = "app_logins", "loan_purposes"
OLD_SECRET = "whsec_b2xkLXNlY3JldC1vZi10aGUtcGxhdGZvcm0="


def login(**changed: Any) -> dict[str, Any]:
    """One event, a minute ago."""
    return {
        "id": "lg-1",
        "at": stamp(utc_now() - timedelta(minutes=1)),
        "outcome": "success",
        "method": "password",
        "device": "dv-00000001",
        "region": "310000",
        **changed,
    }


def about(consent: Mapping[str, Any], *events: dict[str, Any]) -> dict[str, Any]:
    """A push about the subject of a consent."""
    return {"subject": {"ref": consent["subject"]}, "events": [*events] or [login()]}


def document(life: Life) -> dict[str, str]:
    """The subject, by the document."""
    return {"id_type": "CN_RIC", "id_number": life.person.id_number}


async def consented(stage: Stage, life: Life, **changed: Any) -> dict[str, Any]:
    """A consent that covers what is pushed, and a bureau; `changed` replaces terms."""
    return await stage.consented(life, **{"sources": ["pboc", *PUSHED], **changed})


async def pulled(stage: Stage, consent: Mapping[str, Any]) -> Any:
    """The profile of what was pushed, and nothing else."""
    answer = await stage.pull(consent, sources=[LOGINS, PURPOSES], scopes=["behaviour"])
    assert answer.status == 200
    return answer.json


async def nothing_kept(stage: Stage, answer: Answer, before: dict[str, int]) -> list[str]:
    """The reasons on record; and the push left nothing else."""
    entries = await stage.entries(req=answer.req)
    assert stage.rows() == before
    assert {entry["type"] for entry in entries} <= {"ingest.refused", "consent.expired"}
    assert {entry["verdict"] for entry in entries} <= {"deny", "allow"}
    return [entry["reason"] for entry in entries if entry["type"] == "ingest.refused"]


# -- taken in, and read ---------------------------------------------------------------------------


async def test_what_was_pushed_stands_in_the_profile(stage: Stage) -> None:
    """From the platform's bytes to logins, purposes and their evidence; nobody else was called."""
    life = stage.world.persona("restricted-purpose")
    consent = await consented(stage, life)
    taken = [await stage.push(source, body, id_=id_) for source, id_, body in pushes(life)]
    reply = await pulled(stage, consent)

    assert {one.status for one in taken} == {200}
    told = lines(reply)
    assert {told[source]["outcome"] for source in (LOGINS, PURPOSES)} == {"report"}
    behaviour = reply["profile"]["behaviour"]
    assert told[LOGINS]["as_of"] == max(one["record"]["at"] for one in behaviour["logins"])
    assert all(one["basis"][0].startswith(f"{LOGINS}/") for one in behaviour["logins"])
    signals = {one["id"]: one for one in reply["profile"]["signals"]["results"]}
    assert signals["restricted_purpose"]["state"] == "fired"
    assert {e.partition("/")[0] for e in signals["restricted_purpose"]["basis"]} == {PURPOSES}
    assert stage.wire.exchanges == []


async def test_a_push_and_its_reading_are_on_record(stage: Stage) -> None:
    """Who sent how much, under which consent; and every reading like that of any source."""
    consent = await consented(stage, stage.somebody())
    taken = await stage.push(LOGINS, about(consent, login(), login(id="lg-2")))
    (entry,) = await stage.entries(req=taken.req)
    pull = await stage.pull(consent, sources=[LOGINS])

    assert entry["type"] == "ingest.accepted"
    assert entry["actor"] == {"kind": "source", "id": LOGINS, "auth": "webhook"}
    assert entry["consent"]["id"] == consent["id"]
    assert (entry["source"], entry["scopes"]) == (LOGINS, ["behaviour"])
    assert entry["facts"] == {"events": 2}
    assert entry["id"] == taken.json["id"]
    assert await stage.kinds(pull.req) == ["fetch.intended", "fetch.ok", "profile.release"]


async def test_nothing_pushed_is_a_no_hit(stage: Stage) -> None:
    """Not an error, not a good sign."""
    reply = await pulled(stage, await consented(stage, stage.somebody()))

    assert {line["outcome"] for line in lines(reply).values()} == {"no_hit"}


async def test_the_subject_may_be_named_by_a_document(stage: Stage) -> None:
    """The platform need not keep our reference; the number is in no clear place afterwards."""
    life = stage.somebody()
    consent = await consented(stage, life)
    taken = await stage.push(LOGINS, {"subject": document(life), "events": [login()]})

    assert taken.status == 200
    assert lines(await pulled(stage, consent))[LOGINS]["outcome"] == "report"


async def test_an_event_pushed_again_takes_the_place_of_the_earlier(stage: Stage) -> None:
    """A correction, or what was seen since, needs no other word."""
    consent = await consented(stage, stage.somebody())
    loan = {"id": "lp-1", "at": stamp(utc_now()), "declared_on": "2026-01-05", "declared": "travel"}
    await stage.push(PURPOSES, about(consent, loan))
    seen = {"observed": [{"on": "2026-01-06", "use": "securities"}]}
    await stage.push(PURPOSES, about(consent, {**loan, **seen}))
    (purpose,) = (await pulled(stage, consent))["profile"]["behaviour"]["purposes"]

    assert [one["use"] for one in purpose["record"]["observed"]] == ["securities"]


async def test_what_is_too_old_is_told_no_more(stage: Stage) -> None:
    """A source is configured with the days that its events matter: 90 for logins."""
    lasting = {"expires_at": stamp(utc_now() + timedelta(days=200))}
    consent = await consented(stage, stage.somebody(), **lasting)
    await stage.push(LOGINS, about(consent))
    with stage.clock.ahead(days=89):
        young = lines(await pulled(stage, consent))
    with stage.clock.ahead(days=90, minutes=1):
        old = lines(await pulled(stage, consent))

    assert (young[LOGINS]["outcome"], old[LOGINS]["outcome"]) == ("report", "no_hit")


# -- who pushes -----------------------------------------------------------------------------------


async def unbelieved(stage: Stage, answer: Answer, before: dict[str, int]) -> None:
    """401 with its own code and challenge; no caller is known, so nothing is on record."""
    assert (answer.status, answer.json["code"]) == (401, "not_signed")
    assert answer.headers["www-authenticate"] == "Webhook-Signature"
    assert stage.rows() == before
    assert await stage.entries(req=answer.req) == []


@pytest.mark.parametrize(
    ("secret", "headers"),
    [
        (OLD_SECRET, {}),
        (None, {"webhook-signature": ""}),
        (None, {"webhook-signature": "v1,AAAA"}),
        (None, {"webhook-id": "msg_of_another"}),
        (None, {"webhook-id": ""}),
        (None, {"webhook-id": "msg.with.stops"}),
        (None, {"webhook-timestamp": "0"}),
        (None, {"webhook-timestamp": "now"}),
        (None, {"webhook-timestamp": "99999999999"}),
    ],
)
async def test_what_is_not_signed_is_not_looked_at(
    stage: Stage, secret: str | None, headers: dict[str, str]
) -> None:
    """Not even its subject: a forger learns nothing about whom we know."""
    consent = await consented(stage, stage.somebody())
    nobody = {"subject": {"ref": "00000000-0000-0000-0000-000000000000"}, "events": [login()]}
    before = stage.rows()
    for body in (about(consent), nobody):
        answer = await stage.push(LOGINS, body, secret=secret, headers=headers)

        await unbelieved(stage, answer, before)


async def test_a_body_changed_on_the_way_is_refused(stage: Stage) -> None:
    """The signature is over the very bytes, so nothing is added and nobody is put in."""
    consent = await consented(stage, stage.somebody())
    before, at = stage.rows(), utc_now()
    secrets = Secrets([BUREAUS.push_secrets[LOGINS]])
    meant = orjson.dumps(about(consent))
    signature = secrets.sign(meant, id_="msg_meant", at=at)
    sent = meant.replace(b"success", b"failure")
    answer = await stage.push(
        LOGINS, sent, id_="msg_meant", at=at, headers={"webhook-signature": signature}
    )

    await unbelieved(stage, answer, before)


@pytest.mark.parametrize(("late_s", "status"), [(290, 200), (310, 401), (-290, 200), (-310, 401)])
async def test_the_window_is_five_minutes_either_way(
    stage: Stage, late_s: int, status: int
) -> None:
    """A captured push is of no use later, and a wrong clock is not believed for long."""
    consent = await consented(stage, stage.somebody())
    at = stage.clock() - timedelta(seconds=late_s)

    assert (await stage.push(LOGINS, about(consent), at=at)).status == status


async def test_the_key_of_a_client_opens_nothing_here(stage: Stage) -> None:
    """Whoever may pull profiles may not write into them."""
    consent = await consented(stage, stage.somebody())
    answer = await stage.call("POST", f"/v1/ingest/{LOGINS}", about(consent))

    assert (answer.status, answer.json["code"]) == (401, "not_signed")


async def test_a_secret_is_good_for_its_source_only(stage: Stage) -> None:
    """The system that knows logins cannot say what loans are for."""
    consent = await consented(stage, stage.somebody())
    mixed = await stage.push(PURPOSES, about(consent), secret=BUREAUS.push_secrets[LOGINS])

    assert mixed.status == 401


@pytest.mark.parametrize("source", ["pboc", "nobody"])
async def test_only_sources_that_push_are_there(stage: Stage, source: str) -> None:
    """A bureau's report comes from asking the bureau, or not at all."""
    answer = await stage.push(source, {}, secret=OLD_SECRET)

    assert (answer.status, answer.json["code"]) == (404, "not_found")
    assert "app_logins, loan_purposes" in answer.json["detail"]


async def test_a_subject_of_another_member_is_not_there(stage: Stage) -> None:
    """A sender is configured for one member; the others' people are nobody to it."""
    other = await stage.new_client(member="other")
    life = stage.somebody()
    theirs = await stage.call("POST", "/v1/consents", consent_request(life), key=other)
    assert theirs.status == 201
    answer = await stage.push(LOGINS, {"subject": document(life), "events": [login()]})

    assert answer.status == 404


# -- once -----------------------------------------------------------------------------------------


async def test_a_repeated_push_is_one_push(stage: Stage) -> None:
    """Senders repeat until they hear from us: same id, same body, same bytes back, kept once."""
    consent = await consented(stage, stage.somebody())
    body = about(consent)
    first = await stage.push(LOGINS, body, id_="msg_repeated")
    kept = stage.rows()
    with stage.clock.ahead(minutes=2):
        again = await stage.push(LOGINS, body, id_="msg_repeated", at=stage.clock())

    assert (first.status, again.status) == (200, 200)
    assert again.body == first.body
    assert stage.rows() == kept
    assert await stage.entries(req=again.req) == []


async def test_an_id_that_came_with_another_body_is_refused(stage: Stage) -> None:
    """One id names one message; the other is a mistake of the sender's, and on record."""
    consent = await consented(stage, stage.somebody())
    await stage.push(LOGINS, about(consent), id_="msg_reused")
    before = stage.rows()
    other = await stage.push(LOGINS, about(consent, login(outcome="failure")), id_="msg_reused")

    assert (other.status, other.json["code"]) == (409, "conflict")
    assert await nothing_kept(stage, other, before) == ["conflict"]


async def test_an_id_about_another_subject_is_another_message(stage: Stage) -> None:
    """What is compared is whom it is about, too."""
    one, other = [await consented(stage, stage.somebody()) for _ in range(2)]
    event = login()
    await stage.push(LOGINS, about(one, event), id_="msg_whose")

    assert (await stage.push(LOGINS, about(other, event), id_="msg_whose")).status == 409


async def test_two_sources_do_not_share_ids(stage: Stage) -> None:
    """Two systems count by themselves."""
    consent = await consented(stage, stage.somebody())
    loan = {"id": "lp-1", "at": stamp(utc_now()), "declared_on": "2026-01-05", "declared": "travel"}

    assert (await stage.push(LOGINS, about(consent), id_="msg_1")).status == 200
    assert (await stage.push(PURPOSES, about(consent, loan), id_="msg_1")).status == 200


async def test_pushed_at_once_it_is_kept_once(stage: Stage) -> None:
    """A sender with two workers, or an impatient one: one batch, one entry, one answer."""
    consent = await consented(stage, stage.somebody())
    body = about(consent)
    answers = await asyncio.gather(*(stage.push(LOGINS, body, id_="msg_at_once") for _ in range(8)))
    two = [about(consent, login(id=f"lg-{n}")) for n in range(2)]
    mixed = await asyncio.gather(*(stage.push(LOGINS, said, id_="msg_mixed") for said in two * 3))

    assert {one.status for one in answers} == {200}
    assert len({one.body for one in answers}) == 1
    entries = [one for answer in answers for one in await stage.entries(req=answer.req)]
    assert [one["type"] for one in entries] == ["ingest.accepted"]
    assert sorted(one.status for one in mixed) == [200, 200, 200, 409, 409, 409]


@BOTH
async def test_without_a_record_nothing_is_taken(stage: Stage, broken: Broken) -> None:
    """Not stored, or stored and the receipt lost: the sender hears 503 and repeats, once."""
    consent = await consented(stage, stage.somebody())
    before, id_ = stage.rows(), f"msg_{broken.__name__}"
    body = about(consent)
    with broken(stage, "ingest.accepted"):
        lost = await stage.push(LOGINS, body, id_=id_)
    left = stage.rows()
    again = await stage.push(LOGINS, body, id_=id_)

    fails_closed(lost)
    assert again.status == 200
    assert left["push"] == before["push"] + (broken is answer_lost)
    assert stage.rows()["push"] == before["push"] + 1
    accepted = await stage.entries(consent=consent["id"], type="ingest.accepted")
    assert [entry["id"] for entry in accepted] == [again.json["id"]]


# -- under a consent of now -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ({"sources": ["pboc"]}, "source_not_granted"),
        ({"scopes": ["tradelines"]}, "scope_not_granted"),
    ],
)
async def test_what_nobody_granted_is_not_kept(
    stage: Stage, terms: dict[str, Any], reason: str
) -> None:
    """Deny unless granted, with the reason; once it is granted the same message is taken."""
    life = stage.somebody()
    consent = await consented(stage, life, **terms)
    before, body = stage.rows(), about(consent)
    refused = await stage.push(LOGINS, body, id_=f"msg_{reason}")

    assert (refused.status, refused.json["code"]) == (403, "consent_refused")
    assert refused.json["refusals"][LOGINS]["reason"] == reason
    assert await nothing_kept(stage, refused, before) == [reason]
    await consented(stage, life)
    assert (await stage.push(LOGINS, body, id_=f"msg_{reason}")).status == 200


async def test_a_consent_used_up_takes_nothing_in(stage: Stage) -> None:
    """What was given for one look is no leave to go on watching; and a push uses nothing up."""
    consent = await consented(stage, stage.somebody(), max_uses=1)
    early = await stage.push(LOGINS, about(consent))
    assert lines(await pulled(stage, consent))[LOGINS]["outcome"] == "report"
    late = await stage.push(LOGINS, about(consent, login(id="lg-2")))

    assert early.status == 200
    assert (late.status, late.json["refusals"][LOGINS]["reason"]) == (403, "consumed")


async def test_how_often_a_source_may_be_asked_does_not_bound_what_it_pushes(stage: Stage) -> None:
    """Taking in is an act of its own: it asks nobody, and uses no ask up."""
    daily = {"unit": "day", "value": 1}
    consent = await consented(stage, stage.somebody(), frequency=daily)
    await pulled(stage, consent)
    pushed = [await stage.push(LOGINS, about(consent, login(id=f"lg-{n}"))) for n in range(3)]
    again = await stage.pull(consent, sources=[LOGINS], scopes=["behaviour"])

    assert [one.status for one in pushed] == [200] * 3
    assert again.status == 403
    assert again.json["refusals"][LOGINS]["reason"] == "frequency_exhausted"


async def test_a_push_after_its_time_ends_a_consent(stage: Stage) -> None:
    """Whoever finds it expired says so in the log, a source no less than a caller."""
    soon = stamp(utc_now() + timedelta(hours=1))
    consent = await consented(stage, stage.somebody(), expires_at=soon)
    with stage.clock.ahead(hours=2):
        late = await stage.push(LOGINS, about(consent), at=stage.clock())

    assert late.json["refusals"][LOGINS]["reason"] == "expired"
    assert await stage.kinds(late.req) == ["ingest.refused", "consent.expired"]


async def test_a_withdrawal_ends_taking_in_and_reading(stage: Stage) -> None:
    """From its commit on nothing more is kept, and what was kept is not read."""
    consent = await consented(stage, stage.somebody())
    await stage.push(LOGINS, about(consent))
    await stage.withdraw(consent)
    before = stage.rows()
    late = await stage.push(LOGINS, about(consent, login(id="lg-2")))
    read = await stage.pull(consent, sources=[LOGINS])

    assert late.json["refusals"][LOGINS]["reason"] == "withdrawn"
    assert await nothing_kept(stage, late, before) == ["withdrawn"]
    assert (read.status, read.json["code"]) == (403, "consent_refused")


async def test_a_withdrawal_among_pushes_comes_before_or_after(stage: Stage) -> None:
    """Whatever the order of arrival, no event is taken in under a consent that has ended."""
    consent = await consented(stage, stage.somebody())
    pushing = [
        stage.push(LOGINS, about(consent, login(id=f"lg-{n}")), id_=f"msg_race_{n}")
        for n in range(12)
    ]
    answers, _ = await asyncio.gather(asyncio.gather(*pushing), stage.withdraw(consent))
    entries = await stage.entries(consent=consent["id"])

    assert {one.status for one in answers} <= {200, 403}
    assert list(after_withdrawal(entries)) == []
    taken = [entry for entry in entries if entry["type"] == "ingest.accepted"]
    assert len(taken) == sum(one.status == 200 for one in answers)


async def test_an_unknown_subject_is_refused_on_record(stage: Stage) -> None:
    """Nobody is watched who never agreed to anything."""
    before = stage.rows()
    stranger = {"subject": document(stage.somebody()), "events": [login()]}
    refused = await stage.push(LOGINS, stranger)

    assert (refused.status, refused.json["code"]) == (404, "not_found")
    assert "record a consent first" in refused.json["detail"]
    assert await nothing_kept(stage, refused, before) == ["not_found"]


# -- in the form we say ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "field", "expected"),
    [
        ({"outcome": "maybe"}, "/events/1/outcome", "'success', 'failure' or 'blocked'"),
        ({"at": "yesterday"}, "/events/1/at", "an instant, for example"),
        ({"at": "2026-03-01T12:00:00"}, "/events/1/at", "UTC offset"),
        ({"at": "2999-01-01T00:00:00Z"}, "/events/1/at", "not in the future"),
        ({"at": 1772366400}, "/events/1/at", "an instant"),
        ({"region": "310115"}, "/events/1/region", "00$"),
        ({"device": "short"}, "/events/1/device", "8,64"),
        ({"id": "lg-1"}, "/events/1/id", "each event once"),
        ({"surprise": 1}, "/events/1/surprise", "known: at, device, id, method, outcome, region"),
    ],
)
async def test_one_bad_event_refuses_the_whole_push(
    stage: Stage, wrong: dict[str, Any], field: str, expected: str
) -> None:
    """All or nothing, naming the field and what would have been right."""
    consent = await consented(stage, stage.somebody())
    before = stage.rows()
    bad = await stage.push(LOGINS, about(consent, login(), login(**{"id": "lg-2", **wrong})))

    assert (bad.status, bad.json["code"]) == (422, "invalid_input")
    (error,) = bad.json["errors"]
    assert error["field"] == field
    assert expected in error["expected"]
    assert await nothing_kept(stage, bad, before) == ["invalid_input"]


async def test_a_use_seen_before_it_is_known_is_refused(stage: Stage) -> None:
    """`at` is when the platform knew; nothing is known before it happens."""
    consent = await consented(stage, stage.somebody())
    loan = {
        "id": "lp-1", "at": "2026-03-01T12:00:00+08:00", "declared_on": "2026-02-01",
        "declared": "travel", "observed": [{"on": "2026-03-02", "use": "travel"}],
    }  # fmt: skip
    bad = await stage.push(PURPOSES, about(consent, loan))

    assert bad.json["errors"] == [
        {"field": "/events/0/observed", "expected": "a day not after `at`, in China"}
    ]


async def test_size_and_number_are_bounded(stage: Stage) -> None:
    """A push is small; a sender with more sends more of them."""
    consent = await consented(stage, stage.somebody())
    few = [{"id": f"l{n}", "at": stamp(utc_now()), "outcome": "failure", "method": "other"}
           for n in range(201)]  # fmt: skip
    most = await stage.push(LOGINS, about(consent, *few[:200]))
    many = await stage.push(LOGINS, about(consent, *few))
    none = await stage.push(LOGINS, {**about(consent), "events": []})
    huge = await stage.push(LOGINS, b"[" + b" " * 70_000 + b"]")

    assert [one.status for one in (most, many, none, huge)] == [200, 422, 422, 413]
    assert many.json["errors"][0]["field"] == "/events"


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{", b"\xff\xfe", b'{"events": NaN}'])
async def test_what_is_no_object_is_refused(stage: Stage, body: bytes) -> None:
    """Signed or not, it is a mistake that ends as a problem document."""
    try:
        answer = await stage.push(LOGINS, body)
    except UnicodeDecodeError:
        return  # nobody can sign it

    assert answer.status in {400, 422}


# -- and nobody else sees it ----------------------------------------------------------------------


async def test_the_store_tells_nothing_and_breaks_when_touched(stage: Stage) -> None:
    """Neither event, webhook id nor digest stands there in clear; a changed row is no source."""
    consent = await consented(stage, stage.somebody())
    await stage.push(LOGINS, about(consent, login(device="dv-CANARY-device")), id_="msg-CANARY-id")
    stored = b"".join(path.read_bytes() for path in stage.data.glob("creditgate.db*"))
    (sealed,) = stage.sql("SELECT max(received_at), id, sealed FROM push")
    broken = bytes(sealed[2][:-1]) + bytes([sealed[2][-1] ^ 1])
    stage.sql("UPDATE push SET sealed = ? WHERE id = ?", broken, sealed[1])
    line = lines(await pulled(stage, consent))[LOGINS]

    assert b"CANARY-device" not in stored
    assert b"CANARY-id" not in stored
    assert (line["outcome"], line["reason"]) == ("unavailable", "vault")


async def test_sources_tell_operators_which_are_pushed(stage: Stage) -> None:
    """They have neither a time-out nor attempts, and are counted like the others."""
    key = await stage.new_client(Role.OPS_READ)
    listed = (await stage.call("GET", "/v1/sources", key=key)).json["sources"]
    by_name = {one["name"]: one for one in listed}

    assert by_name[LOGINS]["pushed"]
    assert by_name[LOGINS]["timeout_ms"] is None
    assert not by_name["pboc"]["pushed"]


async def test_sources_tell_what_they_deliver_and_by_whom(stage: Stage) -> None:
    """An auditor reads off the running gateway what is collected, by which route and licence."""
    key = await stage.new_client(Role.OPS_READ)
    listed = (await stage.call("GET", "/v1/sources", key=key)).json["sources"]
    by_name = {one["name"]: one for one in listed}
    keys = ("route", "license", "delivers")
    front = tomllib.loads((ROOT / "config" / "gateway.toml").read_text())
    declared = {**front["sources"], **front["pushed"]}
    license_ = declared["pboc"]["license"]

    assert [by_name["pboc"][one] for one in keys] == [
        "licensed_bureau:ccrc",
        {**license_, "valid_to": str(license_["valid_to"])},
        declared["pboc"]["delivers"],
    ]
    assert [by_name[LOGINS][one] for one in keys] == [
        "own_institution", None, {"behaviour": ["login_events"]},
    ]  # fmt: skip
    assert {name: one["delivers"] for name, one in by_name.items()} == {
        name: one["delivers"] for name, one in declared.items()
    }


async def test_the_document_says_how_to_push(stage: Stage) -> None:
    """The body of each source, and that it is signed instead of keyed."""
    operation = stage.contract.document["paths"]["/v1/ingest/{source}"]["post"]
    models = stage.contract.document["components"]["schemas"]
    text = orjson.dumps(operation["requestBody"]).decode()

    assert operation["security"] == [{"signature": []}]
    assert {"webhook-id", "webhook-timestamp", "webhook-signature"} <= {
        one["name"] for one in operation["parameters"]
    }
    assert all(model in models for model in ("LoginEvent", "PurposeEvent"))
    assert text.count("$ref") == 2


async def test_what_is_read_is_bounded(stage: Stage) -> None:
    """A sender that floods one subject costs a profile no more than its room; the newest stays."""
    consent = await consented(stage, stage.somebody())
    for number in range(3):
        await stage.push(LOGINS, about(consent, login(id=f"lg-{number}")))
    services, permit = stage.services, permit_of(stage, consent)
    ask = replace(permit.ask, source=LOGINS, scopes=frozenset({Scope.BEHAVIOUR}), act=Act.FETCH)
    now = services.clock()
    told = services.read(lambda conn: services.ledger.weigh(conn, permit.grant.id, ask, at=now))
    assert isinstance(told, Permit)
    since = now - timedelta(days=1)

    def kept(room: int) -> Any:
        return orjson.loads(
            services.read(
                lambda conn: services.ingest.inbox.opened(
                    conn, told, since=since, until=now, room=room
                )
            )
        )

    assert [one["id"] for batch in kept(10_000)["batches"] for one in batch] == [
        "lg-0", "lg-1", "lg-2",
    ]  # fmt: skip
    assert not kept(10_000)["partial"]
    assert [one["id"] for batch in kept(1)["batches"] for one in batch] == ["lg-2"]
    assert kept(1)["partial"]


async def test_what_was_pushed_merges_again_to_the_same_profile(stage: Stage) -> None:
    """The events a profile was told are kept with it: more of them later change no past reply."""
    consent = await consented(stage, stage.world.persona("abnormal-logins"))
    for source, id_, body in pushes(stage.world.persona("abnormal-logins")):
        await stage.push(source, body, id_=f"{id_}-again")
    pull = await stage.pull(consent, sources=[*PUSHED])
    await stage.push(LOGINS, about(consent, login()))

    assert pull.status == 200
    assert rebuilt(stage, consent, pull) == shown(pull)
