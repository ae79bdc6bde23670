"""Inquiries: one application of one institution, at however many sources.

What one institution asked on one day is one inquiry: its applications together, whatever each
source calls them, its reviews by their kind. Nobody can tell apart what a source dates by its
month alone (PBOC in its revision of 2017) from what another source tells of a day of that month,
so these are one, one to one: who asked twice in a month asked twice where one source tells so, and
no more often for being told by another. Kept apart is what cannot be one:

- records of one source, which does not date one application in two ways;
- a day after the one as of which the record was told;
- more records by month than another source tells of days. Of several days each takes one on which
  its own kind was asked, else the earliest: which it was is not known, and how many applications
  are counted, on which days, does not depend on it.

Two records by month without a day that is told stay two, and so does each one of which only the
year or nobody who asked is known: two records are better than one wrong merge.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from connectors.records import Inquiry, InquiryKind
from gateway.merge.rules import Rank, latest_first, precision
from gateway.profile import ProfileInquiry
from gateway.profile.concluded import Evidence, Held
from gateway.profile.rule_names import ONE_APPLICATION
from gateway.resolve.institutions import Institutions

Told = Sequence[Held[Inquiry]]
"""Records, newest first."""


def inquiries(
    held: Sequence[Held[Inquiry]], institutions: Institutions, rank: Rank
) -> tuple[ProfileInquiry, ...]:
    """Applications and reviews, newest first; each is dated as precisely as any record tells."""
    together: dict[object, list[Held[Inquiry]]] = {}
    for one in sorted(held, key=latest_first(rank)):
        record, on = one.record, one.record.on
        who = institutions.key(record.source, record.institution)
        alone = who is None or on.month is None
        why = "application" if record.kind.hard else record.kind
        key: object = one.evidence if alone else (who, why, on.year, on.month)
        together.setdefault(key, []).append(one)
    found = [_inquiry(one, institutions) for told in together.values() for one in _apart(told)]
    return tuple(sorted(found, key=lambda one: (-one.on.latest().toordinal(), one.id)))


def _apart(told: Told) -> Iterable[Told]:
    """What one institution asked in one month: each inquiry with all its records."""
    if len(told) == 1:
        return (told,)
    days = _days(told) if any(one.record.on.day is None for one in told) else {}
    found: dict[object, list[Held[Inquiry]]] = {}
    for one in told:
        key: object = one.record.on.day or days.get(one.evidence) or one.evidence
        found.setdefault(key, []).append(one)
    return found.values()


def _days(told: Told) -> Mapping[Evidence, int]:
    """The day that each record by month is of, as far as other sources tell days.

    A day has room for as many records of a source as any other source tells of it.
    """
    by_day: defaultdict[date, Counter[str]] = defaultdict(Counter)
    by_month: defaultdict[str, list[Held[Inquiry]]] = defaultdict(list)
    kinds: dict[date, InquiryKind] = {}
    for one in told:
        source, on = one.record.source, one.record.on
        if on.day is None:
            by_month[source].append(one)
        else:
            by_day[on.earliest()][source] += 1
            kinds.setdefault(on.earliest(), one.record.kind)
    found: dict[Evidence, int] = {}
    for source, some in by_month.items():
        room = {day: max(of.values()) for day, of in by_day.items() if source not in of}
        for one in sorted(some, key=_as_of):  # whoever has the least choice first
            kind, as_of = one.record.kind, one.record.as_of
            free = [
                (kinds[day] is not kind, day) for day, left in room.items() if left and day <= as_of
            ]
            if free:
                _, day = min(free)
                room[day] -= 1
                found[one.evidence] = day.day
    return found


def _as_of(held: Held[Inquiry]) -> tuple[date, Evidence]:
    return held.record.as_of, held.evidence


def _inquiry(told: Told, institutions: Institutions) -> ProfileInquiry:
    records = tuple(sorted(held.evidence for held in told))
    first = told[0].record
    listed = institutions.find(first.source, first.institution)
    return ProfileInquiry(
        id=records[0].local,
        on=max((held.record.on for held in told), key=precision),
        kind=first.kind,
        hard=first.kind.hard,
        rule=ONE_APPLICATION,
        records=records,
        reasons=tuple(sorted({held.record.reason for held in told})),
        institution=listed.id if listed else None,
        lender=listed.name if listed else first.institution,
        lender_type=listed.type if listed else first.institution_type,
    )
