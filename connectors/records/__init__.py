"""What a source says, in our words and units. A record is evidence: frozen, never edited.

Every record names its `source`, its `record_id` (unique within the report, stable for the same
bytes) and `as_of`, the day the source vouches for. Amounts are `Money` in minor units, dates
keep their precision, None means the source did not say. Every field is classified in
`consent.vault.fields`; a field that is not stops the test suite.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from connectors.records.accounts import (
    Annotation,
    CreditAgreement,
    GridMonth,
    LargeInstalment,
    Liability,
    Postpaid,
    SpecialEvent,
    SpecialTransaction,
    Tradeline,
)
from connectors.records.behaviour import LoanPurpose, LoanUse, Login, LoginOutcome, ObservedUse
from connectors.records.codes import (
    AccountKind,
    AccountStatus,
    InquiryKind,
    LenderType,
    PaymentStatus,
)
from connectors.records.earnings import Contribution, ContributionMonth, Income, IncomeMonth
from connectors.records.person import Address, Employment, IdDocument, Identity, Phone
from connectors.records.region import RegionIndex, RegionMonth
from connectors.records.standing import (
    BureauScore,
    Inquiry,
    ListHit,
    Metric,
    PublicRecord,
    Statement,
)
from consent.subject import Scope

__all__ = [
    "RECORD_TYPES",
    "AccountKind",
    "AccountStatus",
    "Address",
    "Annotation",
    "BureauScore",
    "Contribution",
    "ContributionMonth",
    "CreditAgreement",
    "Employment",
    "GridMonth",
    "IdDocument",
    "Identity",
    "Income",
    "IncomeMonth",
    "Inquiry",
    "InquiryKind",
    "Issue",
    "IssueKind",
    "LargeInstalment",
    "LenderType",
    "Liability",
    "ListHit",
    "LoanPurpose",
    "LoanUse",
    "Login",
    "LoginOutcome",
    "Metric",
    "NoHit",
    "ObservedUse",
    "PaymentStatus",
    "Phone",
    "Postpaid",
    "PublicRecord",
    "Record",
    "RegionIndex",
    "RegionMonth",
    "Report",
    "SpecialEvent",
    "SpecialTransaction",
    "Statement",
    "Tradeline",
    "scope_of",
]

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
