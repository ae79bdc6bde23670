"""How the gateway cites a permit or a refusal in the audit log: one form for all its entries.

`name` is the pseudonym of the subject in the log, `vault.pseudonym`.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from consent.audit.catalogue import Entry, EventType, Trail, Verdict
from consent.decision import Permit, Refusal
from consent.errors import GatewayError
from consent.ledger import stamp_of
from consent.subject import Scope


def under(
    trail: Trail,
    permit: Permit,
    name: str,
    type_: EventType,
    at: datetime,
    *,
    verdict: Verdict = Verdict.ALLOW,
    reason: str | None = None,
    facts: Mapping[str, str | int] | None = None,
    id_: UUID | None = None,
    detail: str | None = None,
    source: bool = True,
    scopes: Iterable[Scope] | None = None,
) -> Entry:
    """What happened under `permit`; `source` False when it concerns them all, as do `scopes`."""
    ask = permit.ask
    return trail.entry(
        type_,
        at,
        subject=name,
        consent=stamp_of(permit.grant),
        purpose=ask.purpose,
        scopes=[scope.value for scope in (ask.scopes if scopes is None else scopes)],
        source=ask.source if source else None,
        verdict=verdict,
        rule="consent.decide",
        reason=reason,
        facts=facts,
        id_=id_,
        detail=detail,
    )


def refused(trail: Trail, refusal: Refusal, name: str, type_: EventType, at: datetime) -> Entry:
    """What consent did not cover."""
    ask = refusal.ask
    return trail.entry(
        type_,
        at,
        subject=name,
        consent=None if refusal.grant is None else stamp_of(refusal.grant),
        purpose=ask.purpose,
        scopes=[scope.value for scope in ask.scopes],
        source=ask.source,
        verdict=Verdict.DENY,
        rule="consent.decide",
        reason=refusal.reason,
    )


def failed(trail: Trail, error: Exception, type_: EventType, at: datetime, *, rule: str) -> Entry:
    """What was asked by `rule` and not answered, for another reason than consent."""
    reason = getattr(error, "code", GatewayError.code)
    return trail.entry(type_, at, verdict=Verdict.DENY, rule=rule, reason=reason)
