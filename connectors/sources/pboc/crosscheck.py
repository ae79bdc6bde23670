"""The bureau's summaries, counted again from the details of the same report.

A difference is not ours to settle: both stay, and an issue names the tag of the summary. Where
CCRC has not published how it counts (whether today's inquiry is in, what a month is), the
details give a range and only a number outside it is a difference. Averages, limits shared by
cards and the counts of overdue months are left alone: their rules are not public at all.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from connectors.money import Money
from connectors.records import (
    AccountKind,
    AccountStatus,
    Inquiry,
    IssueKind,
    Liability,
    Metric,
    PaymentStatus,
    Postpaid,
    PublicRecord,
    Record,
    Tradeline,
)
from connectors.sources.pboc.issues import Issues
from consent.subject import Scope

Bounds = tuple[int, int]
"""Lowest and highest number the details allow, both included."""

_SETTLED = frozenset({AccountStatus.CLOSED, AccountStatus.TRANSFERRED, AccountStatus.CHARGED_OFF})
_DOUBTFUL = frozenset({AccountStatus.UNKNOWN, AccountStatus.NOT_ACTIVATED})
_LATE = frozenset(status for status in PaymentStatus if (status.dpd or 0) > 0)
_WINDOWS = {"m1": (28, 31), "m24": (729, 732)}  # days surely inside, days perhaps inside
_REASONS = {
    "lenders_loan_approval": "loan_approval",
    "lenders_card_approval": "card_approval",
    "inquiries_loan_approval": "loan_approval",
    "inquiries_card_approval": "card_approval",
    "inquiries_post_loan_management": "post_loan_management",
    "inquiries_guarantee_qualification": "guarantee_qualification",
    "inquiries_merchant_identity_check": "merchant_identity_check",
}


def crosscheck(records: Iterable[Record], today: date, issues: Issues) -> None:
    """Count an issue for every metric that the records of its own report contradict."""
    details = _Details(today)
    stated: list[Metric] = []
    for record in records:
        match record:
            case Metric():
                stated.append(record)
            case Tradeline():
                details.accounts.append(record)
            case Inquiry():
                details.inquiries.append(record)
            case Liability():
                details.liabilities.append(record)
            case Postpaid():
                details.postpaid.append(record)
            case PublicRecord():
                details.public.append(record)
            case _:
                pass
    for metric in stated:
        bounds = details.bounds(metric)
        if bounds is not None and not bounds[0] <= metric.value <= bounds[1]:
            tag = metric.record_id.rpartition("/")[2]
            issues.add(IssueKind.CONTRADICTION, tag, "the records of the report say otherwise")


@dataclass(slots=True)
class _Details:
    """The records of one report that its summaries are about."""

    today: date
    accounts: list[Tradeline] = field(default_factory=list)
    inquiries: list[Inquiry] = field(default_factory=list)
    liabilities: list[Liability] = field(default_factory=list)
    postpaid: list[Postpaid] = field(default_factory=list)
    public: list[PublicRecord] = field(default_factory=list)

    def bounds(self, metric: Metric) -> Bounds | None:
        """What the details say about `metric`; None when they cannot say."""
        if metric.scope is Scope.INQUIRIES:
            return self._asked(metric)
        if metric.scope is Scope.PUBLIC_RECORDS:
            found = [r.amount for r in self.public if r.kind == metric.segment]
            return _number_or_sum(metric, found)
        for kind in AccountKind:
            if metric.name.startswith(f"{kind}_"):
                return self._outstanding(kind, metric.name.removeprefix(f"{kind}_"))
        if metric.name.startswith("postpaid_arrears"):
            return self._unpaid(metric)
        if metric.name == "liability_accounts":
            return self._liable(metric.segment)
        return self._accounts(metric)

    def _accounts(self, metric: Metric) -> Bounds | None:
        match metric.name:
            case "accounts":  # whether collection accounts count is not published
                collected = sum(a.kind is AccountKind.COLLECTION for a in self.accounts)
                return len(self.accounts) - collected, len(self.accounts)
            case "overdue_accounts":
                late = sum(_was_late(a, metric.segment) for a in self.accounts)
                return late, late
            case "recovery_accounts" | "recovery_balance":
                status = AccountStatus.IN_COLLECTION
            case "bad_debt_accounts" | "bad_debt_balance":
                status = AccountStatus.CHARGED_OFF
            case _:
                return None
        return _number_or_sum(metric, [a.balance for a in self.accounts if a.status is status])

    def _unpaid(self, metric: Metric) -> Bounds | None:
        """Post-paid services in arrears."""
        found = [
            service.arrears
            for service in self.postpaid
            if service.account_type == metric.segment and service.status == "in_arrears"
        ]
        return _number_or_sum(metric, found)

    def _outstanding(self, kind: AccountKind, what: str) -> Bounds | None:
        """Accounts of one kind that are neither closed nor bad debts."""
        found = [a for a in self.accounts if a.kind is kind and a.status not in _SETTLED]
        if any(a.status in _DOUBTFUL for a in found):
            return None
        if what == "accounts":
            return len(found), len(found)
        if what == "lenders":
            lenders = len({a.lender for a in found})
            return lenders, lenders
        return _sum([a.balance for a in found]) if what == "balance" else None

    def _asked(self, metric: Metric) -> Bounds | None:
        """Inquiries for one reason: those surely inside the window, and those perhaps."""
        reason = _REASONS.get(metric.name)
        if reason is None:
            return None
        surely, perhaps = _WINDOWS[metric.window]
        inside, maybe = [], []
        for inquiry in self.inquiries:
            oldest = (self.today - inquiry.on.earliest()).days
            newest = (self.today - inquiry.on.latest()).days
            if inquiry.reason == reason and newest > 0 and oldest < surely:
                inside.append(inquiry)
            if inquiry.reason in (reason, "unknown") and newest <= perhaps:
                maybe.append(inquiry)
        if metric.name.startswith("lenders"):
            return len({i.institution for i in inside}), len({i.institution for i in maybe})
        return len(inside), len(maybe)

    def _liable(self, segment: str) -> Bounds | None:
        if any(r.borrower_category is None or r.role is None for r in self.liabilities):
            return None
        who, _, what = segment.partition("/")
        found = [r.role == "guarantor" for r in self.liabilities if r.borrower_category == who]
        number = found.count(what == "guarantee")
        return number, number


def _was_late(account: Tradeline, kind: str) -> bool:
    return account.kind == kind and any(cell.status in _LATE for cell in account.grid)


def _number_or_sum(metric: Metric, amounts: Sequence[Money | None]) -> Bounds | None:
    return (len(amounts), len(amounts)) if metric.unit == "count" else _sum(amounts)


def _sum(amounts: Sequence[Money | None]) -> Bounds | None:
    """The sum in fen; None when one is not said or in another currency than yuan."""
    total = 0
    for amount in amounts:
        if amount is None or amount.currency != "CNY":
            return None
        total += amount.minor
    return total, total
