"""A plan over real HTTP: whom it asks for what, and what it lets be merged of a doubtful report."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import pytest

from connectors.base import Connector
from connectors.http import RawAnswer
from connectors.records import Identity, NoHit, Phone, Report
from tests.scenarios.given import Answer, Stage, lines
from tests.scenarios.test_replay import proven

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def ask(stage: Stage, consent: Mapping[str, Any], **changed: Any) -> Answer:
    """A pull; `changed` replaces fields, those that are None are not in the body."""
    body = stage.pull_request(consent, **changed)
    sent = {name: value for name, value in body.items() if value is not None}
    return await stage.call("POST", "/v1/profiles", sent)


async def by_plan(stage: Stage, consent: Mapping[str, Any], plan: str, **more: Any) -> Answer:
    """A pull by a plan alone."""
    return await ask(stage, consent, plan=plan, sources=None, scopes=None, **more)


async def test_a_plan_asks_its_sources_for_its_scopes(stage: Stage) -> None:
    """The consent covers more; the plan asks for less, and the audit log names it."""
    consent = await stage.consented(stage.somebody())
    answer = await by_plan(stage, consent, "account_review")

    assert answer.status == 200
    assert set(lines(answer.json)) == {"pboc", "baihang", "bairong"}
    assert set(answer.json["scopes"]) == {"identity", "tradelines", "inquiries", "behaviour"}
    assert answer.json["profile"]["sources"]["plan"] == "account_review"
    (release,) = await stage.entries(req=answer.req, type="profile.release")
    assert release["facts"]["plan"] == "account_review"


async def test_what_the_caller_says_of_time_goes_before_the_plan(stage: Stage) -> None:
    """The plan lets an answer of the last day stand in; a caller who wants news gets it."""
    consent = await stage.consented(stage.somebody())
    outcomes = [
        lines((await by_plan(stage, consent, "account_review", **more)).json)["pboc"]["outcome"]
        for more in ({}, {}, {"max_age_s": 0})
    ]

    assert outcomes == ["report", "reused", "report"]


@dataclass
class Renaming:
    """A bureau that keeps the subject's number under another name, and knows no telephone."""

    inner: Connector

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def read(self, raw: RawAnswer) -> Report | NoHit:
        said = self.inner.read(raw)
        assert isinstance(said, Report)
        kept = (one for one in said.records if not isinstance(one, Phone))
        renamed = (replace(r, name="丑未申") if isinstance(r, Identity) else r for r in kept)
        return replace(said, records=tuple(renamed))


async def test_under_review_only_the_plans_scopes_are_merged(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number is the subject's, the name is not: it is said, and the plan decides."""
    connectors = cast("dict[str, Connector]", stage.services.connectors)
    monkeypatch.setitem(connectors, "pboc", cast("Connector", Renaming(connectors["pboc"])))
    consent = await stage.consented(stage.somebody())
    careful = (await by_plan(stage, consent, "origination")).json
    careless = await by_plan(stage, consent, "account_review", max_age_s=0)

    line = lines(careful)["pboc"]
    assert (line["quarantined"], line["reason"]) == (True, "identity_review")
    assert "merged_under_review" not in line
    assert resting_on_pboc(careful, "tradelines", "lines") == 0
    assert resting_on_pboc(careful, "inquiries", "inquiries") == 0
    line = lines(careless.json)["pboc"]
    assert (line["quarantined"], line["merged_under_review"]) == (True, ["inquiries"])
    assert resting_on_pboc(careless.json, "tradelines", "lines") == 0
    assert resting_on_pboc(careless.json, "inquiries", "inquiries") > 0


async def test_a_pull_by_plan_replays(stage: Stage) -> None:
    """What the plan let be merged then is an input of the merge, whatever the plan says now."""
    consent = await stage.consented(stage.somebody())
    pull = await by_plan(stage, consent, "account_review")

    assert await proven(stage, pull.json["snapshot"]["id"], pull)


def resting_on_pboc(reply: Mapping[str, Any], section: str, items: str) -> int:
    """How many of the merged things name a record of PBOC's."""
    return sum(
        any(record.startswith("pboc/") for record in one["records"])
        for one in reply["profile"][section][items]
    )


async def test_what_the_subject_told_of_home_and_work_is_compared(stage: Stage) -> None:
    """Told with the consent, kept sealed, and a reason in the judgement; never a value."""
    life = stage.somebody()
    consent = await stage.consented(life)
    answer = await by_plan(stage, consent, "origination")

    judgement = lines(answer.json)["pboc"]["judgement"]
    assert {one["field"]: one["level"] for one in judgement["reasons"]}["address"] == "same"
    assert judgement["rival"] in {"relative", "stranger"}
    assert life.person.homes[0].text not in str(answer.json["profile"]["sources"])


@pytest.mark.parametrize(
    ("asked", "field", "said"),
    [
        (
            {"plan": "nobodys", "sources": None, "scopes": None},
            "/plan",
            "one of account_review, origination",
        ),
        ({"plan": "origination"}, "/plan", "either plan, or sources and scopes"),
        ({"plan": "origination", "sources": None}, "/plan", "either plan"),
        ({"plan": "Not a name", "sources": None, "scopes": None}, "/plan", "pattern"),
        ({"sources": None, "scopes": None}, "/sources", "required without a plan"),
        ({"scopes": None}, "/scopes", "required without a plan"),
    ],
)
async def test_a_wrong_plan_is_refused_by_the_field(
    stage: Stage, asked: dict[str, Any], field: str, said: str
) -> None:
    """The caller learns which plans there are, and nobody is asked."""
    consent = await stage.consented(stage.somebody())
    before = await stage.calls()
    answer = await ask(stage, consent, **asked)

    assert (answer.status, answer.json["code"]) == (422, "invalid_input")
    (error,) = answer.json["errors"]
    assert error["field"] == field
    assert said in error["expected"]
    assert await stage.calls() == before
