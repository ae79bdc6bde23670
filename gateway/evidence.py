"""What came of asking each source, as values: the pipeline's step (5) hands these to (6)-(8)."""

from dataclasses import dataclass, replace

from connectors.errors import SourceError, SourceLockedUs, SourceRejectedAsk, SourceUnavailable
from connectors.http import RawAnswer
from connectors.records import Issue, IssueKind, NoHit, Report, scope_of
from consent.decision import Permit, Refusal, RefusalReason
from consent.subject import Scope


@dataclass(frozen=True, slots=True)
class NotAsked:
    """The source was left alone; `reason` is a code, `locked` when an operator has to act."""

    reason: str
    locked: bool = False


@dataclass(frozen=True, slots=True)
class Discarded:
    """The answer came after the consent had ended, and was dropped unopened."""

    reason: RefusalReason


Said = Report | NoHit | Refusal | NotAsked | Discarded | SourceError


@dataclass(frozen=True, slots=True)
class Answer:
    """How one source's part of a request came out. `raw` is kept only when it was opened."""

    source: str
    said: Said
    permit: Permit | None = None
    raw: RawAnswer | None = None
    latency_ms: int = 0
    reused: bool = False

    def timed(self, seconds: float) -> "Answer":
        """The same answer, knowing how long it took."""
        return replace(self, latency_ms=round(seconds * 1000))


def within(report: Report, scopes: frozenset[Scope]) -> Report:
    """The part of a report the permit covers; the rest is dropped and counted (PIPL art. 6)."""
    kept = tuple(r for r in report.records if scope_of(r) in scopes)
    if len(kept) == len(report.records):
        return report
    dropped: dict[str, int] = {}
    for record in report.records:
        scope = scope_of(record)
        if scope not in scopes:
            dropped[scope.value] = dropped.get(scope.value, 0) + 1
    issues = tuple(
        Issue(report.source, IssueKind.OUT_OF_SCOPE, scope, "records outside the consent", count)
        for scope, count in sorted(dropped.items())
    )
    return replace(report, records=kept, issues=report.issues + issues)
