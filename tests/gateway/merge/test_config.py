"""gateway.merge.config: what the shipped files say, and what stops the start."""

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.merge.config import MergeRules
from gateway.merge.rules import latest_first, rank_first, sorting
from tests.gateway.reports import table


def with_tradeline(**fields: Any) -> dict[str, Any]:
    """The shipped rules with other rules for some fields of a tradeline."""
    shipped = table("merge.toml")
    return {**shipped, "tradeline": {**shipped["tradeline"], **fields}}


def test_every_field_has_a_rule() -> None:
    """A field without one would be dropped without a word."""
    shipped = table("merge.toml")
    del shipped["tradeline"]["balance"]

    with pytest.raises(ValidationError, match="missing or too many: balance"):
        MergeRules.model_validate(shipped)


def test_an_unknown_field_stops_the_start() -> None:
    """It is a slip of the pen for one that then has no rule."""
    with pytest.raises(ValidationError, match="missing or too many: ballance"):
        MergeRules.model_validate(with_tradeline(ballance="latest_then_rank/1"))


def test_an_unknown_rule_stops_the_start_and_lists_the_known() -> None:
    """Before a single value is decided by it."""
    with pytest.raises(ValidationError, match="no rule 'newest'; known: latest_then_rank/1"):
        MergeRules.model_validate(with_tradeline(balance="newest"))


def test_a_field_may_have_a_rank_of_its_own() -> None:
    """One bureau may be best at one thing."""
    own = {"rule": "rank_then_latest/1", "rank": ["baihang", "pboc"]}
    rules = MergeRules.model_validate(with_tradeline(terms=own))

    lot = next(lot for lot in rules.tradeline_lots.lots if "terms" in lot.names)
    assert lot.names == ("terms",)
    assert lot.key is sorting(rank_first, ("baihang", "pboc"))
    own = {"rule": "worst_by_month/1", "rank": ["baihang", "pboc"]}
    rules = MergeRules.model_validate(with_tradeline(grid=own))
    assert rules.grid_order is sorting(latest_first, ("baihang", "pboc"))


def test_a_jurisdiction_may_rank_and_rule_its_own_way() -> None:
    """What one supervisor's database says goes before all, there and nowhere else."""
    place = {
        "rank": ["north", "pboc"],
        "tradeline": {"five_class": {"rule": "rank_then_latest/1", "rank": ["south"]}},
        "identity": {"name": "fullest_record_then_rank/1"},
    }
    rules = MergeRules.model_validate({**table("merge.toml"), "jurisdiction": {"XX": place}})
    there, elsewhere = rules.within("XX"), rules.within("YY")

    assert there.ranking["north"] < there.ranking["pboc"] < there.ranking["baihang"]
    assert there.tradeline["five_class"].rank == ("south",)
    assert there.identity["name"].rule == "fullest_record_then_rank/1"
    assert there.tradeline["balance"] == rules.tradeline["balance"]
    assert elsewhere == rules
    assert elsewhere.ranking["pboc"] < elsewhere.ranking["north"]


@pytest.mark.parametrize(
    "place",
    [
        {"tradeline": {"balance": "newest"}},
        {"tradeline": {"ballance": "latest_then_rank/1"}},
        {"identity": {"grid": "worst_by_month/1"}},
        {"ranks": ["pboc"]},
    ],
    ids=["rule", "field", "other record", "key"],
)
def test_a_slip_in_a_jurisdiction_stops_the_start(place: dict[str, Any]) -> None:
    """Not the first subject who lives there."""
    with pytest.raises(ValidationError):
        MergeRules.model_validate({**table("merge.toml"), "jurisdiction": {"XX": place}})
