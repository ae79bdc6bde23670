"""What came of asking each source, as values: step (5) of the pipeline hands these to (6)-(8)."""

from dataclasses import dataclass, replace
from typing import assert_never

from connectors.errors import (
    SourceBrokeContract,
    SourceError,
    SourceLockedUs,
    SourceRejectedAsk,
    SourceUnavailable,
)
from connectors.http import RawAnswer
from connectors.records import Issue, IssueKind, NoHit, Report, scope_of
from consent.decision import Permit, Refusal, RefusalReason
from consent.subject import Scope
from gateway.profile import Heard, Judgement, Outcome, SourceLine


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
    """How one source's part of a request came out. `raw` is kept only when it was opened.

    `judgement` says whether a report is about the subject; it was made on the whole report.
    """

    source: str
    said: Said
    permit: Permit | None = None
    raw: RawAnswer | None = None
    latency_ms: int = 0
    reused: bool = False
    judgement: Judgement | None = None

    def timed(self, seconds: float) -> "Answer":
        """The same answer, knowing how long it took."""
        return replace(self, latency_ms=round(seconds * 1000))


_FAILURES = {
    SourceRejectedAsk: Outcome.REFUSED,
    SourceLockedUs: Outcome.LOCKED_OUT,
    SourceUnavailable: Outcome.UNAVAILABLE,
    SourceBrokeContract: Outcome.BROKE_CONTRACT,
}


def outcome(answer: Answer) -> tuple[Outcome, str | None]:
    """The closed word for how it came out, and a stable reason code unless it is an answer."""
    said = answer.said
    match said:
        case Report():
            return (Outcome.REUSED if answer.reused else Outcome.REPORT), None
        case NoHit():
            return Outcome.NO_HIT, None
        case Refusal() | Discarded():
            return Outcome.REFUSED, said.reason.value
        case NotAsked():
            return (Outcome.LOCKED_OUT if said.locked else Outcome.SKIPPED), said.reason
        case SourceError():
            return _FAILURES[type(said)], said.reason
        case _:
            assert_never(said)


def heard(answer: Answer) -> Heard:
    """What merging is told of one source."""
    word, reason = outcome(answer)
    said = answer.said
    report = said if isinstance(said, Report) else None
    line = SourceLine(
        source=answer.source,
        outcome=word,
        scopes=() if answer.permit is None else tuple(sorted(answer.permit.ask.scopes)),
        reason=reason,
        report_id=None if report is None else report.report_id,
        as_of=said.as_of if isinstance(said, Report | NoHit) else None,
        latency_ms=answer.latency_ms,
        partial=report is not None and report.partial,
        judgement=answer.judgement,
    )
    return Heard(line, report)


def within(report: Report, scopes: frozenset[Scope]) -> Report:
    """The part of a report the permit covers (PIPL art. 6).

    That something was dropped is said, not what or how much: the number of court records would
    tell about them what the subject did not agree to.
    """
    kept = tuple(r for r in report.records if scope_of(r) in scopes)
    if len(kept) == len(report.records):
        return report
    dropped = Issue(report.source, IssueKind.OUT_OF_SCOPE, "", "records outside the consent")
    return replace(report, records=kept, issues=(*report.issues, dropped))
