"""gateway.merge.config: what the shipped files say, and what stops the start."""

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.merge.config import MergeRules
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

    lot = next(lot for lot in rules.tradeline_lots if "terms" in lot.names)
    assert lot.names == ("terms",)
    assert lot.rank("baihang") < lot.rank("pboc")
