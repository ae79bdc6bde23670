"""Taking in what a source pushes: known before? about whom, under which consent? then kept.

All of it is one unit of the journal, so a push is stored with its audit entry or not at all. A
crash before the commit took nothing, and the sender repeats; a crash after it loses the answer
only, and the repetition gets the same one. A withdrawal is another unit: it comes before, and
wins, or after, and then what was stored is not read any more.
"""

from dataclasses import dataclass

from consent.audit.catalogue import EventType, Trail
from consent.decision import Permit, Refusal
from consent.errors import Conflict, NotFound
from consent.ids import uuid7
from consent.journal import Tx
from consent.ledger import Ledger
from consent.subject import Act, Ask, Scope, SubjectRef
from gateway import entries
from gateway.store.inbox import Inbox, Push, Received


@dataclass(frozen=True, slots=True)
class Ingest:
    """The door for what comes unasked."""

    ledger: Ledger
    inbox: Inbox

    def take(
        self, tx: Tx, trail: Trail, push: Push, *, subject: SubjectRef, name: str,
        scopes: frozenset[Scope],
    ) -> Received | Refusal:  # fmt: skip
        """Keep `push` under whichever consent of now covers its source and all of `scopes`.

        `name` is the subject's in the audit log. A repetition brings the first answer and changes
        nothing. Raises `Conflict` when the webhook id came with another message, `NotFound` for a
        subject without any consent.
        """
        earlier = self.inbox.earlier(tx.conn, push)
        if earlier is not None:
            received, same = earlier
            if not same:
                raise Conflict("this webhook-id came with another message; use a new one")
            return received
        verdict = self._may_keep(tx, push, subject, scopes)
        if isinstance(verdict, Refusal):
            kind = EventType.INGEST_REFUSED
            tx.note(entries.refused(trail, verdict, name, kind, tx.at))
            if verdict.grant is not None:
                self.ledger.settle(tx, trail, verdict.grant)
            return verdict
        id_ = uuid7(tx.at)
        received = self.inbox.keep(tx, verdict, push, id_)
        kind = EventType.INGEST_ACCEPTED
        facts: dict[str, str | int] = {"events": push.count}
        tx.note(entries.under(trail, verdict, name, kind, tx.at, id_=id_, facts=facts))
        return received

    def _may_keep(
        self, tx: Tx, push: Push, subject: SubjectRef, scopes: frozenset[Scope]
    ) -> Permit | Refusal:
        """The newest consent that allows it; else what stands against the newest."""
        refusal: Refusal | None = None
        for consent in self.ledger.of_subject(tx.conn, push.member, subject):
            grant = consent.grant
            ask = Ask(push.member, subject, push.source, grant.purpose, scopes, Act.RECEIVE)
            verdict = self.ledger.weigh(tx.conn, grant.id, ask, at=tx.at)
            if isinstance(verdict, Permit):
                return verdict
            refusal = refusal or verdict
        if refusal is None:
            raise NotFound("no consent of this subject")
        return refusal
