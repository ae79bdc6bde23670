"""The ledger of consents: events appended, never edited, and the state they fold to.

Every function takes an open transaction. Within it the consent's row is the lock: a release
reads it and a withdrawal changes it, so one of them comes first, and the audit entries stand in
that order (release protocol, ADR 0004). On SQLite `BEGIN IMMEDIATE` gives that order between
processes too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from typing import Protocol
from uuid import UUID

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    Row,
    String,
    Table,
    Uuid,
    bindparam,
    insert,
    or_,
    select,
    update,
)

from consent import artefact, canonical
from consent.artefact import Artefact, ConsentTerms, Document, Mode
from consent.audit.catalogue import ConsentStamp, EventType, Trail, Verdict
from consent.clock import parse_stamp, stamp
from consent.database import metadata
from consent.decision import Grant, Jurisdiction, Permit, Refusal, RefusalReason, State, decide
from consent.errors import Conflict, ImpossibleEvent, InvalidInput, NotFound, VaultError
from consent.ids import uuid7
from consent.journal import Tx
from consent.lifecycle import Event, after
from consent.purposes import Purposes
from consent.subject import Act, Ask, SubjectRef
from consent.vault.signing import Signer, verify_jws

_RECEIPT = "consent-receipt+jws"
_REMEMBERED = 4096  # receipts whose signature was checked; verifying one takes about 0.1 ms

consents = Table(
    "consent",
    metadata,
    Column("member", String, primary_key=True),
    Column("subject", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("state", String, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("used", Integer, nullable=False),
    Column("max_uses", Integer, nullable=False),
    Column("expires_at", String, nullable=False),
    Column("receipt", String, nullable=False),
    Index(None, "member", "id", unique=True),
)

events = Table(
    "consent_event",
    metadata,
    Column("member", String, primary_key=True),
    Column("subject", Uuid, primary_key=True),
    Column("consent", Uuid, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("event", String, nullable=False),
    Column("at", String, nullable=False),
    Column("by", String, nullable=False),
    Column("document", LargeBinary, nullable=False),
)

uses = Table(
    "consent_use",
    metadata,
    Column("member", String, primary_key=True),
    Column("subject", Uuid, primary_key=True),
    Column("consent", Uuid, primary_key=True),
    Column("source", String, primary_key=True),
    Column("at", String, primary_key=True),
    Column("req", String, primary_key=True),
)

# Built once: building a statement costs more than SQLite needs to run it.
_THIS = (consents.c.member == bindparam("of_member"), consents.c.id == bindparam("of_id"))
_ONE = select(consents).where(*_THIS)
_EPOCH = select(consents.c.epoch).where(*_THIS)
_OF_SUBJECT = (
    select(consents)
    .where(
        consents.c.member == bindparam("of_member"),
        consents.c.subject == bindparam("of_subject"),
    )
    .order_by(consents.c.id.desc())
)
_USE = (
    update(consents)
    .where(
        *_THIS,
        consents.c.state == State.ACTIVE.value,
        consents.c.epoch == bindparam("of_epoch"),
        consents.c.expires_at > bindparam("now"),
        or_(consents.c.max_uses == 0, consents.c.used < consents.c.max_uses),
    )
    .values(used=consents.c.used + 1)
    .returning(consents.c.used)
)
_USES = select(uses.c.at).where(
    uses.c.member == bindparam("of_member"),
    uses.c.subject == bindparam("of_subject"),
    uses.c.consent == bindparam("of_consent"),
    uses.c.source == bindparam("of_source"),
)

_EVENT_TYPES = {
    Event.AUTHORISE: EventType.CONSENT_RECORDED,
    Event.REJECT: EventType.CONSENT_REJECTED,
    Event.PAUSE: EventType.CONSENT_PAUSED,
    Event.RESUME: EventType.CONSENT_RESUMED,
    Event.EXTEND: EventType.CONSENT_EXTENDED,
    Event.WITHDRAW: EventType.CONSENT_WITHDRAWN,
    Event.EXPIRE: EventType.CONSENT_EXPIRED,
    Event.CONSUME: EventType.CONSENT_CONSUMED,
    Event.SUPERSEDE: EventType.CONSENT_SUPERSEDED,
}


class Names(Protocol):
    """What the ledger needs of the vault's index key."""

    def pseudonym(self, member: str, subject: SubjectRef) -> str:
        """The name of `subject` in the audit log."""
        ...


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent as it stands: the permission, the artefact it is read from, and the receipt."""

    grant: Grant
    artefact: Artefact
    receipt: str

    @property
    def stamp(self) -> ConsentStamp:
        """How audit entries cite it."""
        return stamp_of(self.grant)


def stamp_of(grant: Grant) -> ConsentStamp:
    """How audit entries cite `grant`."""
    return ConsentStamp(grant.id, grant.seq, grant.epoch)


@dataclass(frozen=True, slots=True)
class Attempt:
    """How an event came out. `error` is set when nothing changed; the attempt is on record."""

    consent: Consent
    error: ImpossibleEvent | Conflict | None = None


class Ledger:
    """Records consents and their events, and weighs asks against them."""

    def __init__(
        self,
        *,
        purposes: Purposes,
        rules: Mapping[str, Jurisdiction],
        sources: frozenset[str],
        signer: Signer,
        names: Names,
    ) -> None:
        self._purposes = purposes
        self._rules = rules
        self._sources = sources
        self._signer = signer
        self._verified = lru_cache(maxsize=_REMEMBERED)(partial(_verify, signer))
        self._names = names

    # -- recording ---------------------------------------------------------------------------

    def record(
        self,
        tx: Tx,
        trail: Trail,
        terms: ConsentTerms,
        subject: SubjectRef,
        *,
        supersedes: UUID | None = None,
    ) -> Consent:
        """Store an authorised consent; `InvalidInput` names what in the terms cannot be.

        With `supersedes` the older consent ends in the same transaction, linked to this one.
        """
        self._check(terms, tx.at)
        id_ = uuid7(tx.at)
        facts: dict[str, str | int] = {}
        if supersedes is not None:
            ended = self.apply(tx, trail, supersedes, Event.SUPERSEDE, by=str(id_))
            if ended.error is not None:
                raise ended.error
            if ended.consent.grant.subject != subject:
                raise InvalidInput("/supersedes", "a consent of the same subject")
            facts["supersedes"] = str(supersedes)
        meaning = self._purposes.require(terms.purpose, field="/purpose")
        consent = self._signed(
            artefact.document(
                terms, id_=id_, member=trail.member, subject=subject, meaning=meaning, at=tx.at,
                by=trail.actor.id,
            )
        )  # fmt: skip
        tx.conn.execute(insert(consents).values(**_row(consent)))
        self._append(tx, trail, consent, Event.AUTHORISE, facts)
        return consent

    def apply(
        self,
        tx: Tx,
        trail: Trail,
        id_: UUID,
        event: Event,
        *,
        by: str,
        expected_seq: int | None = None,
        expires_at: datetime | None = None,
        facts: Mapping[str, str | int] | None = None,
    ) -> Attempt:
        """Let `event` happen to the consent, or say why not; either way it is an entry.

        `expected_seq` is the version the caller read (If-Match); `expires_at` goes with EXTEND.
        Raises `NotFound` for an id this member does not have.
        """
        consent = self.load(tx.conn, trail.member, id_)
        if consent is None:
            raise NotFound("no such consent")
        grant = consent.grant
        following = after(grant.state, event)
        error: ImpossibleEvent | Conflict | None = None
        if expected_seq is not None and expected_seq != grant.seq:
            error = Conflict(f"the consent is at version {grant.seq} by now; read it again")
        elif following is None:
            error = ImpossibleEvent(f"{event} cannot follow {grant.state}")
        if error is not None or following is None:
            self._note(tx, trail, consent, EventType.CONSENT_ATTEMPTED, event=event, error=error)
            return Attempt(consent, error)
        # The uses that consumed it were counted and still stand; only a further one is refused.
        epoch = grant.epoch if event is Event.CONSUME else grant.epoch + 1
        changed = self._signed(
            artefact.following(
                consent.artefact.payload, state=following, epoch=epoch, event=event, at=tx.at,
                by=by, expires_at=expires_at,
            ),
            used=grant.used,
        )  # fmt: skip
        tx.conn.execute(
            update(consents)
            .where(consents.c.member == trail.member, consents.c.id == id_)
            .values(**_row(changed))
        )
        self._append(tx, trail, changed, event, dict(facts or {}), by=by)
        return Attempt(changed)

    def settle(self, tx: Tx, trail: Trail, grant: Grant) -> None:
        """Write down what time or use has already done to a consent (R6: lazily, at its instant).

        The gate never waits for this: `decide` computes both by itself. Looks at the consent as
        it stands now, so that several refusals of one request write it down once.
        """
        now = self.load(tx.conn, grant.member, grant.id)
        if now is None:
            return
        grant = now.grant
        if (
            grant.state in {State.ACTIVE, State.PAUSED, State.CONSUMED}
            and tx.at >= grant.expires_at
        ):
            true_instant = {"expired_at": stamp(grant.expires_at)}
            self.apply(tx, trail, grant.id, Event.EXPIRE, by="gateway", facts=true_instant)
        elif grant.state is State.ACTIVE and 0 < grant.max_uses <= grant.used:
            self.apply(tx, trail, grant.id, Event.CONSUME, by="gateway")

    # -- reading -----------------------------------------------------------------------------

    def load(self, conn: Connection, member: str, id_: UUID) -> Consent | None:
        """The consent as it stands, None when this member has no such one."""
        found = conn.execute(_ONE, {"of_member": member, "of_id": id_}).one_or_none()
        return None if found is None else self._stored(found)

    def of_subject(self, conn: Connection, member: str, subject: SubjectRef) -> list[Consent]:
        """All consents of one subject, newest first."""
        found = conn.execute(_OF_SUBJECT, {"of_member": member, "of_subject": subject.id})
        return [self._stored(row) for row in found]

    def history(self, conn: Connection, member: str, id_: UUID) -> list[bytes]:
        """The signed documents of a consent's events in order, each naming the digest before."""
        found = conn.execute(
            select(events.c.document)
            .where(events.c.member == member, events.c.consent == id_)
            .order_by(events.c.seq)
        )
        return [bytes(document) for (document,) in found]

    # -- weighing ----------------------------------------------------------------------------

    def weigh(
        self, conn: Connection, consent_id: UUID, ask: Ask, *, at: datetime
    ) -> Permit | Refusal:
        """`decide` on what the ledger holds now."""
        return self.weigh_all(conn, consent_id, [ask], at=at)[0]

    def weigh_all(
        self, conn: Connection, consent_id: UUID, asks: Sequence[Ask], *, at: datetime
    ) -> list[Permit | Refusal]:
        """As `weigh`, for several asks of one member on one reading of the consent."""
        if not asks:
            return []
        consent = self.load(conn, asks[0].member, consent_id)
        grant = None if consent is None else consent.grant
        return [
            decide(grant, ask, at=at, rules=self._rules, used_at=self._used_at(conn, grant, ask))
            for ask in asks
        ]

    def use(self, tx: Tx, trail: Trail, permits: Sequence[Permit]) -> RefusalReason | None:
        """Count one use of the one consent behind `permits`; None when it still held.

        Check and use are one statement (R2): nothing can come between them, in no process.
        """
        grant = permits[0].grant
        used = tx.conn.execute(
            _USE,
            {
                "of_member": grant.member,
                "of_id": grant.id,
                "of_epoch": grant.epoch,
                "now": stamp(tx.at),
            },
        ).one_or_none()
        if used is None:
            return self._why_not(tx.conn, permits[0], tx.at)
        tx.conn.execute(
            insert(uses),
            [
                {
                    "member": grant.member,
                    "subject": grant.subject.id,
                    "consent": grant.id,
                    "source": permit.ask.source,
                    "at": stamp(tx.at),
                    "req": trail.req,
                }
                for permit in permits
            ],
        )
        return None

    def gate(self, conn: Connection, permit: Permit, *, at: datetime) -> RefusalReason | None:
        """Does `permit` still hold? None when it does; asked again before every release."""
        grant = permit.grant
        about = {"of_member": grant.member, "of_id": grant.id}
        epoch = conn.execute(_EPOCH, about).scalar_one_or_none()
        if epoch == grant.epoch and at < permit.valid_until:
            return None
        return self._why_not(conn, permit, at)

    # -- inside ------------------------------------------------------------------------------

    def _why_not(self, conn: Connection, permit: Permit, at: datetime) -> RefusalReason:
        verdict = self.weigh(conn, permit.grant.id, permit.ask, at=at)
        if isinstance(verdict, Refusal):
            return verdict.reason
        # It holds again under another epoch (paused and resumed, say): what was decided is void.
        return RefusalReason.CHANGED

    def _used_at(self, conn: Connection, grant: Grant | None, ask: Ask) -> list[datetime]:
        """When the source was asked before; it matters to a fetch under a frequency only."""
        if grant is None or grant.frequency is None or ask.act is not Act.FETCH:
            return []
        about = {
            "of_member": ask.member,
            "of_subject": ask.subject.id,
            "of_consent": grant.id,
            "of_source": ask.source,
        }
        return [parse_stamp(at) for at in conn.execute(_USES, about).scalars()]

    def _check(self, terms: ConsentTerms, at: datetime) -> None:
        self._purposes.require(terms.purpose, field="/purpose")
        for position, source in enumerate(terms.sources):
            if source not in self._sources:
                known = ", ".join(sorted(self._sources))
                raise InvalidInput(f"/sources/{position}", f"one of {known}")
        if terms.jurisdiction not in self._rules:
            raise InvalidInput("/jurisdiction", f"one of {', '.join(sorted(self._rules))}")
        if terms.range is not None or terms.mode is not Mode.STORE:
            # Signed, it would promise the subject what nobody here keeps yet.
            field = "/range" if terms.range is not None else "/mode"
            raise InvalidInput(field, "left out: only mode STORE over all data is enforced today")
        if terms.expires_at <= at:
            raise InvalidInput("/expires_at", "an instant in the future")
        if terms.evidence.time > at:
            raise InvalidInput("/evidence/time", "an instant that is not in the future")

    def _signed(self, document: Document, *, used: int = 0) -> Consent:
        receipt = self._signer.sign_jws(canonical.encode(document), typ=_RECEIPT)
        signed = self._verified(receipt)
        return Consent(artefact.grant_of(signed, used=used), signed, receipt)

    def _stored(self, row: Row[tuple[object, ...]]) -> Consent:
        """A consent is what we signed; its row is an index that must agree with that.

        VaultError when it does not: somebody wrote to the database who could not sign.
        """
        signed = self._verified(row.receipt)
        consent = Consent(artefact.grant_of(signed, used=row.used), signed, row.receipt)
        if _row(consent) != dict(row._mapping):  # noqa: SLF001 - Row keeps its public mapping here
            raise VaultError("a stored consent is not the one that was signed")
        return consent

    def _append(
        self,
        tx: Tx,
        trail: Trail,
        consent: Consent,
        event: Event,
        facts: dict[str, str | int],
        *,
        by: str | None = None,
    ) -> None:
        grant = consent.grant
        tx.conn.execute(
            insert(events).values(
                member=grant.member,
                subject=grant.subject.id,
                consent=grant.id,
                seq=grant.seq,
                event=event.value,
                at=stamp(tx.at),
                by=by or trail.actor.id,
                document=consent.receipt.encode("ascii"),
            )
        )
        self._note(tx, trail, consent, _EVENT_TYPES[event], event=event, facts=facts)

    def _note(
        self,
        tx: Tx,
        trail: Trail,
        consent: Consent,
        type_: EventType,
        *,
        event: Event,
        error: ImpossibleEvent | Conflict | None = None,
        facts: Mapping[str, str | int] | None = None,
    ) -> None:
        grant = consent.grant
        tx.note(
            trail.entry(
                type_,
                tx.at,
                subject=self._names.pseudonym(grant.member, grant.subject),
                consent=consent.stamp,
                purpose=grant.purpose,
                scopes=[scope.value for scope in grant.scopes],
                verdict=Verdict.ALLOW if error is None else Verdict.DENY,
                rule=f"lifecycle.{event}",
                reason=None if error is None else error.code,
                facts={"artefact_sha256": consent.artefact.digest, **(facts or {})},
            )
        )


def _verify(signer: Signer, receipt: str) -> Artefact:
    payload = verify_jws(receipt, [signer.public], typ=_RECEIPT)
    try:
        return artefact.read(payload)
    except (ValueError, KeyError, TypeError):
        raise VaultError("a signed consent is not of a form we know") from None


def _row(consent: Consent) -> dict[str, object]:
    grant = consent.grant
    return {
        "member": grant.member,
        "subject": grant.subject.id,
        "id": grant.id,
        "state": grant.state.value,
        "seq": grant.seq,
        "epoch": grant.epoch,
        "used": grant.used,
        "max_uses": grant.max_uses,
        "expires_at": stamp(grant.expires_at),
        "receipt": consent.receipt,
    }
