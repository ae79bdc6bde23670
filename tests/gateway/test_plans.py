"""gateway.plans: a plan is whole and sound, or the start stops."""

from typing import Any

import pytest
from pydantic import ValidationError

from consent.errors import InvalidInput
from consent.subject import Scope
from gateway.plans import Plan, find

SOUND: dict[str, Any] = {
    "name": "quick",
    "sources": ["pboc"],
    "scopes": ["tradelines", "inquiries"],
    "deadline_ms": 2_000,
}


def test_nothing_is_merged_under_review_unless_the_plan_says_so() -> None:
    """The default is the careful one: no answer stands in, no doubtful report counts."""
    plan = Plan.model_validate(SOUND)

    assert (plan.max_age_s, plan.review_scopes) == (0, ())


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"review_scopes": ["scores"]}, "not among scopes: scores"),
        ({"scopes": ["tradelines", "tradelines"]}, "once"),
        ({"sources": ["pboc", "pboc"]}, "once"),
        ({"sources": []}, "at least 1"),
        ({"scopes": ["everything"]}, "tradelines"),
        ({"deadline_ms": 10}, "100"),
        ({"max_age_s": -1}, "0"),
        ({"name": "Quick one"}, "pattern"),
        ({"review": ["scores"]}, "Extra inputs"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(changed: dict[str, Any], said: str) -> None:
    """A typo must not silently ask for less, or merge more."""
    with pytest.raises(ValidationError, match=said):
        Plan.model_validate({**SOUND, **changed})


def test_an_unknown_plan_names_those_there_are() -> None:
    """The caller learns what would have been right."""
    plans = {name: Plan.model_validate({**SOUND, "name": name}) for name in ("b", "a")}

    assert find(plans, "a", field="/plan").scopes == (Scope.TRADELINES, Scope.INQUIRIES)
    with pytest.raises(InvalidInput, match="one of a, b"):
        find(plans, "c", field="/plan")
    with pytest.raises(InvalidInput, match="no plan is known"):
        find({}, "c", field="/plan")
