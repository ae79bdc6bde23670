"""The one question consent answers: may we ask this source for this, now?

Pure on purpose: a `Grant`, an `Ask` and an instant go in, a `Permit` or a `Refusal` comes out.
`Permit` is the only key to a connector and to the vault, and only `decide` makes one.
"""

from dataclasses import InitVar, dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from consent.subject import Ask, Scope, SubjectRef

_SEAL = object()


class State(StrEnum):
    """Where a consent stands; the fold in `consent.lifecycle` says how it got there."""

    REQUESTED = "REQUESTED"
    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    WITHDRAWN = "WITHDRAWN"
    REJECTED = "REJECTED"
    CONSUMED = "CONSUMED"
    EXPIRED = "EXPIRED"
    SUPERSEDED = "SUPERSEDED"

    @property
    def final(self) -> bool:
        """No event can follow."""
        return self not in {State.REQUESTED, State.ACTIVE, State.PAUSED}


@dataclass(frozen=True, slots=True)
class Frequency:
    """At most `per_source` asks of one source within `every`."""

    every: timedelta
    per_source: int


@dataclass(frozen=True, slots=True)
class Grant:
    """What a subject agreed to, as the ledger knows it at one moment.

    `seq` numbers the consent's events, `epoch` its changes of permission: whatever was decided
    under an older epoch is void. `[not_before, expires_at)` is the window, `max_uses` 0 means
    no limit. `consequence_notice` is the version of the notice of adverse consequences shown to
    the subject (征信业管理条例 art. 14(2)), None when none was.
    """

    id: UUID
    member: str
    subject: SubjectRef
    state: State
    seq: int
    epoch: int
    purpose: str
    sources: frozenset[str]
    scopes: frozenset[Scope]
    separate_consents: frozenset[str]
    consequence_notice: str | None
    not_before: datetime
    expires_at: datetime
    max_uses: int = 0
    used: int = 0
    frequency: Frequency | None = None
    jurisdiction: str = "CN"
    data_from: date | None = None
    data_to: date | None = None


class RefusalReason(StrEnum):
    """Every way a grant can fail to cover an ask, in the order they are tested."""

    NOT_FOUND = "not_found"
    NOT_YET_VALID = "not_yet_valid"
    NOT_AUTHORISED = "not_authorised"
    WITHDRAWN = "withdrawn"
    PAUSED = "paused"
    EXPIRED = "expired"
    CONSUMED = "consumed"
    OTHER_MEMBER = "other_member"
    OTHER_SUBJECT = "other_subject"
    SOURCE_NOT_GRANTED = "source_not_granted"
    PURPOSE_NOT_GRANTED = "purpose_not_granted"
    SCOPE_EMPTY = "scope_empty"
    SCOPE_NOT_GRANTED = "scope_not_granted"
    SEPARATE_CONSENT_MISSING = "separate_consent_missing"
    CONSEQUENCE_NOTICE_MISSING = "consequence_notice_missing"
    DATA_RANGE = "data_range"
    FREQUENCY_EXHAUSTED = "frequency_exhausted"
    JURISDICTION = "jurisdiction"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Consent does not cover the ask; `reason` and `explanation` are safe to show and to log."""

    ask: Ask
    reason: RefusalReason
    explanation: str
    grant: Grant | None = None


@dataclass(frozen=True, slots=True)
class Permit:
    """Proof that `decide` said yes to `ask` at `at`; connectors and the vault ask for one.

    Good until `grant` changes its epoch or `valid_until` passes, whichever is first.
    """

    grant: Grant
    ask: Ask
    at: datetime
    valid_until: datetime
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("a Permit comes from consent.decision.decide")
