"""What sources state of the person: the sections of one scope each that are no accounts."""

from dataclasses import dataclass

from connectors.money import PartialDate
from connectors.records import (
    Address,
    BureauScore,
    Contribution,
    Employment,
    IdDocument,
    Income,
    ListHit,
    LoanPurpose,
    Login,
    Metric,
    PublicRecord,
    RegionIndex,
)
from gateway.profile.concluded import Maybe, Several, Stated


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
