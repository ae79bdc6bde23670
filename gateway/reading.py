"""Bytes to what they say about one subject: pure, so stored bytes read the same years later.

A report is judged whole, then cut to the scopes it may be used for. Whether it is about the
subject is decided on all it says, or a consent without the scope of identity would take away the
very records that speak against it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from connectors.http import RawAnswer
from connectors.records import NoHit, Report
from consent.identity import Identity
from consent.subject import Scope
from gateway.evidence import within
from gateway.profile import Judgement
from gateway.resolve.person import PersonRules, judge

Read = Callable[[RawAnswer], Report | NoHit]
"""A connector's reading half: raises only `SourceError`, unless it has a defect."""


@dataclass(frozen=True, slots=True)
class Understood:
    """What an answer says within its scopes, and for a report whether it is about the subject."""

    said: Report | NoHit = field(repr=False)
    judgement: Judgement | None = None


def understand(
    said: Report | NoHit, subject: Identity, scopes: frozenset[Scope], rules: PersonRules
) -> Understood:
    """Judge, then cut. Raises what a defect raises."""
    if isinstance(said, NoHit):
        return Understood(said)
    judgement = judge(subject, said, rules)
    return Understood(within(said, scopes), judgement)
