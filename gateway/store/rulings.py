"""What people ruled about records and reports, kept for ever: a ruling is undone, never deleted.

Events of one ruling stand under its id: `seq` 1 is what was ruled, 2 that it was undone. What it
is about, and how alike the facts were at the time, is sealed under the subject's key.

Trusted to keep what it is given. Whoever can write to it can delete or forge an undoing, which a
comparison with the audit log shows (`link.judged`, `link.undone`); they cannot read or forge
what was ruled.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Uuid,
    bindparam,
    insert,
    select,
)

from consent import canonical
from consent.clock import parse_stamp, stamp
from consent.database import metadata
from consent.decision import Permit
from consent.errors import VaultError
from consent.journal import Tx
from consent.subject import Scope, SubjectRef
from consent.vault.keys import KeyClass
from consent.vault.record import Vault
from consent.vault.sealed import SealedRecord
from gateway.profile.concluded import Given, Some
from gateway.resolve.judged import Judgements, Names, Whose, pair

_SCHEMA_VERSION = 1
_PATH = "/ruling"

rulings = Table(
    "link_event",
    metadata,
    Column("member", String, primary_key=True),
    Column("subject", Uuid, primary_key=True),
    Column("link", Uuid, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("at", String, nullable=False),
    Column("by", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("sealed", LargeBinary),
    Index(None, "member", "link"),
)

# Built once: building a statement costs more than SQLite needs to run it.
_OF_SUBJECT = (
    select(rulings)
    .where(rulings.c.member == bindparam("of_member"), rulings.c.subject == bindparam("of_subject"))
    .order_by(rulings.c.link, rulings.c.seq)
)
_WHOSE = select(rulings.c.subject).where(
    rulings.c.member == bindparam("of_member"), rulings.c.link == bindparam("of_link")
)


class RuledFor(StrEnum):
    """Why a person ruled so. A closed list, for it stands in clear: no word can hide a person."""

    CONTRACT_SEEN = "contract_seen"
    DOCUMENT_SEEN = "document_seen"
    FACTS_COMPARED = "facts_compared"
    SOURCE_CONFIRMED = "source_confirmed"
    SUBJECT_CONFIRMED = "subject_confirmed"


class UndoneFor(StrEnum):
    """Why a ruling is taken back: it was wrong, or is known better since. Closed as well."""

    MISTAKEN = "mistaken"
    NEW_EVIDENCE = "new_evidence"
    SOURCE_CORRECTED = "source_corrected"
    SUBJECT_OBJECTED = "subject_objected"


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What was ruled: two `records` are the same account or not, a `report` the subject's or not.

    `names` are what the sources call the accounts in every report; `score` is what the facts said
    at the time, in milli-bits, where they were compared. `scopes` are those it speaks of: whoever
    may not see them of each of its `sources` may not see the ruling. `reviewer` is the member's
    own code for the person who looked.
    """

    same: bool
    scopes: tuple[Scope, ...]
    records: Some[str] = ()
    names: Some[str] = ()
    report: Given[str] = None
    score: Given[int] = None
    reviewer: Given[str] = None

    @property
    def sources(self) -> frozenset[str]:
        """Whose records or report it is about."""
        cited = self.records or (self.report or "",)
        return frozenset(one.partition("/")[0] for one in cited)

    @property
    def pair(self) -> Names | None:
        """The names in order; None for a report."""
        return pair(*self.names) if self.names else None


_ADAPTER = TypeAdapter(About)


@dataclass(frozen=True, slots=True)
class Done:
    """Who did it, when, and why: `by` is the actor's id, `reason` a code of the lists above."""

    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Ruling:
    """One ruling as it stands."""

    id: UUID
    about: About = field(repr=False)
    made: Done
    undone: Done | None = None


class Rulings:
    """Keeps what the vault sealed."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def add(self, tx: Tx, permit: Permit, ruling: Ruling) -> None:
        """Keep a new ruling about the permit's subject."""
        member, subject = permit.ask.member, permit.ask.subject
        body = canonical.encode(_ADAPTER.dump_python(ruling.about, mode="json"))
        sealed = self._vault.seal_record(
            tx.conn,
            member=member,
            subject=subject,
            record_id=ruling.id,
            source="link",
            schema_version=_SCHEMA_VERSION,
            fields={_PATH: (KeyClass.ACCOUNT, body)},
        )
        self._append(tx, permit, ruling.id, ruling.made, sealed.to_bytes())

    def undo(self, tx: Tx, permit: Permit, id_: UUID, done: Done) -> None:
        """A second event; what was ruled stays where it is."""
        self._append(tx, permit, id_, done)

    def subject_of(self, conn: Connection, member: str, id_: UUID) -> SubjectRef | None:
        """Whom a ruling of this member is about."""
        found = conn.execute(_WHOSE, {"of_member": member, "of_link": id_}).first()
        return None if found is None else SubjectRef(found.subject)

    def of_subject(self, conn: Connection, permit: Permit) -> list[Ruling]:
        """All rulings about the permit's subject, oldest first, those that were undone too."""
        ask = permit.ask
        asked = {"of_member": ask.member, "of_subject": ask.subject.id}
        found: dict[UUID, Ruling] = {}
        for row in conn.execute(_OF_SUBJECT, asked):
            done = Done(parse_stamp(row.at), row.by, row.reason)
            earlier = found.get(row.link)
            if earlier is not None:
                found[row.link] = Ruling(row.link, earlier.about, earlier.made, done)
                continue
            sealed = SealedRecord.from_bytes(
                row.sealed, member=ask.member, subject=ask.subject, record_id=row.link
            )
            body = self._vault.open_record(conn, permit, sealed, [_PATH])[_PATH]
            found[row.link] = Ruling(row.link, _read(body), done)
        return list(found.values())

    def standing(self, conn: Connection, permit: Permit) -> Judgements:
        """What merging is handed: every ruling that was not undone."""
        return judgements([one for one in self.of_subject(conn, permit) if one.undone is None])

    def _append(
        self, tx: Tx, permit: Permit, id_: UUID, done: Done, sealed: bytes | None = None
    ) -> None:
        """The first event holds what was ruled, the second only that it was undone."""
        tx.conn.execute(
            insert(rulings),
            {
                "member": permit.ask.member,
                "subject": permit.ask.subject.id,
                "link": id_,
                "seq": 2 if sealed is None else 1,
                "at": stamp(done.at),
                "by": done.by,
                "reason": done.reason,
                "sealed": sealed,
            },
        )


def judgements(standing: Sequence[Ruling]) -> Judgements:
    """Rulings as the value `merge` takes; the same for any order of them."""
    about = [one.about for one in standing]
    pairs = {
        same: sorted({a.pair for a in about if a.pair and a.same is same}) for same in (True, False)
    }
    named = [(*a.report.partition("/")[::2], a.same) for a in about if a.report]
    reports = [Whose(source, report_id, same) for source, report_id, same in named]
    return Judgements(tuple(pairs[True]), tuple(pairs[False]), tuple(sorted(reports)))


def _read(body: bytes) -> About:
    try:
        return _ADAPTER.validate_json(body)
    except ValidationError:  # its text would show what it was given
        raise VaultError("a ruling of another form") from None
