"""gateway.resolve.links: a sold debt is two accounts and one debt."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.money import Money, Month
from connectors.records import (
    AccountKind,
    AccountStatus,
    GridMonth,
    IssueKind,
    LenderType,
    SpecialTransaction,
    Tradeline,
)
from gateway.creditfile import CreditFile
from gateway.profile import BorrowerProfile, ProfileTradeline
from gateway.profile.relations import LinkKind
from tests.gateway.reports import CONFIG, TODAY, card, cny, day, grid, lines_of, loan, pulled


def sold(record_id: str = "A1", **facts: Any) -> Tradeline:
    """A loan its lender transferred in July 2025, unless `facts` say otherwise."""
    known: dict[str, Any] = {
        "status": AccountStatus.TRANSFERRED,
        "transferred": day("2025-07"),
        "balance": cny(0),
        "grid": (),
    }
    return loan("pboc", record_id, **{**known, **facts})


def given_up(record_id: str = "A1", **facts: Any) -> Tradeline:
    """A loan charged off with 6,000 yuan owed, unless `facts` say otherwise."""
    known: dict[str, Any] = {
        "status": AccountStatus.CHARGED_OFF,
        "balance": cny(6_000),
        "grid": grid("BBBB7"),
    }
    return loan("pboc", record_id, **{**known, **facts})


def owing(yuan: int) -> tuple[GridMonth, ...]:
    """Three months of which the last was this much past due."""
    late, *before = grid("321", newest=Month(2025, 6))
    return (replace(late, overdue=cny(yuan)), *before)


def collection(record_id: str = "C1", **facts: Any) -> Tradeline:
    """A debt of 6,000 yuan an asset manager collects since July 2025."""
    known: dict[str, Any] = {
        "kind": AccountKind.COLLECTION,
        "status": AccountStatus.IN_COLLECTION,
        "lender": "BI",
        "lender_type": LenderType.ASSET_MANAGER,
        "product": "asset_disposal",
        "opened": day("2025-07-18"),
        "original_amount": cny(6_000),
        "balance": cny(6_000),
        "matures": None,
        "terms": None,
        "grid": (),
    }
    return loan("pboc", record_id, **{**known, **facts})


def told(*records: Tradeline) -> dict[str, ProfileTradeline]:
    """The accounts of the profile, by id."""
    return {line.id: line for line in lines_of(pulled(*records))}


def linked(*records: Tradeline) -> set[tuple[str, str, str]]:
    """Every link: from, kind, to."""
    return {
        (line.id, link.kind.value, link.line)
        for line in told(*records).values()
        for link in line.links
    }


SALE = {("pboc:A1", "sold_to", "pboc:C1"), ("pboc:C1", "came_from", "pboc:A1")}


def test_a_sold_debt_is_linked_and_not_merged() -> None:
    """Both accounts stay, each says where the debt went or came from, with the evidence."""
    lines = told(sold(), collection())
    (link,) = lines["pboc:A1"].links

    assert linked(sold(), collection()) == SALE
    assert link.rule == "moved_debt/1"
    assert link.score == sum(fact.weight for fact in link.facts) >= CONFIG.rules.moved.match
    assert [(fact.fact, fact.level) for fact in link.facts] == [
        ("status", "transferred"), ("booked", "month"), ("amount", "unknown"),
    ]  # fmt: skip
    assert {one.record_id for one in link.basis} == {"A1", "C1"}


def test_a_debt_given_up_and_sold_is_not_owed_twice() -> None:
    """The bank still shows what it wrote off; the asset manager collects the same 6,000 yuan."""
    lines = tuple(told(given_up(), collection(opened=day("2025-12-05"))).values())
    file = CreditFile(today=TODAY, told=(), listing={}, lines=lines)

    assert [line.id for line in file.open_lines] == ["pboc:C1"]
    assert sum(line.balance.value.minor for line in file.open_lines if line.balance) == 600_000


def test_an_account_whose_debt_has_moved_has_no_age_of_an_open_one() -> None:
    """Opened in March 2025 and charged off, collected since December: one debt of three months."""
    profile = pulled(given_up(), collection(opened=day("2025-12-05")))

    assert profile.attributes is not None
    told = {one.name: one.value for one in profile.attributes.values}
    assert (told["open_tradelines"], told["average_age_open_months"]) == (1, 3)


def test_a_debt_nobody_collects_stays_with_its_lender() -> None:
    """Charged off is not gone."""
    lines = told(given_up())

    assert not lines["pboc:A1"].moved


@pytest.mark.parametrize(
    "other",
    [
        collection(opened=day("2025-03-01")),
        collection(opened=day("2024-07-01")),
        collection(opened=day("2026-02-01")),
        collection(currency="USD", original_amount=None, balance=None),
        collection(original_amount=cny(60_000)),
        collection(lender="AN"),
    ],
    ids=["before the loan", "long before", "half a year late", "currency", "too much", "itself"],
)
def test_what_cannot_be_the_same_debt_is_not_linked(other: Tradeline) -> None:
    """Booked at the wrong time, in other money, beyond what was lent, or by the seller itself."""
    assert linked(sold(), other) == set()


def test_a_loan_still_running_lost_no_debt() -> None:
    """Only an account that says it was given up can have been sold."""
    assert linked(loan("pboc"), collection()) == set()


def test_a_charge_off_without_a_date_needs_the_amount() -> None:
    """Somebody charged off and somebody collects: that alone may be two debts."""
    later = collection(opened=day("2025-12-05"))

    assert linked(given_up(), later) == SALE
    assert linked(given_up(), replace(later, original_amount=cny(2_000))) == set()
    assert linked(given_up(), collection(opened=day("2025-10-01"))) == set()  # before it was


def test_two_sold_debts_are_told_apart_by_what_was_owed() -> None:
    """Otherwise one debt would vanish and another count twice."""
    first = given_up("A1", balance=cny(6_000))
    second = given_up("A2", balance=cny(3_000), opened=day("2024-05-05"))
    buys = [
        collection("C1", opened=day("2025-12-05")),
        collection("C2", opened=day("2025-12-05"), original_amount=cny(3_000)),
    ]

    assert {(a, b) for a, kind, b in linked(first, second, *buys) if kind == "sold_to"} == {
        ("pboc:A1", "pboc:C1"), ("pboc:A2", "pboc:C2"),
    }  # fmt: skip


def test_debts_nothing_tells_apart_are_not_linked() -> None:
    """Two loans sold in one month, two collections: either guess may be wrong."""
    assert linked(sold("A1"), sold("A2", opened=day("2024-01-01")), collection()) == set()


@pytest.mark.parametrize("payer", [LenderType.GUARANTOR, LenderType.ASSET_MANAGER])
def test_a_guarantor_who_paid_has_the_debt_without_a_sale(payer: LenderType) -> None:
    """代偿: the special transaction gives the day, the guarantor's account the debt."""
    paid = SpecialTransaction(kind="guarantor_paid", on=day("2025-07-15"), amount=cny(6_000))
    origin = loan("pboc", status=AccountStatus.CLOSED, transactions=(paid,), grid=())
    claim = collection(lender="BG", lender_type=payer, product="subrogated_debt")

    assert ("pboc:A1", "transferred_to", "pboc:C1") in linked(origin, claim)


def test_a_loan_another_lender_took_over_is_linked() -> None:
    """其他机构转入: the successor says itself that it was not lent anew."""
    taken = loan("pboc", "A2", lender="AB", opened=day("2025-07-20"), issuance="transferred_in")

    assert linked(sold(), taken) == {
        ("pboc:A1", "transferred_to", "pboc:A2"), ("pboc:A2", "came_from", "pboc:A1"),
    }  # fmt: skip
    assert linked(sold(), replace(taken, issuance="new")) == set()


def test_a_sale_two_bureaus_report_is_one_link() -> None:
    """The loan of two bureaus is one account before it is linked."""
    there = replace(sold("B1"), source="baihang", lender="示例晴川消金", account_ref="x")

    assert {(kind, to) for _, kind, to in linked(sold(), there, collection())} == {
        ("sold_to", "pboc:C1"), ("came_from", "baihang:B1"),
    }  # fmt: skip


def test_a_crowd_of_sold_debts_is_left_alone_and_said_so() -> None:
    """A hundred of each: bounded work, no guesses, one issue for every account."""
    many = [
        make(f"{make.__name__[0]}{n:03}", account_ref=f"N{make.__name__}{n}", opened=day(opened))
        for make, opened in ((sold, "2025-03-05"), (collection, "2025-07-18"))
        for n in range(100)
    ]
    profile = pulled(*many)

    assert all(line.links == () for line in lines_of(profile))
    assert issue_count(profile, "too many moved debts to link") == 200


@pytest.mark.parametrize(("few", "many"), [(sold, collection), (collection, sold)])
def test_a_crowd_on_either_side_is_one(
    few: Callable[..., Tradeline], many: Callable[..., Tradeline]
) -> None:
    """64 are compared, 65 are not; nothing tells them apart, so neither links."""
    crowd = [many(f"N{n:02}", account_ref=f"N{n:02}") for n in range(65)]

    for n, noted in ((64, 0), (65, 66)):
        assert issue_count(pulled(few("F"), *crowd[:n]), "too many moved debts to link") == noted


def issue_count(profile: BorrowerProfile, what: str) -> int:
    """How often this was noted."""
    assert profile.issues is not None
    return sum(
        one.count
        for one in profile.issues.issues
        if one.kind is IssueKind.DUPLICATE and one.what == what
    )


def plain_card(record_id: str, **facts: Any) -> Tradeline:
    """A card in good standing."""
    return card("pboc", record_id, **facts)


def test_two_loans_that_claim_to_come_from_each_other_make_no_circle() -> None:
    """Both transferred, both taken over: the debt can only have gone to the younger one."""
    moved: dict[str, Any] = {"issuance": "transferred_in", "lender": "AB"}
    older = sold("A1", issuance="transferred_in", transferred=day("2025-03-20"))
    younger = sold("A2", opened=day("2025-03-25"), transferred=day("2025-03-10"), **moved)

    assert linked(older, younger) == {
        ("pboc:A1", "transferred_to", "pboc:A2"), ("pboc:A2", "came_from", "pboc:A1"),
    }  # fmt: skip


DEBTS = st.builds(
    lambda n, make, opened, moved, yuan, taken: make(
        f"A{n}", account_ref=f"N{n}", opened=day(opened), original_amount=cny(yuan),
        transferred=day(moved), issuance=taken, lender=f"A{chr(65 + n % 20)}",
    ),
    st.integers(0, 30),
    st.sampled_from([sold, given_up, collection, plain_card]),
    st.sampled_from(["2025-01-05", "2025-03-05", "2025-06-28", "2025-07-18", "2025"]),
    st.sampled_from([None, "2025-03", "2025-07", "2025-07-10"]),
    st.sampled_from([6_000, 5_000, 100]),
    st.sampled_from([None, "new", "transferred_in"]),
)  # fmt: skip


@given(
    st.lists(DEBTS, max_size=10, unique_by=lambda r: r.record_id),
    st.randoms(use_true_random=False),
)
def test_links_never_run_in_a_circle_nor_depend_on_order(
    records: Sequence[Tradeline], rnd: Random
) -> None:
    """Whatever is claimed, following a debt ends; each has one way out and one way in."""
    records = [replace(one, source="pboc") for one in records]
    lines = told(*records)
    onward = {line.id: link.line for line in lines.values() for link in line.links if link.away}
    back = {
        line.id: link.line
        for line in lines.values()
        for link in line.links
        if link.kind is LinkKind.CAME_FROM
    }

    assert back == {there: here for here, there in onward.items()}
    for link in (link for line in lines.values() for link in line.links):
        assert list(link.basis) == sorted(link.basis)
    for start in set(onward):
        followed = [start]
        while followed[-1] in onward:
            assert onward[followed[-1]] not in followed
            followed.append(onward[followed[-1]])
    assert told(*rnd.sample(records, len(records))) == lines


def test_every_sale_lies_inside_its_window() -> None:
    """The shipped tolerances: the day itself, or up to four months late; nobody books it before."""
    assert linked(sold(transferred=day("2025-07-18")), collection(opened=day("2025-07-18"))) == SALE
    assert (
        linked(sold(transferred=day("2025-07-18")), collection(opened=day("2025-07-17"))) == set()
    )
    late = date(2025, 7, 18).toordinal() + 120
    last, over = (date.fromordinal(late + n).isoformat() for n in (0, 1))
    assert linked(sold(transferred=day("2025-07-18")), collection(opened=day(last))) == SALE
    assert linked(sold(transferred=day("2025-07-18")), collection(opened=day(over))) == set()


def test_arrears_are_the_least_that_was_owed() -> None:
    """After a sale only they are told: the buyer books them and what was not due yet."""
    arrears = sold(transferred=day("2025-07-18"), grid=owing(2_000))

    assert linked(arrears, collection(original_amount=cny(2_000))) == SALE
    assert linked(arrears, collection(original_amount=cny(9_000))) == SALE
    assert linked(replace(arrears, grid=owing(9_000)), collection()) == set()
    assert (
        linked(given_up(transferred=day("2025-07-18")), collection(original_amount=cny(9_000)))
        == set()
    )


def test_a_debt_booked_late_is_found_unless_another_was_booked_at_once() -> None:
    """Two months after the sale; a second buyer on the day itself leaves a doubt."""
    debt = sold(transferred=day("2025-07-18"))
    late = collection("C2", opened=day("2025-09-18"), lender="BJ")

    assert ("pboc:A1", "sold_to", "pboc:C2") in linked(debt, late)
    assert linked(debt, collection(), late) == set()


def facts(origin: Tradeline, successor: Tradeline) -> dict[str, str]:
    """The levels of what speaks for this move; none where there is no link."""
    return {
        fact.fact: fact.level
        for line in told(origin, successor).values()
        for link in line.links
        for fact in link.facts
    }


MOVED: dict[str, Any] = {"transferred": day("2025-07-18")}


@pytest.mark.parametrize(
    ("fen", "level"),
    [
        (600_099, "same"), (600_100, "near"), (720_000, "near"), (720_100, None),
        (480_000, "near"), (479_900, None),
    ],
)  # fmt: skip
def test_interest_and_costs_make_a_debt_nearly_the_same(fen: int, level: str | None) -> None:
    """Of 6,000 yuan owed: less than a yuan apart is rounding, up to a fifth is near."""
    booked = collection(original_amount=Money(fen, "CNY"))

    assert facts(given_up(**MOVED), booked).get("amount") == level


@pytest.mark.parametrize(
    "lent",
    [{}, {"kind": AccountKind.CREDIT_CARD, "original_amount": None, "credit_limit": cny(12_000)}],
    ids=["loan", "card"],
)
def test_no_debt_grows_beyond_twice_what_was_lent(lent: dict[str, Any]) -> None:
    """12,000 yuan, of a loan or the limit of a card, become 24,000 and no more."""
    assert linked(sold(**lent), collection(original_amount=cny(24_000))) == SALE
    assert linked(sold(**lent), collection(original_amount=cny(24_002))) == set()


@pytest.mark.parametrize(
    ("past_due", "level"),
    [(cny(6_000), "same"), (cny(5_000), "near"), (Money(600_000, "USD"), "unknown"),
     (None, "unknown")],
)  # fmt: skip
def test_arrears_of_the_account_tell_what_was_owed(past_due: Money | None, level: str) -> None:
    """In the money of the debt: 6,000 dollars are not 6,000 yuan."""
    assert facts(sold(**MOVED, past_due=past_due), collection())["amount"] == level


def test_a_day_says_more_than_the_month_it_is_in() -> None:
    """Transferred in July, and a transaction on the 18th; and whoever was paid is not just owed."""
    paid = SpecialTransaction(kind="guarantor_paid", on=day("2025-07-18"))

    told = facts(given_up(transferred=day("2025-07"), transactions=(paid,)), collection())
    assert (told["status"], told["booked"]) == ("transferred", "day")


@pytest.mark.parametrize(("theirs", "told"), [("G1", "same"), ("G2", None), (None, None)])
def test_one_agreement_speaks_for_one_debt(theirs: str | None, told: str | None) -> None:
    """Two agreements say nothing: a buyer numbers its own."""
    found = facts(sold(agreement_ref="G1"), collection(agreement_ref=theirs))

    assert found["status"] == "transferred"
    assert found.get("agreement") == told


@pytest.mark.parametrize(
    ("booked", "level"), [("2025-08-18", "day"), ("2025-08-19", "later"), ("2025-03-05", None)]
)
def test_a_debt_is_booked_within_a_month_or_late(booked: str, level: str | None) -> None:
    """31 days are prompt; opened on one day with the loan, it cannot have come from there."""
    moved = booked if level is None else "2025-07-18"

    assert (
        facts(sold(transferred=day(moved)), collection(opened=day(booked))).get("booked") == level
    )
