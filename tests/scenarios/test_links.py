"""A person rules on records and reports: it counts, it is on record, and it can be taken back."""

from collections.abc import Mapping
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import orjson
import pytest

from connectors.records import AccountKind
from consent.clock import stamp, utc_now
from gateway import reviewing
from gateway.clients import Role
from gateway.store.snapshots import Store
from tests.scenarios.given import Answer, Stage, lines

pytestmark = pytest.mark.asyncio(loop_scope="module")

Profile = Mapping[str, Any]
LONG_AFTER = 2900  # days: what ended before is over, by art. 16 of 征信业管理条例


async def pulled(stage: Stage, consent: Mapping[str, Any], **more: Any) -> Profile:
    """The profile of a pull."""
    reply: Profile = (await stage.pull(consent, **more)).json
    return reply


def accounts(reply: Profile) -> list[dict[str, Any]]:
    """Its accounts."""
    found: list[dict[str, Any]] = reply["profile"]["tradelines"]["lines"]
    return found


def two_loans(reply: Profile) -> tuple[str, str]:
    """Records of two accounts of one kind."""
    by_kind: dict[str, list[str]] = {}
    for line in accounts(reply):
        by_kind.setdefault(line["kind"]["value"], []).append(line["records"][0])
    one, other, *_ = max(by_kind.values(), key=len)
    return one, other


def homes(reply: Profile) -> list[set[str]]:
    """Which records are one account; a record by its place in the report, whatever its id."""
    return [{one.split("/", 2)[2] for one in line["records"]} for line in accounts(reply)]


async def ruled(stage: Stage, consent: Mapping[str, Any], **changed: Any) -> Answer:
    """A ruling on a subject's records."""
    body = {
        "subject": consent["subject"],
        "purpose": consent["purpose"],
        "verdict": "same",
        "reason": "contract_seen",
        "reviewer": "desk_7",
        **changed,
    }
    return await stage.call("POST", "/v1/links", body)


async def undone(stage: Stage, consent: Mapping[str, Any], link: str) -> Answer:
    """Taking one back."""
    body = {"purpose": consent["purpose"], "reason": "mistaken"}
    return await stage.call("POST", f"/v1/links/{link}/undo", body)


async def test_a_ruling_counts_from_the_next_pull_until_it_is_undone(stage: Stage) -> None:
    """Two accounts, then one by the rule `judged/1`, then two again; the snapshots stay as made."""
    consent = await stage.consented(stage.world.persona("many-lenders"))
    first = await pulled(stage, consent)
    one, other = two_loans(first)
    pair = {one.split("/", 2)[2], other.split("/", 2)[2]}

    ruling = await ruled(stage, consent, records=[one, other])
    second = await pulled(stage, consent)
    back = await undone(stage, consent, ruling.json["id"])
    third = await pulled(stage, consent)

    assert (ruling.status, back.status) == (201, 200)
    assert not any(pair <= home for home in homes(first))
    assert sum(pair <= home for home in homes(second)) == 1
    (together,) = (line for line in accounts(second) if len(line["records"]) > 1)
    assert [match["rule"] for match in together["matches"]] == ["judged/1"]
    assert homes(third) == homes(first)
    assert (ruling.json["standing"], back.json["standing"]) == (True, False)
    assert back.json["made"] == ruling.json["made"]
    assert back.json["undone"]["reason"] == "mistaken"


async def test_a_ruling_and_its_undoing_are_on_record(stage: Stage) -> None:
    """Each with its entry, in one commit; which records it was about is not in clear."""
    consent = await stage.consented(stage.somebody())
    one, other = two_loans(await pulled(stage, consent))
    before = stage.rows()["link_event"]

    ruling = await ruled(stage, consent, records=[one, other], verdict="different")
    back = await undone(stage, consent, ruling.json["id"])

    (judged,), (taken,) = [await stage.entries(req=a.req) for a in (ruling, back)]
    assert (judged["type"], taken["type"]) == ("link.judged", "link.undone")
    assert judged["reason"] == "contract_seen"
    assert judged["actor"]["id"] == ruling.json["made"]["by"]
    assert judged["consent"]["id"] == consent["id"]
    assert judged["facts"]["verdict"] == "different"
    assert judged["facts"]["link"] == taken["facts"]["link"] == ruling.json["id"]
    assert judged["detail"]
    assert not any(secret in str(judged) for secret in (one, other, "desk_7"))
    assert stage.rows()["link_event"] == before + 2  # never changed, never deleted
    sealed = stage.sql("SELECT sealed FROM link_event WHERE sealed IS NOT NULL")
    assert not any(one.encode() in body or b"desk_7" in body for (body,) in sealed)


async def test_rulings_are_listed_with_those_undone(stage: Stage) -> None:
    """Who, when, why, and how alike the facts were."""
    consent = await stage.consented(stage.somebody())
    one, other = two_loans(await pulled(stage, consent))
    ruling = (await ruled(stage, consent, records=[one, other])).json
    await undone(stage, consent, ruling["id"])
    again = (await ruled(stage, consent, records=[other, one])).json

    path = f"/v1/links?subject={consent['subject']}&purpose={consent['purpose']}"
    found = await stage.call("GET", path)

    assert [(link["id"], link["standing"]) for link in found.json["links"]] == [
        (ruling["id"], False), (again["id"], True),
    ]  # fmt: skip
    assert found.json["links"][1]["records"] == sorted([one, other])
    assert found.json["links"][1]["reviewer"] == "desk_7"
    assert await stage.kinds(found.req) == ["link.read"]


async def test_a_report_ruled_somebody_elses_is_set_aside(stage: Stage) -> None:
    """The stored answer is read again, and nothing of it is merged; undone, it is back."""
    consent = await stage.consented(stage.somebody())
    first = await pulled(stage, consent)
    report = lines(first)["pboc"]["report_id"]

    ruling = await ruled(stage, consent, report=f"pboc/{report}", verdict="different")
    second = await pulled(stage, consent, max_age_s=3600)
    await undone(stage, consent, ruling.json["id"])
    third = await pulled(stage, consent, max_age_s=3600)

    assert ruling.json["score"] == lines(first)["pboc"]["judgement"]["score"]
    line = lines(second)["pboc"]
    assert (line["quarantined"], line["reason"], line["rule"]) == (True, "judged_other", "judged/1")
    assert line["judgement"]["verdict"] == "match"  # what the facts say is still shown
    assert accounts(second) == []
    assert homes(third) == homes(first)


async def test_reports_of_two_sources_may_bear_one_id(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ids are each source's own: what the facts said is looked up for the source that was named."""
    consent = await stage.consented(stage.somebody())
    await pulled(stage, consent)
    opened = Store.open_sections

    def alike(*args: Any) -> dict[str, bytes]:
        found = orjson.loads(opened(*args)["sources"])
        for score, line in enumerate(found["lines"]):
            line |= {"report_id": "SAME", "judgement": {"score": score}}
        return {"sources": orjson.dumps(found)}

    monkeypatch.setattr(Store, "open_sections", alike)
    names = sorted(consent["sources"])
    made = [await ruled(stage, consent, report=f"{source}/SAME") for source in names]

    assert [one.json["score"] for one in made] == list(range(len(names)))
    assert len(names) > 1


async def test_a_ruling_on_a_doubt_keeps_its_score(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who checks rulings sees what the facts said of this pair, in whichever order it was named."""
    consent = await stage.consented(stage.world.persona("many-lenders"))
    one, other = two_loans(await pulled(stage, consent))
    opened = Store.open_sections

    def doubting(*args: Any) -> dict[str, bytes]:
        found = opened(*args)
        section = orjson.loads(found["tradelines"])
        doubt = {"rule": "same_loan/1", "one": one}
        section["doubts"] = [{**doubt, "other": "pboc/X/Y", "score": 1_000}]
        section["doubts"] += [{**doubt, "other": other, "score": 2_000}]
        return {**found, "tradelines": orjson.dumps(section)}

    monkeypatch.setattr(Store, "open_sections", doubting)
    made = []
    for records in ([one, other], [other, one]):
        ruling = await ruled(stage, consent, records=records, verdict="different")
        await undone(stage, consent, ruling.json["id"])
        made.append((ruling.json["score"], (await stage.entries(req=ruling.req))[0]["facts"]))

    assert [score for score, _ in made] == [2_000, 2_000]
    assert [facts["score"] for _, facts in made] == [2_000, 2_000]


async def test_a_ruling_is_about_accounts_whatever_report_names_them(stage: Stage) -> None:
    """The next pull has new record ids: two rulings that contradict would both stand by them."""
    consent = await stage.consented(stage.somebody())
    one, other = two_loans(await pulled(stage, consent))
    ruling = await ruled(stage, consent, records=[one, other], verdict="different")
    with stage.clock.ahead(minutes=1):
        second = await pulled(stage, consent)
        told = {cited.split("/", 2)[2]: cited for a in accounts(second) for cited in a["records"]}
        again = [told[record.split("/", 2)[2]] for record in (one, other)]
        contradicting = await ruled(stage, consent, records=again, verdict="same")

    assert {one, other}.isdisjoint(again)
    assert (ruling.status, contradicting.status) == (201, 409)
    assert ruling.json["id"] in contradicting.json["detail"]


async def test_what_nobody_can_rule_is_an_error_that_says_so(stage: Stage) -> None:
    """Records and reports of the snapshot only; once only; and nothing twice."""
    consent = await stage.consented(stage.somebody())
    one, other = two_loans(await pulled(stage, consent))
    card = "pboc/X/Y"
    kept = stage.rows()["link_event"]

    for wrong in (
        {"records": [one, card]},
        {"records": [one, one]},
        {"records": [one]},
        {"report": "pboc/other"},
        {"records": [one, other], "report": "pboc/x"},
        {},
        {"records": [one, other], "reason": "free text, which may name anyone"},
        {"records": [one, other], "reason": "id_999999198601210025"},
    ):
        assert (await ruled(stage, consent, **wrong)).status == 422, wrong
    assert (await ruled(stage, consent, records=[one, other], snapshot=str(uuid4()))).status == 404
    assert stage.rows()["link_event"] == kept

    ruling = await ruled(stage, consent, records=[one, other])
    twice = await ruled(stage, consent, records=[other, one], verdict="different")
    first, second = [await undone(stage, consent, ruling.json["id"]) for _ in range(2)]
    assert (twice.status, first.status, second.status) == (409, 200, 409)
    assert (await undone(stage, consent, str(uuid4()))).status == 404
    assert (await stage.entries(req=twice.req))[0]["type"] == "link.denied"


async def test_a_reason_is_one_of_a_closed_list(stage: Stage) -> None:
    """It stands in clear in the audit log: a code of the caller's own could name the subject."""
    consent = await stage.consented(stage.somebody())
    one, other = two_loans(await pulled(stage, consent))
    number = "id_999999198601210025"

    wrong = await ruled(stage, consent, records=[one, other], reason=number)
    ruling = await ruled(stage, consent, records=[one, other])
    body = {"purpose": consent["purpose"], "reason": number}
    back = await stage.call("POST", f"/v1/links/{ruling.json['id']}/undo", body)

    assert (wrong.status, back.status) == (422, 422)
    assert "contract_seen" in str(wrong.json["errors"])
    assert number not in str(await stage.entries(subject=consent["subject"]))
    assert stage.sql("SELECT reason FROM link_event WHERE reason = ?", number) == []


async def test_without_consent_nobody_rules_or_reads_rulings(stage: Stage) -> None:
    """A ruling opens the subject's data: after a withdrawal it is refused, and on record."""
    consent = await stage.consented(stage.somebody())
    one, other = two_loans(await pulled(stage, consent))
    ruling = (await ruled(stage, consent, records=[one, other])).json
    await stage.withdraw(consent)

    path = f"/v1/links?subject={consent['subject']}&purpose={consent['purpose']}"
    for refused in (
        await ruled(stage, consent, records=[one, other]),
        await undone(stage, consent, ruling["id"]),
        await stage.call("GET", path),
    ):
        assert (refused.status, refused.json["code"]) == (403, "consent_refused")
        assert "link.denied" in await stage.kinds(refused.req)


async def test_a_ruling_is_seen_under_a_consent_for_what_it_is_about(stage: Stage) -> None:
    """A consent for another source's behaviour opens a snapshot, not what PBOC's accounts are."""
    life = stage.somebody()
    broad = await stage.consented(life, sources=["pboc", "baihang"], scopes=["tradelines"])
    first = await pulled(stage, broad)
    records = (await ruled(stage, broad, records=two_loans(first))).json
    report = f"pboc/{lines(first)['pboc']['report_id']}"
    whose = (await ruled(stage, broad, report=report)).json
    path = f"/v1/links?subject={broad['subject']}&purpose={broad['purpose']}"
    before = await stage.call("GET", path)
    await stage.withdraw(broad)
    narrow = await stage.consented(life, sources=["tongdun"], scopes=["behaviour"])
    await pulled(stage, narrow)

    after = await stage.call("GET", path)
    refused = [await undone(stage, narrow, link["id"]) for link in (records, whose)]

    assert [one["id"] for one in before.json["links"]] == [records["id"], whose["id"]]
    assert (after.status, after.json["links"]) == (200, [])
    assert [(one.status, one.json["code"]) for one in refused] == [(403, "consent_refused")] * 2
    assert await stage.kinds(refused[0].req) == ["link.denied"]
    shown = [(await stage.entries(req=one.req))[0]["facts"]["links"] for one in (before, after)]
    assert shown == [f"{records['id']} {whose['id']}", ""]


async def test_every_consent_a_list_rests_on_has_its_entry(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who asks what was shown under a consent must find it, whatever the newest snapshot is of."""
    life = stage.somebody()
    both = await stage.consented(life, sources=["pboc", "baihang"], scopes=["tradelines"])
    first = await pulled(stage, both)
    monkeypatch.setattr(  # the sandbox has but one bureau that tells accounts
        reviewing,
        "_account",
        lambda _, one: SimpleNamespace(name=one.source, family="loan", currency="CNY"),
    )
    across = (await ruled(stage, both, records=["baihang/B/1", "pboc/P/1"])).json["id"]
    alone = (await ruled(stage, both, report=f"pboc/{lines(first)['pboc']['report_id']}")).json
    pboc = await stage.consented(life, sources=["pboc"], scopes=["tradelines"])
    baihang = await stage.consented(life, sources=["baihang"], scopes=["tradelines"])
    await stage.withdraw(both)
    newest = await stage.consented(life, sources=["tongdun"], scopes=["behaviour"])
    await pulled(stage, newest)

    path = f"/v1/links?subject={both['subject']}&purpose={both['purpose']}"
    found = await stage.call("GET", path)
    back = await undone(stage, newest, across)

    assert [one["id"] for one in found.json["links"]] == [across, alone["id"]]
    told = await stage.entries(req=found.req)
    assert {(e["consent"]["id"], e["facts"]["links"], *e["scopes"]) for e in told} == {
        (newest["id"], "", "behaviour"),
        (pboc["id"], f"{across} {alone['id']}", "tradelines"),
        (baihang["id"], across, "tradelines"),
    }
    assert {e["type"] for e in told} == {"link.read"}
    assert [(e["type"], e["consent"]["id"]) for e in await stage.entries(req=back.req)] == [
        ("link.undone", baihang["id"]), ("link.read", pboc["id"]),
    ]  # fmt: skip


async def test_nobody_rules_on_what_is_over_its_term(stage: Stage) -> None:
    """An account that may not be shown any more is not told by a ruling on it either."""
    life = next(
        life
        for life in iter(stage.somebody, None)
        if any(one.kind is AccountKind.COLLECTION and one.ended for one in life.accounts)
    )
    later = stamp(utc_now() + timedelta(days=LONG_AFTER + 1))
    consent = await stage.consented(life, sources=["pboc"], expires_at=later)
    first = await pulled(stage, consent)
    with stage.clock.ahead(days=LONG_AFTER):
        last = (await stage.read(consent)).json
    shown = {record for line in accounts(last) for record in line["records"]}
    told = [line["records"][0] for line in accounts(first)]
    over = [record for record in told if record not in shown]

    pair = [over[0], next(record for record in told if record in shown)]
    with stage.clock.ahead(days=LONG_AFTER):
        after = await ruled(stage, consent, records=pair, verdict="different")
    before = await ruled(stage, consent, records=pair, verdict="different")

    assert (after.status, after.json["errors"][0]["field"]) == (422, "/records")
    assert before.status == 201


async def test_another_member_finds_no_ruling(stage: Stage) -> None:
    """Neither the subject nor the link is there."""
    consent = await stage.consented(stage.somebody())
    one, other = two_loans(await pulled(stage, consent))
    link = (await ruled(stage, consent, records=[one, other])).json["id"]
    rival = await stage.new_client(*Role, member="rival")

    body = {"purpose": consent["purpose"], "reason": "mistaken"}
    path = f"/v1/links?subject={consent['subject']}&purpose={consent['purpose']}"
    for hidden in (
        await stage.call("POST", f"/v1/links/{link}/undo", body, key=rival),
        await stage.call("GET", path, key=rival),
    ):
        assert hidden.status == 404
