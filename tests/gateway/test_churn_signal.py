"""small_loan_churn on unpaid loans: from made-up accounts and counts, and from simulated lives."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.money import Money
from connectors.records import AccountKind, AccountStatus, LenderType, Metric, Record, Tradeline
from connectors.sandbox import bureaus, truth
from connectors.sandbox.facts import Account
from connectors.sandbox.lenders import BAIHANG, PBOC
from connectors.sandbox.life import life
from connectors.sandbox.personas import ORDER, persona
from connectors.sandbox.temperament import LOANS, SPIRAL
from consent.subject import Scope
from gateway.profile import SignalResult, SignalState
from tests.connectors.test_sources_read_the_sandbox import WORLD
from tests.gateway.reports import CONFIG, JUZI, TODAY, cny, day, loan, metric, pulled
from tests.gateway.test_contribution_signals import profile_of
from tests.gateway.test_signals import observed, signal, small

FIRED, QUIET, UNDECIDED = SignalState
SIGNAL = "small_loan_churn"
RULE = CONFIG.signals.small_loan_churn


def owed(n: int, opened: int, balance: int | None = 2_500, **facts: Any) -> Tradeline:
    """A small loan of 3,000 yuan of so many days ago, not repaid unless `facts` say otherwise."""
    known: dict[str, Any] = {
        "lender": JUZI["pboc"],
        "lender_type": LenderType.MICROLENDER,
        "original_amount": cny(3_000),
        "balance": cny(balance),
        "status": AccountStatus.CURRENT,
        "opened": ago(opened),
        "matures": None,
        "grid": (),
    }
    return loan("pboc", f"U{n}", **{**known, **facts})


def ago(days: int) -> Any:
    return day((TODAY - timedelta(days=days)).isoformat())


def repaid(days: int) -> dict[str, Any]:
    """Closed so many days ago."""
    return {"closed": ago(days), "status": AccountStatus.CLOSED, "balance": 0}


def churn(*records: Record) -> SignalResult:
    """The signal for these records."""
    return signal(SIGNAL, pulled(*records))


PILE = [owed(n, opened=10 + 35 * n) for n in range(6)]
"""One every five weeks, none repaid: the newest four were each taken on two or more."""


# -- account by account ----------------------------------------------------------------------


def test_loans_on_unpaid_loans_fire() -> None:
    """Nothing is late and nothing was repaid: every account of the pile is evidence."""
    got = churn(*PILE)

    assert (got.state, got.grounds) == (FIRED, ("on_unpaid",))
    assert (observed(got)["loans_on_unpaid"], observed(got)["owed_percent"]) == (4, 83)
    assert {one.record_id for one in got.basis} == {f"U{n}" for n in range(6)}
    assert got.explanation == (
        "small_loan_churn/2 fired by on_unpaid: loans_opened_and_closed=0 (from 4); "
        "applications=0 (from 6); loans_on_unpaid=4 (from 4); owed_percent=83 (from 50)"
    )


def test_the_pile_needs_all_its_loans() -> None:
    """Two to stand on and four on top; with any of them gone it is a few loans by instalment."""
    for n in range(6):
        assert churn(*PILE[:n], *PILE[n + 1 :]).state is QUIET


@pytest.mark.parametrize(
    "facts",
    [
        {"original_amount": cny(10_001)},
        {"original_amount": Money(300_000, "USD"), "currency": "USD"},
        {"lender_type": LenderType.BANK, "lender": "AA"},
        {"kind": AccountKind.CREDIT_CARD},
        repaid(5),
    ],
    ids=["large", "dollars", "bank", "card", "repaid since"],
)
def test_the_newest_must_be_such_a_loan(facts: dict[str, Any]) -> None:
    """Small, of a non-bank, in the window; one that was repaid since still was taken on unpaid."""
    state = churn(owed(0, **{"opened": 10, **facts}), *PILE[1:]).state

    assert state is (FIRED if "closed" in facts else QUIET)


def test_the_window_is_that_of_the_new_loans() -> None:
    """Those they were taken on may be as old as they like; the fourth is 180 days old and out."""
    assert churn(*(owed(n, 74 + 35 * n) for n in range(6))).state is FIRED
    assert churn(*(owed(n, 75 + 35 * n) for n in range(6))).state is QUIET
    old = [owed(n, 9_000) for n in (8, 9)]
    assert churn(*PILE[:4], *old).state is FIRED


def test_each_repaid_before_the_next_is_another_ground() -> None:
    """Borrow, repay, borrow: churn too, but by cycles, and none was taken on an unpaid one."""
    got = churn(*(small(n) for n in range(4)))

    assert got.grounds == ("cycles",)
    assert observed(got)["loans_on_unpaid"] == 0


def test_one_long_loan_beside_new_ones_is_quiet() -> None:
    """One unpaid loan under them all: what is new is repaid before the next."""
    news = [owed(n, opened=10 + 35 * n, **repaid(40 * n)) for n in range(1, 4)]
    got = churn(owed(0, opened=300), owed(9, opened=10), *news)

    assert got.state is QUIET
    assert observed(got)["loans_on_unpaid"] == 0


def test_loans_of_one_day_are_no_pile() -> None:
    """A kitchen bought by six instalment loans: none was taken because another was unpaid."""
    assert churn(*(owed(n, opened=40) for n in range(6))).state is QUIET
    assert churn(*(owed(n, opened=40 + n) for n in range(6))).state is QUIET


def test_a_loan_counts_as_unpaid_from_its_thirtieth_day() -> None:
    """`aged_days`, and the last day it is owed is the one before it was repaid."""
    four = [owed(n, opened=10) for n in range(4)]

    def on(opened: int, **facts: Any) -> int:
        under = [owed(n, opened=opened, **facts) for n in (8, 9)]
        return observed(churn(*four, *under))["loans_on_unpaid"]

    assert [on(opened) for opened in (39, 40, 900)] == [0, 4, 4]
    assert [on(90, **repaid(days)) for days in (9, 10, 11)] == [4, 0, 0]


def test_a_pile_that_is_paid_down_is_quiet() -> None:
    """Taken on unpaid ones, and less than half of all that money is owed still."""
    assert churn(*(owed(n, 10 + 35 * n, 1_500) for n in range(6))).state is FIRED
    assert churn(*(owed(n, 10 + 35 * n, 1_499) for n in range(6))).state is QUIET


def test_a_debt_given_up_was_not_repaid() -> None:
    """Written off is owed; of one that was sold nobody here knows how much."""
    off = owed(5, opened=185, status=AccountStatus.CHARGED_OFF)
    sold = owed(5, opened=185, status=AccountStatus.TRANSFERRED, balance=0, transferred=ago(20))

    assert churn(off, *PILE[:5]).state is FIRED
    assert observed(churn(sold, *PILE[:5]))["owed_percent"] == 69
    low = [owed(n, 10 + 35 * n, 1_700) for n in range(5)]
    assert churn(sold, *low).reason == "unknown_values"


def test_a_loan_that_another_became_is_not_newly_borrowed() -> None:
    """A debt that moved to another lender is the old one: it is no opening of the pile."""
    moved = owed(
        8, opened=400, status=AccountStatus.TRANSFERRED, balance=0, transferred=day("2026-03")
    )
    taken = owed(9, opened=10, original_amount=cny(2_500), lender="AV")

    def count(issuance: str) -> int:
        return observed(churn(moved, replace(taken, issuance=issuance), *PILE[1:]))[
            "loans_on_unpaid"
        ]

    assert (count("new"), count("transferred_in")) == (5, 4)


@pytest.mark.parametrize(
    "facts",
    [
        {"original_amount": None},
        {"lender_type": None, "lender": None},
        {"balance": None},
        {"status": AccountStatus.UNKNOWN},
        {"status": AccountStatus.CLOSED},
    ],
    ids=["amount", "lender", "balance", "status", "day of repayment"],
)
def test_what_is_unknown_leaves_it_undecided(facts: dict[str, Any]) -> None:
    """One of the two loans the pile stands on may be small, owed, or repaid in time."""
    low = [owed(n, 10 + 35 * n, 1_700) for n in range(5)]
    got = churn(*low, replace(owed(5, 185, 1_700), **facts))

    assert (got.state, got.reason) == (UNDECIDED, "unknown_values")


def test_a_loan_without_a_day_may_be_any_of_them() -> None:
    """Five of the six are dated; the sixth may be the one under them or the one on top."""
    undated = replace(PILE[0], opened=None)

    assert churn(undated, *PILE[1:]).reason == "unknown_values"
    assert churn(undated, *PILE[4:]).state is QUIET


def test_loans_without_any_day_may_all_be_new() -> None:
    """No account says it was opened lately, and none says it was not."""
    assert churn(*(replace(one, opened=None) for one in PILE)).state is UNDECIDED


_DAYS = st.integers(0, 400)
_LOANS = st.lists(st.tuples(_DAYS, st.one_of(st.none(), _DAYS), st.integers(1, 3_000)), max_size=14)


@settings(max_examples=200)
@given(_LOANS)
def test_the_sweep_counts_what_pairs_would(
    told: list[tuple[int, int | None, int]],
) -> None:
    """The count in one pass over all loans is the one of comparing each loan with each."""
    loans = [
        (opened, None if lived is None else max(opened - lived, 0), left)
        for opened, lived, left in told
    ]
    records = [
        owed(n, opened, **({"balance": left} if end is None else repaid(end)))
        for n, (opened, end, left) in enumerate(loans)
    ]
    part: set[int] = set()
    count = 0
    for n, (opened, _, _) in enumerate(loans):
        under = [
            m for m, (other, end, _) in enumerate(loans)
            if other - opened >= RULE.aged_days and (end is None or end < opened)
        ]  # fmt: skip
        if opened < RULE.unpaid_days and len(under) >= RULE.unpaid:
            count += 1
            part |= {n, *under}
    left = sum(loans[n][2] for n in part if loans[n][1] is None)
    got = observed(churn(*records))

    assert got["loans_on_unpaid"] == count
    assert got["owed_percent"] == (100 * left // (3_000 * len(part)) if part else 0)


# -- Baihang's counts ------------------------------------------------------------------------


COUNTS = {
    ("loanCount", "d180"): 5,
    ("loanCount", "d30"): 1,
    ("openLoanCount", "all"): 7,
    ("remainingAmount", "all"): 800_000,
    ("loanAmount", "d180"): 1_600_000,
    ("averageLoanAmount", "d180"): 320_000,
}


def counts(told: Mapping[tuple[str, str], int] = COUNTS, /, **changed: int) -> list[Metric]:
    """Baihang's counts; `changed` as `loanCount_d180=4`."""
    split = {name: name.partition("_") for name in changed}
    new = {(name, window): changed[key] for key, (name, _, window) in split.items()}
    return [
        replace(
            metric("baihang", name, value),
            record_id=f"nonRevolvingLoan.{window}.{name}",
            window=window,
            segment="non_revolving",
            scope=Scope.TRADELINES,
        )
        for (name, window), value in {**told, **new}.items()
    ]


def test_counts_fire_without_an_account() -> None:
    """Four more than a month old, on three and more unpaid ones: no account list has any."""
    got = churn(*counts())

    assert (got.state, got.grounds) == (FIRED, ("counted_on_unpaid",))
    assert observed(got)["counted_on_unpaid"] == 4
    assert {one.source for one in got.basis} == {BAIHANG}
    assert len(got.basis) == len(COUNTS)


@pytest.mark.parametrize(
    "changed",
    [
        {"loanCount_d180": 4},
        {"loanCount_d30": 2},
        {"openLoanCount_all": 6},
        {"remainingAmount_all": 799_999},
        {"averageLoanAmount_d180": 1_000_001},
    ],
    ids=["few", "of this month", "repaid", "paid down", "large"],
)
def test_counts_one_short_are_quiet(changed: dict[str, int]) -> None:
    """Each of the conditions is needed."""
    assert churn(*counts(**changed)).state is QUIET


def test_a_count_that_is_missing_leaves_it_undecided() -> None:
    """Unless those that are there say already that it cannot be."""
    for lost in COUNTS:
        some = {name: value for name, value in COUNTS.items() if name != lost}
        assert churn(*counts(some)).reason == "unknown_values"
        few = {name: min(value, 3) for name, value in some.items()}
        assert churn(*counts(few)).state is QUIET
    assert churn().state is QUIET


def test_an_account_and_its_count_are_not_added() -> None:
    """The same loans stand in both reports: three and three are not six."""
    got = churn(*PILE[:5], *counts(loanCount_d180=4))

    assert (got.state, got.grounds) == (QUIET, ())
    assert (observed(got)["loans_on_unpaid"], observed(got)["counted_on_unpaid"]) == (3, 3)


# -- lives -----------------------------------------------------------------------------------


def of_life(name: str, *sources: str) -> SignalResult:
    """The signal of a persona, by these sources in their own formats."""
    return signal(SIGNAL, profile_of(WORLD.persona(name), sources))


def test_the_pile_of_a_life_rests_on_its_accounts() -> None:
    """From PBOC's message to the signal: the seven loans of the life, and nothing else of it."""
    one = WORLD.persona("unpaid-churn")
    profile = profile_of(one, (PBOC,))
    got = signal(SIGNAL, profile)
    loans = {seen.ref for seen in bureaus.accounts(one, PBOC) if seen.account.product == "small"}

    assert (got.state, got.grounds) == (FIRED, ("on_unpaid",))
    assert profile.tradelines is not None
    named = {e: line.account_refs for line in profile.tradelines.lines for e in line.records}
    assert {ref.value for e in got.basis for ref in named[e]} == loans
    assert len(loans) == 7


def test_the_pile_of_a_life_is_counted_by_baihang() -> None:
    """The other bureau lists no account, and sees it all the same."""
    assert of_life("unpaid-churn", BAIHANG).grounds == ("counted_on_unpaid",)
    assert of_life("unpaid-churn", PBOC, BAIHANG).grounds == ("on_unpaid", "counted_on_unpaid")


def test_near_misses_of_the_pile_are_quiet() -> None:
    """Three loans by instalment, with two unpaid under the newest; and many lenders in a month."""
    few = of_life("small-instalments", PBOC, BAIHANG)

    assert few.state is QUIET
    assert observed(few)["loans_on_unpaid"] == 1
    assert observed(few)["counted_on_unpaid"] in {0, 1}
    assert of_life("many-lenders", PBOC, BAIHANG).state is QUIET
    assert of_life("small-loan-churn", PBOC, BAIHANG).grounds == ("cycles",)


@given(st.integers(0, 10**6), st.dates(date(2024, 1, 1), date(2030, 12, 31)))
def test_only_the_pile_is_one_in_truth(seed: int, today: date) -> None:
    """Whenever and whoever: the persona piles up, and no other does."""
    assert [name for name in ORDER if truth.piled(persona(name, seed, today), PBOC).fires] == [
        "unpaid-churn"
    ]


@pytest.mark.parametrize("ordinary", [20, pytest.param(100, marks=pytest.mark.slow)])
def test_over_a_population_the_signal_says_what_is_so(ordinary: int) -> None:
    """By PBOC's accounts exactly; by Baihang's counts never more than there was.

    Spirals are borrowed where accounts are not listed: without the counts they would be missed.
    """
    population = [
        *islice(WORLD.lives(), ordinary),
        *(life(WORLD.seed, 1_000 + n, WORLD.today, SPIRAL) for n in range(40)),
    ]
    found, missed, wrong = 0, 0, []
    for one in population:
        got = signal(SIGNAL, profile_of(one, (PBOC, BAIHANG)))
        numbers, true = observed(got), truth.piled(one, PBOC)
        percent = 100 * true.owed // true.lent if true.lent else 0
        assert numbers["loans_on_unpaid"] == true.loans, one
        assert abs(numbers["owed_percent"] - percent) <= 1, one
        assert ("on_unpaid" in got.grounds) == true.fires, one
        assert numbers.get("counted_on_unpaid", 0) <= stacked(
            [seen.account for seen in bureaus.accounts(one, BAIHANG)], one.today
        ), one
        fires = not {"on_unpaid", "counted_on_unpaid"}.isdisjoint(got.grounds)
        if truth.piled(one).fires:
            found, missed = found + fires, missed + (not fires)
        elif fires:
            wrong.append(one.temperament)

    assert found > 30
    assert found / (found + missed) > 0.9
    assert set(wrong) <= {"spiral"}  # fourteen lenders, some of the loans larger


def stacked(accounts: Sequence[Account], today: date) -> int:
    """Loans of any size, 30 to 180 days old, that were lent on two unpaid ones of any age."""
    loans = [a for a in accounts if a.kind in LOANS]
    return sum(
        30 <= (today - new.opened).days < 180
        and sum(
            old is not new
            and (old.opened, old.number) <= (new.opened, new.number)
            and (old.ended is None or old.ended > new.opened)
            for old in loans
        )
        >= 2
        for new in loans
    )
