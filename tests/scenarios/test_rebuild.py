"""A stored profile merges again from its evidence to the same bytes, or names what is missing."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from consent import canonical
from consent.decision import Permit
from consent.subject import Act, Ask, Scope, SubjectRef
from gateway import wiring
from gateway.profile import to_sections
from gateway.rebuild import CannotRebuild, Gathering, rebuild
from gateway.store.snapshots import Store, StoredSnapshot
from tests.scenarios.given import MEMBER, Answer, Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")


def permit_of(stage: Stage, consent: Mapping[str, Any]) -> Permit:
    """A permit of now to read what the consent covers."""
    ask = Ask(
        MEMBER, SubjectRef.parse(consent["subject"]), "pboc", consent["purpose"],
        frozenset(Scope(one) for one in consent["scopes"]), Act.READ,
    )  # fmt: skip
    services = stage.services
    at = services.clock()
    found = services.read(lambda conn: services.ledger.weigh(conn, UUID(consent["id"]), ask, at=at))
    assert isinstance(found, Permit)
    return found


def rebuilt(stage: Stage, consent: Mapping[str, Any], pull: Answer) -> dict[str, bytes]:
    """Every section of the profile a pull brought, merged again."""
    services = stage.services
    store = Store(services.vault)
    gathering = Gathering(store, services.register)
    permit = permit_of(stage, consent)
    rules = wiring.rules_of(services.settings)
    id_ = UUID(pull.json["snapshot"]["id"])

    def question(conn: Any) -> dict[str, bytes]:
        stored = store.snapshot(conn, MEMBER, permit.ask.subject, id_)
        assert isinstance(stored, StoredSnapshot)
        whole = to_sections(rebuild(gathering.gather(conn, permit, stored), rules))
        return {name: canonical.encode(section) for name, section in whole.items()}

    return services.read(question)


def shown(pull: Answer) -> dict[str, bytes]:
    """The sections as they left."""
    return {name: canonical.encode(body) for name, body in pull.json["profile"].items()}


async def test_the_same_evidence_gives_the_same_profile(stage: Stage) -> None:
    """What was sealed is what the evidence says, section by section, byte for byte."""
    consent = await stage.consented(stage.world.persona("many-lenders"))
    pull = await stage.pull(consent)

    assert rebuilt(stage, consent, pull) == shown(pull)


async def test_reports_are_judged_by_who_the_subject_was_then(stage: Stage) -> None:
    """Another consent tells another name since: whose the reports are was judged by the first."""
    life = stage.somebody()
    pull = await stage.pull(await stage.consented(life))
    renamed = replace(life, person=replace(life.person, name="示例新名"))
    since = await stage.consented(renamed)

    assert since["subject"] == pull.json["subject"]
    assert rebuilt(stage, since, pull) == shown(pull)
    assert (await stage.pull(since)).json["profile"]["sources"]["lines"] != (
        pull.json["profile"]["sources"]["lines"]
    )


async def test_a_ruling_that_was_undone_since_is_part_of_it(stage: Stage) -> None:
    """What a person said then is among the inputs, sealed; what they say now does not matter."""
    consent = await stage.consented(stage.world.persona("many-lenders"))
    first = await stage.pull(consent)
    lines = first.json["profile"]["tradelines"]["lines"]
    loans = [line for line in lines if line["kind"]["value"] == "instalment_loan"]
    asked = {
        "subject": consent["subject"],
        "purpose": consent["purpose"],
        "reason": "contract_seen",
    }
    pair = [line["records"][0] for line in loans[:2]]
    link = await stage.call("POST", "/v1/links", {**asked, "verdict": "same", "records": pair})
    second = await stage.pull(consent)
    undo = {"purpose": consent["purpose"], "reason": "mistaken"}
    undone = await stage.call("POST", f"/v1/links/{link.json['id']}/undo", undo)

    assert (link.status, undone.status) == (201, 200)
    assert "judged/1" in second.body.decode()
    assert rebuilt(stage, consent, second) == shown(second)


async def test_failures_and_reused_answers_are_part_of_it(stage: Stage) -> None:
    """A source that was silent, broken, or answered from store says so again."""
    consent = await stage.consented(stage.somebody())
    await stage.fault("bairong", "garbage")
    await stage.fault("tongdun", "http_error")
    first = await stage.pull(consent)
    second = await stage.pull(consent, max_age_s=3600)

    outcomes = [
        {line["outcome"] for line in one.json["profile"]["sources"]["lines"]}
        for one in (first, second)
    ]
    assert outcomes[0] >= {"report", "unavailable", "broke_contract"}
    assert outcomes[1] >= {"report", "reused"}
    assert rebuilt(stage, consent, first) == shown(first)
    assert rebuilt(stage, consent, second) == shown(second)


async def test_a_narrow_ask_rebuilds_narrow(stage: Stage) -> None:
    """Stored answers hold more than was asked for; what was not granted stays out again."""
    consent = await stage.consented(stage.somebody(), scopes=["inquiries", "scores"])
    pull = await stage.pull(consent)

    again = rebuilt(stage, consent, pull)
    assert again == shown(pull)
    assert "tradelines" not in again


async def test_what_is_gone_or_altered_is_named(stage: Stage) -> None:
    """All of it at once, by source and id: an auditor looks for it in a backup."""
    consent = await stage.consented(stage.somebody())
    pull = await stage.pull(consent)
    ends = [e for e in await stage.entries(req=pull.req) if e["type"] == "fetch.ok"]
    raws = {e["source"]: e["facts"]["raw"] for e in ends}
    stage.sql("DELETE FROM report WHERE id = ?", UUID(raws["pboc"]).hex)
    ((sealed,),) = stage.sql("SELECT sealed FROM report WHERE id = ?", UUID(raws["baihang"]).hex)
    spoiled = sealed[:-1] + bytes([sealed[-1] ^ 1])
    stage.sql("UPDATE report SET sealed = ? WHERE id = ?", spoiled, UUID(raws["baihang"]).hex)

    with pytest.raises(CannotRebuild) as refused:
        rebuilt(stage, consent, pull)

    said = {(one.what, one.which): one.why for one in refused.value.missing}
    assert set(said) == {
        ("raw_answer", f"pboc/{raws['pboc']}"),
        ("raw_answer", f"baihang/{raws['baihang']}"),
    }
    assert "is gone" in said["raw_answer", f"pboc/{raws['pboc']}"]
    assert "altered" in said["raw_answer", f"baihang/{raws['baihang']}"]


async def test_the_columns_beside_an_answer_are_not_believed(stage: Stage) -> None:
    """When it came and its status stand in clear; a rebuild takes them from what was sealed."""
    consent = await stage.consented(stage.somebody())
    pull = await stage.pull(consent)
    subject = UUID(consent["subject"]).hex
    stage.sql(
        "UPDATE report SET received_at = '2020-01-01T00:00:00.000000Z', status = 500"
        " WHERE subject = ?", subject,
    )  # fmt: skip

    assert rebuilt(stage, consent, pull) == shown(pull)
