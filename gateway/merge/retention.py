"""Adverse information whose time is over is neither shown nor counted (step (b) of merging).

征信业管理条例 (State Council Order 631) art. 16: adverse information is kept five years from the
day the behaviour or event ended; past that it has to go. So what is not over has no term: arrears
still owed stay. What counts as adverse, and for how long, is data (`config/jurisdictions/`).

The day of the end is not counted and the corresponding day years later is the last; in a month
without it, its last day is (民法典 art. 201, 202). An end known to its month or year only counts as
of the first day it can mean: in doubt for the subject. Arrears ended in the first month that is
known and good again, else when the account ended, else on the day a source vouches for an account
in good order. A payment grid tells them, and so do the figures of a record: they are of the month
it vouches for, and go with it.

Not judged, for want of an end: a source's own sums (`Metric`), liabilities for others and hits on
lists, of which sources tell the state and not the time. Whoever keeps them answers for them.
"""

from calendar import monthrange
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import MAXYEAR, date
from operator import attrgetter
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from connectors.money import Month, PartialDate
from connectors.records import (
    AccountKind,
    AccountStatus,
    PaymentStatus,
    Postpaid,
    PublicRecord,
    SpecialTransaction,
    Tradeline,
)
from gateway.arrears import Figures
from gateway.profile import ProfileTradeline, Withheld, WithheldSection
from gateway.profile.concluded import Held, Stated

R = TypeVar("R")
Group = Sequence[Held[Tradeline]]


class Retention(BaseModel):
    """`[retention]` of a jurisdiction: what is adverse, and how long after its end it is kept.

    `months` of a payment grid, `accounts` by their status, `classes` of loan quality,
    `transactions` by kind, `postpaid` months by word. `public_records` names by kind the date that
    ends it, the first known one of several; a kind with none is open, one not listed not adverse.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    article: str
    years: Annotated[int, Field(ge=1, le=100)]
    months: frozenset[PaymentStatus]
    accounts: frozenset[AccountStatus]
    classes: frozenset[str]
    transactions: frozenset[str]
    postpaid: frozenset[str]
    public_records: Mapping[str, tuple[str, ...]]

    def last_day(self, ended: date) -> date:
        """The last day on which what ended then may be shown; absurd ends stay in the calendar."""
        year = min(ended.year + self.years, MAXYEAR)
        return date(year, ended.month, min(ended.day, monthrange(year, ended.month)[1]))


@dataclass(slots=True)
class Keeping:
    """What of the records may be shown `today`; what may not is counted, by source and rule.

    `laws` are the rules by source. `until` is the last day on which all that is left may be shown,
    None while nothing of it has a term.
    """

    laws: Mapping[str, Retention]
    today: date
    until: date | None = None
    withheld: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def section(self) -> WithheldSection:
        """What the profile says of it: how many records, by whose rule, never what."""
        told = tuple(Withheld(*about, n) for about, n in sorted(self.withheld.items()))
        return WithheldSection(records=told, shown_until=self.until)

    def account(self, group: Group, line: ProfileTradeline) -> Group:
        """The records of one account, without what is over; `line` is what they say together.

        The group itself when nothing is, and empty when it is the account as a whole.
        """
        laws = {law.id: law for one in group if (law := self.laws.get(one.evidence.source))}
        kept = group
        for _, law in sorted(laws.items()):
            kept = self._account(law, kept, line)
        return kept

    def case(self, stated: Stated[PublicRecord]) -> bool:
        """The case may be shown; it may not when any of its records knows it to be over."""
        told = [stated.record, *(other.value for other in stated.against)]
        for record in told:
            law = self.laws.get(record.source)
            ended = None if law is None else _ended(law, record)
            if law is not None and ended is not None and self._over(law, ended.earliest()):
                for evidence in stated.basis:
                    self._count(law, evidence.source)
                return False
        return True

    def records(self, held: list[Held[R]]) -> list[Held[R]]:
        """Records of one type, without what is over."""
        if not held or type(held[0].record) not in _SINGLE:
            return held
        return [kept for one in held if (kept := self._record(one)) is not None]

    # -- one account -------------------------------------------------------------------------

    def _account(self, law: Retention, group: Group, line: ProfileTradeline) -> Group:
        ended = line.closed.value.earliest() if line.closed and not _alive(line) else None
        if ended is not None and _marked(law, line) and self._over(law, ended):
            return self._each(law, group, lambda _: None)
        cut = None
        if told := _months_of(law, group, line):
            well = line.as_of if _in_good_order(law, group, line) else None
            cut = self._cut(law, told, ended or well)
        gone = {
            one.value
            for one in line.transactions
            if one.value.kind in law.transactions
            and one.value.on is not None
            and self._over(law, one.value.on.earliest())
        }
        if cut is None and not gone:
            return group
        return self._each(law, group, lambda record: _without(law, record, cut, gone))

    def _each(
        self, law: Retention, group: Group, change: Callable[[Tradeline], Tradeline | None]
    ) -> Group:
        """The records under this law changed, those it takes away counted and left out."""
        kept: list[Held[Tradeline]] = []
        for held in group:
            under = self.laws.get(held.evidence.source)
            ours = under is not None and under.id == law.id
            record = change(held.record) if ours else held.record
            if record is not held.record:
                self._count(law, held.evidence.source)
            if record is not None:
                kept.append(held if record is held.record else Held(held.evidence, record))
        return kept

    # -- other records -----------------------------------------------------------------------

    def _record(self, held: Held[Any]) -> Held[Any] | None:
        law = self.laws.get(held.evidence.source)
        if law is None:
            return held
        record = _SINGLE[type(held.record)](self, law, held.record)
        if record is held.record:
            return held
        self._count(law, held.evidence.source)
        return None if record is None else Held(held.evidence, record)

    def _postpaid(self, law: Retention, record: Postpaid) -> Postpaid:
        owing = record.arrears is not None and record.arrears.minor > 0
        told = {month: word in law.postpaid for month, word in record.grid if word != "unknown"}
        cut = self._cut(law, told, None if owing else record.as_of)
        if cut is None:
            return record
        return replace(record, grid=tuple((m, word) for m, word in record.grid if m.since(cut) > 0))

    # -- the term ----------------------------------------------------------------------------

    def _cut(self, law: Retention, told: Mapping[Month, bool], well: date | None) -> Month | None:
        """The newest month of arrears that are over; it and all before it go.

        What lies before is older still, and a gap alone would tell what stood in it.
        """
        cut: Month | None = None
        for last, good_again in _spells(told):
            ended = date(good_again.year, good_again.month, 1) if good_again else well
            if ended is not None and self._over(law, ended):
                cut = last
        return cut

    def _over(self, law: Retention, ended: date) -> bool:
        last = law.last_day(ended)
        if self.today > last:
            return True
        self.until = last if self.until is None else min(self.until, last)
        return False

    def _count(self, law: Retention, source: str) -> None:
        self.withheld[source, law.id, law.article] += 1


_SINGLE: Mapping[type, Callable[[Keeping, Retention, Any], Any]] = MappingProxyType(
    {Postpaid: Keeping._postpaid}  # noqa: SLF001 - this module's own
)


_status, _year_month = attrgetter("status"), attrgetter("year", "month")
_UNTOLD = frozenset({AccountStatus.TRANSFERRED, AccountStatus.UNKNOWN})
_SAYS_NOTHING = frozenset({PaymentStatus.UNKNOWN, PaymentStatus.NOT_YET_OPEN, PaymentStatus.ENDED})
"""`ended` is any end but repayment: a debt that was sold in arrears is not good again."""


def _ended(law: Retention, record: PublicRecord) -> PartialDate | None:
    """The date that ends a record of this kind, None while it is open or not adverse."""
    dates = (getattr(record, name) for name in law.public_records.get(record.kind, ()))
    return next(filter(None, dates), None)


def _alive(line: ProfileTradeline) -> bool:
    """The account goes on, whatever date another record gives for its end."""
    return line.status.value in {AccountStatus.CURRENT, AccountStatus.OVERDUE}


def _in_good_order(law: Retention, group: Group, line: ProfileTradeline) -> bool:
    """By its newest figures nothing is adverse; of a debt that was sold nobody here knows."""
    if Figures.of(line).overdue or line.status.value in law.accounts | _UNTOLD:
        return False
    told = line.five_class
    if told is None or told.value not in law.classes:
        return True
    newest = {one.evidence for one in group if one.record.as_of == line.as_of}
    return newest.isdisjoint(told.basis)


def _marked(law: Retention, line: ProfileTradeline) -> bool:
    """The account as such is adverse: by its status, its figures, or because it is a collection."""
    return (
        line.kind.value is AccountKind.COLLECTION
        or line.status.value in law.accounts
        or Figures.of(line).overdue
        or (line.five_class is not None and line.five_class.value in law.classes)
        or (line.payment_status is not None and line.payment_status.value in law.months)
    )


def _months_of(law: Retention, group: Group, line: ProfileTradeline) -> Mapping[Month, bool]:
    """The months that say something: arrears, by any record? Empty if there never were any."""
    records = [one.record for one in group]
    late = {Month.of(one.as_of): True for one in records if _adverse(law, one)}
    entries, rejected = (line.grid.value.months, line.grid.against) if line.grid else ((), ())
    if not late and not rejected and law.months.isdisjoint(map(_status, entries)):
        return {}
    told = {e.month: e.status in law.months for e in entries if e.status not in _SAYS_NOTHING}
    for other in rejected:
        told |= {e.month: True for e in other.value.months if e.status in law.months}
    return told | late


def _adverse(law: Retention, record: Tradeline) -> bool:
    """By its own figures: in arrears, or in a class of bad loans."""
    due = record.past_due
    return (
        record.status in law.accounts
        or record.payment_status in law.months
        or record.five_class in law.classes
        or bool(record.overdue_terms)
        or (due is not None and due.minor > 0)
    )


def _spells(told: Mapping[Month, bool]) -> Iterator[tuple[Month, Month | None]]:
    """Arrears in a row: the last month, and the first good one after, if any; oldest first."""
    last: Month | None = None
    for month in sorted(told, key=_year_month):
        if told[month]:
            last = month
        elif last is not None:
            yield last, month
            last = None
    if last is not None:
        yield last, None


def _without(
    law: Retention, record: Tradeline, cut: Month | None, gone: set[SpecialTransaction]
) -> Tradeline:
    """The record less the months up to `cut` and these transactions; itself when it has neither."""
    grid = tuple(e for e in record.grid if cut is None or e.month.since(cut) > 0)
    transactions = tuple(one for one in record.transactions if one not in gone)
    over = cut is not None and Month.of(record.as_of).since(cut) <= 0
    figures: dict[str, Any] = dict(_figures(law, record)) if over else {}
    if not figures and len(grid) + len(transactions) == len(record.grid) + len(record.transactions):
        return record
    return replace(record, grid=grid, transactions=transactions, **figures)


_OF_ARREARS = (
    "past_due", "past_due_31_60", "past_due_61_90", "past_due_91_180", "past_due_181_plus",
    "overdue_terms", "payment_status", "five_class",
)  # fmt: skip


def _figures(law: Retention, record: Tradeline) -> Iterator[tuple[str, Any]]:
    """What a record states of arrears and what stands in its place: nothing."""
    for name in _OF_ARREARS:
        if getattr(record, name) is not None:
            yield name, None
    if record.status in law.accounts:
        yield "status", AccountStatus.UNKNOWN
