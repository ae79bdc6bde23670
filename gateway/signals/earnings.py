"""Work and pay, told by contributions."""

from typing import Annotated, NamedTuple

from pydantic import Field

from connectors.records import Contribution
from gateway.arrears import month_number
from gateway.creditfile import Bases, CreditFile, bases
from gateway.profile import Observed
from gateway.profile.concluded import Evidence
from gateway.signals.definition import Count, Definition, Seen


class ContributionLapse(Definition):
    """Nobody pays one of these `kinds` of contribution any more."""

    kinds: Annotated[tuple[str, ...], Field(min_length=1)]
    months: Count
    stale_months: Count
    stopped: frozenset[str]


class IncomeDrop(Definition):
    """The base of contributions is lower by `drop_bp` than `months` before."""

    kinds: frozenset[str]
    months: Count
    drop_bp: Annotated[int, Field(gt=0, le=10_000)]
    stale_months: Count
    currency: str


def lapsed(file: CreditFile, rule: ContributionLapse) -> Seen:
    """Kind by kind, by its newest statement; a kind nobody speaks of says nothing."""
    kinds = [_kind(file, kind, rule) for kind in rule.kinds]
    stopped = [one for one in kinds if one.unpaid]
    unknown = [one for one in kinds if one.unpaid is None]
    return Seen(
        fires=bool(stopped),
        could_fire=len(unknown) == len(kinds) or any(one.spoken_of for one in unknown),
        observed=tuple(
            Observed(f"{one.kind}_months_unpaid", one.months, rule.months)
            for one in stopped or kinds
            if one.months is not None
        ),
        basis=tuple(dict.fromkeys(e for one in stopped or kinds for e in one.basis)),
    )


class _Kind(NamedTuple):
    """How one kind of contribution stands: unpaid or not, None when nobody can tell."""

    kind: str
    spoken_of: bool
    unpaid: bool | None
    months: int | None
    basis: tuple[Evidence, ...]


def _kind(file: CreditFile, kind: str, rule: ContributionLapse) -> _Kind:
    """By what is said on the newest day anything is; a second account may still be paid into."""
    told = [one for one in file.contributions if one.record.kind == kind]
    day = max((one.record.as_of for one in told), default=None)
    if day is None or month_number(file.today) - month_number(day) > rule.stale_months:
        return _Kind(kind, bool(told), None, None, ())
    newest = [one for one in told if one.record.as_of == day]
    said = [_unpaid(one.record, rule) for one in newest]
    gaps = [gap for one in newest if (gap := _gap(one.record)) is not None]
    return _Kind(
        kind=kind,
        spoken_of=True,
        unpaid=False if False in said else None if None in said else True,
        months=min(gaps, default=None),
        basis=tuple(e for one in newest for e in one.basis),
    )


def _gap(one: Contribution) -> int | None:
    """Months without a payment up to the month the statement is of."""
    return (
        None if one.paid_to is None else max(month_number(one.as_of) - month_number(one.paid_to), 0)
    )


def _unpaid(one: Contribution, rule: ContributionLapse) -> bool | None:
    """Is this account paid into no more? None when it says neither state nor month."""
    gap = _gap(one)
    if one.status in rule.stopped or (gap is not None and gap >= rule.months):
        return True
    return None if one.status is None and gap is None else False


def income_fall(file: CreditFile, rule: IncomeDrop) -> Seen:
    """The change of each kind's base; amounts stay out of what is explained."""
    compared = [
        (_fall_bp(pair), one)
        for one in file.incomes
        if one.record.told_by in rule.kinds
        and (pair := bases(one.record, rule.months, file.today))
        and pair.now.currency == rule.currency
        and month_number(file.today) - month_number(pair.month) <= rule.stale_months
    ]
    worst = max((drop for drop, _ in compared), default=None)
    return Seen(
        fires=worst is not None and worst >= rule.drop_bp,
        could_fire=worst is None,
        observed=() if worst is None else (Observed("drop_bp", worst, rule.drop_bp),),
        basis=tuple(record for drop, one in compared if drop == worst for record in one.basis),
    )


def _fall_bp(pair: Bases) -> int:
    """By how many 1/10000 the base is lower, rounded down: no fall fires before its threshold."""
    return 10_000 * (pair.before.minor - pair.now.minor) // pair.before.minor
