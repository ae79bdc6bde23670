"""Dates of birth, compared as far as the less precise of them goes."""

from rapidfuzz.distance import OSA

from gateway.resolve.weighing import Level

Day = tuple[int, int | None, int | None]
"""Year, month, day; whether the calendar has such a day is not asked: people mistype dates."""


def birth_date(ours: Day | None, reported: Day | None) -> Level | None:
    """Two dates of birth; None when one is not known."""
    if ours is None or reported is None:
        return None
    if ours == reported and None not in ours:
        return Level.SAME
    shared = [(a, b) for a, b in zip(ours, reported, strict=True) if None not in (a, b)]
    if all(a == b for a, b in shared):
        return Level.PARTIAL
    if len(shared) < len(ours):
        return Level.DIFFERENT
    if ours[0] == reported[0] and (ours[1], ours[2]) == (reported[2], reported[1]):
        return Level.TRANSPOSED
    slip = OSA.distance(_digits(ours), _digits(reported), score_cutoff=1) == 1
    return Level.MISTYPED if slip or _a_day_apart(ours, reported) else Level.DIFFERENT


def _a_day_apart(ours: Day, reported: Day) -> bool:
    """Within a month: a time zone between two systems makes such dates."""
    return ours[:2] == reported[:2] and abs((ours[2] or 0) - (reported[2] or 0)) == 1


def _digits(day: Day) -> str:
    return f"{day[0]:04d}{day[1] or 0:02d}{day[2] or 0:02d}"
