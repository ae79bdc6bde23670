"""What is told of accounts month by month: which months are known, and which were late.

Months are counted back from that of the merge: 0 is this month, 1 the one before. A month is told
by an account's payment grid, and by its newest figures for the month they are of; where both tell
it, the more days and the greater amount count. Months in the future, and those a grid says nothing
about, are not known; figures dated ahead (an issue of their record) are known today, and count as
of this month.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import accumulate, chain
from operator import attrgetter
from typing import NamedTuple, TypeVar

from connectors.money import Money, Month
from connectors.records import AccountStatus, GridMonth
from gateway.profile import ProfileTradeline
from gateway.profile.concluded import Concluded, Evidence
from gateway.resolve.likeness import DPD

T = TypeVar("T")

_IN_ARREARS = frozenset(
    {
        AccountStatus.OVERDUE,
        AccountStatus.CHARGED_OFF,
        AccountStatus.LEGAL_RECOVERY,
        AccountStatus.IN_COLLECTION,
    }
)
_dpd = dict(DPD).get  # a plain dict: its proxy takes three times as long
_UNSAID = frozenset(status for status, dpd in DPD.items() if dpd is None)
_LATE = frozenset(status for status, dpd in DPD.items() if dpd)


class Arrears(NamedTuple):
    """A month in which an account was past due, `ago` months back; `overdue` where it is told."""

    ago: int
    dpd: int
    line: ProfileTradeline
    overdue: Money | None


class Figures(NamedTuple):
    """How an account stands by its newest figures, those of the newest `day` any of them is of.

    `dpd` is how many days past due it is, None when they do not say: at least 1 where only an
    overdue amount says so, and 0 where they say nothing is overdue any more and an older record
    told how late it was. What an older record says of another day is no figure.
    """

    day: date
    overdue: bool
    dpd: int | None

    @classmethod
    def of(cls, line: ProfileTradeline) -> "Figures":
        """Read them off an account."""
        status, due, terms, paid = told = _FIGURES(line)
        day = line.as_of
        if status.as_of or (due and due.as_of) or (terms and terms.as_of) or (paid and paid.as_of):
            day = max([one.as_of or line.as_of for one in told if one])
            status, due, terms, paid = [
                one if one and (one.as_of or line.as_of) == day else None for one in told
            ]
        dpd = _dpd(paid.value) if paid else None
        overdue = bool(
            dpd
            or (due and due.value.minor > 0)
            or (terms and terms.value > 0)
            or (status and status.value in _IN_ARREARS)
        )
        if paid is None and line.payment_status and _dpd(line.payment_status.value) is not None:
            dpd = 0
        return cls(day, overdue, dpd or (1 if overdue and line.status.value.open else dpd))

    def stands(self, one: Concluded[T] | None) -> Concluded[T] | None:
        """What is stated of the arrears of the account, unless by these figures it has none.

        An older amount stands while the account is in arrears and nobody states a newer one.
        """
        fresh = one and (one.as_of is None or one.as_of == self.day)
        return one if fresh or self.overdue else None


_FIGURES = attrgetter("status", "past_due", "overdue_terms", "payment_status")


class Past(NamedTuple):
    """One account month by month: the months `told`, newest first, and the `late` ones of them."""

    line: ProfileTradeline
    told: Sequence[int]
    late: tuple[Arrears, ...]
    figures: Figures


class Window(NamedTuple):
    """Calendar months up to this one: the records of who tells of any, and arrears in them."""

    telling: tuple[tuple[Evidence, ...], ...]
    late: Sequence[Arrears]


@dataclass(frozen=True)
class History:
    """Accounts of which any month is known, and what their months tell together."""

    pasts: Sequence[Past]

    @cached_property
    def arrears(self) -> Sequence[Arrears]:
        """Every month in which one of them was past due."""
        return [*chain.from_iterable([past.late for past in self.pasts])]

    @cached_property
    def told(self) -> Mapping[int, int]:
        """Months back, the newest first, and how many accounts tell of that month."""
        # Most accounts tell of one stretch: where it begins and ends is all there is to count.
        steps = [0] * (2 + max([past.told[-1] for past in self.pasts], default=0))
        for past in self.pasts:
            told = past.told
            if isinstance(told, range):
                steps[told.start] += 1
                steps[told.stop] -= 1
            else:
                for ago in told:
                    steps[ago] += 1
                    steps[ago + 1] -= 1
        return {ago: count for ago, count in enumerate(accumulate(steps)) if count}

    @cached_property
    def late_shares(self) -> Sequence[tuple[int, int]]:
        """Months back, the newest first, and the part of who tells that was late, in 1/10000."""
        late = dict(Counter([one.ago for one in self.arrears])).get
        return [(ago, 10_000 * late(ago, 0) // count) for ago, count in self.told.items()]

    def window(self, months: int) -> Window:
        """So many months of it."""
        return Window(
            tuple([past.line.records for past in self.pasts if past.told[0] < months]),
            [one for one in self.arrears if one.ago < months],
        )


def pasts(lines: Iterable[ProfileTradeline], today: date) -> tuple[Past, ...]:
    """The past of each account, in the order of `lines`."""
    this = month_number(today)
    return tuple([_past(line, this) for line in lines])


def _past(line: ProfileTradeline, this: int) -> Past:
    told, late = _by_grid(line, line.grid.value.months, this) if line.grid else ((), ())
    figures = Figures.of(line)
    if figures.dpd is None:
        return Past(line, told, late, figures)
    ago = max(this - month_number(figures.day), 0)
    if ago not in told:
        told = sorted((*told, ago))
    if figures.dpd:
        due = figures.stands(line.past_due)
        late = _worse(late, Arrears(ago, figures.dpd, line, due.value if due else None))
    return Past(line, told, late, figures)


_ago = attrgetter("ago")


def _worse(late: tuple[Arrears, ...], newest: Arrears) -> tuple[Arrears, ...]:
    """With the newest figures: of what both tell of a month more days and the greater amount."""
    same = next((one for one in late if one.ago == newest.ago), None)
    if same is not None:
        overdue = _greater(same.overdue, newest.overdue)
        newest = newest._replace(dpd=max(same.dpd, newest.dpd), overdue=overdue)
    return tuple(sorted((*(one for one in late if one is not same), newest), key=_ago))


def _greater(one: Money | None, other: Money | None) -> Money | None:
    """Whichever is stated; of amounts in two currencies the first."""
    if one is None or other is None:
        return one or other
    return other if other.currency == one.currency and other.minor > one.minor else one


def _by_grid(
    line: ProfileTradeline, months: tuple[GridMonth, ...], this: int
) -> tuple[Sequence[int], tuple[Arrears, ...]]:
    """What the grid alone tells. Most grids have no gap and no late month, and cost little."""
    newest, oldest = this - month_number(months[0].month), this - month_number(months[-1].month)
    agos: Sequence[int] = range(newest, oldest + 1)
    if oldest - newest + 1 != len(months):
        agos = [this - month_number(entry.month) for entry in months]
    said = {entry.status for entry in months}
    late: tuple[Arrears, ...] = ()
    if not said.isdisjoint(_LATE):
        late = tuple(
            [
                Arrears(ago, dpd, line, entry.overdue)
                for ago, entry in zip(agos, months, strict=True)
                if (dpd := _dpd(entry.status)) and ago >= 0
            ]
        )
    if newest < 0 or not said.isdisjoint(_UNSAID):
        told = zip(agos, months, strict=True)
        agos = [ago for ago, entry in told if ago >= 0 and entry.status not in _UNSAID]
    return agos, late


def month_number(day: date | Month) -> int:
    """A month as a number, so that months can be counted."""
    return day.year * 12 + day.month


def months_ago(month: Month | date, today: date) -> int:
    """Calendar months from `month` to that of `today`; below zero when it lies ahead."""
    return month_number(today) - month_number(month)
