"""What the payment grids of one kind of account say about its row of the overdue summary PC02D.

How CCRC counts is not published: whether a charged-off month (B) is late, whether two accounts
late in one month make one month or two, whether the longest arrears are the worst symbol or the
longest run. Each bound holds for all of these readings.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from connectors.money import Month
from connectors.records import PaymentStatus, Tradeline

Bounds = tuple[int, int]
"""Lowest and highest number the details allow, both included."""

OPEN = 10**18
"""As the highest number: the details set no limit. No tag holds a number of this size."""

_NUMBERS = {
    status: status.dpd // 30 + 1 for status in PaymentStatus if status.dpd
}  # months late: symbols 1 to 7 of lists A.33 to A.36
_LATE = frozenset(_NUMBERS)
_MOST = 7  # "7" and "B" are this many months and more
_SUMMED_MONTHS = 60
_EDGE_MONTHS = 1  # the first month of an account may have no row


@dataclass(frozen=True, slots=True)
class Arrears:
    """Accounts once late; months late; longest arrears in months; highest of a month in fen."""

    accounts: Bounds
    months: Bounds
    longest: Bounds
    highest: Bounds


class _Cell(NamedTuple):
    """A late month, counted from year 0: how many months late, and how much in fen.

    `surely` late unless it is charged off; the amount is None when not said or not in yuan.
    """

    month: int
    number: int
    surely: bool
    fen: int | None


def of(accounts: Iterable[Tradeline], today: date) -> Arrears:
    """The arrears in the grids of `accounts`, all of one kind, in a report of `today`."""
    late: list[list[_Cell]] = []
    whole, now = True, 0
    oldest = Month.of(today).plus(-_SUMMED_MONTHS)
    for account in accounts:
        statuses = [cell.status for cell in account.grid]
        whole = whole and PaymentStatus.UNKNOWN not in statuses and _goes_back(account, oldest)
        if not _LATE.isdisjoint(statuses):
            late.append(_late_months(account))
            now = max(now, _overdue_now(account))
    sure = [[cell for cell in cells if cell.surely] for cells in late]
    return Arrears(
        accounts=(len(late), len(late)),
        months=(
            len({cell.month for cells in sure for cell in cells}),
            sum(map(len, late)) if whole else OPEN,
        ),
        longest=_longest(sure, late, whole=whole),
        highest=_highest(sure, late, now, whole=whole),
    )


def _goes_back(account: Tradeline, oldest: Month) -> bool:
    """The grid begins five years ago or when the account was opened; one without a grid does."""
    if not account.grid:
        return True
    first = account.grid[-1].month
    if account.opened is None:
        return first <= oldest
    return first <= max(oldest, Month.of(account.opened.earliest())).plus(_EDGE_MONTHS)


def _late_months(account: Tradeline) -> list[_Cell]:
    """The late months of a grid, newest first."""
    return [
        _Cell(
            cell.month.year * 12 + cell.month.month,
            _NUMBERS[cell.status],
            cell.status is not PaymentStatus.CHARGED_OFF,
            cell.overdue.minor
            if cell.overdue is not None and cell.overdue.currency == "CNY"
            else None,
        )
        for cell in account.grid
        if cell.status in _LATE
    ]


def _overdue_now(account: Tradeline) -> int:
    """What is overdue in the last month, if that is a late one; 0 when not said in yuan."""
    owed = account.past_due
    if owed is None or owed.currency != "CNY" or account.grid[0].status not in _LATE:
        return 0
    return owed.minor


def _longest(
    sure: Sequence[Sequence[_Cell]], late: Sequence[Sequence[_Cell]], *, whole: bool
) -> Bounds:
    worst = _worst(late)
    least = min(_worst(sure), _run(sure))
    return least, max(worst, _run(late)) if whole and worst < _MOST else OPEN


def _worst(late: Sequence[Sequence[_Cell]]) -> int:
    return max((cell.number for cells in late for cell in cells), default=0)


def _run(late: Sequence[Sequence[_Cell]]) -> int:
    """The most months of one account that follow each other."""
    most = 0
    for cells in late:
        length = 1
        for newer, older in pairwise(cells):
            most = max(most, length)
            length = length + 1 if newer.month - older.month == 1 else 1
        most = max(most, length if cells else 0)
    return most


def _highest(
    sure: Sequence[Sequence[_Cell]], late: Sequence[Sequence[_Cell]], now: int, *, whole: bool
) -> Bounds:
    """At least what one account owed in a month, at most what all did together."""
    least = max((cell.fen or 0 for cells in sure for cell in cells), default=0)
    together: defaultdict[int, int] = defaultdict(int)
    for cells in late:
        for cell in cells:
            if cell.fen is None:
                return max(least, now), OPEN
            together[cell.month] += cell.fen
    most = max(together.values(), default=0)
    return max(least, now), max(most, now) if whole else OPEN
