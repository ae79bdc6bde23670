"""Records that contradict themselves: counted as issues, kept as they are, never repaired."""

from collections.abc import Iterator
from datetime import date
from itertools import product

from connectors.money import Money, Month, PartialDate
from connectors.records import (
    AccountKind,
    Contribution,
    Identity,
    Income,
    Inquiry,
    Issue,
    IssueKind,
    PublicRecord,
    Report,
    Tradeline,
    scope_of,
)

_OVERPAID = frozenset(
    product(("balance", "used"), (AccountKind.CREDIT_CARD, AccountKind.QUASI_CREDIT_CARD))
)
"""Cards may hold the subject's own money; nobody pays more on a loan than is owed."""


def in_tradeline(record: Tradeline, today: date) -> Iterator[Issue]:
    """Closed before opened, something done in the future, an amount below zero."""
    opened, closed, transferred = record.opened, record.closed, record.transferred
    if opened is not None:
        for name, day in (
            ("closed", closed), ("transferred", transferred), ("matures", record.matures),
        ):  # fmt: skip
            if day is not None and day.year <= opened.year and _before(day, opened):
                yield _odd(record.source, f"tradelines.{name}", "before the opening date")
    this_year = today.year
    for name, day in (
        ("opened", opened), ("closed", closed), ("transferred", transferred),
        ("last_payment", record.last_payment),
    ):  # fmt: skip
        if day is not None and day.year >= this_year and _ahead(day, today):
            yield _odd(record.source, f"tradelines.{name}", _FUTURE)
    if record.grid and _later(record.grid[0].month, today):
        yield _odd(record.source, "tradelines.grid", _FUTURE)
    for name, amount in (
        ("original_amount", record.original_amount), ("credit_limit", record.credit_limit),
        ("past_due", record.past_due), ("scheduled_payment", record.scheduled_payment),
        ("balance", record.balance), ("used", record.used),
    ):  # fmt: skip
        if amount is not None and amount.minor < 0 and (name, record.kind) not in _OVERPAID:
            yield _odd(record.source, f"tradelines.{name}", _BELOW_ZERO)


def in_inquiry(record: Inquiry, today: date) -> Iterator[Issue]:
    """Asked in the future."""
    if _ahead(record.on, today):
        yield _odd(record.source, "inquiries.on", _FUTURE)


def in_public_record(record: PublicRecord, today: date) -> Iterator[Issue]:
    """Filed in the future, ended before it was filed, an amount below zero.

    A penalty or a licence may end in the future.
    """
    if _ahead(record.filed, today):
        yield _odd(record.source, "public_records.filed", _FUTURE)
    if _before(record.ended, record.filed):
        yield _odd(record.source, "public_records.ended", "before the filing date")
    for name in ("amount", "outcome_amount"):
        if _negative(getattr(record, name)):
            yield _odd(record.source, f"public_records.{name}", _BELOW_ZERO)


def in_identity(record: Identity, today: date) -> Iterator[Issue]:
    """Born in the future."""
    if _ahead(record.birth_date, today):
        yield _odd(record.source, "identity.birth_date", _FUTURE)


def in_report(report: Report, today: date) -> Iterator[Issue]:
    """Vouched for as of a day to come, whatever it is; and whom it is about.

    Also of a report that is set aside: an absurd birth date may be why.
    """
    for record in report.records:
        if record.as_of > today:
            yield _odd(record.source, f"{scope_of(record).value}.as_of", _FUTURE)
        if isinstance(record, Identity):
            yield from in_identity(record, today)


def in_contribution(record: Contribution, today: date) -> Iterator[Issue]:
    """Paid for months to come, enrolled in the future, an amount below zero."""
    if _ahead(record.enrolled, today):
        yield _odd(record.source, "contributions.enrolled", _FUTURE)
    newest = record.months[0].month if record.months else None
    for name, month in (
        ("first_paid", record.first_paid),
        ("paid_to", record.paid_to),
        ("months", newest),
    ):
        if month and _later(month, today):
            yield _odd(record.source, f"contributions.{name}", _FUTURE)
    for name in ("monthly_amount", "base"):
        if _negative(getattr(record, name)):
            yield _odd(record.source, f"contributions.{name}", _BELOW_ZERO)


def in_income(record: Income, today: date) -> Iterator[Issue]:
    """Earned in months to come, or less than nothing."""
    if record.months and _later(record.months[0].month, today):
        yield _odd(record.source, "incomes.months", _FUTURE)
    if any(_negative(entry.amount) for entry in record.months):
        yield _odd(record.source, "incomes.months", _BELOW_ZERO)


_FUTURE = "in the future"
_BELOW_ZERO = "below zero"


def _ahead(day: PartialDate | None, today: date) -> bool:
    return day is not None and day.year >= today.year and day.earliest() > today


def _later(month: Month, today: date) -> bool:
    return (month.year, month.month) > (today.year, today.month)


def _before(day: PartialDate | None, start: PartialDate | None) -> bool:
    if day is None or start is None or day.year > start.year:
        return False
    return day.latest() < start.earliest()


def _negative(amount: Money | None) -> bool:
    return amount is not None and amount.minor < 0


def _odd(source: str, where: str, what: str) -> Issue:
    return Issue(source, IssueKind.CONTRADICTION, where, what)
