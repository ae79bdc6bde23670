"""R-03 over the whole way: what an insurance site says of illness reaches nobody and nothing."""

import pytest

from connectors.sandbox.render.social_insurance import tells_of_health
from tests.scenarios.given import Stage, consent_request

pytestmark = pytest.mark.asyncio(loop_scope="module")

SOURCE = "social_insurance"


async def test_health_data_reaches_no_reply_and_no_store(stage: Stage) -> None:
    """The site sent it unasked; the log vouches for the answer without it, and it is counted."""
    life = next(life for life in stage.world.lives() if tells_of_health(life) and life.index > 50)
    consent = await stage.gateway.record_consent(consent_request(life, sources=[SOURCE]))
    pull = await stage.pull(consent)
    (exchange,) = stage.wire.exchanges
    (end,) = (e for e in await stage.entries(req=pull.req) if e["type"] == "fetch.ok")
    found = pull.json["profile"]["issues"]["issues"]

    assert "医" in exchange.raw.content.decode()
    assert "医" not in pull.body.decode()
    assert end["facts"]["sha256"] != exchange.raw.sha256
    assert {i["where"] for i in found if i["kind"] == "forbidden"} == {
        "medical", "base_info.medical", "insurances", "insurance_record",
    }  # fmt: skip


async def test_a_refusal_of_income_costs_the_other_scopes_nothing(stage: Stage) -> None:
    """Who gave no separate consent is asked nothing about contributions, by a permit or a trick."""
    life = stage.somebody()
    request = consent_request(
        life, sources=["pboc", SOURCE], scopes=["identity", "tradelines"], separate_consents=[]
    )
    consent = await stage.gateway.record_consent(request)
    pull = await stage.pull(consent, scopes=["identity", "tradelines"])

    assert pull.status == 200
    assert "contributions" not in pull.json["profile"]
    assert "income_and_assets" not in pull.json["profile"]
