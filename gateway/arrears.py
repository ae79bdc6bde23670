"""What is told of accounts month by month: which months are known, and which were late.

Months are counted back from that of the merge: 0 is this month, 1 the one before. A month is told
by an account's payment grid, and by its newest figures for the month they are of; where both tell
it, the worse counts. Months in the future, and those a grid says nothing about, are not known;
figures dated ahead (an issue of their record) are known today, and count as of this month.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import accumulate, chain
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar

from connectors.money import Money, Month
from connectors.records import AccountStatus, GridMonth
from gateway.profile import ProfileTradeline
from gateway.profile.concluded import Concluded
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
_status = attrgetter("status")
_dpd = dict(DPD).get  # a plain dict: its proxy takes three times as long
_LATE_OR_UNSAID = frozenset(status for status, dpd in DPD.items() if dpd != 0)


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
        told: Sequence[Concluded[Any] | None] = _FIGURES(line)
        day = line.as_of
        if [one for one in told if one and one.as_of]:
            day = max([one.as_of or line.as_of for one in told if one])
            told = [one if one and (one.as_of or line.as_of) == day else None for one in told]
        status, due, terms, paid = told
        overdue = bool(
            (due and due.value.minor > 0)
            or (terms and terms.value > 0)
            or (status and status.value in _IN_ARREARS)
            or (paid and DPD[paid.value])
        )
        dpd = DPD[paid.value] if paid else None
        if paid is None and line.payment_status and DPD[line.payment_status.value] is not None:
            dpd = 0
        return cls(day, overdue, dpd or (1 if overdue and line.status.value.open else dpd))

    def stands(self, one: Concluded[T] | None) -> Concluded[T] | None:
        """What is stated of the arrears of the account, unless by these figures it has none.

        An older amount stands while the account is in arrears and nobody states a newer one.
        """
        return one if one and (self.overdue or one.as_of in {None, self.day}) else None


_FIGURES = attrgetter("status", "past_due", "overdue_terms", "payment_status")


class Past(NamedTuple):
    """One account month by month: the months `told`, newest first, and the `late` ones of them."""

    line: ProfileTradeline
    told: Sequence[int]
    late: tuple[Arrears, ...]
    figures: Figures


@dataclass(frozen=True)
class History:
    """Accounts of which any month is known, and what their months tell together."""

    pasts: tuple[Past, ...]
    since: int | None  # months back of the newest month any of them tells

    @classmethod
    def of(cls, pasts: Iterable[Past]) -> "History":
        """Of those accounts that tell anything."""
        telling = tuple([past for past in pasts if past.told])
        return cls(telling, min([past.told[0] for past in telling], default=None))

    @cached_property
    def arrears(self) -> tuple[Arrears, ...]:
        """Every month in which one of them was past due."""
        return tuple(chain.from_iterable([past.late for past in self.pasts]))

    @cached_property
    def told(self) -> Mapping[int, int]:
        """Months back, the newest first, and how many accounts tell of that month."""
        # Most accounts tell of one stretch: where it begins and ends is all there is to count.
        steps = [0] * (2 + max([past.told[-1] for past in self.pasts], default=0))
        for past in self.pasts:
            told = past.told
            for run in [told] if isinstance(told, range) else [range(m, m + 1) for m in told]:
                steps[run.start] += 1
                steps[run.stop] -= 1
        return {ago: count for ago, count in enumerate(accumulate(steps)) if count}

    def silent(self, months: int) -> bool:
        """No account says anything about a month of the window."""
        return self.since is None or self.since >= months

    def telling(self, months: int) -> list[ProfileTradeline]:
        """The accounts that say something about a month of the window."""
        return [past.line for past in self.pasts if past.told[0] < months]

    def late(self, months: int, dpd: int = 1) -> list[Arrears]:
        """Arrears of at least so many days in the window."""
        return [one for one in self.arrears if one.ago < months and one.dpd >= dpd]


def pasts(lines: Iterable[ProfileTradeline], today: date) -> tuple[Past, ...]:
    """The past of each account, in the order of `lines`."""
    return tuple(_past(line, today) for line in lines)


def _past(line: ProfileTradeline, today: date) -> Past:
    told, late = _by_grid(line, today) if line.grid else ((), ())
    figures = Figures.of(line)
    if figures.dpd is None:
        return Past(line, told, late, figures)
    ago = max(months_ago(figures.day, today), 0)
    if ago not in told:
        told = sorted((*told, ago))
    if figures.dpd:
        due = figures.stands(line.past_due)
        late = _worse(late, Arrears(ago, figures.dpd, line, due.value if due else None))
    return Past(line, told, late, figures)


_ago = attrgetter("ago")


def _worse(late: tuple[Arrears, ...], newest: Arrears) -> tuple[Arrears, ...]:
    """With the newest figures, where they tell their month worse or with an amount."""
    same = next((one for one in late if one.ago == newest.ago), None)
    if same is not None and (
        same.dpd > newest.dpd or (same.dpd == newest.dpd and same.overdue is not None)
    ):
        return late
    return tuple(sorted((*(one for one in late if one is not same), newest), key=_ago))


def _by_grid(line: ProfileTradeline, today: date) -> tuple[Sequence[int], tuple[Arrears, ...]]:
    """What the grid alone tells. Most grids have no gap and no late month, and cost little."""
    months: tuple[GridMonth, ...] = line.grid.value.months if line.grid else ()
    newest, oldest = months_ago(months[0].month, today), months_ago(months[-1].month, today)
    agos: Sequence[int] = range(newest, oldest + 1)
    if len(agos) != len(months):
        agos = [months_ago(entry.month, today) for entry in months]
    if newest >= 0 and _LATE_OR_UNSAID.isdisjoint(map(_status, months)):
        return agos, ()
    dpds = list(map(_dpd, map(_status, months)))
    told = zip(agos, dpds, months, strict=True)
    late = [Arrears(ago, dpd, line, one.overdue) for ago, dpd, one in told if dpd and ago >= 0]
    if newest < 0 or None in dpds:
        agos = [ago for ago, dpd in zip(agos, dpds, strict=True) if dpd is not None and ago >= 0]
    return agos, tuple(late)


def months_ago(month: Month | date, today: date) -> int:
    """Calendar months from `month` to that of `today`; below zero when it lies ahead."""
    return (today.year - month.year) * 12 + today.month - month.month
