"""How much of what may be drawn is drawn: open accounts in one currency that state both.

What is used is the used limit, or the balance where the newest figures hold no used limit. Parts
are in basis points, rounded down; above 10,000 is over the limit.
"""

from collections.abc import Callable
from typing import NamedTuple

from connectors.money import Money
from gateway.attributes.found import Found, Measure, counted, nothing, owed, records
from gateway.creditfile import CreditFile
from gateway.profile import ProfileTradeline
from gateway.profile.concluded import Concluded
from gateway.selection import Accounts

Amount = Callable[[ProfileTradeline], Concluded[Money] | None]


class _Drawn(NamedTuple):
    """An amount drawn of a limit above zero."""

    line: ProfileTradeline
    drawn: int
    limit: int


def _used(line: ProfileTradeline) -> Concluded[Money] | None:
    """The used limit, unless a newer record states the balance and no used limit."""
    used, balance = line.used, line.balance
    if used and balance and (used.as_of or line.as_of) < (balance.as_of or line.as_of):
        return balance
    return used or balance


def _average(line: ProfileTradeline) -> Concluded[Money] | None:
    return line.average_used_6m


def _highest(line: ProfileTradeline) -> Concluded[Money] | None:
    return line.highest_used


def _drawn(file: CreditFile, of: Accounts, currency: str, amount: Amount = _used) -> list[_Drawn]:
    return file.still_open[of].told(file.once(_told, currency, amount))


def _told(file: CreditFile, currency: str, amount: Amount) -> list[_Drawn | None]:
    return [
        _Drawn(line, owed(drawn.value), limit.value.minor)
        if (limit := line.credit_limit)
        and (drawn := amount(line))
        and limit.value.currency == drawn.value.currency == currency
        and limit.value.minor > 0
        else None
        for line in file.lines
    ]


def _part(found: list[_Drawn]) -> Found:
    if not found:
        return nothing("no_limit")
    used, limit = sum([one.drawn for one in found]), sum([one.limit for one in found])
    return Found(10_000 * used // limit, records([one.line for one in found]))


def utilisation(file: CreditFile, *, currency: str, of: Accounts) -> Found:
    """Used of limit, over all accounts of the selection together."""
    return _part(_drawn(file, of, currency))


def usual_utilisation(file: CreditFile, *, currency: str, of: Accounts) -> Found:
    """Average use of the last six months, as the source states it, of today's limit."""
    return _part(_drawn(file, of, currency, _average))


def peak_utilisation(file: CreditFile, *, currency: str, of: Accounts) -> Found:
    """Highest use ever, as the source states it, of today's limit."""
    return _part(_drawn(file, of, currency, _highest))


def highest_utilisation(file: CreditFile, *, currency: str, of: Accounts) -> Found:
    """Used of limit on the one account where it is most."""
    found = [(10_000 * one.drawn // one.limit, one.line) for one in _drawn(file, of, currency)]
    if not found:
        return nothing("no_limit")
    most = max([part for part, _ in found])
    return Found(most, records([line for part, line in found if part == most]))


def accounts_drawn(file: CreditFile, *, currency: str, of: Accounts, from_bp: int) -> Found:
    """Accounts of which at least so much of the limit is used."""
    found = _drawn(file, of, currency)
    if not found and file.still_open[of].lines:
        return nothing("no_limit")
    return counted([one.line for one in found if 10_000 * one.drawn >= from_bp * one.limit])


def accounts_undrawn(file: CreditFile, *, currency: str, of: Accounts) -> Found:
    """Accounts of which nothing is used."""
    found = _drawn(file, of, currency)
    if not found and file.still_open[of].lines:
        return nothing("no_limit")
    return counted([one.line for one in found if one.drawn == 0])


def available(file: CreditFile, *, currency: str, of: Accounts) -> Found:
    """What may still be drawn: limit less use, account by account, never below zero."""
    found = _drawn(file, of, currency)
    if not found and file.still_open[of].lines:
        return nothing("no_limit")
    left = sum([max(one.limit - one.drawn, 0) for one in found])
    return Found(left, records([one.line for one in found]))


def utilisation_change(file: CreditFile, *, currency: str, of: Accounts) -> Found:
    """Use now less average use of the last six months, of the limit; above zero when it rose."""
    usual = {one.line.id: one.drawn for one in _drawn(file, of, currency, _average)}
    found = [one for one in _drawn(file, of, currency) if one.line.id in usual]
    if not found:
        return nothing("no_limit")
    change = sum([one.drawn - usual[one.line.id] for one in found])
    limit = sum([one.limit for one in found])
    return Found(10_000 * change // limit, records([one.line for one in found]))


MEASURES: tuple[Measure, ...] = (
    utilisation,
    usual_utilisation,
    peak_utilisation,
    highest_utilisation,
    accounts_drawn,
    accounts_undrawn,
    available,
    utilisation_change,
)
