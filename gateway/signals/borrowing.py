"""Credit taken from many, or again and again."""

from connectors.money import Money
from connectors.records import AccountKind, LenderType
from gateway.creditfile import CreditFile, evidence
from gateway.profile import Observed, ProfileTradeline
from gateway.signals.definition import Count, Definition, Seen


class MultiLenderSurge(Definition):
    """Many institutions in `recent_days`, and more than the pace of the `before_days` before."""

    recent_days: Count
    before_days: Count
    recent_lenders: Count
    ratio_percent: Count


class SmallLoanChurn(Definition):
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


def lender_surge(file: CreditFile, rule: MultiLenderSurge) -> Seen:
    """Distinct institutions lately, against the pace before."""
    recent = file.lenders(rule.recent_days)
    earlier = len(file.lenders(rule.before_days, until=rule.recent_days))
    pace = len(recent) * rule.before_days * 100
    fires = (
        len(recent) >= rule.recent_lenders
        and pace >= rule.ratio_percent * earlier * rule.recent_days
    )
    return Seen(
        fires=fires,
        could_fire=fires,
        observed=(
            Observed("lenders", len(recent), rule.recent_lenders),
            Observed("lenders_before", earlier),
            Observed("days", rule.recent_days),
            Observed("days_before", rule.before_days),
        ),
        basis=tuple(one for told in recent.values() for records in told for one in records),
    )


_LOANS = frozenset({AccountKind.INSTALMENT_LOAN, AccountKind.REVOLVING_SUBACCOUNT})


def loan_churn(file: CreditFile, rule: SmallLoanChurn) -> Seen:
    """Small loans opened and closed again in the window, or many applications for them."""
    ran = [line for line in file.lines if _ran_its_course(file, line, rule)]
    sizes = [_is_small(line, rule) for line in ran]
    cycles = [line for line, small in zip(ran, sizes, strict=True) if small]
    asked = list(file.asked(rule.application_days))
    wanted = [one for one in asked if one.lender_type in rule.application_lender_types]
    unknown_asked = sum(1 for one in asked if one.lender_type is None)
    at_most = len(cycles) + sizes.count(None)
    return Seen(
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
