"""Credit taken from many at once."""

from gateway.creditfile import CreditFile
from gateway.profile import Observed
from gateway.signals.definition import Count, Definition, Seen


class MultiLenderSurge(Definition):
    """Many institutions in `recent_days`, and more than the pace of the `before_days` before."""

    recent_days: Count
    before_days: Count
    recent_lenders: Count
    ratio_percent: Count


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
