"""What a client asks of us, once its form has been checked.

`name` is the pseudonym of the subject in the audit log.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from consent.audit.catalogue import Trail
from consent.subject import Scope, SubjectRef
from gateway.plans import Plan
from gateway.store.idempotency import Key


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """Ask sources about one subject. `deadline_s` is all the time the caller gives, in seconds.

    `max_age_s` lets an answer of ours that is not older stand in for asking again (0: never).
    `sections` are the parts of the profile asked for, `identified` says whether this client may
    see who it is about. `plan` is where sources and scopes come from, if they come from one,
    `attribute_set` the version of the catalogue to compute.
    """

    trail: Trail
    subject: SubjectRef
    name: str
    purpose: str
    consent: UUID
    sources: tuple[str, ...]
    scopes: frozenset[Scope]
    sections: frozenset[str]
    identified: bool
    max_age_s: int
    deadline_s: float
    attribute_set: str
    plan: Plan | None = None
    key: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRequest:
    """Show what was known of one subject at `as_of`, under a consent of today.

    With `attribute_set` the newest version with that version of the catalogue in it.
    """

    trail: Trail
    subject: SubjectRef
    name: str
    purpose: str
    sections: frozenset[str]
    identified: bool
    as_of: datetime
    attribute_set: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRequest(ReadRequest):
    """Show what changed between the snapshots made up to `as_of`, newest first.

    `after` is the last snapshot of the page before, `limit` how many to show.
    """

    after: UUID | None = None
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainRequest(ReadRequest):
    """Explain the value at `path`, a JSON Pointer into the profile."""

    path: str
