"""How old the file is, what was opened and what was closed."""

from collections.abc import Iterable
from datetime import date

from benchmarks.quality.families.reckoning import Values, total
from benchmarks.quality.known import Known
from benchmarks.quality.lines import CARDS, LOANS, Line
from connectors.records import AccountKind, AccountStatus


def borrowed(known: Known) -> list[Line]:
    """A bought debt is not borrowed again."""
    return [line for line in known.lines if line.kind is not AccountKind.COLLECTION]


def age(known: Known) -> Values:
    """Ages in whole months, and what was opened, lent, closed and paid off."""
    lines = known.lines
    live = [_whole_months(known, line.opened) for line in lines if line.open]
    new = [(known.ago(line.opened), line) for line in borrowed(known)]
    done = [known.ago(line.closed) for line in lines if line.closed]
    paid_off = [
        line
        for line in lines
        if line.kind in LOANS and line.status is AccountStatus.CLOSED and line.months
    ]
    values: Values = {
        "age_of_oldest_tradeline_months": _oldest(known, lines),
        "age_of_oldest_cards_months": _oldest(known, [x for x in lines if x.kind in CARDS]),
        "age_of_oldest_loans_months": _oldest(known, [x for x in lines if x.kind in LOANS]),
        "age_of_newest_tradeline_months": min(
            (_whole_months(known, line.opened) for line in lines), default=None
        ),
        "average_age_open_months": sum(live) // len(live) if live else None,
        "loans_paid_off_clean": sum(not any(line.months.values()) for line in paid_off),
    }
    for days in (30, 90, 180, 365):
        values[f"new_tradelines_{days}d"] = sum(ago < days for ago, _ in new)
    for days in (90, 180):
        values[f"new_nonbank_tradelines_{days}d"] = sum(
            ago < days and line.nonbank for ago, line in new
        )
    for days in (90, 365):
        lent = [line.amount for ago, line in new if ago < days and line.limit is None]
        values[f"lent_{days}d_cny"] = total(lent)
    for days in (180, 365):
        values[f"closed_tradelines_{days}d"] = sum(ago < days for ago in done)
        values[f"short_loans_{days}d"] = sum(
            ago < days
            and line.kind in LOANS
            and line.closed is not None
            and (line.closed - line.opened).days <= 120  # noqa: PLR2004 - by definition
            for ago, line in new
        )
    return values


def _oldest(known: Known, lines: Iterable[Line]) -> int | None:
    return max((_whole_months(known, line.opened) for line in lines), default=None)


def _whole_months(known: Known, since: date) -> int:
    today = known.today
    return 12 * (today.year - since.year) + today.month - since.month - (today.day < since.day)
