"""Which way things go: slopes over months, and the newest stretch against the one before.

A slope is that of the least-squares line through the months that are known, rounded down; above
zero the number rises as time passes. With fewer than three known months there is none.
"""

from gateway.attributes.found import Found, Measure, late_records, nothing, records, slope_bp
from gateway.creditfile import CreditFile
from gateway.selection import ANY_ACCOUNT, HARD, Asked


def late_share_slope(file: CreditFile, *, months: int) -> Found:
    """Change a month of the part of accounts past due, in basis points of those known."""
    shares = file.history[ANY_ACCOUNT].late_shares
    slope = slope_bp([point for point in shares if point[0] < months])
    if slope is None:
        return nothing("no_history")
    return Found(slope, file.window[ANY_ACCOUNT, months].telling)


def max_dpd_change(file: CreditFile, *, months: int) -> Found:
    """Most days past due in the window less those in the window of equal length before it."""
    told = file.history[ANY_ACCOUNT].told
    newer = [ago < months for ago in told if ago < 2 * months]
    if all(newer) or not any(newer):
        return nothing("no_history")
    late = file.window[ANY_ACCOUNT, 2 * months].late
    now = max([one.dpd for one in late if one.ago < months], default=0)
    before = max([one.dpd for one in late if one.ago >= months], default=0)
    return Found(now - before, late_records(late))


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
