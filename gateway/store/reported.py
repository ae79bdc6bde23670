"""Which messages were reported to a source: none is sent twice after it was accepted.

A message is known by the member's own `request_id`, under which the bureau knows it too. A crash
while it is sent leaves the row busy until its lease ends; then it may be sent again.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Index,
    LargeBinary,
    String,
    Table,
    Uuid,
    and_,
    insert,
    select,
    update,
)

from consent.clock import parse_stamp, stamp
from consent.database import metadata
from consent.errors import Conflict
from consent.journal import Tx
from consent.subject import SubjectRef

messages = Table(
    "reported",
    metadata,
    Column("member", String, primary_key=True),
    Column("subject", Uuid, primary_key=True),
    Column("source", String, primary_key=True),
    Column("request_id", Uuid, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("holder", String, nullable=False),
    Column("busy_until", String, nullable=False),
    Column("entry", Uuid),  # of the acceptance; None while there is none
    Index(None, "member", "source", "request_id", unique=True),
)


@dataclass(frozen=True, slots=True)
class MessageKey:
    """One message of one member about one subject, sent by the request `holder`.

    `content` is a keyed digest of what it says, which may be guessable.
    """

    member: str
    subject: SubjectRef
    source: str
    request_id: UUID
    content: bytes
    holder: str


def accepted(tx: Tx, key: MessageKey) -> UUID | None:
    """The audit entry of its acceptance; None when it is still to be sent.

    `Conflict` when the id came with another message, or while this one may be under way.
    """
    found = tx.conn.execute(select(messages).where(_known(key))).one_or_none()
    if found is None:
        return None
    if (found.subject, found.content) != (key.subject.id, key.content):
        raise Conflict("this request_id came with another message; use a new one")
    if found.entry is None and tx.at < parse_stamp(found.busy_until):
        raise Conflict("the message with this request_id may be under way; ask again shortly")
    entry: UUID | None = found.entry
    return entry


def begin(tx: Tx, key: MessageKey, lease: timedelta) -> None:
    """It is ours to send, for as long as the lease."""
    busy = {"holder": key.holder, "busy_until": stamp(tx.at + lease)}
    if tx.conn.execute(update(messages).where(_known(key)).values(busy)).rowcount:
        return
    tx.conn.execute(
        insert(messages).values(
            member=key.member,
            subject=key.subject.id,
            source=key.source,
            request_id=key.request_id,
            content=key.content,
            **busy,
        )
    )


def end(tx: Tx, key: MessageKey, entry: UUID | None) -> None:
    """It is under way no more: accepted, as `entry` says, or free to be sent again.

    Whoever took so long that another request took over can still tell of an acceptance, but
    neither take one back nor free what the other holds.
    """
    if entry is not None:
        tx.conn.execute(update(messages).where(_known(key)).values(entry=entry))
        return
    held = and_(_known(key), messages.c.holder == key.holder)
    tx.conn.execute(update(messages).where(held).values(busy_until=stamp(tx.at)))


def _known(key: MessageKey) -> ColumnElement[bool]:
    return and_(
        messages.c.member == key.member,
        messages.c.source == key.source,
        messages.c.request_id == key.request_id,
    )
