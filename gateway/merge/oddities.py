"""Records that contradict themselves: counted as issues, kept as they are, never repaired."""

from collections.abc import Iterator
from datetime import date

from connectors.records import Inquiry, Issue, IssueKind, Tradeline

_AMOUNTS = ("original_amount", "credit_limit")


def in_tradeline(record: Tradeline, today: date) -> Iterator[Issue]:
    """Closed before opened, opened in the future, a limit below zero."""
    opened, closed = record.opened, record.closed
    if opened and closed and closed.latest() < opened.earliest():
        yield _odd(record.source, "tradelines.closed", "before the opening date")
    if opened and opened.earliest() > today:
        yield _odd(record.source, "tradelines.opened", "in the future")
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
