"""Courts, tax and other authorities, and bills for services paid afterwards.

A record counts in a window by the day it was filed. One that states no day may lie in any window,
so a window whose count it could change is missing with `undated`, never lower than it may be.
One that was filed after today counts as told, and in no window. What the newest record of a case
does not state, the next one may. A record that tells its kind alone beside a case of it is not
counted (`kind_only`).
"""

from collections.abc import Iterator
from datetime import date

from connectors.money import Money, PartialDate
from connectors.records import PublicRecord
from gateway.arrears import months_ago
from gateway.attributes.found import Found, Measure, extreme, nothing, owed
from gateway.creditfile import CreditFile
from gateway.profile.concluded import Stated
from gateway.profile.rule_names import KIND_ONLY


def _of(file: CreditFile, kinds: frozenset[str]) -> list[Stated[PublicRecord]]:
    return [
        one for one in file.public_records if one.record.kind in kinds and one.rule != KIND_ONLY
    ]


def _records(one: Stated[PublicRecord]) -> Iterator[PublicRecord]:
    """What each record says of the case, the one that stands first."""
    yield one.record
    for other in one.against:
        yield other.value


def _filed(one: Stated[PublicRecord]) -> PartialDate | None:
    return next((record.filed for record in _records(one) if record.filed), None)


def _amount(one: Stated[PublicRecord]) -> Money | None:
    return next((record.amount for record in _records(one) if record.amount), None)


def _dated(
    found: list[Stated[PublicRecord]], today: date
) -> list[tuple[int, Stated[PublicRecord]]]:
    """Those that state when they were filed, and how many months ago; after today below zero."""
    days = [(filed.earliest(), one) for one in found if (filed := _filed(one))]
    return [(months_ago(day, today) if day <= today else -1, one) for day, one in days]


def public_records(file: CreditFile, *, kinds: frozenset[str]) -> Found:
    """Records of these kinds."""
    found = _of(file, kinds)
    return Found(len(found), tuple([one.basis for one in found]))


def public_records_of(file: CreditFile, *, kind: str) -> Found:
    """Records of one kind."""
    return public_records(file, kinds=frozenset({kind}))


def public_records_since(file: CreditFile, *, kinds: frozenset[str], months: int) -> Found:
    """Records of these kinds filed in the calendar months of the window."""
    found = _of(file, kinds)
    dated = _dated(found, file.today)
    if len(dated) < len(found):
        return nothing("undated")
    kept = [one for ago, one in dated if 0 <= ago < months]
    return Found(len(kept), tuple([one.basis for one in kept]))


def public_amount(file: CreditFile, *, kinds: frozenset[str], currency: str) -> Found:
    """What is at stake in them, in one currency; of no record 0."""
    found = _of(file, kinds)
    known = [
        (owed(amount), one)
        for one in found
        if (amount := _amount(one)) and amount.currency == currency
    ]
    if found and not known:
        return nothing("no_amount")
    return Found(sum(minor for minor, _ in known), tuple([one.basis for _, one in known]))


def months_since_public(file: CreditFile, *, kinds: frozenset[str]) -> Found:
    """Months since the last one was filed; 0 in this month."""
    found = _of(file, kinds)
    dated = [(ago, one) for ago, one in _dated(found, file.today) if ago >= 0]
    if not dated:
        return nothing("undated" if found else "no_record")
    last, newest = extreme(dated, min)
    return Found(last, tuple([one.basis for one in newest]))


def bills_in_arrears(file: CreditFile) -> Found:
    """Post-paid services with an unpaid bill."""
    owing = [one for one in file.postpaid if one.record.arrears and one.record.arrears.minor > 0]
    return Found(len(owing), tuple([one.basis for one in owing]))


def bills_owed(file: CreditFile, *, currency: str) -> Found:
    """What is unpaid on them; of no service 0."""
    known = [
        (owed(one.record.arrears), one)
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
