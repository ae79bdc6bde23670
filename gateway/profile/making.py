"""How a profile came about: whom it was asked of, how that went, and what was left out of it."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from connectors.records import (
    Issue,
    Report,
)
from consent.subject import Scope
from gateway.profile.concluded import Given, Some


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
