"""The closed catalogue of audit events and the one form of an entry.

Wire rules: a type is never renamed or reused; a field is only ever added, with a default; an
entry is canonical JSON of at most 64 KiB with ASCII keys, strings and integers
(shared format, `docs/adr/0005`). Entries hold ids, codes and enums. What is personal goes into
`detail`, sealed under the subject's own key, so that erasing the subject leaves the log intact
and the detail unreadable.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from consent import canonical
from consent.clock import stamp
from consent.ids import uuid7

MAX_ENTRY_BYTES = 2**16 - 1  # C2SP tlog-tiles: an entry bundle counts lengths in 16 bits


class EventType(StrEnum):
    """Everything that can stand in the log."""

    LOG_OPENED = "log.opened"
    CONSENT_RECORDED = "consent.recorded"
    CONSENT_PAUSED = "consent.paused"
    CONSENT_RESUMED = "consent.resumed"
    CONSENT_EXTENDED = "consent.extended"
    CONSENT_WITHDRAWN = "consent.withdrawn"
    CONSENT_EXPIRED = "consent.expired"
    CONSENT_CONSUMED = "consent.consumed"
    CONSENT_SUPERSEDED = "consent.superseded"
    CONSENT_REJECTED = "consent.rejected"
    CONSENT_READ = "consent.read"
    CONSENT_CHECKED = "consent.checked"
    CONSENT_ATTEMPTED = "consent.attempted"
    FETCH_INTENDED = "fetch.intended"
    FETCH_OK = "fetch.ok"
    FETCH_FAILED = "fetch.failed"
    FETCH_DISCARDED = "fetch.discarded"
    INGEST_ACCEPTED = "ingest.accepted"
    INGEST_REFUSED = "ingest.refused"
    PROFILE_RELEASE = "profile.release"
    PROFILE_READ = "profile.read"
    PROFILE_DENIED = "profile.denied"
    LINK_JUDGED = "link.judged"
    LINK_UNDONE = "link.undone"
    LINK_READ = "link.read"
    LINK_DENIED = "link.denied"
    PROFILE_HISTORY = "profile.history"
    PROFILE_EXPLAINED = "profile.explained"
    PROFILE_REPLAYED = "profile.replayed"
    REPORT_INTENDED = "report.intended"
    REPORT_OK = "report.ok"
    REPORT_FAILED = "report.failed"
    REPORT_DENIED = "report.denied"
    EXPORT_READ = "export.read"
    EXPORT_CREATED = "export.created"
    DECRYPT_BATCH = "decrypt.batch"
    KEY_CREATED = "key.created"
    KEY_ROTATED = "key.rotated"
    SUBJECT_CREATED = "subject.created"
    SUBJECT_ERASED = "subject.erased"
    ADMIN_CLIENT_ADDED = "admin.client_added"
    ADMIN_CLIENT_REVOKED = "admin.client_revoked"
    AUTH_FAIL = "auth.fail"
    AUDIT_READ = "audit.read"
    POLICY_CHANGED = "policy.changed"


class Verdict(StrEnum):
    """Whether what was asked may happen. A denial is evidence as much as a permission."""

    ALLOW = "allow"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acted: `kind` client | operator | gateway | source, `id` theirs, `auth` their proof."""

    kind: str
    id: str
    auth: str


@dataclass(frozen=True, slots=True)
class ConsentStamp:
    """The consent an entry rests on, as it stood."""

    id: UUID
    seq: int
    epoch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One audit record. `at` is the instant of the decision it records (aware UTC).

    `subject` is the pseudonym `vault.pseudonym(member, subject)`: HMAC, 128 bits, hex. `rule`
    names what decided, `reason` why, both codes. `req` and `trace` tie entries of one request
    together, `config` and `code` say under which configuration digest and build it ran.
    `facts` are further codes, ids, digests and counts of the type; `detail` is sealed.
    """

    id: UUID
    at: datetime
    type: EventType
    member: str
    actor: Actor
    subject: str | None = None
    consent: ConsentStamp | None = None
    purpose: str | None = None
    scopes: tuple[str, ...] = ()
    source: str | None = None
    verdict: Verdict = Verdict.ALLOW
    rule: str | None = None
    reason: str | None = None
    req: str | None = None
    trace: str | None = None
    config: str | None = None
    code: str | None = None
    facts: dict[str, str | int] = field(default_factory=dict)
    detail: str | None = None

    def encode(self) -> bytes:
        """Canonical bytes, the leaf of the tree; ValueError beyond 64 KiB."""
        body = canonical.encode(
            {
                "v": 1,
                "id": str(self.id),
                "ts": stamp(self.at),
                "type": self.type.value,
                "member": self.member,
                "actor": {
                    "kind": self.actor.kind,
                    "id": self.actor.id,
                    "auth": self.actor.auth,
                },
                "subject": self.subject,
                "consent": self.consent
                and {
                    "id": str(self.consent.id),
                    "seq": self.consent.seq,
                    "epoch": self.consent.epoch,
                },
                "purpose": self.purpose,
                "scopes": sorted(self.scopes),
                "source": self.source,
                "verdict": self.verdict.value,
                "rule": self.rule,
                "reason": self.reason,
                "req": self.req,
                "trace": self.trace,
                "config": self.config,
                "code": self.code,
                "facts": dict(self.facts),
                "detail": self.detail,
            }
        )
        if len(body) > MAX_ENTRY_BYTES:
            raise ValueError(f"an audit entry is at most {MAX_ENTRY_BYTES} bytes")
        return body


@dataclass(frozen=True, slots=True)
class Trail:
    """What all entries of one request share: who acts, in which request, under which set-up."""

    member: str
    actor: Actor
    req: str
    config: str | None = None
    code: str | None = None
    trace: str | None = None

    def entry(
        self,
        type_: EventType,
        at: datetime,
        *,
        subject: str | None = None,
        consent: ConsentStamp | None = None,
        purpose: str | None = None,
        scopes: Iterable[str] = (),
        source: str | None = None,
        verdict: Verdict = Verdict.ALLOW,
        rule: str | None = None,
        reason: str | None = None,
        facts: Mapping[str, str | int] | None = None,
        detail: str | None = None,
        id_: UUID | None = None,
    ) -> Entry:
        """An entry of this trail at `at`; `id_` when something else already names it."""
        return Entry(
            id=id_ or uuid7(at),
            at=at,
            type=type_,
            member=self.member,
            actor=self.actor,
            subject=subject,
            consent=consent,
            purpose=purpose,
            scopes=tuple(scopes),
            source=source,
            verdict=verdict,
            rule=rule,
            reason=reason,
            req=self.req,
            trace=self.trace,
            config=self.config,
            code=self.code,
            facts=dict(facts or {}),
            detail=detail,
        )
