"""How old the file is, and what was opened, closed and paid off.

Ages are whole months: the month of the anniversary counts from its day on. A debt that was sold
is not borrowed again, so collections are never openings.
"""

from datetime import date

from connectors.records import AccountStatus
from gateway.arrears import month_number
from gateway.attributes.found import Found, Measure, counted, in_currency, nothing, records, summed
from gateway.creditfile import CreditFile
from gateway.profile import ProfileTradeline
from gateway.selection import ANY_ACCOUNT, Accounts


def _aged(file: CreditFile) -> list[tuple[date, ProfileTradeline] | None]:
    """Accounts with the day they were opened, where they state one.

    One that was opened after today has no age.
    """
    told = zip(file.opened_on, file.lines, strict=True)
    return [(day, line) if day else None for day, line in told]


def _whole_months(first: date, today: date) -> int:
    return month_number(today) - month_number(first) - (today.day < first.day)


def age_of_oldest(file: CreditFile, *, of: Accounts = ANY_ACCOUNT) -> Found:
    """Whole months since the first account was opened, closed ones included."""
    aged = file.chosen[of].told(file.once(_aged))
    if not aged:
        return nothing("no_tradeline")
    first = min([day for day, _ in aged])
    return Found(
        _whole_months(first, file.today), records([line for day, line in aged if day == first])
    )


def age_of_newest(file: CreditFile, *, of: Accounts = ANY_ACCOUNT) -> Found:
    """Whole months since the last account was opened, closed ones included."""
    aged = file.chosen[of].told(file.once(_aged))
    if not aged:
        return nothing("no_tradeline")
    last = max([day for day, _ in aged])
    return Found(
        _whole_months(last, file.today), records([line for day, line in aged if day == last])
    )


def average_age(file: CreditFile, *, of: Accounts = ANY_ACCOUNT) -> Found:
    """Mean age of open accounts in whole months, rounded down."""
    aged, today = file.still_open[of].told(file.once(_aged)), file.today
    if not aged:
        return nothing("no_tradeline")
    months = sum([_whole_months(day, today) for day, _ in aged])
    return Found(months // len(aged), records([line for _, line in aged]))


def new_accounts(file: CreditFile, *, days: int, of: Accounts = ANY_ACCOUNT) -> Found:
    """Accounts opened in the window, collections of sold debts left out."""
    return counted(file.opened(days, of=of))


def lent(file: CreditFile, *, days: int, currency: str) -> Found:
    """What was lent on loans opened in the window, in one currency."""
    opened = [line for line in file.opened(days) if not line.credit_limit]
    amounts = in_currency([line.original_amount for line in opened], currency)
    return summed([one for one in amounts if one], opened)


def accounts_closed(file: CreditFile, *, days: int) -> Found:
    """Accounts closed in the window."""
    return counted(
        [line for line in file.lines if line.closed and file.within(line.closed.value, days)]
    )


def short_loans(file: CreditFile, *, days: int, life: int, of: Accounts) -> Found:
    """Loans opened and closed in the window that lived at most `life` days."""
    return counted(
        [
            line
            for line in file.opened(days, of=of)
            if line.closed
            and file.within(line.closed.value, days)
            and line.opened
            and (line.closed.value.earliest() - line.opened.value.earliest()).days <= life
        ]
    )


def paid_off(file: CreditFile, *, of: Accounts) -> Found:
    """Closed accounts whose months are known and hold no day past due."""
    return counted(
        [
            past.line
            for past in file.history[of].pasts
            if past.line.status.value is AccountStatus.CLOSED and not past.late
        ]
    )


MEASURES: tuple[Measure, ...] = (
    age_of_oldest,
    age_of_newest,
    average_age,
    new_accounts,
    lent,
    accounts_closed,
    short_loans,
    paid_off,
)
