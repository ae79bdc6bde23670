"""What came of asking each source, as values: step (5) of the pipeline hands these to (6)-(8)."""

from dataclasses import dataclass, replace
from typing import assert_never
from uuid import UUID

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

READER_FAILED = "reader_failed"
"""Reason of an answer our own reader could not cope with: a defect of ours."""


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

    `stored` is the id of an earlier answer that was read again instead of asking. `judgement`
    says whether a report is about the subject; it was made on the whole report.
    """

    source: str
    said: Said
    permit: Permit | None = None
    raw: RawAnswer | None = None
    latency_ms: int = 0
    stored: UUID | None = None
    judgement: Judgement | None = None

    @property
    def reused(self) -> bool:
        """An answer of ours stood in for asking."""
        return self.stored is not None

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
            return failure(said)
        case _:
            assert_never(said)


def failure(error: SourceError) -> tuple[Outcome, str]:
    """The closed word for a source's failure, and its reason code."""
    return _FAILURES[type(error)], error.reason


def heard(answer: Answer) -> Heard:
    """What merging is told of one source."""
    word, reason = outcome(answer)
    said = answer.said
    line = SourceLine(
        source=answer.source,
        outcome=word,
        scopes=() if answer.permit is None else tuple(sorted(answer.permit.ask.scopes)),
        reason=reason,
        latency_ms=answer.latency_ms,
    )
    if isinstance(said, Report | NoHit):
        return brought(line, said, answer.judgement)
    return Heard(line)


def brought(line: SourceLine, said: Report | NoHit, judgement: Judgement | None) -> Heard:
    """A source's line, and with it what it answered."""
    if isinstance(said, NoHit):
        return Heard(replace(line, as_of=said.as_of))
    known = replace(
        line,
        report_id=said.report_id,
        as_of=said.as_of,
        partial=said.partial,
        judgement=judgement,
    )
    return Heard(known, said)


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
