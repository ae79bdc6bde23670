"""What a model reads: attributes, signals and reasons alone, of the catalogue it pins."""

from dataclasses import replace
from typing import Any

import pytest

from connectors.sandbox.facts import Life
from consent.clock import stamp, utc_now
from gateway.attributes import Catalogue, Catalogues
from gateway.clients import Role
from tests.gateway.reports import table
from tests.scenarios.given import Answer, Stage, gateway_on

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def numbers(stage: Stage, consent: dict[str, Any], key: str = "", **query: str) -> Answer:
    """The attributes of the subject of `consent`; `pinned` is the catalogue."""
    asked = {"purpose": consent["purpose"], **query}
    if "pinned" in asked:
        asked["set"] = asked.pop("pinned")
    text = "&".join(f"{name}={value}" for name, value in asked.items())
    path = f"/v1/borrowers/{consent['subject']}/attributes?{text}"
    return await stage.call("GET", path, key=key or None)


async def test_a_model_reads_numbers_and_no_records(stage: Stage) -> None:
    """Attributes, signals and reasons as the pull released them; no account, no name."""
    consent = await stage.consented(stage.somebody())
    pull = await stage.pull(consent)
    got = await numbers(stage, consent, key=await stage.new_client(Role.PROFILE_READ))

    assert got.status == 200
    shown, released = got.json["profile"], pull.json["profile"]
    assert set(shown) == {"attributes", "signals", "reasons"}
    assert shown == {name: released[name] for name in shown}
    assert got.json["snapshot"]["attributes"] == "core/1"
    assert got.json["profile"]["attributes"]["catalogue"] == "core/1"


async def test_reading_numbers_is_a_disclosure_like_any_other(stage: Stage) -> None:
    """On record with what was shown; refused, and on record, once the consent is withdrawn."""
    consent = await stage.consented(stage.somebody())
    await stage.pull(consent)
    shown = await numbers(stage, consent)
    await stage.withdraw(consent)
    refused = await numbers(stage, consent)

    assert await stage.kinds(shown.req) == ["profile.read"]
    (entry,) = await stage.entries(req=shown.req)
    assert entry["facts"]["sections"] == "attributes reasons signals"
    assert (refused.status, refused.json["code"]) == (403, "consent_refused")
    assert await stage.kinds(refused.req) == ["profile.denied"]


async def test_the_role_to_read_profiles_is_the_role_to_read_numbers(stage: Stage) -> None:
    """Numbers are about the person as much as records are."""
    consent = await stage.consented(stage.somebody())
    await stage.pull(consent)
    got = await numbers(stage, consent, key=await stage.new_client(Role.AUDIT_READ))

    assert (got.status, got.json["code"]) == (403, "not_allowed")


async def test_a_pinned_catalogue_is_the_one_that_is_read(stage: Stage) -> None:
    """Two models side by side: each gets the newest version that was computed for it."""
    settings = stage.services.settings
    core_2 = Catalogue.model_validate({**table("attributes/core-1.toml"), "catalogue": "core/2"})
    both = Catalogues.of((settings.merging.attributes.default, core_2), "core/1")
    chosen = replace(settings, merging=replace(settings.merging, attributes=both))
    consent = await stage.consented(stage.somebody())
    async with gateway_on(chosen, clock=stage.clock, wire=stage.wire) as (services, url):
        two = stage.at(services, url)
        old = await two.pull(consent)
        before = stamp(utc_now())
        none_yet = await numbers(two, consent, pinned="core/2")
        new = await two.pull(consent, attributes="core/2")
        first = await numbers(two, consent, pinned="core/1")
        second = await numbers(two, consent, pinned="core/2")
        newest = await numbers(two, consent)
        past = await numbers(two, consent, pinned="core/2", as_of=before)

    assert old.json["snapshot"]["attributes"] == "core/1"
    assert new.json["profile"]["attributes"]["catalogue"] == "core/2"
    assert (none_yet.status, past.status) == (404, 404)
    assert "pull one that names them" in none_yet.json["detail"]
    assert first.json["snapshot"] == old.json["snapshot"]
    assert second.json["snapshot"] == newest.json["snapshot"] == new.json["snapshot"]


@pytest.mark.parametrize("where", ["pull", "read"])
async def test_an_unknown_catalogue_is_refused_with_those_there_are(
    stage: Stage, where: str
) -> None:
    """Before anybody is asked: a model must not get another's numbers."""
    consent = await stage.consented(stage.somebody())
    before = await stage.calls()
    if where == "pull":
        got = await stage.pull(consent, attributes="core/9")
    else:
        await stage.pull(consent)
        before = await stage.calls()
        got = await numbers(stage, consent, pinned="core/9")

    assert (got.status, got.json["code"]) == (422, "invalid_input")
    assert got.json["errors"][0]["expected"] == "one of core/1"
    assert await stage.calls() == before


async def test_reasons_cite_records_of_the_profile(stage: Stage) -> None:
    """Whose cards are overdue is told why, by whom, and on which lines of whose report."""
    life: Life = stage.world.persona("card-overdue")
    consent = await stage.consented(life)
    profile = (await stage.pull(consent)).json["profile"]
    known = {record for line in profile["tradelines"]["lines"] for record in line["records"]}
    got = {one["code"]: one for one in profile["reasons"]["reasons"]}

    assert {"R04", "R05"} <= got.keys()
    assert got["R04"]["sources"] == ["pboc"]
    assert set(got["R04"]["basis"]) <= known
    assert all(one["sources"] for one in got.values())
