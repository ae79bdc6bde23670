"""Who somebody is, where they live and for whom they work."""

from dataclasses import dataclass
from datetime import date

from connectors.money import PartialDate


@dataclass(frozen=True, slots=True, kw_only=True)
class IdDocument:
    """A document of identity. `type` is `CN_RIC`, `PASSPORT` ... as in `consent.identity`."""

    type: str
    number: str


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
