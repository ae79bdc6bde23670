"""Contributions to the housing fund and to social insurance, and what they are assessed on."""

from collections.abc import Iterable

from benchmarks.quality.families.reckoning import Values, longest, slope
from benchmarks.quality.known import Known
from benchmarks.quality.lines import months_ago
from connectors.sandbox.lenders import HOUSING_FUND, PBOC, SOCIAL_INSURANCE

_LATELY = 3
"""Months, for which kinds of contribution are counted."""


def contributions(known: Known) -> Values:
    """Months paid, the newest, the first, and what lies between."""
    life = known.life
    fund = life.housing_fund if known.tells(PBOC, HOUSING_FUND) else None
    pension = max(life.pension_months, default=None) if known.tells(SOCIAL_INSURANCE) else None
    kinds = {3: pension, 1: fund.paid_to if fund else None}  # pension, injury, unemployment; fund
    last = {n: months_ago(life, month) for n, month in kinds.items() if month}
    values: Values = {
        "months_since_last_contribution": min(last.values(), default=None),
        "contribution_kinds_3m": sum(n for n, ago in last.items() if ago < _LATELY)
        if last
        else None,
        "months_since_first_contribution": months_ago(life, fund.first)
        if fund and known.tells(PBOC)
        else None,
    }
    listed: Values = {"longest_contribution_run_24m": longest(_within(known.paid, 24))}
    for months in (6, 12, 24):
        listed[f"contribution_months_{months}m"] = len(_within(known.paid, months))
    values |= listed if known.paid else dict.fromkeys(listed)
    for months in (12, 24):
        paid = _within(known.paid, months)
        gaps = max(paid) - min(paid) + 1 - len(paid) if paid else None
        values[f"contribution_gaps_{months}m"] = gaps
    return values


def _within(agos: Iterable[int], months: int) -> set[int]:
    return {ago for ago in agos if ago < months}


def bases(known: Known) -> Values:
    """The base of the pension is the pay of the month; the fund tells its newest alone."""
    life, fund = known.life, known.life.housing_fund
    pay = {months_ago(life, month): fen for month, fen in life.income if fen}
    if not known.tells(SOCIAL_INSURANCE):
        pay = {}
    newest = min(pay, default=None)
    bases = [(newest, pay[newest])] if newest is not None else []
    if fund and known.tells(HOUSING_FUND):
        job = next(job for job in reversed(life.jobs) if job.housing_fund)
        bases.append((months_ago(life, fund.paid_to), job.salary))
    best = min((ago for ago, _ in bases), default=None)
    values: Values = {
        "contribution_base_cny": max((fen for ago, fen in bases if ago == best), default=None)
    }
    for months in (3, 6, 12):
        before = None if newest is None else pay.get(newest + months)
        values[f"contribution_base_change_{months}m"] = (
            10_000 * (pay[newest] - before) // before if newest is not None and before else None
        )
    for months in (12, 24):
        some = {ago: fen for ago, fen in pay.items() if ago < months}
        most, least = max(some.values(), default=0), min(some.values(), default=0)
        values[f"contribution_base_spread_{months}m"] = (
            10_000 * (most - least) // most if len(some) > 1 else None
        )
        mean = sum(some.values()) // len(some) if some else 0
        values[f"contribution_base_slope_{months}m"] = slope(
            [(-ago, 10_000 * fen // mean) for ago, fen in some.items()]
        )
    return values
