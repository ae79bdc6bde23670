"""The consent artefact: what the subject agreed to, in the form that is signed and kept.

Fields follow `creditgate.consent/1`; every mandatory field of ISO/IEC TS 27560:2023 has its
place (a test maps them). Its canonical bytes are JCS (`consent.canonical`); `prev` chains the
events of one consent. It names the subject by reference only.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal, Self
from uuid import UUID

import orjson
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from consent.clock import parse_stamp, stamp
from consent.decision import Frequency, Grant, State
from consent.lifecycle import Event
from consent.purposes import Purpose
from consent.subject import Scope, SubjectRef

SCHEMA = "creditgate.consent/1"

Document = dict[str, object]
"""An artefact as plain JSON; its canonical bytes are what is signed."""

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
    meaning: Purpose,
    at: datetime,
    by: str,
) -> Document:
    """The artefact of a new consent, authorised at `at`: strings and integers only.

    `meaning` is the purpose's entry in the catalogue, as it was read to the subject.
    """
    plain = terms.model_dump(mode="json", by_alias=True, exclude={"purpose", "purpose_text"})
    for name in ("not_before", "expires_at"):
        plain[name] = stamp(getattr(terms, name) or at)
    plain["evidence"]["time"] = stamp(terms.evidence.time)
    for name in ("scopes", "sources", "separate_consents"):
        plain[name] = sorted(plain[name])
    return {
        "schema": SCHEMA,
        "id": str(id_),
        "member": member,
        "seq": 1,
        "epoch": 1,
        "prev": None,
        "subject": {"ref": str(subject)},
        "purpose": {
            "code": terms.purpose,
            "text": terms.purpose_text or meaning.text,
            "legal_basis": meaning.legal_basis,
        },
        "status": State.ACTIVE.value,
        "status_at": stamp(at),
        "status_reason": {"event": Event.AUTHORISE.value, "by": by},
        "recorded_at": stamp(at),
        **plain,
    }


def following(
    payload: bytes,
    *,
    state: State,
    epoch: int,
    event: Event,
    at: datetime,
    by: str,
    expires_at: datetime | None = None,
) -> Document:
    """The next document of a consent whose newest one is `payload`: what `by` did, and no more."""
    plain: Document = orjson.loads(payload)
    extended = {} if expires_at is None else {"expires_at": stamp(expires_at)}
    return {
        **plain,
        **extended,
        "seq": int(str(plain["seq"])) + 1,
        "epoch": epoch,
        "prev": hashlib.sha256(payload).hexdigest(),
        "status": state.value,
        "status_at": stamp(at),
        "status_reason": {"event": event.value, "by": by},
    }


@dataclass(frozen=True, slots=True)
class Artefact:
    """A signed document, read back: what the ledger believes about a consent.

    `payload` are the very bytes that were signed.
    """

    id: UUID
    member: str
    subject: SubjectRef
    state: State
    seq: int
    epoch: int
    recorded_at: datetime
    terms: ConsentTerms
    payload: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the signed bytes, lower-case hex: what the next document names as `prev`."""
        return hashlib.sha256(self.payload).hexdigest()


def read(payload: bytes) -> Artefact:
    """The artefact in the payload of a receipt; ValueError when it is not one of ours."""
    plain = orjson.loads(payload)
    terms = {name: plain[name] for name in ConsentTerms.model_fields if name in plain}
    terms |= {"purpose": plain["purpose"]["code"], "purpose_text": plain["purpose"]["text"]}
    return Artefact(
        id=UUID(plain["id"]),
        member=plain["member"],
        subject=SubjectRef.parse(plain["subject"]["ref"]),
        state=State(plain["status"]),
        seq=plain["seq"],
        epoch=plain["epoch"],
        recorded_at=parse_stamp(plain["recorded_at"]),
        terms=ConsentTerms.model_validate_json(orjson.dumps(terms)),
        payload=payload,
    )


def grant_of(artefact: Artefact, *, used: int) -> Grant:
    """The permission inside the artefact, as `decide` weighs it, after `used` uses."""
    terms = artefact.terms
    return Grant(
        id=artefact.id,
        member=artefact.member,
        subject=artefact.subject,
        state=artefact.state,
        seq=artefact.seq,
        epoch=artefact.epoch,
        purpose=terms.purpose,
        sources=frozenset(terms.sources),
        scopes=frozenset(terms.scopes),
        separate_consents=frozenset(terms.separate_consents),
        consequence_notice=terms.consequence_notice_version,
        not_before=(terms.not_before or artefact.recorded_at).astimezone(UTC),
        expires_at=terms.expires_at.astimezone(UTC),
        max_uses=terms.uses,
        used=used,
        frequency=frequency_of(terms.frequency),
        jurisdiction=terms.jurisdiction,
        data_from=terms.range.from_ if terms.range else None,
        data_to=terms.range.to if terms.range else None,
    )
