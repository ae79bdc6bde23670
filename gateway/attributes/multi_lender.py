"""Borrowing from many at once: institutions we see, and what each source counted by itself.

What sources count over records we do not see overlaps, so each number stays with its source:
it is read, never added to another's.
"""

from connectors.records import LenderType
from gateway.attributes.found import Found, Measure, extreme, nothing
from gateway.creditfile import CreditFile, institution, lender_of
from gateway.profile.concluded import Evidence


def lenders(file: CreditFile, *, days: int) -> Found:
    """Institutions that were asked for credit or opened an account."""
    found = file.lenders(days)
    return Found(len(found), tuple([records for basis in found.values() for records in basis]))


def lenders_of_type(file: CreditFile, *, days: int, types: frozenset[LenderType]) -> Found:
    """Of them, those of these types; an institution whose type nobody states is not counted."""
    found: dict[str, list[tuple[Evidence, ...]]] = {}
    for asked in file.asked(days):
        who = institution(asked.institution, asked.lender, asked.records)
        if who and asked.lender_type in types:
            found.setdefault(who, []).append(asked.records)
    for line in file.opened(days):
        who = lender_of(line)
        if who and line.lender_type and line.lender_type.value in types:
            found.setdefault(who, []).append(line.records)
    return Found(len(found), tuple([records for basis in found.values() for records in basis]))


def lenders_change(file: CreditFile, *, days: int) -> Found:
    """Institutions of the window less those of the window of equal length before it."""
    newer, older = file.lenders(days), file.lenders(days, until=days)
    basis = [records for seen in (newer, older) for found in seen.values() for records in found]
    unique = {id(records): records for records in basis}
    return Found(len(newer) - len(older), tuple(unique.values()))


def stated(
    file: CreditFile, *, source: str, metric: str, span: str, key: str = "", segment: str = ""
) -> Found:
    """What one source says itself under one name; the greatest where it says it twice."""
    said = file.counted(source, metric, span, key, segment)
    if not said:
        return nothing("not_stated")
    most, best = extreme([(one.value, (report, one)) for report, one in said], max)
    basis = tuple([(Evidence(source, report, one.record_id),) for report, one in best])
    return Found(most, basis)


MEASURES: tuple[Measure, ...] = (
    lenders,
    lenders_of_type,
    lenders_change,
    stated,
)
