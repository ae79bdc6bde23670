"""What a source says, in our words and units. A record is evidence: frozen, never edited.

Every record names its `source`, its `record_id` (unique within the report, stable for the same
bytes) and `as_of`, the day the source vouches for. Amounts are `Money` in minor units, dates
keep their precision, None means the source did not say. Every field is classified in
`consent.vault.fields`; a field that is not stops the test suite.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from connectors.money import Money, Month, PartialDate
from consent.subject import Scope


class AccountKind(StrEnum):
    """What sort of credit an account is."""

    INSTALMENT_LOAN = "instalment_loan"
    REVOLVING_LOAN = "revolving_loan"
    REVOLVING_SUBACCOUNT = "revolving_subaccount"
    CREDIT_CARD = "credit_card"
    QUASI_CREDIT_CARD = "quasi_credit_card"
    COLLECTION = "collection"


class AccountStatus(StrEnum):
    """How an account stands, across all kinds."""

    CURRENT = "current"
    OVERDUE = "overdue"
    CLOSED = "closed"
    CHARGED_OFF = "charged_off"
    TRANSFERRED = "transferred"
    COLLATERAL_SHORTFALL = "collateral_shortfall"
    FORCED_LIQUIDATION = "forced_liquidation"
    LEGAL_RECOVERY = "legal_recovery"
    FROZEN = "frozen"
    SUSPENDED = "suspended"
    NOT_ACTIVATED = "not_activated"
    IN_COLLECTION = "in_collection"
    UNKNOWN = "unknown"  # the source's code is not in our tables; an issue names it

    @property
    def open(self) -> bool:
        """The account can still owe or be drawn on."""
        return self not in {AccountStatus.CLOSED, AccountStatus.TRANSFERRED}


class PaymentStatus(StrEnum):
    """One month of a payment grid."""

    NOT_YET_OPEN = "not_yet_open"
    NOTHING_DUE = "nothing_due"
    NO_BILL = "no_bill"
    CURRENT = "current"
    LATE_WITHIN_MONTH = "late_within_month"
    DPD_1_30 = "dpd_1_30"
    DPD_31_60 = "dpd_31_60"
    DPD_61_90 = "dpd_61_90"
    DPD_91_120 = "dpd_91_120"
    DPD_121_150 = "dpd_121_150"
    DPD_151_180 = "dpd_151_180"
    DPD_181_PLUS = "dpd_181_plus"
    CHARGED_OFF = "charged_off"
    GUARANTOR_PAID = "guarantor_paid"
    ASSET_FOR_DEBT = "asset_for_debt"
    CLOSED = "closed"
    ENDED = "ended"
    UNKNOWN = "unknown"

    @property
    def dpd(self) -> int | None:
        """Days past due, lower end of the band; 0 when on time, None when it says nothing.

        A charged-off month counts as 181: the debt was given up as uncollectable.
        """
        return _DPD.get(self)


_DPD = {
    PaymentStatus.NOTHING_DUE: 0,
    PaymentStatus.NO_BILL: 0,
    PaymentStatus.CURRENT: 0,
    PaymentStatus.LATE_WITHIN_MONTH: 0,
    PaymentStatus.DPD_1_30: 1,
    PaymentStatus.DPD_31_60: 31,
    PaymentStatus.DPD_61_90: 61,
    PaymentStatus.DPD_91_120: 91,
    PaymentStatus.DPD_121_150: 121,
    PaymentStatus.DPD_151_180: 151,
    PaymentStatus.DPD_181_PLUS: 181,
    PaymentStatus.CHARGED_OFF: 181,
    PaymentStatus.GUARANTOR_PAID: 0,
    PaymentStatus.ASSET_FOR_DEBT: 0,
    PaymentStatus.CLOSED: 0,
    PaymentStatus.ENDED: 0,
}


class LenderType(StrEnum):
    """What sort of institution lends or asks; names the family, not the firm."""

    BANK = "bank"
    CONSUMER_FINANCE = "consumer_finance"
    MICROLENDER = "microlender"
    AUTO_FINANCE = "auto_finance"
    LEASING = "leasing"
    TRUST = "trust"
    GUARANTOR = "guarantor"
    HOUSING_FUND = "housing_fund"
    INSURER = "insurer"
    SECURITIES = "securities"
    ASSET_MANAGER = "asset_manager"
    FACTORING = "factoring"
    FINANCE_COMPANY = "finance_company"
    OTHER = "other"


class InquiryKind(StrEnum):
    """Why a report was asked for. Hard ones are caused by the subject applying for credit."""

    LOAN_APPLICATION = "loan_application"
    CARD_APPLICATION = "card_application"
    GUARANTEE_REVIEW = "guarantee_review"
    FINANCING_REVIEW = "financing_review"
    LIMIT_REVIEW = "limit_review"
    ACCOUNT_REVIEW = "account_review"
    SELF = "self"
    OTHER = "other"

    @property
    def hard(self) -> bool:
        """It follows an application for credit."""
        return self in _HARD


_HARD = frozenset(
    {
        InquiryKind.LOAN_APPLICATION,
        InquiryKind.CARD_APPLICATION,
        InquiryKind.GUARANTEE_REVIEW,
        InquiryKind.FINANCING_REVIEW,
        InquiryKind.LIMIT_REVIEW,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdDocument:
    """A document of identity. `type` is `CN_RIC`, `PASSPORT` ... as in `consent.identity`."""

    type: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """A note attached to a record: by the bureau, the furnisher or the subject."""

    kind: str  # dispute | subject_statement | furnisher_note | other
    text: str | None
    added: PartialDate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who the source says the report is about."""

    source: str
    record_id: str
    as_of: date
    name: str | None
    documents: tuple[IdDocument, ...]
    birth_date: PartialDate | None = None
    sex: str | None = None  # male | female | unknown
    nationality: str | None = None
    education: str | None = None
    degree: str | None = None
    employment_status: str | None = None
    email: str | None = None
    mailing_address: str | None = None
    registered_address: str | None = None
    marital_status: str | None = None
    spouse_name: str | None = None
    spouse_document: IdDocument | None = None
    spouse_employer: str | None = None
    spouse_phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """A telephone number of the subject, as the source writes it."""

    source: str
    record_id: str
    as_of: date
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where the subject lives or lived."""

    source: str
    record_id: str
    as_of: date
    text: str
    status: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Employment:
    """Where the subject works or worked."""

    source: str
    record_id: str
    as_of: date
    employer: str | None
    employer_kind: str | None = None
    industry: str | None = None
    address: str | None = None
    phone: str | None = None
    occupation: str | None = None
    position: str | None = None
    title: str | None = None
    status: str | None = None
    since_year: PartialDate | None = None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """Somebody asked for the subject's report."""

    source: str
    record_id: str
    as_of: date
    on: PartialDate
    kind: InquiryKind
    reason: str
    institution: str | None
    institution_type: LenderType | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicRecord:
    """A court, tax, penalty, relief, licence or award record.

    `details` are the facts only its kind has, as (name, text): `region`, `claim`, `employer` ...
    """

    source: str
    record_id: str
    as_of: date
    kind: str  # tax_arrears | civil_judgment | enforcement | penalty | relief | licence | award
    authority: str | None
    subject_matter: str | None
    amount: Money | None
    filed: PartialDate | None
    ended: PartialDate | None
    status: str | None
    outcome: str | None = None
    outcome_amount: Money | None = None
    details: tuple[tuple[str, str], ...] = ()
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContributionMonth:
    """One month contributions came in for; `paid` by employer and subject together."""

    month: Month
    paid: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """Housing fund or social insurance paid for the subject.

    `months` are the months the source lists as paid, newest first, none twice; empty when it
    lists none. What a contribution is assessed on tells the income, so it is an `Income`.
    """

    source: str
    record_id: str
    as_of: date
    kind: str  # housing_fund | pension | unemployment | work_injury
    status: str | None  # paying | suspended | closed | none
    employer: str | None
    region: str | None
    enrolled: PartialDate | None
    first_paid: Month | None
    paid_to: Month | None
    monthly_amount: Money | None
    base: Money | None = None
    employer_rate: str | None = None
    personal_rate: str | None = None
    annotations: tuple[Annotation, ...] = ()
    months: tuple[ContributionMonth, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomeMonth:
    """What somebody earned in one month, as far as `Income.told_by` can tell."""

    month: Month
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Income:
    """Monthly income, told by the base that contributions of kind `told_by` are assessed on.

    A base is bounded by law from below and above and follows a change of pay late: it is
    evidence of an income, not the income. `months` newest first, none twice.
    """

    source: str
    record_id: str
    as_of: date
    told_by: str  # housing_fund | pension | unemployment | work_injury
    months: tuple[IncomeMonth, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListHit:
    """The subject stands on a warning list some party keeps; what for is that party's word."""

    source: str
    record_id: str
    as_of: date
    list_kind: str  # black | grey | special
    reason: str | None
    matched_on: str | None  # id | cell | email
    description: str | None = None
    kept_by: str | None = None  # the class of institution: bank, nbank.mc, phone


@dataclass(frozen=True, slots=True, kw_only=True)
class BureauScore:
    """A score the source computed itself; never merged with another's."""

    source: str
    record_id: str
    as_of: date
    product: str
    value: int | None
    percentile: int | None
    factors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A count or sum the source computed over records we do not see, kept per source.

    `window` is `d7`, `m3`, `all`, `fst` ...; `key` what the source matched on (`id`, `cell`,
    `account`); `segment` the slice of lenders or accounts. Metrics of two sources overlap and
    are never added (design consequence 6 of rules_cn).
    """

    source: str
    record_id: str
    as_of: date
    scope: Scope
    name: str
    window: str
    value: int
    unit: str  # count | count_hundredths | fen | days | months | degree | code | unknown
    key: str = ""
    segment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A remark on the whole report or an object in it, by the subject or the bureau."""

    source: str
    record_id: str
    as_of: date
    object_type: str | None
    object_id: str | None
    annotations: tuple[Annotation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionMonth:
    """How risky lending in a region was in one month: 0 to 100, more is riskier."""

    month: Month
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionIndex:
    """The risk of lending in a region, month by month: about a region, not about a person.

    `region` is a GB/T 2260 code, `chosen_by` what ties the subject to it: `id_number`, the region
    inside their identity number. `months` newest first, none twice.
    """

    source: str
    record_id: str
    as_of: date
    region: str
    chosen_by: str
    months: tuple[RegionMonth, ...]


class LoginOutcome(StrEnum):
    """How an attempt to log in ended."""

    SUCCESS = "success"
    FAILURE = "failure"  # wrong password, code or face
    BLOCKED = "blocked"  # refused by a rule of the platform, whatever was entered


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """One attempt to log in to the lender's own platform, at the instant `at` (aware UTC).

    `event` is what the platform calls it and `device` its opaque name of the device, `region` the
    GB/T 2260 code of a province or prefecture, `as_of` the day it was in China.
    """

    source: str
    record_id: str
    as_of: date
    event: str
    at: datetime
    outcome: LoginOutcome
    method: str
    device: str | None = None
    region: str | None = None


class LoanUse(StrEnum):
    """What a loan is for: as the subject declares it, or as its payments show."""

    CONSUMPTION = "consumption"
    EDUCATION = "education"
    MEDICAL = "medical"
    TRAVEL = "travel"
    RENOVATION = "renovation"
    VEHICLE = "vehicle"
    BUSINESS = "business"
    DEBT_REPAYMENT = "debt_repayment"
    PROPERTY = "property"  # buying a home, its down payment, repaying a mortgage
    SECURITIES = "securities"  # stocks and bonds
    DERIVATIVES = "derivatives"  # futures, options
    ASSET_MANAGEMENT = "asset_management"  # funds, wealth and asset management products
    EQUITY = "equity"  # a share in a company
    FIXED_ASSETS = "fixed_assets"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedUse:
    """Loan money was seen to go to such a use on a day; told by the category of the payee."""

    on: date
    use: LoanUse
    amount: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanPurpose:
    """What the subject said a loan of the lender is for, and where its money was seen to go.

    `event`, `application` and `account_ref` are the lender's own numbers; `observed` newest first.
    """

    source: str
    record_id: str
    as_of: date
    event: str
    declared_on: date
    declared: LoanUse
    application: str | None = None
    account_ref: str | None = None
    amount: Money | None = None
    observed: tuple[ObservedUse, ...] = ()


Record = (
    Identity
    | Phone
    | Address
    | Employment
    | Tradeline
    | CreditAgreement
    | Liability
    | Postpaid
    | Inquiry
    | PublicRecord
    | Contribution
    | Income
    | ListHit
    | BureauScore
    | Metric
    | Statement
    | Login
    | LoanPurpose
    | RegionIndex
)

RECORD_TYPES: tuple[type[Record], ...] = (
    Identity, Phone, Address, Employment, Tradeline, CreditAgreement, Liability, Postpaid,
    Inquiry, PublicRecord, Contribution, Income, ListHit, BureauScore, Metric, Statement,
    Login, LoanPurpose,
    RegionIndex,
)  # fmt: skip


_SCOPES: Mapping[type[Record], Scope] = MappingProxyType(
    {
        Identity: Scope.IDENTITY,
        Phone: Scope.IDENTITY,
        Address: Scope.IDENTITY,
        Employment: Scope.IDENTITY,
        Tradeline: Scope.TRADELINES,
        CreditAgreement: Scope.TRADELINES,
        Liability: Scope.TRADELINES,
        Postpaid: Scope.TRADELINES,
        Statement: Scope.TRADELINES,
        Inquiry: Scope.INQUIRIES,
        PublicRecord: Scope.PUBLIC_RECORDS,
        Contribution: Scope.CONTRIBUTIONS,
        Income: Scope.INCOME_AND_ASSETS,
        ListHit: Scope.BEHAVIOUR,
        BureauScore: Scope.SCORES,
        Login: Scope.BEHAVIOUR,
        LoanPurpose: Scope.BEHAVIOUR,
        RegionIndex: Scope.REGION,
    }
)


def scope_of(record: Record) -> Scope:
    """The scope a record falls under; what the subject did not grant is not kept."""
    return record.scope if isinstance(record, Metric) else _SCOPES[type(record)]


class IssueKind(StrEnum):
    """What was odd about a payload without making it unreadable."""

    UNKNOWN_TAG = "unknown_tag"
    UNKNOWN_CODE = "unknown_code"
    BAD_VALUE = "bad_value"
    MISSING = "missing"
    DUPLICATE = "duplicate"
    CONTRADICTION = "contradiction"
    OUT_OF_SCOPE = "out_of_scope"
    FORBIDDEN = "forbidden"


@dataclass(frozen=True, slots=True, order=True)
class Issue:
    """A counted data-quality issue. `where` is a tag or path, `what` a class of value.

    Free of personal data: `what` says `3 digits` or `code '9Z'` (a code is not a person's), never
    a name, number or text of the payload.
    """

    source: str
    kind: IssueKind
    where: str
    what: str
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a source answered, read. `as_of` is the instant the source made it."""

    source: str
    report_id: str
    as_of: datetime
    version: str
    records: tuple[Record, ...]
    issues: tuple[Issue, ...] = ()
    partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NoHit:
    """The source answered and has no file on the subject. Not an error, not a good sign."""

    source: str
    as_of: datetime
