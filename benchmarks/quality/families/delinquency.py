"""How late, how often and since when; and which way it goes."""

from collections import Counter
from collections.abc import Iterable, Sequence

from benchmarks.quality.families.age import borrowed
from benchmarks.quality.families.reckoning import Values, change, longest, part, slope
from benchmarks.quality.known import Known
from benchmarks.quality.lines import CARDS, LOANS, PRODUCTS, Line, months_ago
from connectors.money import Month
from connectors.records import AccountKind, AccountStatus


def _late(lines: Iterable[Line], months: int, dpd: int = 1) -> list[tuple[int, int, int]]:
    """(months ago, days, place of the account) of every account month so late in the window."""
    return [
        (ago, days, place)
        for place, line in enumerate(lines)
        for ago, days in line.months.items()
        if ago < months and days >= dpd
    ]


def _known_in(lines: Iterable[Line], months: int) -> bool:
    return any(ago < months for line in lines for ago in line.months)


def delinquency(known: Known) -> Values:
    """Depth, recency and counts of arrears, and accounts that came to a bad end."""
    lines = known.lines
    live = [line for line in lines if line.open]
    states = Counter(line.status for line in lines)
    ever = _late(lines, 10**6)
    values: Values = {
        "overdue_accounts_now": sum(line.late_now for line in live),
        "overdue_credit_cards_now": sum(
            line.late_now for line in live if line.kind is AccountKind.CREDIT_CARD
        ),
        "overdue_mortgages_now": sum(
            line.late_now for line in live if line.product in PRODUCTS["mortgages"]
        ),
        "max_dpd_now": max(
            (line.dpd_now for line in live if line.dpd_now is not None), default=None
        ),
        "early_late_accounts_24m": _late_early(known, 24),
        "overdue_loans_now": sum(line.late_now for line in live if line.kind in LOANS),
        "written_off_accounts": states[AccountStatus.CHARGED_OFF],
        "accounts_in_recovery": states[AccountStatus.IN_COLLECTION],
        "accounts_restricted": states[AccountStatus.SUSPENDED],
        "months_since_last_delinquency": min((ago for ago, _, _ in ever), default=None),
    }
    for dpd in (31, 61, 91):
        deep = (ago for ago, days, _ in ever if days >= dpd)
        values[f"months_since_last_{dpd}plus"] = min(deep, default=None)
    for months in (3, 6, 12, 24, 60):
        values |= _window(lines, months)
    for months in (24, 60):
        values[f"worst_overdue_{months}m_cny"] = _worst_overdue(lines, months)
    for place, dpd in enumerate((31, 61, 91)):
        aged = [fen for line in live for fen in line.aged[place:] if fen is not None]
        values[f"past_due_{dpd}plus_cny"] = sum(aged) if aged else None
    classes = [line.five_class for line in live if line.five_class is not None]
    for name, worse in (("below_normal", 2), ("bad", 3)):
        values[f"loans_classed_{name}"] = sum(c >= worse for c in classes) if classes else None
    return values


def _worst_overdue(lines: Sequence[Line], months: int) -> int | None:
    if not _known_in(lines, months):
        return None
    late = [lines[place].overdue_in.get(ago) for ago, _, place in _late(lines, months)]
    stated = [fen for fen in late if fen is not None]
    return max(stated, default=None if late else 0)


def _late_early(known: Known, months: int) -> int | None:
    """Opened in the window, and a month or more late in one of the first six."""
    opened = [
        (ago, line)
        for line in known.lines
        if line.months and (ago := months_ago(known.life, Month.of(line.opened))) < months
    ]
    if not opened:
        return None
    return sum(
        any(days >= 31 and since - ago < 6 for ago, days in line.months.items())  # noqa: PLR2004
        for since, line in opened
    )


def _window(lines: Sequence[Line], months: int) -> Values:
    """Counts over one window; nothing where no account tells of a month of it."""
    late = {dpd: _late(lines, months, dpd) for dpd in (1, 31, 91)}
    inside = [line for line in lines if _known_in([line], months)]
    clean = [line for line in inside if not _late([line], months)]
    runs = [
        longest({ago for ago, days in line.months.items() if days and ago < months})
        for line in lines
    ]
    values: Values = {
        f"max_dpd_{months}m": _deepest(lines, months),
        f"months_late_1plus_{months}m": len({ago for ago, _, _ in late[1]}),
    }
    if months in _COUNTED:
        for dpd, some in late.items():
            accounts = {place for _, _, place in some}
            values[f"accounts_late_{dpd}plus_{months}m"] = len(accounts)
    if months in _SHARED:
        values[f"late_payments_1plus_{months}m"] = len(late[1])
        values[f"late_payments_31plus_{months}m"] = len(late[31])
        values[f"clean_accounts_share_{months}m"] = part(len(clean), len(inside))
    if months in _RUNS:
        values[f"longest_late_run_{months}m"] = max(runs, default=0)
    if not inside:
        values = dict.fromkeys(values)
    if months == GRID_SHOWN:
        for name, kinds in (("cards", CARDS), ("loans", LOANS)):
            some_lines = [line for line in lines if line.kind in kinds]
            values[f"max_dpd_{name}_{months}m"] = _deepest(some_lines, months)
    return values


_COUNTED, _SHARED, _RUNS, GRID_SHOWN = (6, 12, 24, 60), (12, 24), (24, 60), 24
"""The windows of a catalogue that does not ask everything of each."""


def _deepest(lines: Sequence[Line], months: int) -> int | None:
    if not _known_in(lines, months):
        return None
    return max((days for _, days, _ in _late(lines, months)), default=0)


def trends(known: Known) -> Values:
    """Slopes of arrears, and the newest window beside the one before it."""
    lines = known.lines
    values: Values = {}
    for months in (6, 12, 24):
        told = Counter(ago for line in lines for ago in line.months if ago < months)
        late = Counter(ago for ago, _, _ in _late(lines, months))
        points = [(-ago, 10_000 * late[ago] // told[ago]) for ago in told]
        values[f"late_share_slope_{months}m"] = slope(points)
    for months in (3, 6):
        now = max((days for _, days, _ in _late(lines, months)), default=0)
        before = [days for ago, days, _ in _late(lines, 2 * months) if ago >= months]
        there = any(months <= ago < 2 * months for line in lines for ago in line.months)
        known_both = there and _known_in(lines, months)
        values[f"max_dpd_change_{months}m"] = now - max(before, default=0) if known_both else None
    for days in (90, 180):
        ages = [known.ago(line.opened) for line in borrowed(known)]
        values[f"openings_change_{days}d"] = change(ages, days)
    return values
