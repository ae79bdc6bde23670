"""Public records: one case of one court, at however many sources.

A case number that agrees makes one case, whatever else is told, also within a report; two numbers
are two cases. Else reports speak of one case when kind and day are the same with the authority or
the amount, and no number, authority or amount that both state tells them apart. Where one report
has two such records, or they fit several that differ, nobody knows which of them is meant: all of
them stay apart, as with loans. The newest record stands, of one day the fullest; what another
says differently is kept beside it.

A record that tells nothing but its kind, such as a hit on a court's list, says that there is a
case on its day. It is one only where every case of its kind that is told had ended by then, or
had not begun.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import chain, combinations

from connectors.records import PublicRecord
from gateway.merge.facts import as_stated
from gateway.merge.rules import Rank, unsaid
from gateway.profile.concluded import Evidence, Held, Rejected, Stated
from gateway.profile.rule_names import KIND_ONLY, ONE_CASE
from gateway.resolve.institutions import normalised

CASE_NUMBER = "case_number"
"""The detail of a public record that holds its number (案号), where a source gives one."""

_JUDGMENT = "civil_judgment"
_BRACKETS = str.maketrans("[]〔〕【】", "()()()")
_MASKS = "*某×"  # 某 is "a certain": 某市某区人民法院

Case = Sequence[Stated[PublicRecord]]
"""The statements that are one case."""

_Days = tuple[date, date]


def public_records(
    held: Sequence[Held[PublicRecord]], rank: Rank
) -> tuple[Stated[PublicRecord], ...]:
    """Every case once, in the order of statements."""
    stated = as_stated(held, rank)
    found: list[Case] = [(one,) for one in stated]
    found = _joined(found, _by_number, lambda _: True)
    for keys in (_by_all, _by_either):  # the surer first, so that a vague record undoes none
        found = _joined(found, keys, _fit)
    place = {id(one): n for n, one in enumerate(stated)}
    found.sort(key=lambda case: min(place[id(one)] for one in case))
    return tuple(_concluded(case, rank) for case in found)


def marked(found: Iterable[Stated[PublicRecord]]) -> tuple[Stated[PublicRecord], ...]:
    """The same, `KIND_ONLY` on what tells its kind alone and is no case of its own.

    Where no case of the kind goes on, the first of them is one.
    """
    every = tuple(found)
    going: defaultdict[str, list[_Days]] = defaultdict(list)  # by kind, when a case of it may
    for one in every:
        if _tells(one.record):
            going[one.record.kind].append(_going_on(one))
    kept = []
    for one in every:
        record = one.record
        if _tells(record):
            kept.append(one)
        elif any(first <= record.as_of <= last for first, last in going[record.kind]):
            kept.append(replace(one, rule=KIND_ONLY))
        else:
            kept.append(one)
            going[record.kind].append((date.min, date.max))
    return tuple(kept)


def _going_on(case: Stated[PublicRecord]) -> _Days:
    """The first and the last day on which a case may go on.

    From the first day on which any of its records may mean it was filed, through the first end any
    of them tells. A judgment ends, as PBOC tells it (PF02AR02), on the day from which it is in
    force.
    """
    records = (case.record, *(other.value for other in case.against))
    filed = (one.filed.earliest() for one in records if one.filed)
    ends = (one.ended.latest() for one in records if one.ended and one.kind != _JUDGMENT)
    return min(filed, default=date.min), min(ends, default=date.max)


def _tells(record: PublicRecord) -> bool:
    """It says more of its case than the kind and how it stands."""
    facts = (
        record.authority, record.subject_matter, record.amount, record.filed, record.ended,
        record.outcome, record.outcome_amount,
    )  # fmt: skip
    return bool(record.details) or any(fact is not None for fact in facts)


# -- which are one --------------------------------------------------------------------------------


def _joined(
    cases: Sequence[Case],
    keys: Callable[[PublicRecord], Iterable[object]],
    fit: Callable[[Sequence[Case]], bool],
) -> list[Case]:
    """One case of all that hang together by a key, if they fit; else they stay as they are."""
    together = {n: [n] for n in range(len(cases))}
    first: dict[object, int] = {}
    for n, case in enumerate(cases):
        for key in {key for one in case for key in keys(one.record)}:
            known, new = together[first.setdefault(key, n)], together[n]
            if known is not new:
                known += new
                together |= dict.fromkeys(new, known)
    found: list[Case] = []
    for numbers in {id(some): some for some in together.values()}.values():
        some = [cases[n] for n in numbers]
        found += [tuple(chain.from_iterable(some))] if fit(some) else some
    return found


def _by_number(record: PublicRecord) -> Iterator[object]:
    for number in _number(record):
        yield record.kind, number


def _by_all(record: PublicRecord) -> Iterator[object]:
    for authority in _authority(record):
        for amount in _amount(record):
            for day in _day(record):
                yield record.kind, day, authority, amount


def _by_either(record: PublicRecord) -> Iterator[object]:
    for day in _day(record):
        for fact in (*_authority(record), *_amount(record)):
            yield record.kind, day, fact


def _fit(cases: Sequence[Case]) -> bool:
    """No report tells two of them, and no two of them differ in what both state."""
    reports = [report for case in cases for report in _reports(case)]
    return len(set(reports)) == len(reports) and not any(
        _differ(one, other) for one, other in combinations(cases, 2)
    )


def _differ(one: Case, other: Case) -> bool:
    for fact in (_number, _authority, _amount):
        mine, theirs = (
            {value for stated in case for value in fact(stated.record)} for case in (one, other)
        )
        if mine and theirs and mine.isdisjoint(theirs):
            return True
    return False


def _reports(case: Case) -> set[tuple[str, str]]:
    return {(told.source, told.report_id) for one in case for told in one.basis}


# Facts of a record: one, or none when it does not state it.


def _number(record: PublicRecord) -> Sequence[object]:
    """A dash or a masked number is none."""
    text = _spelled(dict(record.details).get(CASE_NUMBER) or "")
    return (text,) if not _masked(text) and any(char in "123456789" for char in text) else ()


def _authority(record: PublicRecord) -> Sequence[object]:
    """A masked one may be any."""
    text = _spelled(record.authority or "")
    return (text,) if text and not _masked(text) else ()


def _day(record: PublicRecord) -> Sequence[object]:
    return (record.filed,) if record.filed and record.filed.day else ()


def _amount(record: PublicRecord) -> Sequence[object]:
    return (record.amount,) if record.amount and record.amount.minor else ()


def _spelled(text: str) -> str:
    """One spelling: width, spaces, case, sort of brackets and of characters tell nothing apart.

    A court without its city is another: many cities have a district of one name.
    """
    return normalised(text).translate(_BRACKETS)


def _masked(text: str) -> bool:
    return any(mask in text for mask in _MASKS)


# -- what it says ---------------------------------------------------------------------------------


def _concluded(case: Case, rank: Rank) -> Stated[PublicRecord]:
    if len(case) == 1:
        return case[0]

    def better(one: Stated[PublicRecord]) -> tuple[int, int, tuple[int, str], Sequence[Evidence]]:
        newest = -one.record.as_of.toordinal()
        return newest, unsaid(one.record), rank[one.record.source], one.basis

    first, *others = sorted(case, key=better)
    return Stated(
        first.record,
        (*first.basis, *(evidence for one in others for evidence in one.basis)),
        rule=ONE_CASE,
        against=tuple(Rejected(one.record, told) for one in others for told in one.basis),
    )
