"""Courts, tax and other authorities, and bills for services paid afterwards.

A record counts in a window by the day it was filed. One that states no day may lie in any window,
so a window whose count it could change is missing with `undated`, never lower than it may be.
"""

from connectors.records import PublicRecord
from gateway.arrears import months_ago
from gateway.attributes.found import Found, Measure, extreme, nothing
from gateway.creditfile import CreditFile
from gateway.profile.concluded import Stated


def _of(file: CreditFile, kinds: frozenset[str]) -> list[Stated[PublicRecord]]:
    return [one for one in file.public_records if one.record.kind in kinds]


def public_records(file: CreditFile, *, kinds: frozenset[str]) -> Found:
    """Records of these kinds."""
    found = _of(file, kinds)
    return Found(len(found), tuple([one.basis for one in found]))


def public_records_of(file: CreditFile, *, kind: str) -> Found:
    """Records of one kind."""
    return public_records(file, kinds=frozenset({kind}))


def public_records_since(file: CreditFile, *, kinds: frozenset[str], months: int) -> Found:
    """Records of these kinds filed in the calendar months of the window."""
    found = [
        (months_ago(one.record.filed.earliest(), file.today) if one.record.filed else None, one)
        for one in _of(file, kinds)
    ]
    if any(ago is None for ago, _ in found):
        return nothing("undated")
    kept = [one for ago, one in found if ago is not None and 0 <= ago < months]
    return Found(len(kept), tuple([one.basis for one in kept]))


def public_amount(file: CreditFile, *, kinds: frozenset[str], currency: str) -> Found:
    """What is at stake in them, in one currency; of no record 0."""
    found = _of(file, kinds)
    known = [
        (one.record.amount.minor, one)
        for one in found
        if one.record.amount and one.record.amount.currency == currency
    ]
    if found and not known:
        return nothing("no_amount")
    return Found(sum(minor for minor, _ in known), tuple([one.basis for _, one in known]))


def months_since_public(file: CreditFile, *, kinds: frozenset[str]) -> Found:
    """Months since the last one was filed; 0 in this month."""
    found = _of(file, kinds)
    dated = [
        (months_ago(one.record.filed.earliest(), file.today), one)
        for one in found
        if one.record.filed
    ]
    if not dated:
        return nothing("undated" if found else "no_record")
    last, newest = extreme(dated, min)
    return Found(max(last, 0), tuple([one.basis for one in newest]))


def bills_in_arrears(file: CreditFile) -> Found:
    """Post-paid services with an unpaid bill."""
    owing = [one for one in file.postpaid if one.record.arrears and one.record.arrears.minor > 0]
    return Found(len(owing), tuple([one.basis for one in owing]))


def bills_owed(file: CreditFile, *, currency: str) -> Found:
    """What is unpaid on them; of no service 0."""
    known = [
        (one.record.arrears.minor, one)
        for one in file.postpaid
        if one.record.arrears and one.record.arrears.currency == currency
    ]
    if file.postpaid and not known:
        return nothing("no_amount")
    owing = [(minor, one) for minor, one in known if minor]
    return Found(sum(minor for minor, _ in owing), tuple([one.basis for _, one in owing]))


MEASURES: tuple[Measure, ...] = (
    public_records,
    public_records_of,
    public_records_since,
    public_amount,
    months_since_public,
    bills_in_arrears,
    bills_owed,
)
