"""What sources pushed, kept: one sealed batch a push, under the key of the subject it is about.

A push is known by its sender's webhook id, kept as a keyed index like an identifier of a person,
since nobody can promise what a sender writes there; so is the digest of what it said. Both are
enough to tell a repetition from another message and tell a reader of the database nothing.

Trusted to keep what it is given. Whoever can write to it can delete a batch, which a comparison
with the audit log shows, or make a push be taken twice by removing it; they cannot read one, nor
change or move it without its seal breaking.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import zstandard
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
    select,
)

from consent.clock import parse_stamp, stamp
from consent.database import metadata
from consent.decision import Permit
from consent.errors import VaultError
from consent.journal import Tx
from consent.subject import Act
from consent.vault.keys import KeyClass
from consent.vault.record import Vault
from consent.vault.sealed import SealedRecord
from gateway.store import permitted

_SCHEMA_VERSION = 1
_EVENTS = "/events"

pushes = Table(
    "push",
    metadata,
    Column("member", String, primary_key=True),
    Column("subject", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("source", String, nullable=False),
    Column("received_at", String, nullable=False),
    Column("events", Integer, nullable=False),
    Column("webhook", LargeBinary, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index(None, "member", "source", "webhook", unique=True),
    Index(None, "member", "subject", "source", "received_at"),
)

_MOST_BATCHES = 500  # opening one takes 0.2 ms, on the loop that serves everybody

# Built once: building a statement costs more than SQLite needs to run it.
_BY_WEBHOOK = select(pushes).where(
    pushes.c.member == bindparam("of_member"),
    pushes.c.source == bindparam("of_source"),
    pushes.c.webhook.in_(bindparam("webhooks", expanding=True)),
)
_KEPT = (
    select(pushes.c.id, pushes.c.sealed)
    .where(
        pushes.c.member == bindparam("of_member"),
        pushes.c.subject == bindparam("of_subject"),
        pushes.c.source == bindparam("of_source"),
        pushes.c.received_at > bindparam("since"),
        pushes.c.received_at <= bindparam("until"),
    )
    .order_by(pushes.c.received_at.desc(), pushes.c.id.desc())
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """One message of a source: its webhook id, and what it says about whom, canonical.

    `events` is the JSON array of its `count` events.
    """

    member: str
    source: str
    webhook: str = field(repr=False)
    said: bytes = field(repr=False)
    events: bytes = field(repr=False)
    count: int


@dataclass(frozen=True, slots=True)
class Received:
    """A batch that is in store; `id` names it and its audit entry."""

    id: UUID
    source: str
    events: int
    at: datetime


class Inbox:
    """Keeps batches, knows repetitions, and opens what is kept under a permit."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def earlier(self, conn: Connection, push: Push) -> tuple[Received, bool] | None:
        """The batch this webhook id brought before, and whether it said the very same."""
        known = self._vault.blind_index_candidates(
            member=push.member, column=_webhooks(push.source), value=push.webhook
        )
        about = {"of_member": push.member, "of_source": push.source, "webhooks": known}
        found = conn.execute(_BY_WEBHOOK, about).one_or_none()
        if found is None:
            return None
        same = self._vault.blind_index_candidates(
            member=push.member, column=_contents(push.source), value=_digest(push)
        )
        received = Received(found.id, push.source, found.events, parse_stamp(found.received_at))
        return received, found.content in same

    def keep(self, tx: Tx, permit: Permit, push: Push, id_: UUID) -> Received:
        """Store one batch about the permit's subject, sealed."""
        member, subject = permit.ask.member, permit.ask.subject
        sealed = self._vault.seal_record(
            tx.conn,
            member=member,
            subject=subject,
            record_id=id_,
            source=push.source,
            schema_version=_SCHEMA_VERSION,
            fields={_EVENTS: (KeyClass.RAW, zstandard.compress(push.events, 3))},
        )
        tx.conn.execute(
            insert(pushes),
            {
                "member": member,
                "subject": subject.id,
                "id": id_,
                "source": push.source,
                "received_at": stamp(tx.at),
                "events": push.count,
                "webhook": self._vault.blind_index(
                    member=member, column=_webhooks(push.source), value=push.webhook
                ),
                "content": self._vault.blind_index(
                    member=member, column=_contents(push.source), value=_digest(push)
                ),
                "sealed": sealed.to_bytes(),
            },
        )
        return Received(id_, push.source, push.count, tx.at)

    def opened(
        self, conn: Connection, permit: Permit, *, since: datetime, until: datetime, room: int
    ) -> bytes:
        """The batches received in `(since, until]`, as `connectors.pushed.Kept`.

        The newest that fit in `room` bytes together, some hundreds at most; at least one. Oldest
        first. `VaultError` unless the permit is to ask the source that pushed them.
        """
        ask = permit.ask
        permitted.check(permit, Act.FETCH, sources=[ask.source])
        about = {
            "of_member": ask.member,
            "of_subject": ask.subject.id,
            "of_source": ask.source,
            "since": stamp(since),
            "until": stamp(until),
        }
        batches: list[bytes] = []
        partial = b"false"
        for opened, row in enumerate(conn.execute(_KEPT, about)):
            if opened == _MOST_BATCHES:
                partial = b"true"
                break
            batch = self._batch(conn, permit, row)
            room -= len(batch)
            if room < 0 and batches:
                partial = b"true"
                break
            batches.append(batch)
        return b'{"batches":[' + b",".join(reversed(batches)) + b'],"partial":' + partial + b"}"

    def _batch(self, conn: Connection, permit: Permit, row: Row[Any, Any]) -> bytes:
        sealed = SealedRecord.from_bytes(
            row.sealed, member=permit.ask.member, subject=permit.ask.subject, record_id=row.id
        )
        if sealed.place.source != permit.ask.source:  # the row says so, but only this is sealed
            raise VaultError("the permit is for another source")
        packed = self._vault.open_record(conn, permit, sealed, [_EVENTS])[_EVENTS]
        return zstandard.decompress(packed)


def _webhooks(source: str) -> str:
    return f"webhook:{source}"


def _contents(source: str) -> str:
    return f"push:{source}"


def _digest(push: Push) -> str:
    """Keyed before it is stored: what a push says may be guessable."""
    return hashlib.sha256(push.said).hexdigest()
