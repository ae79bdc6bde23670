"""Housing fund and social insurance: paid how regularly, on which base, against which debts.

A base is bounded by law and follows pay late: evidence of an income, not the income. Each kind of
contribution is looked at alone, since kinds have bases of their own; where kinds differ, which
one counts is said. Months nobody paid for are gaps, never a base of zero.
"""

from collections.abc import Callable
from operator import attrgetter

from connectors.money import Month
from connectors.records import Contribution, Income
from gateway.arrears import months_ago
from gateway.attributes.exposure import total
from gateway.attributes.found import Found, Measure, extreme, most_in_a_row, nothing, slope_bp
from gateway.creditfile import Basis, CreditFile, bases, up_to
from gateway.profile.concluded import Stated


def _paid(file: CreditFile, months: int) -> tuple[set[int], Basis]:
    """Months of the window that any contribution lists as paid, by how long ago they are."""
    agos, basis = file.once(_paid_ever)
    return {ago for ago in agos if 0 <= ago < months}, basis


def _paid_ever(file: CreditFile) -> tuple[set[int], Basis]:
    listing = [one for one in file.contributions if one.record.months]
    agos = {months_ago(m.month, file.today) for one in listing for m in one.record.months}
    return agos, tuple([one.basis for one in listing])


def contribution_months(file: CreditFile, *, months: int) -> Found:
    """Calendar months in which anybody paid contributions, of those listed one by one."""
    paid, basis = _paid(file, months)
    return Found(len(paid), basis) if basis else nothing("no_history")


def longest_paid_run(file: CreditFile, *, months: int) -> Found:
    """Most calendar months in a row of them."""
    paid, basis = _paid(file, months)
    return Found(most_in_a_row(sorted(paid)), basis) if basis else nothing("no_history")


def contribution_gaps(file: CreditFile, *, months: int) -> Found:
    """Unpaid calendar months between the first and the last paid one."""
    paid, basis = _paid(file, months)
    if not paid:
        return nothing("no_history")
    return Found(max(paid) - min(paid) + 1 - len(paid), basis)


def _agos(
    file: CreditFile, which: Callable[[Contribution], Month | None]
) -> list[tuple[int, Stated[Contribution]]]:
    """Contributions that state this month, each with how long ago it is; none that lies ahead."""
    stated = [(which(one.record), one) for one in file.contributions]
    agos = [(months_ago(month, file.today), one) for month, one in stated if month]
    return [(ago, one) for ago, one in agos if ago >= 0]


def months_since_contribution(file: CreditFile) -> Found:
    """Months since the newest month contributions were paid for; 0 in this month."""
    known = _agos(file, attrgetter("paid_to"))
    if not known:
        return nothing("no_contribution")
    ago, newest = extreme(known, min)
    return Found(ago, tuple([one.basis for one in newest]))


def months_since_first_contribution(file: CreditFile) -> Found:
    """Months since the first month contributions were paid for."""
    known = _agos(file, attrgetter("first_paid"))
    if not known:
        return nothing("no_contribution")
    ago, first = extreme(known, max)
    return Found(ago, tuple([one.basis for one in first]))


def kinds_paid(file: CreditFile, *, months: int) -> Found:
    """Kinds of contribution that were paid for any month of the window."""
    known = _agos(file, attrgetter("paid_to"))
    if not known:
        return nothing("no_contribution")
    paid = [one for ago, one in known if ago < months]
    return Found(len({one.record.kind for one in paid}), tuple([one.basis for one in paid]))


def _newest_base(file: CreditFile, currency: str) -> tuple[int, list[Stated[Income]]] | None:
    newest = [
        ((entry.month, entry.amount.minor), one)
        for one in file.incomes
        for entry in up_to(one.record.months, file.today)[:1]
        if entry.amount.currency == currency
    ]
    if not newest:
        return None
    best = max(key for key, _ in newest)
    return best[1], [one for key, one in newest if key == best]


def contribution_base(file: CreditFile, *, currency: str) -> Found:
    """The newest base in this currency; the highest where contributions differ."""
    found = _newest_base(file, currency)
    if found is None:
        return nothing("no_amount")
    return Found(found[0], tuple([one.basis for one in found[1]]))


def base_change(file: CreditFile, *, months: int) -> Found:
    """How much the base of one kind of contribution changed; the lowest where kinds differ."""
    known = [
        (pair.change_bp, one)
        for one in file.incomes
        if (pair := bases(one.record, months, file.today))
    ]
    if not known:
        return nothing("no_history")
    lowest, worst = extreme(known, min)
    return Found(lowest, tuple([one.basis for one in worst]))


def _listed(file: CreditFile, one: Income, months: int) -> list[tuple[int, int]]:
    """Months ago and base, of the months of the window in the currency of the newest."""
    today = Month.of(file.today)
    told = up_to(one.months, file.today)
    return [
        (ago, entry.amount.minor)
        for entry in told
        if (ago := today.since(entry.month)) < months
        and entry.amount.currency == told[0].amount.currency
    ]


def base_slope(file: CreditFile, *, months: int) -> Found:
    """Change of the base a month, of its mean, in basis points; the lowest where kinds differ."""
    known = []
    for one in file.incomes:
        points = _listed(file, one.record, months)
        mean = sum(minor for _, minor in points) // len(points) if points else 0
        if mean > 0:
            slope = slope_bp([(ago, 10_000 * minor // mean) for ago, minor in points])
            if slope is not None:
                known.append((slope, one))
    if not known:
        return nothing("no_history")
    lowest, worst = extreme(known, min)
    return Found(lowest, tuple([one.basis for one in worst]))


def base_spread(file: CreditFile, *, months: int) -> Found:
    """Highest less lowest base, of the highest; the greatest where kinds differ."""
    known = []
    for one in file.incomes:
        minors = [minor for _, minor in _listed(file, one.record, months)]
        if len(minors) > 1 and max(minors) > 0:
            known.append((10_000 * (max(minors) - min(minors)) // max(minors), one))
    if not known:
        return nothing("no_history")
    widest, most = extreme(known, max)
    return Found(widest, tuple([one.basis for one in most]))


def debt_to_base(file: CreditFile, *, currency: str) -> Found:
    """Payments due this period on open accounts, of the newest base, in basis points."""
    due = total(file, amount="scheduled_payment", currency=currency)
    base = _newest_base(file, currency)
    if due.value is None or base is None or base[0] <= 0:
        return nothing("no_amount")
    return Found(10_000 * due.value // base[0], (*due.basis, *[one.basis for one in base[1]]))


MEASURES: tuple[Measure, ...] = (
    contribution_months,
    longest_paid_run,
    contribution_gaps,
    months_since_contribution,
    months_since_first_contribution,
    kinds_paid,
    contribution_base,
    base_change,
    base_slope,
    base_spread,
    debt_to_base,
)
