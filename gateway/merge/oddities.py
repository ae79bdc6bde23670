"""Records that contradict themselves: counted as issues, kept as they are, never repaired."""

from collections.abc import Iterator
from datetime import date

from connectors.records import Inquiry, Issue, IssueKind, Tradeline

_AMOUNTS = ("original_amount", "credit_limit", "past_due")
_PAST = ("opened", "closed", "transferred", "last_payment")
_AFTER_OPENING = ("closed", "transferred", "matures")


def in_tradeline(record: Tradeline, today: date) -> Iterator[Issue]:
    """Closed before opened, something done in the future, a limit below zero."""
    opened = record.opened
    for name in _AFTER_OPENING:
        day = getattr(record, name)
        if opened and day and day.latest() < opened.earliest():
            yield _odd(record.source, f"tradelines.{name}", "before the opening date")
    for name in _PAST:
        day = getattr(record, name)
        if day and day.earliest() > today:
            yield _odd(record.source, f"tradelines.{name}", "in the future")
    if record.grid and (record.grid[0].month.year, record.grid[0].month.month) > (
        today.year,
        today.month,
    ):
        yield _odd(record.source, "tradelines.grid", "in the future")
    for name in _AMOUNTS:
        amount = getattr(record, name)
        if amount is not None and amount.minor < 0:
            yield _odd(record.source, f"tradelines.{name}", "below zero")


def in_inquiry(record: Inquiry, today: date) -> Iterator[Issue]:
    """Asked in the future."""
    if record.on.earliest() > today:
        yield _odd(record.source, "inquiries.on", "in the future")


def _odd(source: str, where: str, what: str) -> Issue:
    return Issue(source, IssueKind.CONTRADICTION, where, what)
