"""A past reply, made again byte for byte and held against the digest the log has of it.

(1) the reply's disclosures are found in the log, and the log's signature over them holds
(2) the consents of now must cover what is opened: all that the reply showed
(3) the evidence is opened: raw answers, the identity of that day, what merging was told
(4) the configuration of that digest reads and merges it again
(5) the reply is rendered as it was then, and its SHA-256 compared
(6) what leaves is the reply as the law lets it be shown now: the same bytes, or less
(7) the consents are asked again, and the replay is on record, before anything of it is shown

(1) to (6) go on beside the writer (`gateway.beside`).
Where something of (3) or (4) is gone or altered there is no reply, but a list of all of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import Connection

from consent.audit.catalogue import EventType, Trail
from consent.audit.log import AuditLog
from consent.clock import stamp
from consent.decision import Permit, Refusal
from consent.errors import NotFound, VaultError
from consent.journal import Tx
from consent.ledger import Ledger
from consent.subject import Act, Ask, SubjectRef
from consent.vault.record import Vault
from gateway import entries
from gateway.beside import Beside, View
from gateway.past import disclosures
from gateway.past.again import Again, Opened, Over
from gateway.past.disclosures import Disclosure, Page
from gateway.profile import encoded
from gateway.rebuild import CannotRebuild, Gathered, Gathering, Missing, Rules, RulesFor, rules_by
from gateway.reply import Reply
from gateway.store.snapshots import SALT, Snapshot, Store


@dataclass(frozen=True, slots=True)
class Replayed:
    """A reply made again from `snapshots`: its SHA-256, in hex, and what of it may be shown now.

    `over` are the records behind it that the law lets nobody show any more: with any of them
    `reply` is another one than left then, and None of a value that is not what it was. `differs`
    are the sections that came out otherwise, `unlike` what is known not to be as it was then (the
    build, its code tables): both are empty when the bytes are the same.
    """

    disclosure: Disclosure
    snapshots: tuple[Snapshot, ...]
    sha256: str
    reply: Reply | None = field(repr=False)
    over: Over = ()
    differs: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()

    @property
    def proven(self) -> bool:
        """The reply made again is the one that left, byte for byte."""
        return self.sha256 == self.disclosure.reply_sha256


@dataclass(frozen=True, slots=True)
class _Allowed:
    """A disclosure, and the permit of now to show again what it showed."""

    disclosure: Disclosure
    permit: Permit


@dataclass(frozen=True, slots=True)
class _Look:
    """What a replay came to `at` its instant, of which subject and under which permits.

    `keyed` when something of the subject could be opened then.
    """

    at: datetime
    subject: SubjectRef
    keyed: bool
    under: tuple[_Allowed, ...]
    done: Replayed | CannotRebuild


@dataclass(frozen=True, slots=True)
class Replaying:
    """Replays disclosures; `code` is the name of this build."""

    beside: Beside
    log: AuditLog
    ledger: Ledger
    vault: Vault
    store: Store
    gathering: Gathering
    rules_for: RulesFor
    code: str

    async def replay(self, trail: Trail, id_: UUID) -> Replayed | Refusal | CannotRebuild:
        """The reply behind an entry or a snapshot; `NotFound` and `LogCorrupt` as for any entry."""
        return await self.beside.released(
            trail.actor,
            partial(self._look, trail, id_),
            partial(self._release, trail),
        )

    def _look(self, trail: Trail, id_: UUID, view: View) -> _Look | Refusal | CannotRebuild:
        """`CannotRebuild` alone when the entry does not say enough to know whom it was about."""
        try:
            told = disclosures.find(view.conn, self.log, trail.member, id_)  # (1)
        except CannotRebuild as untold:
            return untold
        consent = self.ledger.load(view.conn, trail.member, told[0].consent.id)
        if consent is None:
            raise NotFound("the consent this was shown under is not in the ledger")
        subject = consent.grant.subject
        allowed: list[_Allowed] = []
        for one in told:
            verdict = self._may_show(view, one, subject)  # (2)
            if isinstance(verdict, Refusal):
                return verdict
            allowed.append(_Allowed(one, verdict))
        try:
            done: Replayed | CannotRebuild = self._again(view, subject, allowed)
        except CannotRebuild as missing:
            done = missing
        keyed = self._keyed(view.conn, trail.member, subject)
        return _Look(view.at, subject, keyed, tuple(allowed), done)

    def _release(
        self, trail: Trail, look: _Look | Refusal | CannotRebuild, tx: Tx
    ) -> Replayed | Refusal | CannotRebuild | None:  # (7)
        """What it came to; None when a consent is not as it was, or the subject was erased."""
        if isinstance(look, CannotRebuild):
            facts = {"entry": look.missing[0].which}
            kind, reason = EventType.PROFILE_REPLAYED, _came_out(look)
            tx.note(trail.entry(kind, tx.at, reason=reason, facts=facts))
            return look
        if isinstance(look, Refusal):
            name = self.vault.pseudonym(trail.member, look.ask.subject)
            tx.note(entries.refused(trail, look, name, EventType.PROFILE_DENIED, tx.at))
            return look
        if not self._stands(tx, trail.member, look):
            return None
        name = self.vault.pseudonym(trail.member, look.subject)
        for one in look.under:
            tx.note(
                entries.under(
                    trail, one.permit, name, EventType.PROFILE_REPLAYED, tx.at,
                    facts=_facts(one.disclosure, look.done, look.at),
                    reason=_came_out(look.done), source=False,
                )
            )  # fmt: skip
        return look.done

    def _stands(self, tx: Tx, member: str, look: _Look) -> bool:
        """What was opened may still be shown: no consent ended, and no key was destroyed."""
        if any(self.ledger.gate(tx.conn, one.permit, at=tx.at) for one in look.under):
            return False
        return not look.keyed or self._keyed(tx.conn, member, look.subject)

    def _keyed(self, conn: Connection, member: str, subject: SubjectRef) -> bool:
        try:
            self.vault.check_subject(conn, member, subject)
        except VaultError:
            return False
        return True

    def _may_show(
        self, view: View, disclosure: Disclosure, subject: SubjectRef
    ) -> Permit | Refusal:
        """A permit under whichever consent of now covers the whole disclosure."""
        asks = [
            Ask(disclosure.member, subject, source, disclosure.purpose, disclosure.scopes, Act.READ)
            for source in disclosure.sources
        ]
        refusal: Refusal | None = None
        for consent in self.ledger.of_subject(view.conn, disclosure.member, subject):
            verdicts = self.ledger.weigh_all(view.conn, consent.grant.id, asks, at=view.at)
            refusals = [verdict for verdict in verdicts if isinstance(verdict, Refusal)]
            if verdicts and not refusals:
                return verdicts[-1]
            refusal = refusal or next(iter(refusals), None)
        if refusal is None:
            raise NotFound("the disclosure rests on no source")
        return refusal

    def _again(self, view: View, subject: SubjectRef, told: Sequence[_Allowed]) -> Replayed:
        was = told[0].disclosure
        opened = self._opened(view.conn, subject, told)  # (3) (4)
        again = Again(was, subject, tuple(one for one, _ in opened))
        try:
            left = again.as_it_left()  # (5)
        except CannotRebuild as gone:
            unlike = _unlike(again.opened, self.code)
            others = (Missing("build", self.code, why) for why in unlike)
            raise CannotRebuild((*gone.missing, *others)) from None
        reply, over = again.as_shown(view.at, self.code, left)  # (6)
        snapshots = tuple(one.snapshot for one in again.opened)
        done = Replayed(was, snapshots, left.sha256, reply, over)
        if done.proven:
            return done
        differs = {name for both in opened for name in self._differing(view.conn, *both)}
        unlike = _unlike(again.opened, self.code)
        return replace(done, differs=tuple(sorted(differs)), unlike=unlike)

    def _opened(
        self, conn: Connection, subject: SubjectRef, told: Sequence[_Allowed]
    ) -> list[tuple[Opened, Permit]]:
        """Every snapshot the reply showed, or `CannotRebuild` with all that is missing."""
        opened: list[tuple[Opened, Permit]] = []
        missing = _without_entry([one.disclosure for one in told])
        for one in told:
            for id_ in one.disclosure.shown:
                try:
                    opened.append((self._open(conn, subject, one, id_), one.permit))
                except CannotRebuild as lacking:
                    missing += lacking.missing
        if missing:
            raise CannotRebuild(tuple(dict.fromkeys(missing)))
        return opened

    def _open(self, conn: Connection, subject: SubjectRef, one: _Allowed, id_: UUID) -> Opened:
        stored = self.store.snapshot(conn, one.disclosure.member, subject, id_)
        if stored is None:
            raise CannotRebuild((Missing("snapshot", str(id_), "it is gone"),))
        gathered: Gathered | None = None
        rules: Rules | None = None
        missing: list[Missing] = []
        try:
            gathered = self.gathering.gather(conn, one.permit, stored)  # (3)
        except CannotRebuild as lacking:
            missing += lacking.missing
        try:
            rules = rules_by(self.rules_for, conn, stored.snapshot)  # (4)
        except CannotRebuild as lacking:
            missing += lacking.missing
        if gathered is None or rules is None:
            raise CannotRebuild(tuple(missing))
        secret = self.store.open_sections(conn, one.permit, stored, (SALT,)).get(SALT)
        return Opened(one.disclosure, stored, gathered, rules, secret)

    def _differing(self, conn: Connection, one: Opened, permit: Permit) -> set[str]:
        """The sections of a snapshot that are not made again as they were sealed."""
        names = one.disclosure.sections
        kept = self.store.open_sections(conn, permit, one.stored, names)
        made = encoded(one.profile(one.gathered.inputs.at))
        return {name for name in names if kept.get(name) != made.get(name)}


def _without_entry(told: Sequence[Disclosure]) -> list[Missing]:
    """Snapshots that a page showed, of which no entry says under which consent."""
    page = told[0].of
    looked = page.looked if isinstance(page, Page) else {}
    known = {id_ for one in told for id_ in one.shown}
    why = "the entry of the consent it was shown under is gone"
    return [
        Missing("entry", str(id_), why)
        for id_, reason in looked.items()
        if reason is None and id_ not in known
    ]


def _unlike(opened: Iterable[Opened], code: str) -> tuple[str, ...]:
    """What is not as it was when the snapshots were made, and the reply."""
    builds = {name for one in opened for name in (one.snapshot.code, one.disclosure.code)} - {code}
    build = (f"it was made by {' and '.join(sorted(builds))}; this is {code}",) if builds else ()
    tables = sorted({table for one in opened for table in one.rules.other_tables})
    return (*build, *(f"this build reads with another code table {table}" for table in tables))


def _came_out(done: Replayed | CannotRebuild) -> str:
    """The reason code of the entry."""
    if isinstance(done, CannotRebuild):
        return f"missing_{done.missing[0].what}"
    return "same_bytes" if done.proven else "other_bytes"


def _facts(was: Disclosure, done: Replayed | CannotRebuild, at: datetime) -> dict[str, str | int]:
    """What was replayed, and what of it was shown again, by the law of which instant."""
    facts: dict[str, str | int] = {
        "entry": str(was.id),
        "snapshots" if isinstance(was.of, Page) else "snapshot": " ".join(map(str, was.snapshots)),
        "sections": " ".join(sorted(was.sections)),
    }
    if isinstance(done, Replayed):
        facts["reply_sha256"] = done.sha256
        facts["over"] = sum(one.records for one in done.over)
        facts["shown_sha256"] = done.reply.sha256 if done.reply else ""
        facts["shown_at"] = stamp(at)
    return facts
