"""How deep, how often, how lately and how long accounts were past due.

Days past due are the lower end of the band a month is reported in: 31 is 31 to 60 days, 181 is
181 or more and written off. Windows are calendar months up to and including this one. Months
that no account says anything about are not looked at; when that is the whole window, the value
is missing with `no_history`.
"""

import operator

from connectors.money import Money
from connectors.records import AccountStatus
from gateway.arrears import Arrears, month_number
from gateway.attributes.found import (
    Found,
    Measure,
    counted,
    in_currency,
    late_records,
    most_in_a_row,
    nothing,
    owed,
    records,
)
from gateway.creditfile import CreditFile
from gateway.profile import ProfileTradeline
from gateway.profile.concluded import Concluded
from gateway.selection import ANY_ACCOUNT, Accounts

_EARLY_MONTHS = 6
_UNCLASSIFIED = "unclassified"
"""PBOC list A.32, 9: the lender has put the loan in no class."""


def max_dpd(file: CreditFile, *, months: int, of: Accounts = ANY_ACCOUNT) -> Found:
    """Most days past due on any account in any month of the window."""
    telling, late = file.window[of, months]
    if not telling:
        return nothing("no_history")
    worst = max([one.dpd for one in late], default=0)
    return Found(worst, late_records([one for one in late if one.dpd == worst]))


def max_dpd_now(file: CreditFile, *, of: Accounts = ANY_ACCOUNT) -> Found:
    """Most days past due on any open account by its newest figures."""
    pasts = file.still_open[of].told(file.pasts)
    known = [(past.figures.dpd, past.line) for past in pasts if past.figures.dpd is not None]
    if not known:
        return nothing("no_figures" if pasts else "no_account")
    worst = max([dpd for dpd, _ in known])
    return Found(worst, records([line for dpd, line in known if worst and dpd == worst]))


def overdue_accounts(file: CreditFile, *, of: Accounts = ANY_ACCOUNT) -> Found:
    """Open accounts in arrears by their newest figures."""
    return counted(file.still_open[of].told(file.once(_overdue)))


def _overdue(file: CreditFile) -> list[ProfileTradeline | None]:
    return [past.line if past.figures.overdue else None for past in file.pasts]


def _late(file: CreditFile, months: int, dpd: int) -> list[Arrears] | None:
    """Arrears of at least so many days in the window; None when nobody tells of any month."""
    telling, late = file.window[ANY_ACCOUNT, months]
    return [one for one in late if one.dpd >= dpd] if telling else None


def accounts_late(file: CreditFile, *, months: int, dpd: int) -> Found:
    """Accounts at least so many days past due in any month of the window."""
    late = _late(file, months, dpd)
    if late is None:
        return nothing("no_history")
    basis = late_records(late)
    return Found(len(basis), basis)


def months_late(file: CreditFile, *, months: int, dpd: int) -> Found:
    """Calendar months of the window in which any account was that late."""
    late = _late(file, months, dpd)
    if late is None:
        return nothing("no_history")
    return Found(len({one.ago for one in late}), late_records(late))


def late_payments(file: CreditFile, *, months: int, dpd: int) -> Found:
    """Account months of the window that late: two accounts late in one month are two."""
    late = _late(file, months, dpd)
    if late is None:
        return nothing("no_history")
    return Found(len(late), late_records(late))


def months_since(file: CreditFile, *, dpd: int) -> Found:
    """Months since any account was last that late; 0 in this month."""
    history = file.history[ANY_ACCOUNT]
    late = [one for one in history.arrears if one.dpd >= dpd]
    if not late:
        return nothing("never_delinquent" if history.pasts else "no_history")
    ago = min([one.ago for one in late])
    return Found(ago, late_records([one for one in late if one.ago == ago]))


def longest_run(file: CreditFile, *, months: int) -> Found:
    """Most months in a row one account was past due, inside the window."""
    if not file.window[ANY_ACCOUNT, months].telling:
        return nothing("no_history")
    runs = [
        (most_in_a_row([one.ago for one in past.late if one.ago < months]), past.line)
        for past in file.history[ANY_ACCOUNT].pasts
        if past.late
    ]
    longest = max([run for run, _ in runs], default=0)
    return Found(longest, records([line for run, line in runs if longest and run == longest]))


def worst_overdue(file: CreditFile, *, months: int, currency: str) -> Found:
    """The greatest amount past due at the end of one month on one account."""
    telling, late = file.window[ANY_ACCOUNT, months]
    if not telling:
        return nothing("no_history")
    told = [
        (owed(one.overdue), one)
        for one in late
        if one.overdue is not None and one.overdue.currency == currency
    ]
    if late and not told:
        return nothing("no_amount")
    worst = max([minor for minor, _ in told], default=0)
    return Found(worst, late_records([one for minor, one in told if minor == worst]))


_by_age = operator.attrgetter(
    "past_due_31_60", "past_due_61_90", "past_due_91_180", "past_due_181_plus"
)


def _past_due_by_age(file: CreditFile) -> list[list[Concluded[Money] | None]]:
    """What is overdue on each open account that states it, by age."""
    stated = [
        (past.figures, _by_age(past.line)) for past in file.still_open[ANY_ACCOUNT].told(file.pasts)
    ]
    return [[figures.stands(one) for one in ages] for figures, ages in stated if any(ages)]


def past_due_from(file: CreditFile, *, dpd: int, currency: str) -> Found:
    """What is overdue at least so many days, on open loans that state it by age."""
    ages = {31: 0, 61: 1, 91: 2}[dpd]
    stated = [one for told in file.once(_past_due_by_age) for one in told[ages:] if one]
    known = [one for one in in_currency(stated, currency) if one]
    if not known:
        return nothing("no_amount" if file.open_lines else "no_account")
    unique = {id(basis): basis for minor, basis in known if minor}
    return Found(sum([minor for minor, _ in known]), tuple(unique.values()))


def accounts_in(
    file: CreditFile, *, statuses: frozenset[AccountStatus], of: Accounts = ANY_ACCOUNT
) -> Found:
    """Accounts that stand in one of these states now."""
    return counted([line for line in file.chosen[of].lines if line.status.value in statuses])


def accounts_classed(file: CreditFile, *, classes: frozenset[str]) -> Found:
    """Open loans their lender puts in one of these risk classes."""
    told = [(line.five_class.value, line) for line in file.open_lines if line.five_class]
    known = [(name, line) for name, line in told if name != _UNCLASSIFIED]
    if not known:
        return nothing("no_class" if file.open_lines else "no_account")
    return counted([line for name, line in known if name in classes])


def clean_part(file: CreditFile, *, months: int) -> Found:
    """Accounts never past due in the window, of those known in it, in basis points."""
    telling, late = file.window[ANY_ACCOUNT, months]
    if not telling:
        return nothing("no_history")
    return Found(10_000 * (len(telling) - len(late_records(late))) // len(telling), telling)


def late_early(file: CreditFile, *, months: int, dpd: int) -> Found:
    """Accounts opened in the window that were that late within six months of opening."""
    this = month_number(file.today)
    opened = [
        (ago, past)
        for day, past in zip(file.opened_on, file.pasts, strict=True)
        if day and past.told and (ago := this - month_number(day)) < months
    ]
    if not opened:
        return nothing("no_history")
    return counted(
        [
            past.line
            for ago, past in opened
            if past.late
            and any(one.dpd >= dpd and ago - one.ago < _EARLY_MONTHS for one in past.late)
        ]
    )


MEASURES: tuple[Measure, ...] = (
    max_dpd,
    max_dpd_now,
    overdue_accounts,
    accounts_late,
    months_late,
    late_payments,
    months_since,
    longest_run,
    worst_overdue,
    past_due_from,
    accounts_in,
    accounts_classed,
    clean_part,
    late_early,
)
