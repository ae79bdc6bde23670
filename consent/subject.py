"""Whom a request is about, and what for: the words every other module shares."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID


class Scope(StrEnum):
    """A slice of data a subject can grant on its own; also the sections of a profile."""

    IDENTITY = "identity"
    TRADELINES = "tradelines"
    INQUIRIES = "inquiries"
    PUBLIC_RECORDS = "public_records"
    SCORES = "scores"
    INCOME_AND_ASSETS = "income_and_assets"
    CONTRIBUTIONS = "contributions"
    BEHAVIOUR = "behaviour"
    REGION = "region"  # of the place the subject is from; no fact about the person


@dataclass(frozen=True, slots=True, order=True)
class SubjectRef:
    """A person as we name them outside the vault: a random UUID, no identifier of theirs."""

    id: UUID

    def __str__(self) -> str:
        return str(self.id)

    @classmethod
    def parse(cls, text: str) -> "SubjectRef":
        """Read the text form; ValueError when it is not a UUID."""
        return cls(UUID(text))


class Act(StrEnum):
    """What is done: a fetch leaves a footprint and uses a consent up, a read does not.

    A report tells the source something about the subject: a loan issued, a payment missed. What a
    source sends unasked is received: that needs a consent not used up, and uses none of it.
    """

    FETCH = "fetch"
    READ = "read"
    REPORT = "report"
    RECEIVE = "receive"


@dataclass(frozen=True, slots=True)
class Ask:
    """What one step of one request wants: this subject, from this source, for this purpose.

    `member` is the institution that asks, `purpose` a code of `config/purposes.toml`. `since`
    and `until` bound the data wanted, both days included; None leaves that end to the consent.
    """

    member: str
    subject: SubjectRef
    source: str
    purpose: str
    scopes: frozenset[Scope]
    act: Act = Act.FETCH
    since: date | None = None
    until: date | None = None
