"""gateway.resolve.likeness: each fact by its own weight, to the very day and cent."""

from datetime import date
from typing import Any

import pytest

from connectors.money import Money
from connectors.records import AccountStatus
from gateway.resolve.likeness import Candidate, likeness
from tests.gateway.reports import CONFIG, cny, day, loan

RULES = CONFIG.rules.loan
DONE: dict[str, Any] = {"status": AccountStatus.CLOSED, "balance": None}


def gained(mine: dict[str, Any], theirs: dict[str, Any]) -> int | None:
    """What these facts of two records weigh, which agree in everything else."""
    one, other = (
        Candidate.of(loan(source, **facts), "x")
        for source, facts in (("pboc", mine), ("baihang", theirs))
    )
    fact: dict[str, Any] = dict.fromkeys([*mine, *theirs])
    fact.pop("status", None)
    without = Candidate.of(loan("pboc", **fact), "x"), Candidate.of(loan("baihang", **fact), "x")
    score, rest = likeness(one, other, RULES), likeness(*without, RULES)
    return None if score is None or rest is None else score - rest


@pytest.mark.parametrize(
    ("mine", "theirs", "weight"),
    [
        ({"terms": 24}, {"terms": 24}, RULES.terms.same),
        ({"terms": 24}, {"terms": 12}, RULES.terms.different),
        ({"matures": day("2027-03-15")}, {"matures": day("2027-03-15")}, RULES.matures.same),
        ({"matures": day("2027-03-15")}, {"matures": day("2027-03-22")}, RULES.matures.near),
        ({"matures": day("2027-03-15")}, {"matures": day("2027-03-23")}, RULES.matures.different),
        ({"matures": day("2027-03")}, {"matures": day("2027-03")}, RULES.matures.near),
        ({"original_amount": cny(5)}, {"original_amount": cny(5)}, RULES.amount.same),
        ({"original_amount": cny(5)}, {"original_amount": Money(599, "CNY")}, RULES.amount.rounded),
        ({"original_amount": cny(5)}, {"original_amount": cny(6)}, RULES.amount.different),
        ({"credit_limit": cny(5)}, {"credit_limit": Money(599, "CNY")}, RULES.limit.rounded),
        ({"credit_limit": cny(5)}, {"credit_limit": cny(6)}, RULES.limit.different),
        ({"balance": cny(5)}, {"balance": Money(599, "CNY")}, RULES.balance.rounded),
        ({"balance": cny(0)}, {"balance": cny(0)}, 0),
        ({**DONE, "closed": day("2025-12-20")}, {}, 0),  # 70 days before the other's report
        ({**DONE, "closed": day("2025-12-19")}, {}, RULES.closed.different),
        ({**DONE, "closed": day("2025-12")}, {}, 0),  # it may have been the 31st
        ({**DONE, "closed": day("2025-05-02")}, {"closed": day("2025-05-02")}, RULES.closed.same),
        ({**DONE, "closed": day("2025-05-02")}, {"closed": day("2025-05-09")}, RULES.closed.near),
        (
            {**DONE, "closed": day("2025-05-02")},
            {"closed": day("2025-05-10")},
            RULES.closed.different,
        ),
    ],
)
def test_a_fact_weighs_what_the_rules_say(
    mine: dict[str, Any], theirs: dict[str, Any], weight: int
) -> None:
    """Bounds belong to the milder side: `near_days`, `lag_days`; a yuan apart is not rounding."""
    base = {"balance": None} if "closed" in mine else {}
    assert gained(mine, base | theirs) == weight
    assert gained(base | theirs, mine) == weight


@pytest.mark.parametrize(("opened", "may"), [("2025-04-09", True), ("2025-04-10", False)])
def test_accounts_opened_too_far_apart_are_two(opened: str, may: bool) -> None:  # noqa: FBT001
    """35 days will do, 36 are too many."""
    far = Candidate.of(loan("baihang", opened=day(opened)), "x")

    assert (likeness(Candidate.of(loan("pboc")), far, RULES) is not None) is may


def test_balances_of_two_days_are_not_compared() -> None:
    """What is owed moves."""
    later: dict[str, Any] = {"balance": cny(6_000), "as_of": date(2026, 1, 31)}
    one, other = (
        Candidate.of(loan("baihang", **{**later, "balance": b}), "x") for b in (cny(1), None)
    )

    assert likeness(Candidate.of(loan("pboc"), "x"), one, RULES) == likeness(
        Candidate.of(loan("pboc"), "x"), other, RULES
    )
