"""gateway.resolve.loan: no loan twice, and never two loans in one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.money import Money, Month
from connectors.records import AccountKind, AccountStatus, LenderType, Tradeline
from gateway.profile.concluded import Evidence, Held
from gateway.resolve.likeness import Candidate, likeness
from gateway.resolve.loan import same_loans
from tests.gateway.reports import CONFIG, JUZI, QINGCHUAN, card, cny, day, grid, loan
from tests.gateway.resolve.groups import grouped, judged, names


def apart(*records: Tradeline) -> bool:
    """Every record stands alone."""
    return all(len(group) == 1 for group in grouped(*records).groups)


def test_a_loan_two_bureaus_report_is_one() -> None:
    """Each under its own alias for the lender, a month apart in what they know."""
    here = loan("pboc")
    there = loan("baihang", as_of=date(2026, 1, 31), balance=cny(6_500), grid=grid("N" * 10))

    assert names(grouped(here, there)) == [["baihang:A1", "pboc:A1"]]


def test_rounding_and_lag_do_not_part_a_loan() -> None:
    """One bureau cuts to whole yuan and hears of the opening two days later."""
    exact = loan("pboc", original_amount=cny(12_000), opened=day("2025-03-05"))
    rounded = loan("baihang", opened=day("2025-03-07"))

    assert len(grouped(exact, rounded).groups) == 1


def test_a_loan_known_to_the_month_joins_one_known_to_the_day() -> None:
    """Precision differs between bureaus."""
    assert len(grouped(loan("pboc"), loan("baihang", opened=day("2025-03"))).groups) == 1


def test_a_card_bureaus_date_days_apart_is_one_by_its_limit() -> None:
    """Cards have no term and no sum: lender, a near day and the very limit must do."""
    late = card("baihang", opened=day("2020-06-05"), as_of=date(2026, 1, 31), balance=cny(7_000))

    assert len(grouped(card("pboc"), late).groups) == 1
    assert apart(card("pboc"), replace(late, credit_limit=cny(15_000)))


def test_loans_of_two_lenders_stay_apart() -> None:
    """Everything else being equal."""
    assert apart(loan("pboc"), loan("baihang", lender=JUZI["baihang"]))


def test_an_unlisted_lender_is_not_guessed() -> None:
    """The same word at two bureaus may mean two lenders."""
    assert apart(loan("pboc", lender="ZZ"), loan("baihang", lender="ZZ"))


def test_a_lender_nobody_named_joins_nothing() -> None:
    """Two records without a lender are not the same lender's."""
    assert apart(loan("pboc", lender=None), loan("baihang", lender=None))


def test_another_amount_is_another_loan() -> None:
    """Two loans of one day differ in what was lent."""
    assert apart(loan("pboc"), loan("baihang", original_amount=cny(11_000)))


def test_another_currency_is_another_account() -> None:
    """A card in two currencies is two accounts, whatever else agrees."""
    assert apart(card("pboc"), card("baihang", currency="USD"))


def test_a_collection_is_not_the_loan_it_came_from() -> None:
    """A sold debt is linked, not merged."""
    assert apart(loan("pboc"), loan("baihang", kind=AccountKind.COLLECTION))


def test_a_loan_still_running_is_not_one_long_closed() -> None:
    """A bureau may be late by weeks, not by a year."""
    closed = loan("pboc", status=AccountStatus.CLOSED, closed=day("2025-04-01"), balance=cny(0))

    assert apart(closed, loan("baihang"))


def test_a_closing_not_heard_of_yet_does_not_part() -> None:
    """The other bureau learns of it next month."""
    closed = loan("pboc", status=AccountStatus.CLOSED, closed=day("2026-02-10"), balance=cny(0))

    assert len(grouped(closed, loan("baihang")).groups) == 1


def test_two_records_of_one_report_are_two_loans() -> None:
    """A bureau numbers its accounts: alike is not the same."""
    assert apart(loan("pboc", "A1"), loan("pboc", "A2"))


def test_an_exact_copy_inside_a_report_is_one() -> None:
    """The same line sent twice is one statement."""
    got = grouped(loan("pboc", "A1"), loan("pboc", "A2", account_ref="pboc-A1"))

    assert names(got) == [["pboc:A1", "pboc:A2"]]
    assert [one.record_id for one in got.copies] == ["A2"]


def test_twin_loans_that_nothing_tells_apart_stay_apart() -> None:
    """Two equal loans of one day at two bureaus: pairing them would be a guess."""
    twins = [loan(source, name) for source in ("pboc", "baihang") for name in ("A1", "A2")]

    assert apart(*twins)


def test_twin_loans_are_told_apart_by_what_is_owed() -> None:
    """On one day, equal balances are the same loan's."""
    twins = [
        loan(source, name, balance=cny(owed))
        for source in ("pboc", "baihang")
        for name, owed in (("A1", 6_000), ("A2", 4_000))
    ]

    assert names(grouped(*twins)) == [["baihang:A1", "pboc:A1"], ["baihang:A2", "pboc:A2"]]


def test_twin_loans_are_told_apart_by_their_arrears() -> None:
    """The month in which one of them was late is worth more than a year on time."""
    twins = [
        loan(source, name, grid=history, as_of=seen)
        for source, seen in (("pboc", date(2026, 2, 28)), ("baihang", date(2026, 1, 31)))
        for name, history in (("A1", grid("NNNNNNNNNNN")), ("A2", grid("NNN21NNNNNN")))
    ]

    assert names(grouped(*twins)) == [["baihang:A1", "pboc:A1"], ["baihang:A2", "pboc:A2"]]


def test_two_loans_of_one_report_are_not_joined_by_way_of_others() -> None:
    """Each of two sources knows one of the twins; that theirs look alike makes the twins no one."""
    told = [
        loan(source, name, balance=cny(owed))
        for source, name, owed in (
            ("pboc", "A1", 6_000), ("pboc", "A2", 4_000), ("baihang", "B", 6_000),
            ("telecom", "C", 4_000),
        )
    ]  # fmt: skip

    assert names(grouped(told[2], told[3])) == [["baihang:B", "telecom:C"]]
    assert names(grouped(*told)) == [["baihang:B", "pboc:A1"], ["pboc:A2", "telecom:C"]]


def test_a_settled_pair_frees_its_neighbours() -> None:
    """Only one of two equal loans shows its arrears; once it is paired, the other is clear too."""
    seen = date(2026, 1, 31)
    told = [
        loan("pboc", "A1", grid=()),
        loan("pboc", "A2", grid=grid("NN21NNNN")),
        loan("baihang", "B1", as_of=seen, grid=grid("NNNNNNNN")),
        loan("baihang", "B2", as_of=seen, grid=grid("NN21NNNN")),
    ]

    assert names(grouped(*told)) == [["baihang:B1", "pboc:A1"], ["baihang:B2", "pboc:A2"]]


def test_amounts_of_two_currencies_say_nothing() -> None:
    """Equal digits of yuan and dollars are no agreement, and no contradiction."""
    here, dollars = loan("pboc"), loan("baihang", original_amount=Money(1_200_000, "USD"))
    rules = CONFIG.rules.loan

    got = likeness(Candidate.of(here), Candidate.of(dollars), rules)
    without = likeness(
        Candidate.of(here), Candidate.of(replace(dollars, original_amount=None)), rules
    )
    assert got == without


def test_grids_are_compared_by_calendar_month() -> None:
    """A grid that begins a month earlier is the same history, not a shifted one."""
    here = loan("pboc", grid=grid("NN321NNNNNN"), original_amount=None)
    there = loan("baihang", as_of=date(2026, 1, 31), grid=grid("N321", Month(2026, 1)))
    shifted = loan("baihang", as_of=date(2026, 1, 31), grid=grid("NNNN321", Month(2026, 1)))

    assert len(grouped(here, there).groups) == 1
    assert apart(here, shifted)


def test_histories_that_contradict_each_other_are_two_loans() -> None:
    """Late at one bureau and on time at the other, for five months."""
    late = loan("pboc", as_of=date(2026, 1, 31), grid=grid("N33321NNNNN"))

    assert apart(late, loan("baihang"))


def test_a_masked_reference_must_show_the_same() -> None:
    """Twins again: the last four digits decide."""
    plain = [
        loan("pboc", "A1", account_ref="622200001234"),
        loan("pboc", "A2", account_ref="622200005678"),
    ]
    masked = loan("baihang", "B1", account_ref="********5678")

    assert names(grouped(*plain, masked)) == [["baihang:B1", "pboc:A2"], ["pboc:A1"]]


def test_a_reference_of_another_length_says_nothing() -> None:
    """Where signs do not stand under each other, the last four may be any."""

    def score(ref: str | None) -> int | None:
        told = (loan("pboc", account_ref="622200001234"), loan("baihang", account_ref=ref))
        one, other = (Candidate.of(record, "x") for record in told)
        return likeness(one, other, CONFIG.rules.loan)

    assert score("****1234") == score(None)
    assert score("********1234") != score(None)


@pytest.mark.parametrize("ref", ["****************", "*************234", "*"])
def test_a_masked_reference_that_shows_too_little_says_nothing(ref: str) -> None:
    """Two accounts hidden behind the same stars are not the same account."""

    def score(ref: str | None) -> int | None:
        told = (loan("pboc", account_ref=ref), loan("baihang", account_ref=ref))
        one, other = (Candidate.of(record, "x") for record in told)
        return likeness(one, other, CONFIG.rules.loan)

    assert score(ref) == score(None)
    assert score("************1234") != score(None)


def test_three_sources_make_one_group() -> None:
    """Transitive, without a second record of any report."""
    got = grouped(loan("pboc"), loan("baihang"), loan("north"))

    assert names(got) == [["baihang:A1", "north:A1", "pboc:A1"]]


def test_a_chain_does_not_join_what_contradicts() -> None:
    """A and B fit, B and C fit, but A and C are in two currencies: C stays out."""
    first, middle = loan("pboc"), loan("baihang", currency=None, original_amount=None, balance=None)
    last = loan(
        "north", currency="USD", original_amount=None, balance=None, account_ref="baihang-A1"
    )

    got = names(grouped(first, middle, last))

    assert not any({"pboc:A1", "north:A1"} <= set(group) for group in got)


def test_a_chain_does_not_join_what_the_evidence_speaks_against() -> None:
    """Nothing forbids that A and C are one, but term, end and arrears say they are not."""
    first = loan("pboc")
    middle = loan("baihang", grid=(), terms=None, matures=None)
    last = loan("telecom", terms=12, matures=day("2028-03-15"), grid=grid("33333NNNNNN"))

    for pair_ in ((first, middle), (middle, last)):
        assert len(names(grouped(*pair_))) == 1
    assert len(names(grouped(first, last))) == 2
    assert len(names(grouped(first, middle, last))) == 2


def test_a_crowd_is_left_apart_and_said_so() -> None:
    """Five hundred equal loans at each of two bureaus: bounded work, no guesses."""
    many = [
        loan(source, f"A{n}", account_ref=f"{source}{n}")
        for source in ("pboc", "baihang")
        for n in range(500)
    ]

    got = grouped(*many)

    assert len(got.groups) == len(got.crowded) == 1_000


@pytest.mark.parametrize("others", ["2025-01-30", "2025-04-12"], ids=["before", "after"])
def test_who_is_in_a_crowd_is_compared_with_nobody(others: str) -> None:
    """Nor with one at its edge, whom the rest of the crowd was opened too far from."""
    edge, inside = ("2025-03-09", "2025-03-05")[:: 1 if others < "2025-03" else -1]
    told = [loan("pboc", opened=day(edge)), loan("baihang", opened=day(inside))]
    crowd = [loan("north", f"N{n}", opened=day(others)) for n in range(3)]
    held = [Held(Evidence(r.source, "R", r.record_id), r) for r in (*told, *crowd)]
    rules = replace(CONFIG.rules.loan, crowd=3)
    got = same_loans(held, rules, CONFIG.institutions)

    assert len(same_loans(held[:2], rules, CONFIG.institutions).groups) == 1
    assert len(got.groups) == 5
    assert sorted(got.crowded) == sorted(one.evidence for one in held[1:])


def test_many_loans_of_one_report_are_no_crowd() -> None:
    """It tells its accounts apart itself: there was nothing to compare them with."""
    many = [loan("pboc", f"A{n}", account_ref=f"{n}") for n in range(CONFIG.rules.loan.crowd + 1)]

    assert grouped(*many).crowded == ()


UNNUMBERED: dict[str, Any] = {"lender": "ZZ", "account_ref": None}
UNKNOWN = {"lender": "ZZ"}  # an alias our directory does not know, as PBOC has for others


def test_a_masked_lender_is_not_matched_by_a_day_and_a_sum() -> None:
    """Two lenders give 12,000 yuan on one day to whoever borrows from many: never one loan."""
    years = grid("N" * 24)

    assert apart(loan("pboc", grid=years, **UNKNOWN), loan("baihang", grid=years))


def test_a_masked_lender_is_matched_by_the_account_number() -> None:
    """Four shown digits and everything else the same are no coincidence."""
    here = loan("pboc", account_ref="************1234", **UNKNOWN)
    got = grouped(here, loan("baihang", account_ref="6222000000001234"))

    assert names(got) == [["baihang:A1", "pboc:A1"]]
    (match,) = got.matches[Evidence("baihang", "R-baihang", "A1")]
    assert match.rule == "same_loan/1"
    assert match.score is not None
    assert match.score >= CONFIG.rules.loan.match


def test_a_masked_lender_is_matched_by_arrears_of_the_same_months() -> None:
    """A history of arrears is nobody else's."""
    late = grid("NN321N21NNNN")

    assert len(grouped(loan("pboc", grid=late, **UNKNOWN), loan("baihang", grid=late)).groups) == 1


def test_a_masked_lender_of_another_type_needs_more() -> None:
    """A bank's loan is hardly a microlender's."""
    late = grid("NN3NNNNNNNNN")
    here = loan("pboc", grid=late, account_ref="****1234", **UNKNOWN)
    there = loan("baihang", grid=late, account_ref="65431234")

    assert len(grouped(here, there).groups) == 1
    assert apart(replace(here, lender_type=LenderType.BANK), there)


def test_an_unknown_lender_joins_no_two_known_ones() -> None:
    """Through a masked record two lenders' loans could become one; they must not."""
    late = grid("NN321N21NNNN")
    known = loan("baihang", grid=late), loan("north", grid=late, lender="示例橘子小额贷款有限公司")

    got = names(grouped(loan("pboc", grid=late, **UNKNOWN), *known))

    assert not any({"baihang:A1", "north:A1"} <= set(group) for group in got)


def test_a_full_name_nobody_listed_is_still_a_name() -> None:
    """A directory with a gap must not part a loan two sources name alike, in whatever width."""
    named = [
        loan(s, lender=word)
        for s, word in (("pboc", "示例新月ＡＢ财务公司"), ("baihang", "示例新月AB 财务公司"))
    ]

    assert len(grouped(*named).groups) == 1


def test_one_account_number_told_twice_in_a_report_is_one_account() -> None:
    """A bureau that lists an account twice, with two balances, has not found a second debt."""
    older = loan("pboc", "A1", account_ref="N1", balance=cny(6_500), as_of=date(2026, 1, 31))
    got = grouped(older, loan("pboc", "A2", account_ref="N1"), loan("baihang"))

    assert names(got) == [["baihang:A1", "pboc:A1", "pboc:A2"]]
    assert [one.record_id for one in got.repeated] == ["A1"]


def test_a_number_used_for_two_loans_is_two_loans() -> None:
    """A contract number may cover several draws."""
    draws = [
        loan("pboc", "A1", account_ref="N1"),
        loan("pboc", "A2", account_ref="N1", original_amount=cny(5_000)),
    ]

    assert apart(*draws)


def test_two_pulls_of_one_source_tell_of_one_loan() -> None:
    """The same bureau twice, a month apart: its own account number says so, alias or not."""
    held = [
        Held(Evidence("pboc", pull, "A1"), loan("pboc", as_of=seen, **UNKNOWN))
        for pull, seen in (("R1", date(2026, 1, 31)), ("R2", date(2026, 2, 28)))
    ]

    assert len(same_loans(held, CONFIG.rules.loan, CONFIG.institutions).groups) == 1


def test_pairs_left_apart_are_doubts_for_a_person() -> None:
    """Twins nothing tells apart: all four pairs are shown, with their scores, and none is made."""
    twins = [loan(source, name) for source in ("pboc", "baihang") for name in ("A1", "A2")]
    got = grouped(*twins)

    assert len(got.groups) == len(got.doubts) == 4
    assert all(one.score and one.score >= CONFIG.rules.loan.match for one in got.doubts)
    assert grouped(loan("pboc"), loan("baihang", original_amount=cny(9))).doubts == ()


def test_a_doubt_that_another_record_settles_is_none() -> None:
    """Nothing tells which of two it is, until a record without a lender shows the number of one."""
    here = loan("pboc", account_ref="6222000000001234")
    there = [
        loan("baihang", "B1", account_ref="9111000000001234"),
        loan("baihang", "B2", account_ref="9111000000005678"),
    ]
    masked = loan("bairong", "M1", account_ref="************1234", **UNKNOWN)
    before, after = grouped(here, *there), grouped(here, *there, masked)

    assert [(d.one.local, d.other.local) for d in before.doubts] == [
        ("baihang:B1", "pboc:A1"),
        ("baihang:B2", "pboc:A1"),
    ]
    assert ["baihang:B1", "bairong:M1", "pboc:A1"] in names(after)
    assert ("baihang:B1", "pboc:A1") not in {(d.one.local, d.other.local) for d in after.doubts}


def test_a_pair_is_one_doubt_however_often_it_is_compared() -> None:
    """By its own lender's name, and once more because nobody knows that lender."""
    twins = [
        Held(Evidence("pboc", report, name), loan("pboc", name, guarantee=name, **UNNUMBERED))
        for report in ("R1", "R2")
        for name in ("A1", "A2")
    ]
    doubts = same_loans(twins, CONFIG.rules.loan, CONFIG.institutions).doubts

    assert len(doubts) == len({(one.one, one.other) for one in doubts}) == 4


_EITHER: dict[str, st.SearchStrategy[Any]] = {
    "balance": st.sampled_from([None, cny(0), cny(6_000)]),
    "as_of": st.sampled_from([date(2026, 1, 31), date(2026, 2, 28)]),
    "opened": st.sampled_from([day("2025-03-05"), day("2025-03-09"), day("2025-03"), None]),
    "closed": st.sampled_from([None, day("2025-12-05"), day("2026-02-05")]),
    "lender": st.sampled_from([None, *QINGCHUAN.values(), "ZZ", "示例某某小额贷款"]),
    "account_ref": st.sampled_from([None, "65431234", "****1234", "1234"]),
    "original_amount": st.sampled_from([None, cny(12_000), Money(1_200_050, "CNY")]),
    "kind": st.sampled_from([AccountKind.INSTALMENT_LOAN, AccountKind.REVOLVING_SUBACCOUNT]),
    "grid": st.sampled_from([(), grid("NN21N"), grid("NNNNNNNN")]),
}


@given(st.fixed_dictionaries(_EITHER), st.fixed_dictionaries(_EITHER))
def test_the_score_of_a_pair_has_no_first(mine: dict[str, Any], theirs: dict[str, Any]) -> None:
    """Neither the names of the sources nor the order they come in move it."""
    one, other = (
        Candidate.of(record, listed.id if listed else None)
        for record in (loan("pboc", **mine), loan("baihang", **theirs))
        for listed in (CONFIG.institutions.find(record.source, record.lender),)
    )

    assert likeness(one, other, CONFIG.rules.loan) == likeness(other, one, CONFIG.rules.loan)


def test_five_hundred_copies_are_one_loan() -> None:
    """One institution reporting the same loan 500 times: one line, 499 issues, no comparing."""
    many = [loan("pboc", f"A{n:03}", account_ref="N1") for n in range(500)]
    got = grouped(*many, loan("baihang"))

    assert [len(group) for group in got.groups] == [501]
    assert len(got.copies) == 499


KINDS = st.sampled_from([AccountKind.INSTALMENT_LOAN, AccountKind.REVOLVING_SUBACCOUNT])
LOANS = st.builds(
    lambda source, n, alias, kind, opened, yuan, history: loan(
        source, f"A{n}", kind=kind, opened=day(opened), original_amount=cny(yuan),
        grid=grid(history), account_ref=None if n < 50 else f"****{n % 3}000",
        **{"lender": alias} if alias else {},
    ),
    st.sampled_from(["pboc", "baihang", "north"]),
    st.integers(0, 99),
    st.sampled_from([None, "ZZ"]),
    KINDS,
    st.sampled_from(["2025-03-05", "2025-03-06", "2025-03", "2025-03-30"]),
    st.sampled_from([12_000, 11_999, 500]),
    st.sampled_from(["NNNN", "NN1N", "#NNN"]),
)  # fmt: skip
SEVERAL = st.lists(LOANS, max_size=12, unique_by=lambda record: (record.source, record.record_id))


@given(
    SEVERAL, st.randoms(use_true_random=False), st.lists(st.tuples(st.integers(), st.integers()))
)
def test_the_order_of_records_never_matters(
    records: Sequence[Tradeline], rnd: Random, pairs: Sequence[tuple[int, int]]
) -> None:
    """Sources answer in any order, and people judge in any."""
    some = [(records[a % len(records)], records[b % len(records)]) for a, b in pairs if records]
    said = replace(judged(*some[::2]), different=judged(*some[1::2]).same)
    shuffled = rnd.sample(records, len(records))

    assert grouped(*shuffled, said=said) == grouped(*records, said=said)


@given(SEVERAL)
def test_every_record_is_in_one_group_and_no_report_twice(records: Sequence[Tradeline]) -> None:
    """Nothing is lost, nothing counted twice; copies aside, a group has one record a report."""
    got = grouped(*records)

    together = [held.evidence for group in got.groups for held in group]
    assert sorted(together) == sorted({*together})
    assert len(together) == len(records)
    for group in got.groups:
        sources = [held.evidence.source for held in group if held.evidence not in got.copies]
        assert len(sources) == len(set(sources))
        assert not any(
            {doubt.one, doubt.other} <= {h.evidence for h in group} for doubt in got.doubts
        )
