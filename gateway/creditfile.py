"""What attributes and signals look at: the facts of a profile, and how far its sources reach.

Days and months are counted back from `today`, the local day of the merge. A window of n days is
the n days up to and including today: day d is in it when 0 <= today - d < n. A window of n months
is the n calendar months up to and including this one. What is known only to its month counts as
of the first day it can mean, so that a window never holds what may lie before it.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from itertools import chain, compress
from typing import Any, NamedTuple, TypeVar

from connectors.money import Money, Month, PartialDate
from connectors.records import (
    AccountKind,
    AccountStatus,
    Contribution,
    Income,
    IncomeMonth,
    Liability,
    LoanPurpose,
    Login,
    Metric,
    Postpaid,
    PublicRecord,
    RegionIndex,
)
from consent.subject import Scope
from gateway.arrears import History, Past, Window, month_number, pasts
from gateway.profile import Outcome, ProfileInquiry, ProfileTradeline, SourceLine
from gateway.profile.concluded import Evidence, Stated
from gateway.resolve.institutions import named
from gateway.selection import ANY_ACCOUNT, HARD, Accounts, Asked, Facets

K = TypeVar("K")
T = TypeVar("T")

Basis = tuple[tuple[Evidence, ...], ...]
"""What a number rests on: the records of each thing it looked at, things in their order.

The inner tuples are those the profile holds already, so that naming evidence costs no copying.
"""


_REPORTS = frozenset({Outcome.REPORT, Outcome.REUSED})
_OPEN = frozenset(status for status in AccountStatus if status.open)


class Reach(NamedTuple):
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
        answered, no_file, silent = [], [], []
        for line in lines:
            if line.source in listing and (scope in line.scopes or not line.scopes):
                set_aside = line.quarantined and scope not in line.merged_under_review
                if line.outcome in _REPORTS and not set_aside:
                    answered.append(line.source)
                elif line.outcome is Outcome.NO_HIT and not set_aside:
                    no_file.append(line.source)
                else:
                    silent.append(line.source)
        lacking = [name for name in silent if name not in answered and name not in no_file]
        return cls(tuple(answered), tuple(no_file), tuple(lacking))


@dataclass(frozen=True, slots=True)
class Listed:
    """The sources that list all they know of something that falls under `scope`."""

    scope: Scope
    sources: frozenset[str]


class Chosen(NamedTuple):
    """Accounts an attribute looks at: which of the file `fit`, and the records they rest on."""

    fit: Sequence[bool]
    lines: Sequence[ProfileTradeline]
    basis: Basis

    @classmethod
    def of(cls, lines: Sequence[ProfileTradeline], bits: int) -> "Chosen":
        """The lines whose bit is set, the first of them the lowest."""
        fit = [bit == "1" for bit in reversed(f"{bits:b}")]
        kept = tuple(compress(lines, fit))
        return cls(fit, kept, tuple([line.records for line in kept]))

    def told(self, column: Iterable[T | None]) -> list[T]:
        """What a column, which tells of every account of the file, tells of these."""
        return list(filter(None, compress(column, self.fit)))


class Once(dict[K, T]):
    """What `work_out` makes of a key, which it is asked for at the first time only."""

    def __init__(self, work_out: Callable[[K], T]) -> None:
        super().__init__()
        self._work_out = work_out

    def __missing__(self, key: K) -> T:
        made = self[key] = self._work_out(key)
        return made


@dataclass(frozen=True, kw_only=True)
class CreditFile:
    """What the sources told as of `today`; `told` are their lines, `listing` whose lists are whole.

    Everything that several attributes and signals need is worked out once, when first asked for.
    """

    today: date
    told: tuple[SourceLine, ...]
    listing: Mapping[str, Listed]
    lines: tuple[ProfileTradeline, ...] = ()
    inquiries: tuple[ProfileInquiry, ...] = ()
    public_records: tuple[Stated[PublicRecord], ...] = ()
    contributions: tuple[Stated[Contribution], ...] = ()
    incomes: tuple[Stated[Income], ...] = ()
    liabilities: tuple[Stated[Liability], ...] = ()
    postpaid: tuple[Stated[Postpaid], ...] = ()
    regions: tuple[Stated[RegionIndex], ...] = ()
    logins: tuple[Stated[Login], ...] = ()
    purposes: tuple[Stated[LoanPurpose], ...] = ()
    metrics: tuple[tuple[str, Metric], ...] = ()  # each with the id of its report

    @cached_property
    def _known(self) -> dict[Hashable, Any]:
        return {}

    def once(self, work_out: Callable[..., T], *about: Hashable) -> T:
        """What `work_out` makes of this file and `about`; it is asked at the first time only."""
        asked = (work_out, *about)
        known: T | None = self._known.get(asked)
        if known is None:
            known = self._known[asked] = work_out(self, *about)
        return known

    # -- whose lists these are ----------------------------------------------------------------

    @cached_property
    def reach(self) -> Mapping[str, Reach]:
        """By scope or part of one, of the sources whose reports list all they know."""
        return {
            name: Reach.of(self.told, listed.scope, listed.sources)
            for name, listed in self.listing.items()
        }

    def reach_of(self, source: str, scope: Scope) -> Reach:
        """Of one source alone."""
        return Reach.of(self.told, scope, frozenset({source}))

    @cached_property
    def _counted(self) -> Mapping[tuple[str, ...], list[tuple[str, Metric]]]:
        counted: dict[tuple[str, ...], list[tuple[str, Metric]]] = {}
        for report_id, one in self.metrics:
            about = (one.source, one.name, one.window, one.key, one.segment)
            counted.setdefault(about, []).append((report_id, one))
        return counted

    def counted(
        self, source: str, name: str, window: str, key: str, segment: str
    ) -> list[tuple[str, Metric]]:
        """What one source itself counted under this name, with the id of the report it is in."""
        return self._counted.get((source, name, window, key, segment), [])

    # -- accounts -----------------------------------------------------------------------------

    @property
    def open_lines(self) -> Sequence[ProfileTradeline]:
        """Accounts that can still owe or be drawn on."""
        return self.still_open[ANY_ACCOUNT].lines

    @cached_property
    def _facets(self) -> Facets:
        return Facets.of(self.lines)

    @cached_property
    def _chosen(self) -> Mapping[int, Chosen]:
        return Once(partial(Chosen.of, self.lines))

    def _choosing(self, among: int) -> Mapping[Accounts, Chosen]:
        """Selections of the same accounts are one and the same."""
        return Once(partial(_choice, self._facets, self._chosen, among))

    @cached_property
    def chosen(self) -> Mapping[Accounts, Chosen]:
        """The accounts of each selection."""
        return self._choosing((1 << len(self.lines)) - 1)

    @cached_property
    def still_open(self) -> Mapping[Accounts, Chosen]:
        """Those of them that can still owe or be drawn on.

        One whose debt another account has by now cannot: it would be counted twice.
        """
        still = [line.status.value in _OPEN and not line.moved for line in self.lines]
        return self._choosing(sum([1 << place for place, one in enumerate(still) if one]))

    @cached_property
    def pasts(self) -> Sequence[Past]:
        """Each account month by month."""
        return pasts(self.lines, self.today)

    @cached_property
    def history(self) -> Mapping[Accounts, History]:
        """Month by month, the accounts of each selection."""
        return Once(partial(_history, self.pasts, self.chosen))

    @cached_property
    def window(self) -> Mapping[tuple[Accounts, int], Window]:
        """The last so many months of the accounts of each selection."""
        return Once(partial(_window, self.history))

    # -- inquiries and openings ---------------------------------------------------------------

    def days_ago(self, day: PartialDate | None) -> int | None:
        """Days from the first day it can mean to today; below zero when it lies ahead."""
        return None if day is None else self.today.toordinal() - day.earliest().toordinal()

    def within(self, day: PartialDate | None, days: int, *, until: int = 0) -> bool:
        """The day is in a window of that many days, which ends `until` days ago."""
        ago = self.days_ago(day)
        return ago is not None and 0 <= ago - until < days

    @cached_property
    def asked_ago(self) -> Mapping[Asked, list[tuple[int, ProfileInquiry]]]:
        """Inquiries of each selection up to today, each with how many days ago it was."""
        today = self.today.toordinal()
        agos = [(today - one.on.earliest().toordinal(), one) for one in self.inquiries]
        return Once(partial(_asked, [(ago, one) for ago, one in agos if ago >= 0]))

    def asked(self, days: int, *, until: int = 0, of: Asked = HARD) -> list[ProfileInquiry]:
        """Inquiries in the window, hard ones unless `of` says otherwise."""
        return [one for ago, one in self.asked_ago[of] if until <= ago < until + days]

    @cached_property
    def opened_on(self) -> list[date | None]:
        """The first day each account may have been opened; None of one that lies ahead."""
        days = [line.opened.value.earliest() if line.opened else None for line in self.lines]
        return [day if day and day <= self.today else None for day in days]

    @cached_property
    def opened_ago(self) -> Mapping[Accounts, list[tuple[int, ProfileTradeline]]]:
        """Accounts of each selection opened up to today, days ago; a sold debt is not borrowed."""
        today = self.today.toordinal()
        agos = [
            (today - day.toordinal(), line)
            if day and line.kind.value is not AccountKind.COLLECTION
            else None
            for day, line in zip(self.opened_on, self.lines, strict=True)
        ]
        return Once(partial(_opened, agos, self.chosen))

    @cached_property
    def lent_by(self) -> list[str | None]:
        """Who lends each account."""
        return [line.institution or lender_of(line) for line in self.lines]

    def opened(
        self, days: int, *, until: int = 0, of: Accounts = ANY_ACCOUNT
    ) -> list[ProfileTradeline]:
        """Accounts opened in the window, collections of sold debts left out."""
        return self._opened[of, until, until + days]

    @cached_property
    def _opened(self) -> Mapping[tuple[Accounts, int, int], list[ProfileTradeline]]:
        return Once(partial(_opened_in, self.opened_ago))

    def lenders(self, days: int, *, until: int = 0) -> dict[str, list[tuple[Evidence, ...]]]:
        """Institutions that were asked for credit or gave some in the window, with evidence.

        One that our directory does not list is one per source and name.
        """
        return self.once(_lenders, days, until)


def _choice(told: Facets, chosen: Mapping[int, Chosen], among: int, of: Accounts) -> Chosen:
    return chosen[of.among(among, told)]


def _window(history: Mapping[Accounts, History], asked: tuple[Accounts, int]) -> Window:
    of, months = asked
    return history[of].window(months)


def _history(pasts: Sequence[Past], chosen: Mapping[Accounts, Chosen], of: Accounts) -> History:
    return History([past for past in chosen[of].told(pasts) if past.told])


def _opened(
    agos: Sequence[tuple[int, ProfileTradeline] | None],
    chosen: Mapping[Accounts, Chosen],
    of: Accounts,
) -> list[tuple[int, ProfileTradeline]]:
    return chosen[of].told(agos)


def _opened_in(
    agos: Mapping[Accounts, list[tuple[int, ProfileTradeline]]], asked: tuple[Accounts, int, int]
) -> list[ProfileTradeline]:
    of, newest, end = asked
    return [line for ago, line in agos[of] if newest <= ago < end]


def _asked(agos: list[tuple[int, ProfileInquiry]], of: Asked) -> list[tuple[int, ProfileInquiry]]:
    return [(ago, one) for ago, one in agos if of.holds(one)]


def _lenders(file: CreditFile, days: int, until: int) -> dict[str, list[tuple[Evidence, ...]]]:
    found: dict[str, list[tuple[Evidence, ...]]] = {}
    for asked in file.asked(days, until=until):
        who = institution(asked.institution, asked.lender, asked.records)
        if who:
            found.setdefault(who, []).append(asked.records)
    for line in file.opened(days, until=until):
        who = lender_of(line)
        if who:
            found.setdefault(who, []).append(line.records)
    return found


def lender_of(line: ProfileTradeline) -> str | None:
    """Who lends, told apart as `institution` does."""
    if line.institution:
        return line.institution
    return institution(None, line.lender.value if line.lender else None, line.records)


def institution(listed: str | None, lender: str | None, basis: tuple[Evidence, ...]) -> str | None:
    """What tells institutions apart; None for one that nobody named, or that a source masks."""
    if listed:
        return listed
    name = named(lender)
    return name and f"{basis[0].source}:{name}"


def evidence(things: Iterable[ProfileTradeline | ProfileInquiry]) -> tuple[Evidence, ...]:
    """The records these different things rest on; a record speaks of one of them only."""
    return tuple(chain.from_iterable(thing.records for thing in things))


def up_to(told: Sequence[IncomeMonth], today: date) -> Sequence[IncomeMonth]:
    """The months, newest first, without those that lie ahead."""
    this = Month.of(today)
    return told if not told or told[0].month <= this else [m for m in told if m.month <= this]


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


def bases(income: Income, months: int, today: date) -> Bases | None:
    """Both bases of one kind of contribution, None when either is unknown or they do not compare.

    A gap is no fall: who paid nothing a year ago is not compared with a month further back.
    """
    told = up_to(income.months, today)
    if not told:
        return None
    newest = told[0]
    known = {month_number(entry.month): entry.amount for entry in told}
    before = known.get(month_number(newest.month) - months)
    if before is None or before.currency != newest.amount.currency or before.minor <= 0:
        return None
    return Bases(newest.month, newest.amount, before)
