"""What else speaks for or against somebody: inquiries, courts, lists, scores and sums."""

from dataclasses import dataclass
from datetime import date

from connectors.money import Money, PartialDate
from connectors.records.accounts import Annotation
from connectors.records.codes import InquiryKind, LenderType
from consent.subject import Scope


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

    `details` are the facts only its kind has, as (name, text): `case_number`, `claim`,
    `employer` ...
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
