"""Accounts and applications: what several sources say of one thing, concluded into one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from connectors.money import Money, Month, PartialDate
from connectors.records import (
    AccountKind,
    AccountStatus,
    Annotation,
    CreditAgreement,
    GridMonth,
    InquiryKind,
    LargeInstalment,
    LenderType,
    Liability,
    Metric,
    PaymentStatus,
    Postpaid,
    SpecialEvent,
    SpecialTransaction,
    Statement,
)
from gateway.profile.concluded import (
    Concluded,
    Evidence,
    Given,
    Maybe,
    Several,
    Some,
    Stated,
    made_often,
)
from gateway.profile.relations import Link, Match


@made_often
class MonthRun:
    """Calendar months in a row, both ends included."""

    newest: Month
    oldest: Month


@made_often
class GridTold:
    """Of which months one record tells the status, and of which the amount past due; newest first.

    A month whose status it cannot tell, and another record can, is in neither.
    """

    record: Evidence
    months: Some[MonthRun]
    amounts: Some[MonthRun] = ()


@dataclass(frozen=True, slots=True, repr=False)
class PaymentGrid:
    """Payment history, newest month first, no month twice.

    `told` is there when several records tell it: which of them tells which month.
    """

    months: tuple[GridMonth, ...]
    told: Some[GridTold] = ()


@dataclass(frozen=True, kw_only=True, repr=False)
class ProfileTradeline:
    """One account, from all the records that speak of it.

    `id` is the first of its records, `institution` the lender in our directory (None when it is
    not listed), `as_of` the newest day a record vouches for. The other fields are those of
    `connectors.records.Tradeline`; each source's own references stand side by side. `matches`
    say why several records are one account, `links` where its debt went or came from. Without
    slots, so that `of` costs what is known and not what is not: most fields are absent.
    """

    id: str
    records: tuple[Evidence, ...]
    as_of: date
    kind: Concluded[AccountKind]
    status: Concluded[AccountStatus]
    institution: Given[str] = None
    lender: Maybe[str] = None
    lender_type: Maybe[LenderType] = None
    account_refs: Several[str] = ()
    agreement_refs: Several[str] = ()
    opened: Maybe[PartialDate] = None
    currency: Maybe[str] = None
    product: Maybe[str] = None
    matures: Maybe[PartialDate] = None
    closed: Maybe[PartialDate] = None
    transferred: Maybe[PartialDate] = None
    original_amount: Maybe[Money] = None
    credit_limit: Maybe[Money] = None
    shared_limit: Maybe[Money] = None
    balance: Maybe[Money] = None
    used: Maybe[Money] = None
    unbilled_instalments: Maybe[Money] = None
    average_used_6m: Maybe[Money] = None
    highest_used: Maybe[Money] = None
    payment_due: Maybe[PartialDate] = None
    scheduled_payment: Maybe[Money] = None
    actual_payment: Maybe[Money] = None
    last_payment: Maybe[PartialDate] = None
    last_payment_amount: Maybe[Money] = None
    past_due: Maybe[Money] = None
    overdue_terms: Maybe[int] = None
    past_due_31_60: Maybe[Money] = None
    past_due_61_90: Maybe[Money] = None
    past_due_91_180: Maybe[Money] = None
    past_due_181_plus: Maybe[Money] = None
    five_class: Maybe[str] = None
    payment_status: Maybe[PaymentStatus] = None
    status_at_transfer: Maybe[str] = None
    repayment_method: Maybe[str] = None
    repayment_frequency: Maybe[str] = None
    terms: Maybe[int] = None
    remaining_terms: Maybe[int] = None
    guarantee: Maybe[str] = None
    issuance: Maybe[str] = None
    joint: Maybe[str] = None
    grid: Maybe[PaymentGrid] = None
    transactions: Several[SpecialTransaction] = ()
    events: Several[SpecialEvent] = ()
    instalments: Several[LargeInstalment] = ()
    annotations: Several[Annotation] = ()
    matches: Some[Match] = ()
    links: Some[Link] = ()
    disputed: Some[Evidence] = ()

    @property
    def moved(self) -> bool:
        """Its debt is with another account of the profile now, and must not be counted here."""
        return bool(self.links) and any(link.away for link in self.links)

    @classmethod
    def of(cls, known: Mapping[str, Any]) -> "ProfileTradeline":
        """Make one of the fields that are known; the rest stay at their defaults."""
        line = object.__new__(cls)
        vars(line).update(known)
        return line


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class TradelineSection:
    """Accounts, and what else sources say of the subject's debts.

    `doubts` are pairs of records that may be one account and were left apart, the likeliest
    first: what a person can judge.
    """

    lines: tuple[ProfileTradeline, ...] = ()
    agreements: tuple[Stated[CreditAgreement], ...] = ()
    liabilities: tuple[Stated[Liability], ...] = ()
    postpaid: tuple[Stated[Postpaid], ...] = ()
    statements: tuple[Stated[Statement], ...] = ()
    metrics: tuple[Metric, ...] = ()
    doubts: Some[Match] = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ProfileInquiry:
    """One application or review: what one institution asked on one day, at however many bureaus.

    `on` is as precise as any of the records tells it; others may know the month alone.
    `institution` is None when our directory does not list who asked; `lender` is its name.
    """

    id: str
    on: PartialDate
    kind: InquiryKind
    hard: bool
    rule: str
    records: tuple[Evidence, ...]
    reasons: tuple[str, ...]
    institution: Given[str] = None
    lender: Given[str] = None
    lender_type: Given[LenderType] = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class InquirySection:
    """Who asked for the subject's reports."""

    inquiries: tuple[ProfileInquiry, ...] = ()
    metrics: tuple[Metric, ...] = ()
