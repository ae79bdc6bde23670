"""The one question consent answers: may we ask this source for this, now?

Pure on purpose: a `Grant`, an `Ask` and an instant go in, a `Permit` or a `Refusal` comes out.
`Permit` is the only key to a connector and to the vault, and only `decide` makes one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import InitVar, dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from consent.subject import Act, Ask, Scope, SubjectRef

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
        return self not in {State.REQUESTED, State.ACTIVE, State.PAUSED, State.CONSUMED}


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
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    PAUSED = "paused"
    EXPIRED = "expired"
    CONSUMED = "consumed"
    OTHER_MEMBER = "other_member"
    OTHER_SUBJECT = "other_subject"
    SOURCE_NOT_GRANTED = "source_not_granted"
    PURPOSE_NOT_GRANTED = "purpose_not_granted"
    SCOPE_EMPTY = "scope_empty"
    SCOPE_NOT_GRANTED = "scope_not_granted"
    SCOPE_BEYOND_PURPOSE = "scope_beyond_purpose"
    SEPARATE_CONSENT_MISSING = "separate_consent_missing"
    CONSEQUENCE_NOTICE_MISSING = "consequence_notice_missing"
    DATA_RANGE = "data_range"
    FREQUENCY_EXHAUSTED = "frequency_exhausted"
    JURISDICTION = "jurisdiction"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class ScopeRule:
    """What a jurisdiction asks for before a scope may be used, or an act done.

    `article` is its source.
    """

    article: str
    separate_consent: str | None = None
    consequence_notice: bool = False


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """The rules of one place as data (`config/jurisdictions/`), never as branches in code."""

    code: str
    scopes: Mapping[Scope, ScopeRule] = field(default_factory=dict)
    sources: frozenset[str] = frozenset()
    """Sources that may be asked about its subjects at all; R-13 keeps Chinese data in China."""
    purposes: Mapping[str, frozenset[Scope]] = field(default_factory=dict)
    """By purpose, all it may use; the law that wants it so is `minimisation`."""
    minimisation: str = ""
    acts: Mapping[Act, ScopeRule] = field(default_factory=dict)
    """What an act asks for, whatever its scopes: telling a bureau something needs its own yes."""
    licensed_until: Mapping[str, datetime] = field(default_factory=dict)
    """By source, the first instant its licence is over; what was fetched before stays readable."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Consent does not cover the ask; `reason` and `explanation` are safe to show and to log.

    `retry_at` is set when only time stands in the way: the first instant it may be allowed.
    """

    ask: Ask
    reason: RefusalReason
    explanation: str
    grant: Grant | None = None
    retry_at: datetime | None = None


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


def decide(
    grant: Grant | None,
    ask: Ask,
    *,
    at: datetime,
    rules: Mapping[str, Jurisdiction],
    used_at: Sequence[datetime] = (),
) -> Permit | Refusal:
    """Weigh `ask` against `grant` at the instant `at` (aware, UTC); the first objection decides.

    `used_at` are the instants this consent was used for this source, in any order. The order of
    the tests is `RefusalReason`'s and part of the contract: it is what a caller is told first.
    An ask for no scope is refused, so that an empty set never reads as "all".
    """
    for reason, explanation, retry_at in _objections(grant, ask, at, rules, used_at):
        return Refusal(ask, reason, explanation, grant, retry_at)
    if grant is None:
        raise AssertionError("a missing grant is the first objection")
    return Permit(grant, ask, at, grant.expires_at, _SEAL)


_Objection = tuple[RefusalReason, str, datetime | None]

_STANDING = {  # states that refuse by themselves, in the order they are tested
    State.REQUESTED: (RefusalReason.NOT_AUTHORISED, "the subject has not authorised it yet"),
    State.REJECTED: (RefusalReason.REJECTED, "the subject did not authorise it"),
    State.WITHDRAWN: (RefusalReason.WITHDRAWN, "the subject withdrew it"),
    State.SUPERSEDED: (RefusalReason.SUPERSEDED, "a newer consent took its place"),
    State.PAUSED: (RefusalReason.PAUSED, "the subject paused it"),
}


def _objections(
    grant: Grant | None,
    ask: Ask,
    at: datetime,
    rules: Mapping[str, Jurisdiction],
    used_at: Sequence[datetime],
) -> Iterator[_Objection]:
    if grant is None:
        yield RefusalReason.NOT_FOUND, "no such consent", None
        return
    yield from _standing(grant, ask, at)
    yield from _coverage(grant, ask)
    yield from _law(grant, ask, at, rules, used_at)


def _standing(grant: Grant, ask: Ask, at: datetime) -> Iterator[_Objection]:
    """Is the consent in force at all? One that is used up still covers reading what it brought."""
    if at < grant.not_before:
        when = grant.not_before
        yield RefusalReason.NOT_YET_VALID, f"valid from {when.isoformat()}", when
    if grant.state in _STANDING:
        reason, explanation = _STANDING[grant.state]
        yield reason, explanation, None
    if grant.state is State.EXPIRED or at >= grant.expires_at:
        yield RefusalReason.EXPIRED, f"expired at {grant.expires_at.isoformat()}", None
    used_up = grant.state is State.CONSUMED or 0 < grant.max_uses <= grant.used
    if used_up and ask.act in {Act.FETCH, Act.RECEIVE}:
        yield RefusalReason.CONSUMED, f"used {grant.used} times of {grant.max_uses}", None


def _coverage(grant: Grant, ask: Ask) -> Iterator[_Objection]:
    """Does it cover this member, subject, source, purpose and these scopes?"""
    if grant.member != ask.member:
        yield RefusalReason.OTHER_MEMBER, "given to another member", None
    if grant.subject != ask.subject:
        yield RefusalReason.OTHER_SUBJECT, "given by another subject", None
    if ask.source not in grant.sources:
        yield RefusalReason.SOURCE_NOT_GRANTED, _granted("sources", grant.sources), None
    if ask.purpose != grant.purpose:
        yield RefusalReason.PURPOSE_NOT_GRANTED, f"granted purpose: {grant.purpose}", None
    if not ask.scopes:
        yield RefusalReason.SCOPE_EMPTY, "name at least one scope; none never means all", None
    if not ask.scopes <= grant.scopes:
        yield RefusalReason.SCOPE_NOT_GRANTED, _granted("scopes", grant.scopes), None


def _law(
    grant: Grant,
    ask: Ask,
    at: datetime,
    rules: Mapping[str, Jurisdiction],
    used_at: Sequence[datetime],
) -> Iterator[_Objection]:
    """What the law of the place and the limits of the grant add."""
    place = rules.get(grant.jurisdiction)
    if place and not ask.scopes <= (allowed := place.purposes.get(ask.purpose, ask.scopes)):
        said = f"{ask.purpose} may use {', '.join(sorted(allowed))} ({place.minimisation})"
        yield RefusalReason.SCOPE_BEYOND_PURPOSE, said, None
    wanted = _rules(place, ask) if place else []
    for rule in wanted:
        if rule.separate_consent and rule.separate_consent not in grant.separate_consents:
            missing = f"needs the separate consent {rule.separate_consent!r} ({rule.article})"
            yield RefusalReason.SEPARATE_CONSENT_MISSING, missing, None
    for rule in wanted:
        if rule.consequence_notice and grant.consequence_notice is None:
            missing = f"needs the notice of adverse consequences ({rule.article})"
            yield RefusalReason.CONSEQUENCE_NOTICE_MISSING, missing, None
    if (ask.since and grant.data_from and ask.since < grant.data_from) or (
        ask.until and grant.data_to and ask.until > grant.data_to
    ):
        window = f"granted data: {grant.data_from or 'any'} to {grant.data_to or 'any'}"
        yield RefusalReason.DATA_RANGE, window, None
    if grant.frequency is not None and ask.act is Act.FETCH:
        limit = grant.frequency
        recent = sorted(used for used in used_at if used > at - limit.every)
        if len(recent) >= limit.per_source:
            again = recent[-limit.per_source] + limit.every
            said = f"at most {limit.per_source} a source; next at {again.isoformat()}, 0 left now"
            yield RefusalReason.FREQUENCY_EXHAUSTED, said, again
    yield from _place(grant, ask, at, place, known=sorted(rules))


def _place(
    grant: Grant, ask: Ask, at: datetime, place: Jurisdiction | None, *, known: list[str]
) -> Iterator[_Objection]:
    """May this source be asked, or told, about people of this place, and today?"""
    if place is None:
        said = f"no rules for {grant.jurisdiction!r}; known: {', '.join(known)}"
        yield RefusalReason.JURISDICTION, said, None
    elif ask.source not in place.sources:
        said = f"source may not be asked about subjects of {place.code}"
        yield RefusalReason.JURISDICTION, said, None
    elif ask.act is not Act.READ and ask.source in place.licensed_until:
        ended = place.licensed_until[ask.source]
        if at >= ended:
            said = f"the licence of the source ended at {ended.isoformat()}"
            yield RefusalReason.JURISDICTION, said, None


def _rules(place: Jurisdiction, ask: Ask) -> list[ScopeRule]:
    """What the place asks for before this act, then before each of these scopes."""
    scopes = [place.scopes[scope] for scope in sorted(ask.scopes) if scope in place.scopes]
    return [place.acts[ask.act], *scopes] if ask.act in place.acts else scopes


def _granted(what: str, names: frozenset[str] | frozenset[Scope]) -> str:
    return f"granted {what}: {', '.join(sorted(names)) or 'none'}"
