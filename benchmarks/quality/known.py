"""What is known of a life: all of it, or what some sources told of it.

Nothing of the gateway is asked and nothing is read: `bureaus` says what each source got to know.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from benchmarks.quality.lines import Line, as_it_is, as_told, months_ago
from connectors.money import Month
from connectors.records import InquiryKind, LenderType
from connectors.sandbox import bureaus
from connectors.sandbox.facts import Life, Query
from connectors.sandbox.lenders import BAIHANG, HOUSING_FUND, PBOC, SOCIAL_INSURANCE
from connectors.sandbox.life import QUERY_DAYS
from connectors.sandbox.render.pboc.revision import of_2017


@dataclass(frozen=True, slots=True)
class Asked:
    """One inquiry; `who` None where the person asked."""

    on: date
    kind: InquiryKind
    who: str | None
    lender_type: LenderType | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A life as far as it is known; `heard` are the sources that told, None for all there is.

    `paid` are the months of which a contribution is listed, counted back from this one.
    """

    life: Life
    heard: frozenset[str] | None
    lines: Sequence[Line]
    asked: Sequence[Asked]
    paid: frozenset[int]

    @property
    def today(self) -> date:
        """The last day of the life."""
        return self.life.today

    def tells(self, *sources: str) -> bool:
        """One of these was heard, or everything is known."""
        return self.heard is None or not self.heard.isdisjoint(sources)

    def ago(self, day: date) -> int:
        """Days from then to today."""
        return (self.today - day).days


def all_of(life: Life) -> Known:
    """The life as it is."""
    return Known(
        life=life,
        heard=None,
        lines=[as_it_is(life, account) for account in life.accounts],
        asked=_hard_once(_asked(query) for query in life.queries),
        paid=_paid(life, frozenset({HOUSING_FUND, SOCIAL_INSURANCE})),
    )


def told_of(life: Life, heard: Iterable[str]) -> Known:
    """What these sources told of a life that is theirs to tell of."""
    sources = frozenset(heard)
    return Known(
        life=life,
        heard=sources,
        lines=list(as_told(life, sources)),
        asked=list(_as_asked(life, sources)),
        paid=_paid(life, sources),
    )


def _asked(query: Query) -> Asked:
    lender = query.lender
    return Asked(
        query.on, query.kind, lender.code if lender else None, lender.type if lender else None
    )


def _as_asked(life: Life, heard: frozenset[str]) -> Iterator[Asked]:
    """PBOC's two years and Baihang's one; own queries are in no list.

    PBOC's of 2017 tell the month; of an application that Baihang tells too, that tells the day.
    """
    of_pboc = bureaus.queries(life, PBOC, QUERY_DAYS) if PBOC in heard else ()
    of_baihang = bureaus.queries(life, BAIHANG, 365) if BAIHANG in heard else ()
    listed, others = ([_asked(q) for q in some if q.lender] for some in (of_pboc, of_baihang))
    dated = {one for one in others if one.kind.hard}
    by_month = set(listed) - dated if of_2017(life) else set[Asked]()
    yield from (replace(one, on=one.on.replace(day=1)) for one in listed if one in by_month)
    by_day = [one for one in listed if one not in by_month]
    yield from _hard_once([*by_day, *map(_by_baihang, others)])


def _by_baihang(one: Asked) -> Asked:
    """Baihang tells an application from other reasons, and not one application from another."""
    kind = InquiryKind.LOAN_APPLICATION if one.kind.hard else InquiryKind.OTHER
    return replace(one, kind=kind)


def _hard_once(some: Iterable[Asked]) -> list[Asked]:
    """What one lender asked because of applications on one day is one; the first of them stands."""
    found: dict[object, Asked] = {}
    for one in some:
        found.setdefault((one.on, one.who, "application" if one.kind.hard else one.kind), one)
    return list(found.values())


def _paid(life: Life, heard: frozenset[str]) -> frozenset[int]:
    """Months of which these sources list a contribution."""
    months: set[Month] = set()
    if SOCIAL_INSURANCE in heard:
        months.update(life.pension_months)
    if HOUSING_FUND in heard:
        pays = [job for job in life.jobs if job.housing_fund]
        months.update(month for month, _ in life.income if any(job.covers(month) for job in pays))
    return frozenset(months_ago(life, month) for month in months)
