"""How many accounts, with whom, and how much is owed on them."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import compress
from operator import attrgetter
from typing import Literal

from connectors.money import Money
from connectors.records import AccountStatus
from gateway.attributes.found import (
    Found,
    Measure,
    Owed,
    counted,
    in_currency,
    nothing,
    owed,
    summed,
)
from gateway.creditfile import CreditFile
from gateway.profile.concluded import Concluded, Evidence
from gateway.selection import ANY_ACCOUNT, Accounts

Amount = Literal["balance", "past_due", "credit_limit", "scheduled_payment", "unbilled_instalments"]


def _owed(file: CreditFile, amount: Amount, currency: str) -> list[Owed | None]:
    """This amount of each account; one that was past due and is paid by now is not stated."""
    stated: Iterable[Concluded[Money] | None] = map(attrgetter(amount), file.lines)
    if amount == "past_due":
        told = zip(file.pasts, stated, strict=True)
        stated = [past.figures.stands(one) for past, one in told]
    return in_currency(stated, currency)


def accounts(file: CreditFile, *, of: Accounts = ANY_ACCOUNT) -> Found:
    """Accounts, open or not."""
    chosen = file.chosen[of]
    return Found(len(chosen.lines), chosen.basis)


def open_accounts(file: CreditFile, *, of: Accounts = ANY_ACCOUNT) -> Found:
    """Accounts that can still owe or be drawn on."""
    chosen = file.still_open[of]
    return Found(len(chosen.lines), chosen.basis)


def closed_accounts(file: CreditFile, *, of: Accounts = ANY_ACCOUNT) -> Found:
    """Accounts closed by the borrower or lender; transferred debts are not closed."""
    return counted(
        [line for line in file.chosen[of].lines if line.status.value is AccountStatus.CLOSED]
    )


def open_lenders(file: CreditFile, *, of: Accounts = ANY_ACCOUNT) -> Found:
    """Distinct institutions with an open account; one nobody named is not counted."""
    chosen = file.still_open[of]
    named = zip(compress(file.lent_by, chosen.fit), chosen.basis, strict=True)
    known = [(who, records) for who, records in named if who]
    return Found(len({who for who, _ in known}), tuple([records for _, records in known]))


def small_open_loans(
    file: CreditFile, *, up_to: int, currency: str, of: Accounts = ANY_ACCOUNT
) -> Found:
    """Open loans of at most `up_to` minor units when they were granted."""
    lines = file.still_open[of].lines
    known = [
        (line.original_amount.value.minor, line)
        for line in lines
        if line.original_amount and line.original_amount.value.currency == currency
    ]
    if lines and not known:
        return nothing("no_amount")
    return counted([line for minor, line in known if minor <= up_to])


def total(file: CreditFile, *, amount: Amount, currency: str, of: Accounts = ANY_ACCOUNT) -> Found:
    """The sum of an amount over open accounts in one currency."""
    chosen = file.still_open[of]
    return summed(chosen.told(file.once(_owed, amount, currency)), chosen.lines)


def largest(
    file: CreditFile, *, amount: Amount, currency: str, of: Accounts = ANY_ACCOUNT
) -> Found:
    """The greatest such amount of one open account; of no open account 0."""
    chosen = file.still_open[of]
    known = chosen.told(file.once(_owed, amount, currency))
    if chosen.lines and not known:
        return nothing("no_amount")
    most = max([minor for minor, _ in known], default=0)
    return Found(most, tuple([basis for minor, basis in known if minor == most]))


def share(file: CreditFile, *, currency: str, of: Accounts) -> Found:
    """Part of all open balances that the selection owes, in basis points, rounded down."""
    everyone = file.once(_everyone, currency)
    if not everyone.value:
        return nothing(everyone.missing or "no_balance")
    known = file.still_open[of].told(file.once(_owed, "balance", currency))
    theirs = sum([minor for minor, _ in known])
    return Found(10_000 * theirs // everyone.value, everyone.basis)


def _everyone(file: CreditFile, currency: str) -> Found:
    return total(file, amount="balance", currency=currency)


def concentration(file: CreditFile, *, currency: str) -> Found:
    """Part of all open balances owed to the one institution owed most, in basis points."""
    by_lender: defaultdict[str, int] = defaultdict(int)
    basis: list[tuple[Evidence, ...]] = []
    told = zip(file.lent_by, file.once(_owed, "balance", currency), strict=True)
    for who, balance in compress(told, file.still_open[ANY_ACCOUNT].fit):
        if who and balance:
            by_lender[who] += balance[0]
            basis.append(balance[1])
    whole = sum(by_lender.values())
    if whole <= 0:
        return nothing("no_balance")
    return Found(10_000 * max(by_lender.values()) // whole, tuple(basis))


def unpaid_part(file: CreditFile, *, currency: str, of: Accounts) -> Found:
    """What is still owed of what was lent, on open loans that state both, in basis points."""
    left = lent = 0
    basis = []
    for line in file.still_open[of].lines:
        now, first = line.balance, line.original_amount
        if now and first and now.value.currency == first.value.currency == currency:
            left, lent = left + owed(now.value), lent + owed(first.value)
            basis.append(line.records)
    if lent <= 0:
        return nothing("no_amount")
    return Found(10_000 * left // lent, tuple(basis))


def most_remaining_terms(file: CreditFile, *, of: Accounts = ANY_ACCOUNT) -> Found:
    """Instalments still to come on the open account that has most of them."""
    lines = file.still_open[of].lines
    known = [line.remaining_terms for line in lines if line.remaining_terms]
    if not known:
        return nothing("no_terms")
    most = max([one.value for one in known])
    return Found(most, tuple([one.basis for one in known if one.value == most]))


def liabilities(file: CreditFile, *, currency: str) -> Found:
    """What the subject owes if somebody else does not pay: open balances of those debts."""
    known = [
        (owed(one.record.balance), one.basis)
        for one in file.liabilities
        if one.record.balance and one.record.balance.currency == currency
    ]
    if file.liabilities and not known:
        return nothing("no_amount")
    return Found(sum([minor for minor, _ in known]), tuple([basis for _, basis in known]))


MEASURES: tuple[Measure, ...] = (
    accounts,
    open_accounts,
    closed_accounts,
    open_lenders,
    small_open_loans,
    total,
    largest,
    share,
    concentration,
    unpaid_part,
    most_remaining_terms,
    liabilities,
)
