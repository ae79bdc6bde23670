"""gateway.signals: each warning goes off when it should, and only then; else it says it cannot."""

from datetime import date, timedelta
from typing import Any

import pytest

from connectors.money import Money, Month
from connectors.records import AccountKind, AccountStatus, LenderType, LoanUse, Record
from gateway.profile import BorrowerProfile, Outcome, SignalResult, SignalState
from tests.gateway.reports import (
    JUZI,
    SUBJECT,
    TODAY,
    card,
    cny,
    contribution,
    day,
    grid,
    heard,
    income,
    inquiry,
    loan,
    merged,
    pulled,
    region,
    silent,
    who,
)
from tests.gateway.test_behaviour_signals import failures, purpose

FIRED, QUIET, UNDECIDED = SignalState


def signal(name: str, profile: BorrowerProfile) -> SignalResult:
    """One signal of a profile."""
    assert profile.signals is not None
    return next(one for one in profile.signals.results if one.id == name)


def observed(result: SignalResult) -> dict[str, int]:
    """The numbers it looked at."""
    return {one.name: one.value for one in result.observed}


# -- card_overdue_increase -------------------------------------------------------------------

CLEAN = card("pboc", "C1", lender="AA", grid=grid("NNNNNN"))
LATE = card("pboc", "C2", lender="AB", grid=grid("21NNNN"))
ALWAYS_LATE = card("pboc", "C3", lender="AC", grid=grid("777777"))


def cards(*records: Record) -> SignalResult:
    """The signal for these cards."""
    return signal("card_overdue_increase", pulled(*records))


def test_a_card_that_became_overdue_fires() -> None:
    """None three months ago, one now."""
    got = cards(CLEAN, LATE)

    assert got.state is FIRED
    assert observed(got) == {"cards_overdue": 1, "increase": 1, "cards": 2}
    assert [str(e) for e in got.basis] == ["pboc/R-pboc/C2"]
    assert got.explanation == (
        "card_overdue_increase/2 fired: cards_overdue=1 (from 1); increase=1 (from 1); cards=2"
    )


def test_cards_paid_on_time_are_quiet() -> None:
    """Nothing is overdue."""
    assert cards(CLEAN).state is QUIET


def test_months_ahead_are_no_arrears() -> None:
    """What a grid says of months to come is not so now."""
    ahead = grid("77NNNN", newest=Month(2026, 5))

    assert cards(card("pboc", "C1", lender="AA", grid=ahead)).state is QUIET


def test_a_card_long_overdue_is_no_increase() -> None:
    """Bad, but not news: other attributes tell it."""
    assert cards(CLEAN, ALWAYS_LATE).state is QUIET


def test_a_card_cured_as_another_falls_behind_is_no_increase() -> None:
    """One before, one now."""
    cured = card("pboc", "C4", lender="AD", grid=grid("NNN222"))

    assert cards(LATE, cured).state is QUIET


def test_a_closed_card_is_not_overdue_now() -> None:
    """Its last mark may be late."""
    closed: dict[str, Any] = {"status": AccountStatus.CLOSED, "closed": day("2026-02-01")}

    assert cards(card("pboc", grid=grid("1NNNNN"), **closed)).state is QUIET


@pytest.mark.parametrize("status", [AccountStatus.CLOSED, AccountStatus.TRANSFERRED])
@pytest.mark.parametrize(("ended", "state"), [(3, QUIET), (4, FIRED), (30, FIRED)])
def test_a_card_that_ended_long_ago_hides_no_increase(
    status: AccountStatus, ended: int, state: SignalState
) -> None:
    """It was late up to its end. Three months ago it still was; from four on it was over then."""
    last = Month(2026, 3).plus(-ended)
    old = card(
        "pboc", "C4", lender="AD", status=status, as_of=date(last.year, last.month, 28),
        grid=grid("222222", last),
    )  # fmt: skip

    assert cards(LATE, old).state is state


def test_a_loan_is_not_a_card() -> None:
    """Only cards count here."""
    assert cards(loan(grid=grid("21NNNN"))).state is QUIET


def test_a_young_card_was_not_overdue_before_it_was_opened() -> None:
    """No history that far back is needed for it."""
    young = card("pboc", opened=day("2026-01-10"), grid=grid("1N"))

    assert cards(young).state is FIRED


def test_unknown_months_leave_it_undecided() -> None:
    """Overdue now, and three months ago nobody could read: an increase, or not."""
    got = cards(card("pboc", grid=grid("11N##N")))

    assert (got.state, got.reason) == (UNDECIDED, "unknown_values")


def test_a_stale_card_leaves_it_undecided() -> None:
    """Figures of half a year ago say nothing about now."""
    stale = card("pboc", as_of=date(2025, 9, 30), grid=grid("NNNNNN", Month(2025, 9)))

    assert cards(stale).state is UNDECIDED


def test_an_unknown_card_does_not_hide_a_certain_increase() -> None:
    """Two cards fell behind; a third of which nothing is known cannot undo both."""
    other = card("pboc", "C5", lender="AE", grid=grid("11NNNN"))
    unknown = card("pboc", "C6", lender="AF", grid=())

    assert cards(LATE, other, unknown).state is FIRED


def test_a_silent_bureau_leaves_it_undecided() -> None:
    """No card seen is not no card overdue."""
    got = signal("card_overdue_increase", pulled(nothing_from=("pboc",)))

    assert (got.state, got.reason, got.lacking) == (UNDECIDED, "source_lacking", ("pboc",))


def test_no_file_leaves_it_undecided() -> None:
    """A person the bureau does not know has no clean record."""
    got = signal("card_overdue_increase", merged(silent("pboc", Outcome.NO_HIT)))

    assert (got.state, got.reason) == (UNDECIDED, "no_file")


# -- multi_lender_surge ----------------------------------------------------------------------


def asked(ago: int, *aliases: str) -> list[Record]:
    """These PBOC institutions asked `ago` days before today."""
    on = day((TODAY - timedelta(days=ago)).isoformat())
    return [inquiry("pboc", f"Q{ago}-{alias}", institution=alias, on=on) for alias in aliases]


def lenders(*records: Record) -> SignalResult:
    """The signal for these records."""
    return signal("multi_lender_surge", pulled(*records))


def test_many_lenders_at_once_fire() -> None:
    """Four in a month after a quiet time."""
    got = lenders(*asked(3, "AA", "AB"), *asked(20, "AC", "AD"), *asked(70, "AE"))

    assert got.state is FIRED
    assert observed(got) == {"lenders": 4, "lenders_before": 1, "days": 30, "days_before": 60}
    assert len(got.basis) == 4


def test_three_lenders_are_quiet() -> None:
    """Comparing offers is no spiral."""
    assert lenders(*asked(3, "AA", "AB", "AC")).state is QUIET


def test_one_lender_asking_often_is_quiet() -> None:
    """It is one lender."""
    assert lenders(*(one for ago in range(10) for one in asked(ago, "AA"))).state is QUIET


def test_a_steady_pace_is_no_surge() -> None:
    """Four a month now, and as many in each month before."""
    before = (*asked(40, "AE", "AF", "AG", "AH"), *asked(70, "AI", "AJ", "AK", "AL"))

    assert lenders(*asked(3, "AA", "AB", "AC", "AD"), *before).state is QUIET


def test_accounts_opened_count_without_an_inquiry() -> None:
    """Some lenders lend without asking a bureau we hear of."""
    opened = [
        loan("pboc", f"A{n}", lender=alias, opened=day("2026-03-10"))
        for n, alias in enumerate(("AA", "AB"))
    ]

    assert lenders(*opened, *asked(3, "AC", "AD")).state is FIRED


def test_one_lender_at_two_bureaus_is_one() -> None:
    """The same four applications seen twice are not eight, and three are not six."""
    twice = [
        inquiry(source, f"Q{n}", institution=alias, on=day("2026-03-10"))
        for n, pair in enumerate((("AN", "示例晴川消金"), ("AU", "示例橘子小贷")))
        for source, alias in zip(("pboc", "baihang"), pair, strict=True)
    ]

    assert observed(lenders(*twice))["lenders"] == 2


def test_a_silent_bureau_does_not_keep_it_from_firing() -> None:
    """What is known is enough."""
    four = [
        inquiry("baihang", f"Q{n}", institution=f"示例{stem}小贷")
        for n, stem in enumerate(("蒲公英", "麦穗", "橘子", "蜂巢"))
    ]
    got = signal("multi_lender_surge", pulled(*four, nothing_from=("pboc",)))

    assert (got.state, got.lacking) == (FIRED, ("pboc",))


def test_a_silent_bureau_keeps_it_from_being_quiet() -> None:
    """The applications may be where nobody answered."""
    got = signal("multi_lender_surge", pulled(inquiry("pboc"), nothing_from=("baihang",)))

    assert (got.state, got.reason) == (UNDECIDED, "source_lacking")


# -- small_loan_churn ------------------------------------------------------------------------


def small(n: int, **facts: Any) -> Record:
    """The n-th small loan of a chain: 60 days each, the newest repaid a month ago."""
    closed = TODAY - timedelta(days=30 + 60 * n)
    opened = closed - timedelta(days=50)
    known: dict[str, Any] = {
        "lender": JUZI["pboc"],
        "lender_type": LenderType.MICROLENDER,
        "original_amount": cny(3_000),
        "balance": cny(0),
        "status": AccountStatus.CLOSED,
        "opened": day(opened.isoformat()),
        "closed": day(closed.isoformat()),
        "matures": None,
        "grid": (),
    }
    return loan("pboc", f"S{n}", **{**known, **facts})


def churn(*records: Record) -> SignalResult:
    """The signal for these records."""
    return signal("small_loan_churn", pulled(*records))


def test_a_chain_of_small_loans_fires() -> None:
    """Four borrowed and repaid within a year, one after another."""
    got = churn(*(small(n) for n in range(4)))

    assert got.state is FIRED
    assert observed(got)["loans_opened_and_closed"] == 4
    assert len(got.basis) == 4


@pytest.mark.parametrize(
    "facts",
    [
        {"original_amount": cny(10_001)},
        {"original_amount": Money(300_000, "USD"), "currency": "USD"},
        {"lender_type": LenderType.BANK, "lender": "AA"},
        {"status": AccountStatus.CURRENT, "closed": None},
        {"opened": day("2025-04-01"), "closed": day("2026-01-01")},
        {"opened": day("2026-01-01"), "closed": day("2025-12-01")},
        {"kind": AccountKind.CREDIT_CARD},
    ],
    ids=["large", "dollars", "bank", "still open", "long lived", "absurd", "card"],
)
def test_three_and_something_else_are_quiet(facts: dict[str, Any]) -> None:
    """Only small, short, repaid loans of non-banks count."""
    assert churn(*(small(n) for n in range(3)), small(3, **facts)).state is QUIET


def test_loans_of_more_than_a_year_ago_do_not_count() -> None:
    """The window is a year; the sixth and later lie before it."""
    assert observed(churn(*(small(n) for n in range(9))))["loans_opened_and_closed"] == 5


def test_many_applications_to_microlenders_fire() -> None:
    """Borrowed or not: six in three months."""
    tries = [
        inquiry(
            "pboc", f"Q{n}", institution=JUZI["pboc"], institution_type=LenderType.MICROLENDER,
            on=day((TODAY - timedelta(days=10 * n)).isoformat()),
        )
        for n in range(6)
    ]  # fmt: skip

    assert churn(*tries).state is FIRED
    assert churn(*tries[:5]).state is QUIET


def test_a_loan_of_unknown_size_leaves_it_undecided() -> None:
    """The fourth may be small."""
    got = churn(*(small(n) for n in range(3)), small(3, original_amount=None))

    assert (got.state, got.reason) == (UNDECIDED, "unknown_values")


# -- all of them -----------------------------------------------------------------------------


def test_explanations_hold_codes_and_numbers_only() -> None:
    """They are logged with the decision they lead to."""
    work = contribution(paid_to=Month(2025, 10)), income(5_000, *[10_000] * 12)
    loans = (small(n) for n in range(4))
    turned = region(80, 0, 0, 0, 0, 0, 20)
    own: list[Record] = [turned, *failures(6), purpose(declared=LoanUse.SECURITIES)]
    profile = pulled(CLEAN, LATE, *asked(3, "AA", "AB", "AC", "AD"), *loans, *work, *own)
    assert profile.signals is not None

    for result in profile.signals.results:
        assert result.state is FIRED
        assert result.explanation.isascii()
        assert SUBJECT.id_number not in result.explanation


def test_a_quarantined_report_fires_nothing() -> None:
    """Somebody else's cards are no warning about the subject, and no all-clear either."""
    got = signal(
        "card_overdue_increase", merged(heard("pboc", who(name="丙辰溪", documents=()), LATE))
    )

    assert (got.state, got.lacking) == (UNDECIDED, ("pboc",))
