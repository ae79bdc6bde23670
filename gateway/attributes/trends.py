"""Which way things go: slopes over months, and the newest stretch against the one before.

A slope is that of the least-squares line through the months that are known, rounded down; above
zero the number rises as time passes. With fewer than three known months there is none.
"""

from collections import Counter

from gateway.attributes.found import Found, Measure, nothing, records, slope_bp
from gateway.creditfile import CreditFile
from gateway.selection import ANY_ACCOUNT, HARD, Asked


def late_share_slope(file: CreditFile, *, months: int) -> Found:
    """Change a month of the part of accounts past due, in basis points of those known."""
    history = file.history[ANY_ACCOUNT]
    late = Counter([one.ago for one in history.late(months)])
    slope = slope_bp(
        [(ago, 10_000 * late.get(ago, 0) // n) for ago, n in history.told.items() if ago < months]
    )
    if slope is None:
        return nothing("no_history")
    return Found(slope, records(history.telling(months)))


def max_dpd_change(file: CreditFile, *, months: int) -> Found:
    """Most days past due in the window less those in the window of equal length before it."""
    history = file.history[ANY_ACCOUNT]
    if history.silent(months) or not any(months <= ago < 2 * months for ago in history.told):
        return nothing("no_history")
    late = history.late(2 * months)
    now = max([one.dpd for one in late if one.ago < months], default=0)
    before = max([one.dpd for one in late if one.ago >= months], default=0)
    return Found(now - before, records({one.line.id: one.line for one in late}.values()))


def inquiries_change(file: CreditFile, *, days: int, of: Asked = HARD) -> Found:
    """Inquiries in the window less those in the window of equal length before it."""
    newer, older = file.asked(days, of=of), file.asked(days, until=days, of=of)
    return Found(len(newer) - len(older), records([*newer, *older]))


def openings_change(file: CreditFile, *, days: int) -> Found:
    """Accounts opened in the window less those in the window of equal length before it."""
    newer, older = file.opened(days), file.opened(days, until=days)
    return Found(len(newer) - len(older), records([*newer, *older]))


MEASURES: tuple[Measure, ...] = (
    late_share_slope,
    max_dpd_change,
    inquiries_change,
    openings_change,
)
