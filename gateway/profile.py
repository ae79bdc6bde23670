"""What we conclude about a subject: each value, the rule that chose it, and its evidence.

A profile is sections. Those named like a scope hold what that scope covers and stand alone under
its key; `attributes`, `signals` and `conflicts` rest on several and name the scopes of each item,
`sources` and `issues` say how the profile came about. Identity data stands in `identity` only.
There are no floats; amounts are `Money`, dates keep their precision, and None is left out of the
JSON form, whose schema pydantic derives from these very classes.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import orjson
from pydantic import TypeAdapter

from connectors.money import Money, PartialDate
from connectors.records import (
    AccountKind,
    AccountStatus,
    Address,
    Annotation,
    BureauScore,
    Contribution,
    CreditAgreement,
    Employment,
    GridMonth,
    IdDocument,
    Income,
    InquiryKind,
    Issue,
    LargeInstalment,
    LenderType,
    Liability,
    ListHit,
    LoanPurpose,
    Login,
    Metric,
    PaymentStatus,
    Postpaid,
    PublicRecord,
    RegionIndex,
    Report,
    SpecialEvent,
    SpecialTransaction,
    Statement,
)
from consent import canonical
from consent.subject import Scope
from gateway.concluded import Concluded, Evidence, Given, Maybe, Several, Some, Stated
from gateway.relations import Link, Match


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class IdentitySection:
    """Who the sources say the subject is."""

    name: Maybe[str] = None
    documents: Several[IdDocument] = ()
    birth_date: Maybe[PartialDate] = None
    sex: Maybe[str] = None
    nationality: Maybe[str] = None
    education: Maybe[str] = None
    degree: Maybe[str] = None
    employment_status: Maybe[str] = None
    email: Maybe[str] = None
    mailing_address: Maybe[str] = None
    registered_address: Maybe[str] = None
    marital_status: Maybe[str] = None
    spouse_name: Maybe[str] = None
    spouse_document: Maybe[IdDocument] = None
    spouse_employer: Maybe[str] = None
    spouse_phone: Maybe[str] = None
    phones: Several[str] = ()
    addresses: tuple[Stated[Address], ...] = ()
    employments: tuple[Stated[Employment], ...] = ()
    metrics: tuple[Metric, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class PaymentGrid:
    """Payment history, newest month first, no month twice."""

    months: tuple[GridMonth, ...]


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
        return any(link.away for link in self.links)

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


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PublicRecordSection:
    """Court, tax, penalty, relief, licence and award records."""

    records: tuple[Stated[PublicRecord], ...] = ()
    metrics: tuple[Metric, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ScoreSection:
    """Scores, each its source's own; never combined."""

    scores: tuple[Stated[BureauScore], ...] = ()
    metrics: tuple[Metric, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ContributionSection:
    """Housing fund and social insurance."""

    contributions: tuple[Stated[Contribution], ...] = ()
    metrics: tuple[Metric, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class IncomeSection:
    """What the subject earns and owns."""

    incomes: tuple[Stated[Income], ...] = ()
    metrics: tuple[Metric, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class BehaviourSection:
    """Warning lists, what the lender's own systems saw, and what sources counted, per source."""

    hits: tuple[Stated[ListHit], ...] = ()
    logins: tuple[Stated[Login], ...] = ()
    purposes: tuple[Stated[LoanPurpose], ...] = ()
    metrics: tuple[Metric, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class RegionSection:
    """How risky lending is where the subject is from; no fact about the person."""

    indexes: tuple[Stated[RegionIndex], ...] = ()
    metrics: tuple[Metric, ...] = ()


@dataclass(frozen=True, slots=True, init=False)
class AttributeValue:
    """A named, versioned feature. `value` is None when it has no meaning here; `missing` says why.

    `unit` is count, days, months, bp (1/10000) or the minor unit of a currency, such as CNY.
    `basis` is the id of what it rests on, among the `bases` of the section; absent when it rests
    on no record (a count of nothing). `lacking` are the sources that were asked for these scopes
    and brought no report to count.
    """

    name: str
    value: int | None = field(repr=False)
    unit: str
    scopes: tuple[Scope, ...]
    basis: Given[str] = None
    missing: Given[str] = None
    lacking: Some[str] = ()

    def __init__(
        self,
        *,
        name: str,
        value: int | None,
        unit: str,
        scopes: tuple[Scope, ...],
        basis: str | None = None,
        missing: str | None = None,
        lacking: tuple[str, ...] = (),
    ) -> None:
        # The slots' own setters, as in `Concluded`: there is one of these for each attribute.
        _set_name(self, name)
        _set_value(self, value)
        _set_unit(self, unit)
        _set_scopes(self, scopes)
        _set_basis(self, basis)
        _set_missing(self, missing)
        _set_lacking(self, lacking)


_set_name, _set_value, _set_unit, _set_scopes, _set_basis, _set_missing, _set_lacking = (
    vars(AttributeValue)[name].__set__
    for name in ("name", "value", "unit", "scopes", "basis", "missing", "lacking")
)


@dataclass(frozen=True, slots=True)
class SharedBasis:
    """Evidence that one or more attributes rest on, written once; under its scopes like they.

    `disputed` are those of its records that their source marks so.
    """

    id: str
    scopes: tuple[Scope, ...]
    records: tuple[Evidence, ...]
    disputed: Some[Evidence] = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AttributeSection:
    """The attributes of one catalogue, in its order, and the evidence they share."""

    catalogue: str
    values: tuple[AttributeValue, ...] = ()
    bases: tuple[SharedBasis, ...] = ()

    def evidence(self, name: str) -> tuple[Evidence, ...]:
        """The records one attribute rests on; LookupError when there is no such attribute."""
        by_name = {one.name: one for one in self.values}
        by_id = {one.id: one.records for one in self.bases}
        basis = by_name[name].basis
        return () if basis is None else by_id[basis]


class SignalState(StrEnum):
    """Whether an early warning goes off."""

    FIRED = "fired"
    QUIET = "quiet"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Observed:
    """A number a signal looks at; `threshold` is where it starts to count."""

    name: str
    value: int = field(repr=False)
    threshold: Given[int] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalResult:
    """One early warning. Undecided, with a `reason`, when evidence that could tell is missing.

    `explanation` is made of codes, months and numbers only. `grounds` are those of its several
    definitions on which it fired. `disputed` are the records of `basis` that their source marks so.
    """

    id: str
    version: str
    severity: str
    state: SignalState
    explanation: str
    observed: tuple[Observed, ...]
    scopes: tuple[Scope, ...]
    basis: tuple[Evidence, ...] = ()
    grounds: Some[str] = ()
    reason: Given[str] = None
    lacking: Some[str] = ()
    disputed: Some[Evidence] = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SignalSection:
    """Early warnings, in the order of their definitions."""

    results: tuple[SignalResult, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AdverseReason:
    """A reason there would be for a decision against the subject, for the notice of it.

    `cause` is the attribute or signal it rests on, with its `value` (or why it is `missing`) and
    the `threshold` it met; `sources` furnished what it rests on. `disputed` are the records of
    `basis` that their source marks so.
    """

    code: str
    zh: str
    en: str
    cause: str
    scopes: tuple[Scope, ...]
    sources: tuple[str, ...]
    basis: tuple[Evidence, ...] = ()
    value: Given[int] = field(default=None, repr=False)
    threshold: Given[int] = None
    missing: Given[str] = None
    disputed: Some[Evidence] = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ReasonSection:
    """The reasons that the evidence supports, the gravest first; not a decision."""

    version: str
    reasons: tuple[AdverseReason, ...] = ()


class Outcome(StrEnum):
    """How asking one source came out."""

    REPORT = "report"
    REUSED = "reused"
    NO_HIT = "no_hit"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"
    LOCKED_OUT = "locked_out"
    BROKE_CONTRACT = "broke_contract"
    OVER_BUDGET = "over_budget"
    SKIPPED = "skipped"
    PENDING = "pending"


class Verdict(StrEnum):
    """Whether a report is about the subject."""

    MATCH = "match"
    REVIEW = "review"
    MISMATCH = "mismatch"


@dataclass(frozen=True, slots=True)
class Reason:
    """One comparison: a field, how it came out, its weight in milli-bits. Never a value."""

    field: str
    level: str
    weight: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """Same person? `score` is the sum of the prior and all weights: log2 odds times 1000.

    `rival` is who else it could most likely be about: prior and weights are those against them.
    """

    verdict: Verdict
    score: int
    reasons: tuple[Reason, ...]
    rival: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """How one source's part came out. `scopes` is what it was asked for.

    A quarantined report is in hand but not in the profile: it may be about somebody else. `rule`
    is `judged/1` where a person said whose it is, whatever `judgement` found. Of a report that is
    for review the plan may let some scopes be merged all the same: `merged_under_review`.
    """

    source: str
    outcome: Outcome
    scopes: tuple[Scope, ...] = ()
    reason: Given[str] = None
    report_id: Given[str] = None
    as_of: Given[datetime] = None
    latency_ms: int = 0
    partial: bool = False
    quarantined: bool = False
    judgement: Given[Judgement] = None
    rule: Given[str] = None
    merged_under_review: Some[Scope] = ()


@dataclass(frozen=True, slots=True)
class Heard:
    """What merging is handed for each source: its line, and its report if it brought one."""

    line: SourceLine
    report: Report | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SourceSection:
    """Every source of the request, in the order of their names; `at` is when it was merged.

    `plan` is the one that was asked by, None when sources and scopes were named.
    """

    at: datetime
    rules: str
    lines: tuple[SourceLine, ...] = ()
    plan: Given[str] = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class IssueSection:
    """Counted data-quality issues."""

    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Conflict:
    """Sources contradict each other here; the values stand in the section itself.

    `item` is the id of the tradeline, empty for the identity.
    """

    scopes: tuple[Scope, ...]
    item: str
    field: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ConflictSection:
    """Where sources contradict each other."""

    conflicts: tuple[Conflict, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Withheld:
    """Records of one source that the law lets nobody show any more: how many, never which."""

    source: str
    rule: str
    article: str
    records: int


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class WithheldSection:
    """What is not shown for its age. `shown_until` is the last day for all that is."""

    records: tuple[Withheld, ...] = ()
    shown_until: Given[date] = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class BorrowerProfile:
    """The merged profile. A section is absent when nobody was asked for it or may see it."""

    identity: Given[IdentitySection] = None
    tradelines: Given[TradelineSection] = None
    inquiries: Given[InquirySection] = None
    public_records: Given[PublicRecordSection] = None
    scores: Given[ScoreSection] = None
    income_and_assets: Given[IncomeSection] = None
    contributions: Given[ContributionSection] = None
    behaviour: Given[BehaviourSection] = None
    region: Given[RegionSection] = None
    attributes: Given[AttributeSection] = None
    signals: Given[SignalSection] = None
    reasons: Given[ReasonSection] = None
    sources: Given[SourceSection] = None
    issues: Given[IssueSection] = None
    conflicts: Given[ConflictSection] = None
    withheld: Given[WithheldSection] = None


_ADAPTER = TypeAdapter(BorrowerProfile)

_RESTING_ON_SCOPES = {
    "attributes": ("values", "bases"),
    "signals": ("results",),
    "conflicts": ("conflicts",),
    "reasons": ("reasons",),
}
"""Sections whose items name the scopes they rest on, and where these items stand."""


def to_sections(profile: BorrowerProfile) -> dict[str, dict[str, Any]]:
    """Each section as plain data for `consent.canonical`; the same profile, the same data."""
    plain: dict[str, dict[str, Any]] = _ADAPTER.dump_python(profile, mode="json")
    return plain


def project(sections: Mapping[str, bytes], scopes: Collection[Scope]) -> dict[str, bytes]:
    """Of encoded sections, the part that rests on these scopes alone.

    An attribute, signal or conflict that rests on more is left out whole, and so are the issues
    and what is said of withheld records: they speak of all that every source said.
    """
    allowed = {scope.value for scope in scopes}
    hidden = {scope.value for scope in Scope} - allowed
    if hidden:
        hidden |= {"issues", "withheld"}
    seen: dict[str, bytes] = {}
    for name, body in sections.items():
        lists = _RESTING_ON_SCOPES.get(name)
        if lists is not None:
            plain = orjson.loads(body)
            for items in lists:
                plain[items] = [item for item in plain[items] if allowed.issuperset(item["scopes"])]
            seen[name] = canonical.encode(plain)
        elif name not in hidden:
            seen[name] = body
    return seen
