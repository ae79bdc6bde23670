"""Early warnings, each traceable to the records it rests on.

Definitions are data (`config/signals.toml`). A signal is three-valued: it fires on the evidence
there is; it is quiet only if no missing evidence could change that; else it is undecided, with
the reason. An explanation is made of codes, months and numbers, so that it can be logged with the
decision it leads to.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from connectors.money import Money, Month
from connectors.records import AccountKind, Contribution, LenderType, PaymentStatus
from consent.subject import Scope
from gateway.arrears import newest_dpd
from gateway.concluded import Evidence
from gateway.creditfile import CreditFile, bases, evidence
from gateway.profile import Observed, ProfileTradeline, SignalResult, SignalSection, SignalState
from gateway.resolve.likeness import DPD

Count = Annotated[int, Field(gt=0)]


class _Definition(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    severity: str


class CardOverdueIncrease(_Definition):
    """More cards in arrears than `months` before."""

    months: Count
    stale_months: Count
    dpd: Count
    cards: Count
    increase: Count


class MultiLenderSurge(_Definition):
    """Many institutions in `recent_days`, and more than the pace of the `before_days` before."""

    recent_days: Count
    before_days: Count
    recent_lenders: Count
    ratio_percent: Count


class SmallLoanChurn(_Definition):
    """Small loans opened and repaid one after another, or applied for again and again."""

    window_days: Count
    life_days: Count
    amount_minor: Count
    currency: str
    lender_types: frozenset[LenderType]
    cycles: Count
    application_days: Count
    application_lender_types: frozenset[LenderType]
    applications: Count


class ContributionLapse(_Definition):
    """Nobody pays one of these `kinds` of contribution any more."""

    kinds: Annotated[tuple[str, ...], Field(min_length=1)]
    months: Count
    stale_months: Count
    stopped: frozenset[str]


class IncomeDrop(_Definition):
    """The base of contributions is lower by `drop_bp` than `months` before."""

    kinds: frozenset[str]
    months: Count
    drop_bp: Annotated[int, Field(gt=0, le=10_000)]
    stale_months: Count
    currency: str


class SignalRules(BaseModel):
    """`config/signals.toml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    card_overdue_increase: CardOverdueIncrease
    multi_lender_surge: MultiLenderSurge
    small_loan_churn: SmallLoanChurn
    contribution_lapse: ContributionLapse
    income_drop: IncomeDrop


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the evidence says: is it enough to fire, and could unknown values make it so?"""

    fires: bool
    could_fire: bool
    observed: tuple[Observed, ...]
    basis: tuple[Evidence, ...]


def compute(file: CreditFile, rules: SignalRules) -> SignalSection:
    """Every signal, in the order of their definitions."""
    accounts, both = (Scope.TRADELINES,), (Scope.TRADELINES, Scope.INQUIRIES)
    contributions, income = (Scope.CONTRIBUTIONS,), (Scope.INCOME_AND_ASSETS,)
    cards, surge, churn, lapse, drop = (
        rules.card_overdue_increase,
        rules.multi_lender_surge,
        rules.small_loan_churn,
        rules.contribution_lapse,
        rules.income_drop,
    )
    return SignalSection(
        results=(
            _result("card_overdue_increase", cards, card_overdue(file, cards), file, accounts),
            _result("multi_lender_surge", surge, lender_surge(file, surge), file, both),
            _result("small_loan_churn", churn, loan_churn(file, churn), file, both),
            _result("contribution_lapse", lapse, lapsed(file, lapse), file, contributions),
            _result("income_drop", drop, income_fall(file, drop), file, income),
        )
    )


def _result(
    id_: str, definition: _Definition, seen: _Seen, file: CreditFile, scopes: tuple[Scope, ...]
) -> SignalResult:
    state, reason = _state(seen, file, scopes)
    numbers = "; ".join(
        f"{one.name}={one.value}" + (f" (from {one.threshold})" if one.threshold else "")
        for one in seen.observed
    )
    return SignalResult(
        id=id_,
        version=definition.version,
        severity=definition.severity,
        state=state,
        explanation=f"{id_}/{definition.version} {reason or state}: {numbers}",
        observed=seen.observed,
        scopes=scopes,
        basis=seen.basis,
        reason=reason,
        lacking=tuple(sorted({name for scope in scopes for name in file.reach[scope].lacking})),
    )


def _state(
    seen: _Seen, file: CreditFile, scopes: tuple[Scope, ...]
) -> tuple[SignalState, str | None]:
    if seen.fires:
        return SignalState.FIRED, None
    for scope in scopes:
        reach = file.reach[scope]
        if reach.lacking:
            return SignalState.UNDECIDED, "source_lacking"
        if not reach.answered:
            return SignalState.UNDECIDED, "no_file" if reach.no_file else "no_source"
    if seen.could_fire:
        return SignalState.UNDECIDED, "unknown_values"
    return SignalState.QUIET, None


def card_overdue(file: CreditFile, rule: CardOverdueIncrease) -> _Seen:
    """Counts certain cards for firing, and possible ones for what could be."""
    cards = [line for line in file.lines if line.kind.value is AccountKind.CREDIT_CARD]
    looks = [_two_looks(file, line, rule) for line in cards]
    now = sum(1 for late, _ in looks if late)
    before = sum(1 for _, late in looks if late)
    at_most_now = sum(1 for late, _ in looks if late is not False)
    at_most_before = sum(1 for _, late in looks if late is not False)
    late_cards = [line for line, (late, _) in zip(cards, looks, strict=True) if late]
    return _Seen(
        fires=now >= rule.cards and now - at_most_before >= rule.increase,
        could_fire=at_most_now >= rule.cards and at_most_now - before >= rule.increase,
        observed=(
            Observed("cards_overdue", now, rule.cards),
            Observed("increase", now - before, rule.increase),
            Observed("cards", len(cards)),
        ),
        basis=evidence(late_cards or cards),
    )


def _two_looks(
    file: CreditFile, line: ProfileTradeline, rule: CardOverdueIncrease
) -> tuple[bool | None, bool | None]:
    """Is the card in arrears now, and was it before? None when nobody can tell."""
    this_month = _index(file.today)
    known = {
        _index(entry.month): dpd
        for entry in (line.grid.value.months if line.grid else ())
        if (dpd := _dpd(entry.status)) is not None
    }
    newest = max((m for m in known if m <= this_month), default=_index(line.as_of))
    figures = [dpd for dpd in (known.get(newest), newest_dpd(line)) if dpd is not None]
    now: bool | None = any(dpd >= rule.dpd for dpd in figures)
    if not line.status.value.open:
        now = False
    elif not figures or this_month - newest > rule.stale_months:
        now = None
    then = newest - rule.months
    if line.opened and _index(line.opened.value.earliest()) > then:
        return now, False
    return now, known[then] >= rule.dpd if then in known else None


def _dpd(status: PaymentStatus) -> int | None:
    """Days past due; nobody is late on a card that is not open yet."""
    return 0 if status is PaymentStatus.NOT_YET_OPEN else DPD[status]


def _index(day: date | Month) -> int:
    """A month as a number, so that months can be counted."""
    return day.year * 12 + day.month


def lender_surge(file: CreditFile, rule: MultiLenderSurge) -> _Seen:
    """Distinct institutions lately, against the pace before."""
    recent = file.lenders(rule.recent_days)
    earlier = len(file.lenders(rule.before_days, until=rule.recent_days))
    pace = len(recent) * rule.before_days * 100
    fires = (
        len(recent) >= rule.recent_lenders
        and pace >= rule.ratio_percent * earlier * rule.recent_days
    )
    return _Seen(
        fires=fires,
        could_fire=fires,
        observed=(
            Observed("lenders", len(recent), rule.recent_lenders),
            Observed("lenders_before", earlier),
            Observed("days", rule.recent_days),
            Observed("days_before", rule.before_days),
        ),
        basis=tuple(one for basis in recent.values() for records in basis for one in records),
    )


_LOANS = frozenset({AccountKind.INSTALMENT_LOAN, AccountKind.REVOLVING_SUBACCOUNT})


def loan_churn(file: CreditFile, rule: SmallLoanChurn) -> _Seen:
    """Small loans opened and closed again in the window, or many applications for them."""
    ran = [line for line in file.lines if _ran_its_course(file, line, rule)]
    sizes = [_is_small(line, rule) for line in ran]
    cycles = [line for line, small in zip(ran, sizes, strict=True) if small]
    asked = list(file.asked(rule.application_days))
    wanted = [one for one in asked if one.lender_type in rule.application_lender_types]
    unknown_asked = sum(1 for one in asked if one.lender_type is None)
    at_most = len(cycles) + sizes.count(None)
    return _Seen(
        fires=len(cycles) >= rule.cycles or len(wanted) >= rule.applications,
        could_fire=at_most >= rule.cycles or len(wanted) + unknown_asked >= rule.applications,
        observed=(
            Observed("loans_opened_and_closed", len(cycles), rule.cycles),
            Observed("applications", len(wanted), rule.applications),
        ),
        basis=evidence(cycles) + evidence(wanted),
    )


def _ran_its_course(file: CreditFile, line: ProfileTradeline, rule: SmallLoanChurn) -> bool:
    """A loan opened and closed in the window, soon after one another."""
    if line.kind.value not in _LOANS or not line.opened or not line.closed:
        return False
    opened, closed = line.opened.value, line.closed.value
    lived = (closed.earliest() - opened.earliest()).days
    return (
        file.within(opened, rule.window_days)
        and file.within(closed, rule.window_days)
        and 0 <= lived <= rule.life_days
    )


def _is_small(line: ProfileTradeline, rule: SmallLoanChurn) -> bool | None:
    """A small loan of a non-bank; None when its amount or its lender's type is not known."""
    lender = line.lender_type.value if line.lender_type else None
    if lender is not None and lender not in rule.lender_types:
        return False
    amount = line.original_amount.value if line.original_amount else None
    if amount is not None and not _up_to(amount, rule):
        return False
    return None if lender is None or amount is None else True


def _up_to(amount: Money, rule: SmallLoanChurn) -> bool:
    """An amount in another currency is not compared, and not a small loan of this definition."""
    return amount.currency == rule.currency and amount.minor <= rule.amount_minor


def lapsed(file: CreditFile, rule: ContributionLapse) -> _Seen:
    """Kind by kind, by its newest statement; a kind nobody speaks of says nothing."""
    kinds = [_kind(file, kind, rule) for kind in rule.kinds]
    stopped = [one for one in kinds if one.unpaid]
    unknown = [one for one in kinds if one.unpaid is None]
    return _Seen(
        fires=bool(stopped),
        could_fire=len(unknown) == len(kinds) or any(one.spoken_of for one in unknown),
        observed=tuple(
            Observed(f"{one.kind}_months_unpaid", one.months, rule.months)
            for one in stopped or kinds
            if one.months is not None
        ),
        basis=tuple(dict.fromkeys(e for one in stopped or kinds for e in one.basis)),
    )


@dataclass(frozen=True, slots=True)
class _Kind:
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
    if day is None or _index(file.today) - _index(day) > rule.stale_months:
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
    return None if one.paid_to is None else max(_index(one.as_of) - _index(one.paid_to), 0)


def _unpaid(one: Contribution, rule: ContributionLapse) -> bool | None:
    """Is this account paid into no more? None when it says neither state nor month."""
    gap = _gap(one)
    if one.status in rule.stopped or (gap is not None and gap >= rule.months):
        return True
    return None if one.status is None and gap is None else False


def income_fall(file: CreditFile, rule: IncomeDrop) -> _Seen:
    """The change of each kind's base; amounts stay out of what is explained."""
    compared = [
        (-pair.change_bp, one)
        for one in file.incomes
        if one.record.told_by in rule.kinds
        and (pair := bases(one.record, rule.months))
        and pair.now.currency == rule.currency
        and _index(file.today) - _index(pair.month) <= rule.stale_months
    ]
    worst = max((drop for drop, _ in compared), default=None)
    return _Seen(
        fires=worst is not None and worst >= rule.drop_bp,
        could_fire=worst is None,
        observed=() if worst is None else (Observed("drop_bp", worst, rule.drop_bp),),
        basis=tuple(record for drop, one in compared if drop == worst for record in one.basis),
    )
