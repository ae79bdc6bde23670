"""connectors.sandbox.life: the arithmetic of a life holds, whoever it is."""

from calendar import monthrange
from collections.abc import Callable
from datetime import date
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from connectors.money import Month
from connectors.records import AccountKind
from connectors.sandbox import repayment
from connectors.sandbox.facts import Account, Life, Stage
from connectors.sandbox.life import QUERY_DAYS, life
from connectors.sandbox.products import PRODUCTS
from connectors.sandbox.temperament import STRETCHED

TODAY = date(2026, 3, 15)
LAST = Month(2026, 2)
LOANS = {AccountKind.INSTALMENT_LOAN, AccountKind.REVOLVING_SUBACCOUNT}


def for_every_life(check: Callable[[Life], None]) -> Callable[[], None]:
    """Run `check` over lives of the usual mix and of the stretched, who fall behind the most."""

    @given(index=st.integers(0, 10**6), stretched=st.booleans())
    def test(index: int, *, stretched: bool) -> None:
        check(life(7, index, TODAY, STRETCHED if stretched else None))

    test.__name__, test.__doc__ = check.__name__, check.__doc__
    return test


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_life_depends_on_seed_and_index_alone(index: int, other: int) -> None:
    """A population can be streamed, split and entered anywhere."""
    first = life(7, index, TODAY)
    life(7, other, TODAY)

    assert life(7, index, TODAY) == first
    assert life(8, index, TODAY) != first


@for_every_life
def test_every_month_since_opening_has_one_row(one: Life) -> None:
    """A gap is a bureau's doing, never the life's."""
    for account in one.accounts:
        months = [row.month for row in account.rows]
        opened = Month.of(account.opened)
        end = Month.of(account.ended) if account.ended else LAST

        assert months == [opened.plus(n) for n in range(max(end.since(opened) + 1, 0))]


@for_every_life
def test_loan_balances_fall_with_what_was_repaid(one: Life) -> None:
    """Principal never rises and the instalments unpaid are exactly what is overdue."""
    for account in one.accounts:
        if account.kind in LOANS:
            _check_loan(account)


def _check_loan(account: Account) -> None:
    balances = [row.balance for row in account.rows]
    assert all(later <= earlier for earlier, later in pairwise(balances))
    assert balances[:1] in ([], [account.amount])
    for row in account.rows:
        assert 0 <= row.terms_overdue <= (account.terms or 0)
        assert (row.overdue > 0) == (row.months_late > 0) == (row.terms_overdue > 0)
        assert row.stage is not Stage.RUNNING or row.terms_overdue <= row.months_late
        assert sum(row.aged) <= row.balance
    for before, row in pairwise(account.rows):
        if row.paid == 0 and row.stage is Stage.RUNNING:
            assert row.balance == before.balance


@for_every_life
def test_a_loan_stands_where_its_schedule_says(one: Life) -> None:
    """Balance and arrears follow from the instalments paid, to the fen."""
    for account in one.accounts:
        if account.kind not in LOANS or account.terms is None or account.amount is None:
            continue
        percent = PRODUCTS[account.product].percent
        plan = repayment.schedule(account.amount, account.terms, percent)
        for elapsed, row in enumerate(account.rows):
            if row.stage is Stage.RUNNING:
                due = min(elapsed, account.terms)
                paid = due - row.terms_overdue
                assert row.balance == account.amount - sum(part for _, part in plan[:paid])
                assert row.overdue == sum(instalment for instalment, _ in plan[paid:due])


@for_every_life
def test_revolving_balances_stay_within_their_limit(one: Life) -> None:
    """What is overdue is part of what is owed, and both fit the limit."""
    for account in one.accounts:
        if account.limit is not None:
            for row in account.rows:
                assert 0 <= row.overdue <= row.balance <= account.limit


@for_every_life
def test_a_revolving_balance_moves_by_payments_and_spending(one: Life) -> None:
    """It can fall by no more than was paid."""
    for account in one.accounts:
        if account.limit is not None:
            for before, row in pairwise(account.rows):
                spent = row.balance - before.balance + row.paid
                assert spent >= 0 or row.stage is Stage.CHARGED_OFF
                assert spent == 0 or row.terms_overdue < 2


@for_every_life
def test_arrears_grow_a_month_at_a_time(one: Life) -> None:
    """Nobody is 90 days late who was on time a month ago."""
    for account in one.accounts:
        for before, row in pairwise(account.rows):
            assert row.months_late <= before.months_late + 1


@for_every_life
def test_closed_accounts_owe_nothing(one: Life) -> None:
    """An account that ended has a day it ended, a zero balance and no rows after."""
    for account in one.accounts:
        ends = [r for r in account.rows if r.stage in {Stage.CLOSED, Stage.TRANSFERRED}]

        assert (account.ended is not None) == bool(ends)
        if account.ended:
            assert ends == [account.rows[-1]]
            assert (ends[0].balance, ends[0].overdue) == (0, 0)
            assert account.opened <= account.ended <= TODAY


@for_every_life
def test_a_sold_debt_turns_up_in_collection(one: Life) -> None:
    """The collection account carries exactly what was owed when the loan was sold."""
    sold = {a.number: a for a in one.accounts if a.last and a.last.stage is Stage.TRANSFERRED}
    bought = {a.origin: a for a in one.accounts if a.kind is AccountKind.COLLECTION}

    assert sold.keys() == bought.keys()
    for number, account in sold.items():
        assert bought[number].amount == account.rows[-2].balance


@for_every_life
def test_draws_never_exceed_their_agreement(one: Life) -> None:
    """The sub-accounts of a line together owe no more than the line allows, in any month."""
    for agreement in one.agreements:
        draws = [a for a in one.accounts if a.agreement == agreement.number]
        owed: dict[Month, int] = {}
        for account in draws:
            for row in account.rows:
                owed[row.month] = owed.get(row.month, 0) + row.balance

        assert max(owed.values(), default=0) <= agreement.limit


@for_every_life
def test_nothing_happens_after_today(one: Life) -> None:
    """A future date in a report is the one thing a parser must be able to call wrong."""
    assert all(account.opened <= TODAY for account in one.accounts)
    assert all(application.on <= TODAY for application in one.applications)
    assert all((TODAY - query.on).days <= QUERY_DAYS for query in one.queries)
    assert all(query.on <= TODAY for query in one.queries)


@for_every_life
def test_every_granted_account_was_applied_for(one: Life) -> None:
    """Each application leads to inquiries, and each account but a bought debt to an application."""
    applied = {a.account for a in one.applications if a.account is not None}
    first_draws = {
        min(a.number for a in one.accounts if a.agreement == g.number)
        for g in one.agreements
        if any(a.agreement == g.number for a in one.accounts)
    }
    for account in one.accounts:
        later_draw = account.agreement is not None and account.number not in first_draws
        assert (
            account.number in applied
            or account.kind is AccountKind.COLLECTION
            or (account.kind is AccountKind.REVOLVING_SUBACCOUNT and later_draw)
        )
    for application in one.applications:
        asked = {q.bureau for q in one.queries if q.on == application.on}
        if (TODAY - application.on).days <= QUERY_DAYS:
            assert application.lender.asks - {"bairong"} <= asked


@for_every_life
def test_contributions_stop_with_the_job(one: Life) -> None:
    """Pension months are the months with income; the fund is paid while somebody employs."""
    paid = {month for month, fen in one.income if fen}

    assert set(one.pension_months) == paid
    if one.housing_fund and not one.housing_fund.sealed:
        assert one.housing_fund.paid_to == LAST


def test_months_late_are_the_band_of_days_past_due() -> None:
    """Any due day the engines use, any month: 30-day bands and months late say the same."""
    bands = [(1, 30), (31, 60), (61, 90), (91, 120), (121, 150), (151, 180)]
    for due_day in range(repayment.EARLIEST_DUE, repayment.LATEST_DUE + 1):
        for start in (Month(2023, 1).plus(n) for n in range(48)):
            due = date(start.year, start.month, due_day)
            for months_late in range(1, 8):
                end = start.plus(months_late - 1)
                last_day = date(end.year, end.month, monthrange(end.year, end.month)[1])
                days = (last_day - due).days
                low, high = bands[months_late - 1] if months_late < 7 else (181, 10**6)
                assert low <= days <= high


@given(
    st.integers(100, 10**9),
    st.integers(1, 360),
    st.integers(0, 360),
)
def test_a_schedule_repays_exactly_what_was_lent(amount: int, terms: int, tenths: int) -> None:
    """Rounding may move fen between instalments but never lose one."""
    plan = repayment.schedule(amount, terms, tenths / 10)

    assert len(plan) == terms
    assert sum(principal for _, principal in plan) == amount
    assert all(0 <= principal <= instalment for instalment, principal in plan)
