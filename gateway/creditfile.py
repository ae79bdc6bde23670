"""What attributes and signals look at: the facts of a profile, and how far its sources reach.

Days and months are counted back from `today`, the local day of the merge. A window of n days is
the n days up to and including today: day d is in it when 0 <= today - d < n. A window of n months
is the n calendar months up to and including this one. What is known only to its month counts as
of the first day it can mean, so that a window never holds what may lie before it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import chain, islice

from connectors.money import Money, Month, PartialDate
from connectors.records import AccountKind, AccountStatus, Contribution, Income, RegionIndex
from consent.subject import Scope
from gateway.concluded import Evidence, Stated
from gateway.profile import Outcome, ProfileInquiry, ProfileTradeline, SourceLine
from gateway.resolve.likeness import DPD

CARDS = frozenset({AccountKind.CREDIT_CARD, AccountKind.QUASI_CREDIT_CARD})
REVOLVING = CARDS | {AccountKind.REVOLVING_LOAN}
_IN_ARREARS = frozenset(
    {
        AccountStatus.OVERDUE,
        AccountStatus.CHARGED_OFF,
        AccountStatus.LEGAL_RECOVERY,
        AccountStatus.IN_COLLECTION,
    }
)


@dataclass(frozen=True, slots=True)
class Reach:
    """Of the sources asked that list all they know: who answered, who has no file, who is lacking.

    A quarantined report is lacking too, but for what a plan lets be merged under review: nothing
    in it is known to be about the subject. So is a source that was not asked at all (its line has
    no scopes): nobody knows what it holds.
    """

    answered: tuple[str, ...] = ()
    no_file: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()

    @classmethod
    def of(cls, lines: Iterable[SourceLine], scope: Scope, listing: frozenset[str]) -> "Reach":
        """Read it off the source lines."""
        asked = [
            line
            for line in lines
            if line.source in listing and (scope in line.scopes or not line.scopes)
        ]
        good = [line for line in asked if not line.quarantined or scope in line.merged_under_review]
        reports = {Outcome.REPORT, Outcome.REUSED}
        answered = tuple(line.source for line in good if line.outcome in reports)
        no_file = tuple(line.source for line in good if line.outcome is Outcome.NO_HIT)
        heard = {*answered, *no_file}
        lacking = tuple(line.source for line in asked if line.source not in heard)
        return cls(answered, no_file, lacking)


@dataclass(frozen=True, slots=True)
class Arrears:
    """A month in which an account was past due; `ago` is months before this one."""

    ago: int
    dpd: int
    line: ProfileTradeline


@dataclass(frozen=True)
class CreditFile:
    """What the sources told as of `today`; `reach` says whose lists it comes from."""

    today: date
    lines: tuple[ProfileTradeline, ...]
    inquiries: tuple[ProfileInquiry, ...]
    reach: Mapping[Scope, Reach]
    contributions: tuple[Stated[Contribution], ...] = ()
    incomes: tuple[Stated[Income], ...] = ()
    regions: tuple[Stated[RegionIndex], ...] = ()

    @cached_property
    def open_lines(self) -> tuple[ProfileTradeline, ...]:
        """Accounts that can still owe or be drawn on.

        One whose debt another account has by now cannot: it would be counted twice.
        """
        return tuple(line for line in self.lines if line.status.value.open and not line.moved)

    @cached_property
    def overdue_lines(self) -> tuple[ProfileTradeline, ...]:
        """Open accounts in arrears by their newest figures."""
        return tuple(line for line in self.open_lines if overdue(line))

    @cached_property
    def arrears(self) -> tuple[Arrears, ...]:
        """Every month any account was past due, from its grid or its newest figures."""
        return self._history[0]

    @property
    def known_since(self) -> int | None:
        """Months back of the newest month any account says something about; None when none does."""
        return self._history[1]

    @cached_property
    def _history(self) -> tuple[tuple[Arrears, ...], int | None]:
        arrears: list[Arrears] = []
        known: list[int] = []
        for line in self.lines:
            known += islice((ago for ago, _ in self._told(line)), 1)
            if line.grid and any(DPD[entry.status] for entry in line.grid.value.months):
                arrears += (Arrears(ago, dpd, line) for ago, dpd in self._told(line) if dpd)
            newest = newest_dpd(line)
            if newest is not None:
                ago = max(self._ago(line.as_of), 0)
                known.append(ago)
                arrears += [Arrears(ago, newest, line)] if newest else []
        return tuple(arrears), min(known, default=None)

    def _told(self, line: ProfileTradeline) -> Iterator[tuple[int, int]]:
        """The months of a grid that say something, newest first: months ago, days past due."""
        for entry in line.grid.value.months if line.grid else ():
            dpd, ago = DPD[entry.status], self._ago(entry.month)
            if dpd is not None and ago >= 0:
                yield ago, dpd

    def _ago(self, month: Month | date) -> int:
        return (self.today.year - month.year) * 12 + self.today.month - month.month

    def within(self, day: PartialDate | None, days: int, *, until: int = 0) -> bool:
        """The day is in a window of that many days, which ends `until` days ago."""
        return day is not None and 0 <= (self.today - day.earliest()).days - until < days

    def asked(self, days: int, *, until: int = 0) -> Iterator[ProfileInquiry]:
        """Hard inquiries in the window."""
        return (
            one for one in self.inquiries if one.hard and self.within(one.on, days, until=until)
        )

    def opened(self, days: int, *, until: int = 0) -> Iterator[ProfileTradeline]:
        """Accounts opened in the window; a sold debt is not borrowed again."""
        return (
            line
            for line in self.lines
            if line.opened
            and line.kind.value is not AccountKind.COLLECTION
            and self.within(line.opened.value, days, until=until)
        )

    def lenders(self, days: int, *, until: int = 0) -> dict[str, list[Evidence]]:
        """Institutions that were asked for credit or gave some in the window, with evidence.

        One that our directory does not list is one per source and name.
        """
        found: dict[str, list[Evidence]] = {}
        for asked in self.asked(days, until=until):
            who = institution(asked.institution, asked.lender, asked.records)
            if who:
                found.setdefault(who, []).extend(asked.records)
        for line in self.opened(days, until=until):
            lender = line.lender.value if line.lender else None
            who = institution(line.institution, lender, line.records)
            if who:
                found.setdefault(who, []).extend(line.records)
        return found


def month_number(day: date | Month) -> int:
    """A month as a number, so that months can be counted."""
    return day.year * 12 + day.month


def institution(listed: str | None, lender: str | None, basis: tuple[Evidence, ...]) -> str | None:
    """What tells institutions apart; None for one that nobody named."""
    return listed or (f"{basis[0].source}:{lender}" if lender else None)


def newest_dpd(line: ProfileTradeline) -> int | None:
    """Days past due by the newest figures; at least 1 where only an overdue amount says so."""
    dpd = DPD[line.payment_status.value] if line.payment_status else None
    return dpd or (1 if line.status.value.open and overdue(line) else dpd)


def overdue(line: ProfileTradeline) -> bool:
    """In arrears by its newest figures."""
    return bool(
        (line.past_due and line.past_due.value.minor > 0)
        or (line.overdue_terms and line.overdue_terms.value > 0)
        or line.status.value in _IN_ARREARS
        or (line.payment_status and DPD[line.payment_status.value])
    )


def evidence(things: Iterable[ProfileTradeline | ProfileInquiry]) -> tuple[Evidence, ...]:
    """The records these different things rest on; a record speaks of one of them only."""
    return tuple(chain.from_iterable(thing.records for thing in things))


@dataclass(frozen=True, slots=True)
class Bases:
    """The newest base contributions are assessed on, and that of some months before."""

    month: Month
    now: Money
    before: Money

    @property
    def change_bp(self) -> int:
        """By how many 1/10000 it changed, rounded down; below zero when it fell."""
        return 10_000 * (self.now.minor - self.before.minor) // self.before.minor


def bases(income: Income, months: int) -> Bases | None:
    """Both bases of one kind of contribution, None when either is unknown or they do not compare.

    A gap is no fall: who paid nothing a year ago is not compared with a month further back.
    """
    if not income.months:
        return None
    newest = income.months[0]
    known = {entry.month: entry.amount for entry in income.months}
    before = known.get(newest.month.plus(-months))
    if before is None or before.currency != newest.amount.currency or before.minor <= 0:
        return None
    return Bases(newest.month, newest.amount, before)
