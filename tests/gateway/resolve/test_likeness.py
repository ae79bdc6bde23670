"""gateway.resolve.likeness: each fact by its own weight, to the very day and cent."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.money import Money, Month
from connectors.records import AccountKind, AccountStatus, LenderType
from gateway.merge.config import MergeRules
from gateway.resolve.likeness import Candidate, likeness
from tests.gateway.reports import CONFIG, cny, day, grid, loan, table

RULES = CONFIG.rules.loan
CARD = AccountKind.CREDIT_CARD
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
        ({"kind": CARD}, {"kind": CARD}, RULES.kind.same),
        ({"kind": CARD}, {"kind": AccountKind.COLLECTION}, RULES.kind.different),
        ({"terms": 24}, {"terms": 24}, RULES.terms.same),
        ({"terms": 24}, {"terms": 12}, RULES.terms.different),
        ({"matures": day("2027-03-15")}, {"matures": day("2027-03-15")}, RULES.matures.same),
        ({"matures": day("2027-03-15")}, {"matures": day("2027-03-22")}, RULES.matures.near),
        ({"matures": day("2027-03-15")}, {"matures": day("2027-03-23")}, RULES.matures.different),
        ({"matures": day("2027-03")}, {"matures": day("2027-03")}, RULES.matures.near),
        ({"matures": day("2027-03")}, {"matures": day("2027-04-07")}, RULES.matures.near),
        ({"matures": day("2027-03")}, {"matures": day("2027-04-08")}, RULES.matures.different),
        ({"original_amount": cny(5)}, {"original_amount": cny(5)}, RULES.amount.same),
        ({"original_amount": cny(5)}, {"original_amount": Money(599, "CNY")}, RULES.amount.rounded),
        ({"original_amount": cny(5)}, {"original_amount": cny(6)}, RULES.amount.different),
        ({"credit_limit": cny(5)}, {"credit_limit": Money(599, "CNY")}, RULES.limit.rounded),
        ({"credit_limit": cny(5)}, {"credit_limit": cny(6)}, RULES.limit.different),
        ({"balance": cny(5)}, {"balance": Money(599, "CNY")}, RULES.balance.rounded),
        ({"balance": cny(0)}, {"balance": cny(0)}, 0),
        ({"balance": cny(0)}, {"balance": cny(5)}, RULES.balance.different),
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


def test_it_is_the_other_source_that_needs_time_to_hear_of_a_closing() -> None:
    """Told at once by the one; on the 70th day the other may not know, on the next it should."""
    facts: dict[str, Any] = {**DONE, "closed": day("2025-12-19"), "as_of": date(2025, 12, 31)}
    done = Candidate.of(loan("pboc", **facts), "x")
    early, late = (Candidate.of(loan("baihang", as_of=date(2026, 2, dom)), "x") for dom in (27, 28))
    score, base = likeness(done, late, RULES), likeness(done, early, RULES)

    assert score is not None
    assert base is not None
    assert score - base == RULES.closed.different
    assert (score, base) == (likeness(late, done, RULES), likeness(early, done, RULES))


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


GRID = RULES.grid
GAP = (grid("1NN")[0], grid("1NN")[2])  # a month left out
FIRST = Month(2000, 1)


@pytest.mark.parametrize(
    ("mine", "theirs", "weight"),
    [
        (grid("1NN"), grid("1NN"), GRID.late + 2 * GRID.on_time),
        (grid("1NN"), grid("1NNN"), GRID.late + 2 * GRID.on_time),
        (grid("1NN"), grid("NNN"), GRID.conflict + 2 * GRID.on_time),
        (grid("N#N"), grid("N1N"), 2 * GRID.on_time),
        (GAP, grid("1NN"), GRID.late + GRID.on_time),
        (GAP, grid("11N"), GRID.late + GRID.on_time),
        (grid("NN", FIRST), grid("NN", FIRST), GRID.on_time),  # nothing is known of before 2000
        (grid("N" * 60), grid("N" * 60), min(60 * GRID.on_time, GRID.most)),
        (grid("2" * 60), grid("2" * 60), GRID.most),
        (grid("2" * 60), grid("N" * 60), GRID.least),
        (grid("NN"), (), 0),
    ],
)
def test_months_both_grids_know_are_compared_one_by_one(
    mine: Any, theirs: Any, weight: int
) -> None:
    """The same month with the same month, whatever either leaves out, within the bounds."""
    assert gained({"grid": mine}, {"grid": theirs}) == weight
    assert gained({"grid": theirs}, {"grid": mine}) == weight


@pytest.mark.parametrize(
    ("mine", "theirs", "weight"),
    [
        ("1", "1", RULES.reference.same),
        ("1", "2", 0),  # each source numbers its own way
        ("****1234", "99991234", RULES.reference.masked),
        ("****1234", "****1234", RULES.reference.same),
        ("*****234", "99999234", 0),  # three digits are too few
        ("****1234", "99991235", 0),
        ("****1234", "9991234", 0),
    ],
)
def test_a_number_of_an_account_tells_as_much_as_it_shows(
    mine: str, theirs: str, weight: int
) -> None:
    """The last four digits are what is usually left of it."""
    assert gained({"account_ref": mine}, {"account_ref": theirs}) == weight
    assert gained({"account_ref": theirs}, {"account_ref": mine}) == weight


LENDER = RULES.lender


@pytest.mark.parametrize(
    ("mine", "theirs", "weight"),
    [
        ({"lender": "abcd"}, {"lender": "abcd"}, LENDER.spelled),
        ({"lender": "abc"}, {"lender": "abc"}, LENDER.unknown),  # a code of either source
        ({}, {}, LENDER.unknown),
        ({}, {"lender_type": None}, LENDER.unknown),
        ({}, {"lender_type": LenderType.OTHER}, LENDER.unknown),
        ({}, {"lender_type": LenderType.BANK}, LENDER.unknown + LENDER.other_type),
    ],
)
def test_a_lender_nobody_lists_is_known_by_its_name_at_best(
    mine: dict[str, Any], theirs: dict[str, Any], weight: int
) -> None:
    """A word of four letters that two sources use, or else a doubt, more so of another type."""
    listed = [Candidate.of(loan(source), "x") for source in ("pboc", "baihang")]
    told = Candidate.of(loan("pboc", **mine)), Candidate.of(loan("baihang", **theirs))
    score, base = likeness(*told, RULES), likeness(listed[0], listed[1], RULES)

    assert score is not None
    assert base is not None
    assert score - base == weight - LENDER.listed


def test_one_source_means_one_lender_by_one_word_and_one_account_by_one_number() -> None:
    """And two by two: there a word is as good as a listing."""
    one, other = (loan("pboc", n, account_ref=n) for n in ("A1", "A2"))
    listed, unlisted = (
        likeness(Candidate.of(one, known), Candidate.of(other, known), RULES)
        for known in ("x", None)
    )
    unnumbered = likeness(Candidate.of(one), Candidate.of(loan("pboc", account_ref=None)), RULES)

    assert listed == unlisted
    assert listed is not None
    assert unnumbered is not None
    assert listed - unnumbered == RULES.reference.different
    assert likeness(Candidate.of(one), Candidate.of(loan("pboc", lender="BB")), RULES) is None


@pytest.mark.parametrize("unsaid", [None, ""])
@pytest.mark.parametrize("amount", ["original_amount", "credit_limit", "balance"])
def test_any_amount_tells_the_currency(amount: str, unsaid: str | None) -> None:
    """Where the account does not say it: it is kept in one. Without any it may be in any."""
    yuan = Candidate.of(loan("pboc"), "x")
    bare: dict[str, Any] = dict.fromkeys(("original_amount", "credit_limit", "balance"))
    bare["currency"] = unsaid
    told = {**bare, amount: Money(5, "USD")}

    assert likeness(yuan, Candidate.of(loan("baihang", **told), "x"), RULES) is None
    assert likeness(yuan, Candidate.of(loan("baihang", **bare), "x"), RULES) is not None


@pytest.mark.parametrize("place", [(), ("grid",), ("amount",)], ids=["rule", "weight", "third"])
def test_a_slip_in_the_rules_stops_the_start(place: tuple[str, ...]) -> None:
    """A weight misspelt, or one that no fact has."""
    rules = table("merge.toml")
    at = rules["loan"]
    for key in place:
        at = at[key]
    at["smae"] = 1

    with pytest.raises(ValidationError, match="smae"):
        MergeRules.model_validate(rules)
