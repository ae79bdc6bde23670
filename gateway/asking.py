"""Steps (3) and (4): decide, count the use, and put on record what is about to happen.

All of it is one unit of the journal. A crash before its commit asked nobody; a crash after it
leaves intents without an end, which an operator can read as "may have been asked".
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connectors.base import Connector, Discreet
from connectors.resilience import Breaker
from consent import canonical
from consent.audit.catalogue import EventType
from consent.data_items import scopes_of
from consent.decision import Permit, Refusal, RefusalReason
from consent.identity import Identity
from consent.ids import uuid7
from consent.journal import Tx
from consent.ledger import Ledger
from consent.register import Register
from consent.subject import Act, Ask
from consent.vault.record import Vault
from gateway import entries
from gateway.evidence import Answer, NotAsked
from gateway.requests import PullRequest
from gateway.resolve.judged import NOTHING_JUDGED, Judgements
from gateway.store.rulings import Rulings
from gateway.store.snapshots import KeptAnswer, Store


@dataclass(frozen=True, slots=True)
class Begun:
    """What a request may do now. `subject` is None when it may do nothing.

    `to_fetch` are the permits to ask with, `stored` answers young enough to read again, and
    `settled` the sources that are left alone, each with its reason. `judgements` are what people
    ruled about the subject's records so far.
    """

    settled: tuple[Answer, ...]
    to_fetch: tuple[Permit, ...] = ()
    stored: tuple[tuple[Permit, KeptAnswer], ...] = ()
    subject: Identity | None = None
    judgements: Judgements = NOTHING_JUDGED

    @property
    def jurisdiction(self) -> str:
        """That of the consent all permits rest on."""
        permits = (*self.to_fetch, *(permit for permit, _ in self.stored))
        return permits[0].grant.jurisdiction


@dataclass(frozen=True, slots=True)
class Asking:
    """Weighs a request's asks, one for each source."""

    connectors: Mapping[str, Connector]
    breakers: Mapping[str, Breaker]
    ledger: Ledger
    register: Register
    store: Store
    vault: Vault
    rulings: Rulings

    def begin(self, tx: Tx, request: PullRequest) -> Begun:
        """The unit of steps (3) and (4)."""
        verdicts = {source: self._weigh(tx, request, source) for source in request.sources}
        permits = [v for v in verdicts.values() if isinstance(v, Permit)]
        to_fetch = tuple(p for p in permits if p.ask.act is Act.FETCH)
        lost = self.ledger.use(tx, request.trail, to_fetch) if to_fetch else None
        if lost is not None:  # the consent ended, or was used up, since it was weighed
            verdicts |= {p.ask.source: _lost(p, lost) for p in permits}
            permits, to_fetch = [], ()
        settled = [v for v in verdicts.values() if isinstance(v, Answer)]
        refused = [v for v in verdicts.values() if isinstance(v, Refusal)]
        settled += [self._refuse(tx, request, refusal) for refusal in refused]
        if not permits:
            return Begun(tuple(settled))
        subject = self.register.identity(tx.conn, permits[0])
        for permit in to_fetch:
            self._intend(tx, request, permit, subject)
        stored = tuple((p, self._reopen(tx, request, p)) for p in permits if p.ask.act is Act.READ)
        judgements = self.rulings.standing(tx.conn, permits[0])
        return Begun(tuple(settled), to_fetch, stored, subject, judgements)

    def _weigh(self, tx: Tx, request: PullRequest, source: str) -> Permit | Refusal | Answer:
        wanted = request.scopes & scopes_of(self.connectors[source].items)
        if not wanted:
            return Answer(source, NotAsked("scopes_not_offered"))
        ask = Ask(request.trail.member, request.subject, source, request.purpose, wanted)
        if request.max_age_s and self.store.has_report(tx.conn, ask, _oldest(tx, request)):
            ask = replace(ask, act=Act.READ)
        verdict = self.ledger.weigh(tx.conn, request.consent, ask, at=tx.at)
        if isinstance(verdict, Permit) and ask.act is Act.FETCH:
            closed = self.breakers[source].admit(tx.at)
            if closed is not None:
                return Answer(source, NotAsked(closed.reason, locked=closed.locked))
        return verdict

    def _intend(self, tx: Tx, request: PullRequest, permit: Permit, subject: Identity) -> None:
        id_ = uuid7(tx.at)
        detail = self.vault.seal_detail(
            tx.conn,
            member=permit.ask.member,
            subject=permit.ask.subject,
            entry_id=id_,
            plaintext=canonical.encode(_sent(self.connectors[permit.ask.source], subject)),
        )
        kind = EventType.FETCH_INTENDED
        tx.note(
            entries.under(request.trail, permit, request.name, kind, tx.at, id_=id_, detail=detail)
        )

    def _reopen(self, tx: Tx, request: PullRequest, permit: Permit) -> KeptAnswer:
        return self.store.recent_report(tx.conn, permit, _oldest(tx, request))

    def _refuse(self, tx: Tx, request: PullRequest, refusal: Refusal) -> Answer:
        kind = EventType.CONSENT_CHECKED
        tx.note(entries.refused(request.trail, refusal, request.name, kind, tx.at))
        if refusal.grant is not None:
            self.ledger.settle(tx, request.trail, refusal.grant)
        return Answer(refusal.ask.source, refusal)


def _sent(connector: Connector, subject: Identity) -> Mapping[str, str]:
    """What of the subject the source is told; by default, who it is."""
    if isinstance(connector, Discreet):
        return connector.sends(subject)
    return {"name": subject.name, "id_type": subject.id_type, "id_number": subject.id_number}


def _lost(permit: Permit, reason: RefusalReason) -> Refusal:
    return Refusal(permit.ask, reason, "the consent ended meanwhile", permit.grant)


def _oldest(tx: Tx, request: PullRequest) -> datetime:
    """Answers received before this instant are too old to stand in; none do for max_age_s 0."""
    return tx.at - timedelta(seconds=request.max_age_s)
