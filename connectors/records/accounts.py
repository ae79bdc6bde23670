"""Credit: accounts with their months, agreements, what somebody answers for, post-paid bills."""

from dataclasses import dataclass
from datetime import date

from connectors.money import Money, Month, PartialDate
from connectors.records.codes import AccountKind, AccountStatus, LenderType, PaymentStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """A note attached to a record: by the bureau, the furnisher or the subject."""

    kind: str  # dispute | subject_statement | furnisher_note | other
    text: str | None
    added: PartialDate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GridMonth:
    """One month of payment history; `overdue` is what was past due at its end."""

    month: Month
    status: PaymentStatus
    overdue: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialTransaction:
    """Something beyond the schedule: an extension, a payment by the guarantor, a write-down."""

    kind: str
    on: PartialDate | None
    months_shifted: int | None = None
    amount: Money | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialEvent:
    """A mark on one month, for example a large instalment plan granted on a card."""

    kind: str
    month: Month | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LargeInstalment:
    """A large instalment plan inside a card."""

    limit: Money | None
    starts: PartialDate | None
    ends: PartialDate | None
    used: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tradeline:
    """One account as one source saw it on `as_of`.

    `lender` is the institution's code or name as the source writes it (sources use aliases).
    `original_amount` for loans, `credit_limit` for revolving kinds, `past_due` the amount now
    overdue, `overdue_terms` the number of instalments now overdue, `grid` one entry a month,
    newest first, no month twice. Codes keep the source's normalised word (`config/codes`).
    """

    source: str
    record_id: str
    as_of: date
    kind: AccountKind
    status: AccountStatus
    lender: str | None
    lender_type: LenderType | None
    account_ref: str | None
    opened: PartialDate | None
    currency: str | None
    product: str | None = None
    agreement_ref: str | None = None
    matures: PartialDate | None = None
    closed: PartialDate | None = None
    transferred: PartialDate | None = None
    original_amount: Money | None = None
    credit_limit: Money | None = None
    shared_limit: Money | None = None
    balance: Money | None = None
    used: Money | None = None
    unbilled_instalments: Money | None = None
    average_used_6m: Money | None = None
    highest_used: Money | None = None
    payment_due: PartialDate | None = None
    scheduled_payment: Money | None = None
    actual_payment: Money | None = None
    last_payment: PartialDate | None = None
    last_payment_amount: Money | None = None
    past_due: Money | None = None
    overdue_terms: int | None = None
    past_due_31_60: Money | None = None
    past_due_61_90: Money | None = None
    past_due_91_180: Money | None = None
    past_due_181_plus: Money | None = None
    five_class: str | None = None
    payment_status: PaymentStatus | None = None
    status_at_transfer: str | None = None
    repayment_method: str | None = None
    repayment_frequency: str | None = None
    terms: int | None = None
    remaining_terms: int | None = None
    guarantee: str | None = None
    issuance: str | None = None
    joint: str | None = None
    grid: tuple[GridMonth, ...] = ()
    transactions: tuple[SpecialTransaction, ...] = ()
    events: tuple[SpecialEvent, ...] = ()
    instalments: tuple[LargeInstalment, ...] = ()
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditAgreement:
    """A credit line agreed with a lender, under which accounts are opened."""

    source: str
    record_id: str
    as_of: date
    lender: str | None
    lender_type: LenderType | None
    agreement_ref: str | None
    purpose: str | None
    status: str | None
    currency: str | None
    amount: Money | None
    used: Money | None
    limit: Money | None
    effective: PartialDate | None
    expires: PartialDate | None
    limit_ref: str | None = None
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Liability:
    """What the subject owes if somebody else does not pay (guarantee, co-borrowing)."""

    source: str
    record_id: str
    as_of: date
    lender: str | None
    lender_type: LenderType | None
    borrower_category: str | None
    role: str | None
    product: str | None
    opened: PartialDate | None
    matures: PartialDate | None
    currency: str | None
    liability: Money | None
    balance: Money | None
    five_class: str | None
    account_kind: AccountKind | None
    payment_status: PaymentStatus | None
    overdue_months: int | None
    contract_ref: str | None = None
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Postpaid:
    """A post-paid service (telecom, utilities) with its payment history, newest month first."""

    source: str
    record_id: str
    as_of: date
    account_type: str | None
    provider: str | None
    service: str | None
    opened: PartialDate | None
    status: str | None
    arrears: Money | None
    month: Month | None
    grid: tuple[tuple[Month, str], ...] = ()
    annotations: tuple[Annotation, ...] = ()
