"""The consent artefact: what the subject agreed to, in the form that is signed and kept.

Fields follow `creditgate.consent/1`; every mandatory field of ISO/IEC TS 27560:2023 has its
place (a test maps them). Its canonical bytes are JCS (`consent.canonical`); `prev` chains the
events of one consent. It names the subject by reference only.
"""

import hashlib
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from consent import canonical
from consent.clock import stamp
from consent.decision import Frequency, Grant, State
from consent.lifecycle import Event
from consent.purposes import Purpose
from consent.subject import Scope, SubjectRef

SCHEMA = "creditgate.consent/1"

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("an instant of the years 1 to 9999 in UTC") from None


Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""An instant with its offset, turned into UTC; near the ends of the calendar that can fail."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Controller(_Part):
    """Who decides why and how the data is used; the lender."""

    id: Text
    name: Text
    contact: Text
    address: Text
    type: Text = "lender"
    url: str | None = None


class Recipient(_Part):
    """Somebody else who will receive data (PIPL art. 23: named one by one)."""

    id: Text
    type: Text
    jurisdiction: Country


class DataRange(_Part):
    """The days the data may speak of, both included."""

    from_: date | None = Field(default=None, alias="from")
    to: date | None = None


class FrequencyTerm(_Part):
    """At most `value` asks a source in every `unit`."""

    unit: Literal["hour", "day", "week", "month", "year"]
    value: Annotated[int, Field(ge=1, le=10_000)]


class Duration(_Part):
    """How long something is kept."""

    unit: Literal["day", "month", "year"]
    value: Annotated[int, Field(ge=1, le=1_000)]


class Notice(_Part):
    """The privacy notice the subject was shown (PIPL art. 17)."""

    id: Text
    version: Text
    lang: Text
    sha256: Sha256


class Evidence(_Part):
    """How we know the subject agreed. `operator` is the code of the member's staff, not a name."""

    method: Literal["face", "e-sign", "paper"]
    document_sha256: Sha256
    channel: Text
    time: Instant
    operator: Text | None = None


class Mode(StrEnum):
    """What may be done with the data (ReBIT words)."""

    VIEW = "VIEW"
    STORE = "STORE"
    QUERY = "QUERY"
    STREAM = "STREAM"


class ConsentTerms(_Part):
    """What the subject agreed to, as the member's channel hands it in.

    `expires_at` is exclusive. `max_uses` 0 means no limit of its own; `fetch` ONETIME means one.
    """

    controller: Controller
    recipients: tuple[Recipient, ...] = ()
    sources: Annotated[tuple[Code, ...], Field(min_length=1, max_length=64)]
    purpose: Code
    purpose_text: Text | None = None
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1)]
    range: DataRange | None = None
    mode: Mode = Mode.STORE
    fetch: Literal["ONETIME", "PERIODIC"] = "PERIODIC"
    frequency: FrequencyTerm | None = None
    max_uses: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    data_life: Duration = Duration(unit="year", value=5)
    not_before: Instant | None = None
    expires_at: Instant
    retention: Duration = Duration(unit="year", value=5)
    storage_locations: tuple[Country, ...] = ("CN",)
    jurisdiction: Country = "CN"
    separate_consents: tuple[Code, ...] = ()
    notice: Notice
    consequence_notice_version: Text | None = None
    withdrawal_method: Text = "POST /v1/consents/{id}/withdraw"
    evidence: Evidence

    @model_validator(mode="after")
    def _is_a_window(self) -> Self:
        if self.not_before is not None and self.not_before >= self.expires_at:
            raise ValueError("expires_at must be later than not_before")
        return self

    @property
    def uses(self) -> int:
        """The limit on uses, 0 for none."""
        return 1 if self.fetch == "ONETIME" else self.max_uses


_DAYS = {"day": 1, "week": 7, "month": 31, "year": 366}


def frequency_of(term: FrequencyTerm | None) -> Frequency | None:
    """The sliding window a frequency term means; months and years as long as they can be."""
    if term is None:
        return None
    every = timedelta(hours=1) if term.unit == "hour" else timedelta(days=_DAYS[term.unit])
    return Frequency(every, term.value)


def document(
    terms: ConsentTerms,
    *,
    id_: UUID,
    member: str,
    subject: SubjectRef,
    seq: int,
    epoch: int,
    prev: str | None,
    state: State,
    meaning: Purpose,
    recorded_at: datetime,
    at: datetime,
    event: Event,
    by: str,
) -> dict[str, object]:
    """The artefact as one JSON document of strings and integers: what is signed and hashed.

    `meaning` is the purpose's entry in the catalogue; `at` when `by` let `event` happen.
    """
    plain = terms.model_dump(mode="json", by_alias=True, exclude={"purpose", "purpose_text"})
    for name in ("not_before", "expires_at"):
        instant = getattr(terms, name) or recorded_at
        plain[name] = stamp(instant)
    plain["evidence"]["time"] = stamp(terms.evidence.time)
    plain["scopes"] = sorted(terms.scopes)
    plain["sources"] = sorted(terms.sources)
    plain["separate_consents"] = sorted(terms.separate_consents)
    return {
        "schema": SCHEMA,
        "id": str(id_),
        "member": member,
        "seq": seq,
        "epoch": epoch,
        "prev": prev,
        "subject": {"ref": str(subject)},
        "purpose": {
            "code": terms.purpose,
            "text": terms.purpose_text or meaning.text,
            "legal_basis": meaning.legal_basis,
        },
        "status": state.value,
        "status_at": stamp(at),
        "status_reason": {"event": event.value, "by": by},
        "recorded_at": stamp(recorded_at),
        **plain,
    }


def digest(document_: dict[str, object]) -> str:
    """SHA-256 of the canonical bytes, lower-case hex: what the next event names as `prev`."""
    return hashlib.sha256(canonical.encode(document_)).hexdigest()


def grant_of(
    terms: ConsentTerms,
    *,
    id_: UUID,
    member: str,
    subject: SubjectRef,
    seq: int,
    epoch: int,
    state: State,
    used: int,
    recorded_at: datetime,
    expires_at: datetime,
) -> Grant:
    """The permission inside the artefact, as `decide` weighs it."""
    return Grant(
        id=id_,
        member=member,
        subject=subject,
        state=state,
        seq=seq,
        epoch=epoch,
        purpose=terms.purpose,
        sources=frozenset(terms.sources),
        scopes=frozenset(terms.scopes),
        separate_consents=frozenset(terms.separate_consents),
        consequence_notice=terms.consequence_notice_version,
        not_before=(terms.not_before or recorded_at).astimezone(UTC),
        expires_at=expires_at,
        max_uses=terms.uses,
        used=used,
        frequency=frequency_of(terms.frequency),
        jurisdiction=terms.jurisdiction,
        data_from=terms.range.from_ if terms.range else None,
        data_to=terms.range.to if terms.range else None,
    )
