"""gateway.resolve.pairing: what is joined first when not everything can be."""

from dataclasses import replace
from datetime import date
from itertools import permutations

import pytest

from connectors.records import Tradeline
from gateway.resolve.likeness import Candidate, likeness
from tests.gateway.reports import CONFIG, JUZI, cny, day, grid, loan
from tests.gateway.resolve.groups import grouped, judged, names

FEW_OR_MANY = pytest.mark.parametrize("more", [0, 9], ids=["few", "many"])
"""Few records are compared all with all, many by the days on which they were opened."""


def elsewhere(more: int) -> list[Tradeline]:
    """Loans of other years."""
    return [
        loan("z", f"Z{n}", account_ref=None, opened=day(f"20{n:02d}-03-05")) for n in range(more)
    ]


@FEW_OR_MANY
def test_of_equally_near_days_the_first_in_the_order_of_evidence_is_joined(more: int) -> None:
    """Not the one opened first."""
    vague = loan("baihang", matures=None, original_amount=None)
    one = loan("north", opened=day("2025-03-06"))
    other = loan(
        "pboc", opened=day("2025-03-04"), matures=day("2028-03-15"), original_amount=cny(9)
    )

    got = names(grouped(vague, one, other, *elsewhere(more)))
    assert got[:2] == [["baihang:A1", "north:A1"], ["pboc:A1"]]


@FEW_OR_MANY
@pytest.mark.parametrize(("opened", "groups"), [("2025-04-09", 1), ("2025-04-10", 2)])
def test_accounts_are_compared_if_opened_no_further_apart_than_may_be(
    more: int, opened: str, groups: int
) -> None:
    """35 days will do where the number is the same, 36 are too many."""
    told = loan("baihang", account_ref="S"), loan("pboc", account_ref="S", opened=day(opened))

    assert len(grouped(*told, *elsewhere(more)).groups) == groups + more


def test_of_equal_pairs_the_first_in_the_order_of_evidence_is_joined() -> None:
    """One report says too little to tell which of two others it means, and they are two."""
    vague = loan("baihang", matures=None, original_amount=None)
    one, other = (
        loan(source, matures=day(matures), original_amount=cny(amount))
        for source, matures, amount in (("north", "2027-03-15", 12_000), ("pboc", "2028-03-15", 9))
    )

    for told in permutations((vague, one, other)):
        assert names(grouped(*told)) == [["baihang:A1", "north:A1"], ["pboc:A1"]]


def test_accounts_told_twice_keep_their_place_among_equals() -> None:
    """Two accounts of a report fit one pair of others alike; it goes to the first of their records.

    Not to the account that was told first: its newest record speaks for it, and that comes last.
    """
    told = (
        ("A1", "N1", 1, "2027-03-15"),
        ("A2", "N2", 2, "2028-03-15"),
        ("A3", "N1", 2, "2027-03-15"),
    )
    report = [
        loan(
            "baihang", one, account_ref=ref, as_of=date(2026, month, 28), matures=day(end), grid=()
        )
        for one, ref, month, end in told
    ]
    others = [
        loan(source, account_ref="S", matures=day(end), as_of=date(2026, 1, 31))
        for source, end in (("north", "2028-03-15"), ("pboc", "2027-03-15"))
    ]
    first, second = ["baihang:A1", "baihang:A3"], ["baihang:A2"]

    assert names(grouped(*report, others[0])) == [first, [*second, "north:A1"]]
    assert names(grouped(*report, others[1])) == [[*first, "pboc:A1"], second]
    assert names(grouped(*report, *others)) == [first, [*second, "north:A1", "pboc:A1"]]


def test_an_account_a_person_joined_keeps_its_place_among_equals() -> None:
    """It stands where the first of its records does."""
    vague = loan("baihang", matures=None, original_amount=None)
    one = loan("north")
    said_same = [loan(s, matures=day("2028-03-15"), original_amount=cny(9)) for s in ("pboc", "z")]

    assert names(grouped(vague, one, *said_same, said=judged((said_same[0], said_same[1])))) == [
        ["baihang:A1", "north:A1"],
        ["pboc:A1", "z:A1"],
    ]


def test_who_may_be_of_two_lenders_is_of_the_first_record_not_of_the_first_lender() -> None:
    """Records stand in the order of evidence, whichever lender is told of first."""
    earlier = loan("baihang", opened=day("2020-03-05"), account_ref=None)
    unlisted = loan("north", lender="ZZ", account_ref="S")
    second = loan("pboc", lender=JUZI["pboc"], account_ref="S")
    third = loan("telecom", account_ref="S")

    assert names(grouped(earlier, unlisted, second, third)) == [
        ["baihang:A1"],
        ["north:A1", "pboc:A1"],
        ["telecom:A1"],
    ]


def test_two_are_one_from_the_very_score_that_will_do() -> None:
    """One of each report, with nothing to choose between: still not a bit below `match`."""
    told = loan("baihang"), loan("pboc")
    ((match,),) = grouped(*told).matches.values()
    assert match.score is not None

    for more, groups in ((0, 1), (1, 2)):
        rules = replace(CONFIG.rules.loan, match=match.score + more)
        assert len(grouped(*told, rules=rules).groups) == groups


@pytest.mark.parametrize(("short", "groups"), [(0, 1), (1, 2)])
def test_evidence_that_comes_to_nothing_speaks_against_nobody(short: int, groups: int) -> None:
    """A chain joins its ends from a score of 0 on, and not from a bit less."""
    weights = CONFIG.rules.loan
    first = loan("pboc")
    middle = loan("baihang", grid=(), terms=None, matures=None)
    last = loan("telecom", terms=12, matures=day("2028-03-15"), grid=grid("33333NNNNNN"))
    score = likeness(Candidate.of(first, "x"), Candidate.of(last, "x"), weights)
    assert score is not None
    terms = replace(weights.terms, different=weights.terms.different - score - short)

    assert len(grouped(first, middle, last, rules=replace(weights, terms=terms)).groups) == groups
