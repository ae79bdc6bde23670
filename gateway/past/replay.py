"""A past reply, made again byte for byte and held against the digest the log has of it.

(1) the disclosure is found in the log, and the log's signature over it holds
(2) the consent of now must cover what is opened: a replay shows what the reply showed
(3) the evidence is opened: raw answers, the identity of that day, what merging was told
(4) the configuration of that digest reads and merges it again
(5) the reply is rendered as it was then, and its SHA-256 compared
(6) the replay is on record before anything of it is shown

Where something of (3) or (4) is gone or altered there is no reply, but a list of all of it.
"""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Connection

from consent import canonical
from consent.audit.catalogue import EventType, Trail
from consent.audit.log import AuditLog
from consent.decision import Permit, Refusal
from consent.errors import NotFound
from consent.journal import Tx
from consent.ledger import Ledger
from consent.subject import Act, Ask, SubjectRef
from consent.vault.record import Vault
from gateway import entries
from gateway.past import disclosures
from gateway.past.disclosures import Disclosure
from gateway.profile import to_sections
from gateway.rebuild import (
    CannotRebuild,
    Gathered,
    Gathering,
    Missing,
    Rules,
    RulesFor,
    rebuild,
    rules_by,
)
from gateway.reply import Reply, render, visible
from gateway.store.snapshots import Store, StoredSnapshot


@dataclass(frozen=True, slots=True)
class Replayed:
    """A reply made again.

    `differs` are the sections that came out otherwise, `unlike` what is known not to be as it was
    then (the build, its code tables): both are empty when the bytes are the same.
    """

    disclosure: Disclosure
    reply: Reply = field(repr=False)
    config: str
    code: str
    differs: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()

    @property
    def proven(self) -> bool:
        """These are the very bytes that left."""
        return self.reply.sha256 == self.disclosure.reply_sha256


@dataclass(frozen=True, slots=True)
class Replaying:
    """Replays disclosures; `code` is the name of this build."""

    log: AuditLog
    ledger: Ledger
    vault: Vault
    store: Store
    gathering: Gathering
    rules_for: RulesFor
    code: str

    def replay(self, tx: Tx, trail: Trail, id_: UUID) -> Replayed | Refusal | CannotRebuild:
        """The reply behind an entry or a snapshot; `NotFound` and `LogCorrupt` as for any entry."""
        disclosure = disclosures.find(tx.conn, self.log, trail.member, id_)  # (1)
        consent = self.ledger.load(tx.conn, trail.member, disclosure.consent.id)
        if consent is None:
            raise NotFound("the consent this was shown under is not in the ledger")
        subject = consent.grant.subject
        verdict = self._may_show(tx, disclosure, subject)  # (2)
        name = self.vault.pseudonym(trail.member, subject)
        if isinstance(verdict, Refusal):
            denied = entries.refused(trail, verdict, name, EventType.PROFILE_DENIED, tx.at)
            tx.note(denied)
            return verdict
        try:
            done: Replayed | CannotRebuild = self._again(tx.conn, disclosure, verdict)
        except CannotRebuild as missing:
            done = missing
        facts: dict[str, str | int] = {
            "entry": str(disclosure.id),
            "snapshot": str(disclosure.snapshot),
            "sections": " ".join(sorted(disclosure.sections)),
        }
        if isinstance(done, Replayed):
            facts["reply_sha256"] = done.reply.sha256
        tx.note(  # (6)
            entries.under(
                trail, verdict, name, EventType.PROFILE_REPLAYED, tx.at, facts=facts,
                reason=_came_out(done), source=False,
            )
        )  # fmt: skip
        return done

    def _may_show(self, tx: Tx, disclosure: Disclosure, subject: SubjectRef) -> Permit | Refusal:
        """A permit under whichever consent of now covers the whole disclosure."""
        asks = [
            Ask(disclosure.member, subject, source, disclosure.purpose, disclosure.scopes, Act.READ)
            for source in disclosure.sources
        ]
        refusal: Refusal | None = None
        for consent in self.ledger.of_subject(tx.conn, disclosure.member, subject):
            verdicts = self.ledger.weigh_all(tx.conn, consent.grant.id, asks, at=tx.at)
            refusals = [verdict for verdict in verdicts if isinstance(verdict, Refusal)]
            if verdicts and not refusals:
                return verdicts[-1]
            refusal = refusal or next(iter(refusals), None)
        if refusal is None:
            raise NotFound("the disclosure rests on no source")
        return refusal

    def _again(self, conn: Connection, disclosure: Disclosure, permit: Permit) -> Replayed:
        id_ = disclosure.snapshot
        stored = self.store.snapshot(conn, disclosure.member, permit.ask.subject, id_)
        if stored is None:
            raise CannotRebuild((Missing("snapshot", str(id_), "it is gone"),))
        gathered: Gathered | None = None
        rules: Rules | None = None
        missing: list[Missing] = []
        try:
            gathered = self.gathering.gather(conn, permit, stored)  # (3)
        except CannotRebuild as lacking:
            missing += lacking.missing
        try:
            rules = rules_by(self.rules_for, conn, stored.snapshot.config)
        except CannotRebuild as lacking:
            missing += lacking.missing
        if gathered is None or rules is None:
            raise CannotRebuild(tuple(missing))
        # A read left out what was over on its day; a release was merged just then.
        read = disclosure.type is EventType.PROFILE_READ
        shown_at = disclosure.at if read else gathered.inputs.at
        profile = rebuild(gathered, rules, shown_at=shown_at)  # (4)
        sections = {k: canonical.encode(v) for k, v in to_sections(profile).items()}
        reply = _rendered(disclosure, stored, sections)  # (5)
        done = Replayed(disclosure, reply, stored.snapshot.config, stored.snapshot.code)
        if done.proven:
            return done
        kept = self.store.open_sections(conn, permit, stored, disclosure.sections)
        differs = sorted(
            name for name in disclosure.sections if kept.get(name) != sections.get(name)
        )
        unlike = _unlike(stored, rules, self.code)
        return Replayed(disclosure, reply, done.config, done.code, tuple(differs), unlike)


def _rendered(disclosure: Disclosure, stored: StoredSnapshot, sections: dict[str, bytes]) -> Reply:
    """The reply as it was shown then: its sections, scopes and consent are those of the entry."""
    snapshot = stored.snapshot
    shown = {name: body for name, body in sections.items() if name in disclosure.sections}
    scopes = disclosure.scopes
    seen = visible(shown, scopes, whole=snapshot.scopes, identified=disclosure.identified)
    return render(snapshot, disclosure.consent, scopes, seen)


def _unlike(stored: StoredSnapshot, rules: Rules, code: str) -> tuple[str, ...]:
    """What is not as it was when the snapshot was made."""
    made_by = stored.snapshot.code
    build = () if made_by == code else (f"it was made by {made_by}; this is {code}",)
    tables = tuple(f"this build reads with another code table {t}" for t in rules.other_tables)
    return build + tables


def _came_out(done: Replayed | CannotRebuild) -> str:
    """The reason code of the entry."""
    if isinstance(done, CannotRebuild):
        return f"missing_{done.missing[0].what}"
    return "same_bytes" if done.proven else "other_bytes"
