"""Steps (7) and (8): seal, store, and release under a consent of now; and who may see it later.

A release is one unit of the journal: within it the consent is asked once more, the snapshot is
sealed, and the disclosure is on record; the reply leaves after the commit. A crash before it
disclosed nothing. A withdrawal is another unit, so it comes before, and wins, or after. So it is
with every later look (`gateway.looking`).
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import Connection

from connectors.errors import SourceError
from connectors.records import NoHit, Report
from consent.audit.catalogue import EventType, Verdict
from consent.decision import Permit, Refusal, RefusalReason
from consent.errors import NotFound
from consent.ids import uuid7
from consent.journal import Tx
from consent.ledger import Ledger, stamp_of
from consent.subject import Act, Ask, Scope
from gateway import entries
from gateway.evidence import Answer, Discarded, NotAsked
from gateway.reply import Reply, render, salt_of, visible
from gateway.requests import PullRequest, ReadRequest
from gateway.resolve.judged import Judgements
from gateway.showing import Showing, Shown
from gateway.store import idempotency
from gateway.store.inputs import inputs_of
from gateway.store.snapshots import Snapshot, Store, StoredSnapshot

_SECRET_BYTES = 32


class View(Protocol):
    """What a look needs of an open transaction, of a unit or one that only reads.

    `at` is the one instant all it decides uses.
    """

    @property
    def conn(self) -> Connection:
        """Where it reads."""
        ...

    @property
    def at(self) -> datetime:
        """Aware, UTC."""
        ...


@dataclass(frozen=True, slots=True)
class Disclosing:
    """Releases what was pulled, and decides what of a stored profile whom may be shown.

    `config` is the digest of today's configuration, `code` the name of this build.
    """

    ledger: Ledger
    store: Store
    showing: Showing
    config: str
    code: str

    def release(
        self,
        tx: Tx,
        request: PullRequest,
        answers: Sequence[Answer],
        sections: Mapping[str, bytes],
        *,
        merged_at: datetime,
        judgements: Judgements,
    ) -> Reply | RefusalReason:
        """Steps (7) and (8) of a pull; the reason when the consent ended on the way.

        `sections` are those of the merged profile, encoded: this is a unit of the journal, for
        which all others wait.
        """
        permits = [answer.permit for answer in answers if answer.permit is not None]
        ended = self.ledger.gate(tx.conn, permits[0], at=tx.at)
        if ended is not None:
            self._discard(tx, request, answers, ended)
            return ended
        raws = {answer.source: self._note_end(tx, request, answer) for answer in answers}
        refs = {source: id_ for source, id_ in raws.items() if id_ is not None}
        inputs = inputs_of(
            answers, refs, identity=request.consent, jurisdiction=permits[0].grant.jurisdiction,
            at=merged_at, judgements=judgements, plan=request.plan,
            attribute_set=request.attribute_set,
        )  # fmt: skip
        snapshot = self._snapshot(tx, request, permits)
        secret, scopes = secrets.token_bytes(_SECRET_BYTES), snapshot.scopes
        self.store.keep_snapshot(tx, snapshot, sections, inputs.encode(), salt=secret)
        asked = {name: body for name, body in sections.items() if name in request.sections}
        seen = visible(asked, scopes, whole=scopes, identified=request.identified)
        salt = salt_of(secret, scopes, identified=request.identified)
        reply = render(snapshot, stamp_of(permits[0].grant), scopes, seen, salt=salt)
        facts: dict[str, str | int] = {
            **({"plan": request.plan.name} if request.plan else {}),
            "snapshot": str(snapshot.id),
            **how_shown(request, reply, snapshot.sources, reply.sections, again=[]),
        }
        tx.note(
            entries.under(
                request.trail, permits[0], request.name, EventType.PROFILE_RELEASE, tx.at,
                id_=snapshot.entry, facts=facts, source=False,
                scopes=scopes,
            )
        )  # fmt: skip
        self._use_up(tx, request, permits[0])
        if request.key is not None:
            idempotency.settle(tx, request.key, snapshot)
        return reply

    def give_up(self, tx: Tx, request: PullRequest, permits: Sequence[Permit]) -> None:
        """A defect of ours ended the pull: each intent gets its end, and the key goes back."""
        for permit in permits:
            tx.note(
                entries.under(
                    request.trail, permit, request.name, EventType.FETCH_FAILED, tx.at,
                    reason="gateway_failed",
                )
            )  # fmt: skip
        if request.key is not None:
            idempotency.release(tx, request.key)

    def covering(
        self, tx: View, stored: StoredSnapshot, purpose: str, *, by: UUID | None = None
    ) -> Permit | Refusal:
        """A permit of whichever consent of today covers the snapshot, else the first refusal.

        Of the consent `by`, if one is named.
        """
        member, subject = stored.snapshot.member, stored.snapshot.subject
        if by is not None:
            known = self.ledger.load(tx.conn, member, by)
            scopes = known.grant.scopes if known else stored.snapshot.scopes
            return self._may_read(tx, purpose, stored, by, scopes)
        return _first_permit(
            self._may_read(tx, purpose, stored, one.grant.id, one.grant.scopes)
            for one in self.ledger.of_subject(tx.conn, member, subject)
        )

    def reading(self, tx: Tx, ask: Ask) -> Permit | Refusal:
        """A permit of whichever consent of today covers the ask, else the first refusal."""
        consents = self.ledger.of_subject(tx.conn, ask.member, ask.subject)
        return _first_permit(
            self.ledger.weigh(tx.conn, one.grant.id, ask, at=tx.at) for one in consents
        )

    def seen(
        self,
        tx: View,
        request: PullRequest | ReadRequest,
        stored: StoredSnapshot,
        permit: Permit,
        *,
        brief: bool = False,
    ) -> Shown:
        """The sections of a snapshot that this caller may see; whoever shows them notes it."""
        scopes = permit.ask.scopes
        hidden = set(Scope) - scopes
        names = [name for name in request.sections if name not in hidden]
        shown = self.showing.sections(tx.conn, permit, stored, names, at=tx.at, brief=brief)
        whole = stored.snapshot.scopes
        seen = visible(shown.sections, scopes, whole=whole, identified=request.identified)
        return replace(shown, sections=seen)

    # -- the parts ----------------------------------------------------------------------------

    def _may_read(
        self,
        tx: View,
        purpose: str,
        stored: StoredSnapshot,
        consent: UUID,
        scopes: frozenset[Scope],
    ) -> Permit | Refusal:
        """A permit for what of the snapshot is in `scopes`; every source must be in the consent."""
        snapshot = stored.snapshot
        member, subject = snapshot.member, snapshot.subject
        covered = snapshot.scopes & scopes
        asks = [
            Ask(member, subject, source, purpose, covered, Act.READ) for source in snapshot.sources
        ]
        verdicts = self.ledger.weigh_all(tx.conn, consent, asks, at=tx.at)
        if not verdicts:
            raise NotFound("the profile rests on no source")
        refusals = [verdict for verdict in verdicts if isinstance(verdict, Refusal)]
        return refusals[0] if refusals else verdicts[-1]

    def deny(self, tx: Tx, request: PullRequest | ReadRequest, refusal: Refusal) -> Refusal:
        """Put a refusal on record, and the end of a consent that time or use has ended."""
        kind = EventType.PROFILE_DENIED
        tx.note(entries.refused(request.trail, refusal, request.name, kind, tx.at))
        if refusal.grant is not None:
            self.ledger.settle(tx, request.trail, refusal.grant)
        return refusal

    def _snapshot(self, tx: Tx, request: PullRequest, permits: Sequence[Permit]) -> Snapshot:
        return Snapshot(
            id=uuid7(tx.at),
            member=request.trail.member,
            subject=request.subject,
            at=tx.at,
            consent=request.consent,
            purpose=request.purpose,
            sources=tuple(sorted(permit.ask.source for permit in permits)),
            scopes=frozenset(scope for permit in permits for scope in permit.ask.scopes),
            config=self.config,
            code=self.code,
            attributes=request.attribute_set,
            entry=uuid7(tx.at),
        )

    def _note_end(self, tx: Tx, request: PullRequest, answer: Answer) -> UUID | None:
        """How one fetch came out; an answer that was opened is kept, sealed. Returns its id."""
        if answer.permit is None or answer.stored is not None:
            return answer.stored
        permit, said = answer.permit, answer.said
        raw = None
        facts: dict[str, str | int] = {"latency_ms": answer.latency_ms}
        if answer.raw is not None:
            facts["sha256"] = answer.raw.sha256
            legible = isinstance(said, Report | NoHit)
            raw = self.store.keep_report(tx, permit, answer.raw, legible=legible)
            facts["raw"] = str(raw)
        kind, reason, verdict = EventType.FETCH_OK, None, Verdict.ALLOW
        match said:
            case Report():
                facts["outcome"], facts["records"] = "report", len(said.records)
            case NoHit():
                facts["outcome"] = "no_hit"
            case SourceError():
                kind, reason = EventType.FETCH_FAILED, said.reason
            case Discarded():
                kind, reason, verdict = EventType.FETCH_DISCARDED, said.reason, Verdict.DENY
            case Refusal() | NotAsked():
                return None  # these carry no permit and ended above: no socket was opened
        tx.note(
            entries.under(
                request.trail, permit, request.name, kind, tx.at, facts=facts,
                reason=reason, verdict=verdict,
            )
        )  # fmt: skip
        return raw

    def _discard(
        self,
        tx: Tx,
        request: PullRequest,
        answers: Sequence[Answer],
        ended: RefusalReason,
    ) -> None:
        for answer in answers:
            if answer.permit is not None and not answer.reused:
                tx.note(
                    entries.under(
                        request.trail, answer.permit, request.name, EventType.FETCH_DISCARDED,
                        tx.at, reason=ended, verdict=Verdict.DENY,
                    )
                )  # fmt: skip
        if request.key is not None:
            idempotency.release(tx, request.key)

    def _use_up(self, tx: Tx, request: PullRequest, permit: Permit) -> None:
        """Write down that the consent is consumed, once this pull took its last use."""
        if permit.grant.max_uses and permit.ask.act is Act.FETCH:
            self.ledger.settle(tx, request.trail, permit.grant)


def _first_permit(verdicts: Iterable[Permit | Refusal]) -> Permit | Refusal:
    refusal: Refusal | None = None
    for verdict in verdicts:
        if isinstance(verdict, Permit):
            return verdict
        refusal = refusal or verdict
    if refusal is None:
        raise NotFound("no consent of this subject")
    return refusal


def how_shown(
    request: PullRequest | ReadRequest,
    reply: Reply,
    sources: Iterable[str],
    sections: Iterable[str],
    *,
    again: Iterable[UUID],
) -> dict[str, str | int]:
    """How a reply was made, so that it can be made again: `gateway.past.disclosures` reads this.

    `again` are the snapshots that this build merged again to show them.
    """
    merged = " ".join(map(str, again))
    return {
        "sources": " ".join(sorted(sources)),
        "sections": " ".join(sorted(sections)),
        "identified": int(request.identified),
        "reply_sha256": reply.sha256,
        **({"merged_again": merged} if merged else {}),
    }
