"""One pull for one Idempotency-Key, however often the caller repeats itself.

A bureau pull leaves a footprint on the borrower, so a caller that lost our answer must be able
to ask again without a second inquiry (draft-ietf-httpapi-idempotency-key-header-07 section 2).
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    String,
    Table,
    Uuid,
    and_,
    delete,
    insert,
    select,
    update,
)

from consent.clock import parse_stamp, stamp
from consent.database import metadata
from consent.errors import Conflict
from consent.journal import Tx
from gateway.store.snapshots import Snapshot

_GIVEN_UP_AFTER = timedelta(minutes=2)  # longer than any deadline: that pull crashed
_KEPT_FOR = timedelta(days=1)

pulls = Table(
    "pull",
    metadata,
    Column("member", String, primary_key=True),
    Column("client", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("request_sha256", String, nullable=False),
    Column("req", String, nullable=False),
    Column("begun_at", String, nullable=False),
    Column("snapshot", Uuid),
)


@dataclass(frozen=True, slots=True)
class Key:
    """An Idempotency-Key of one client, with the digest of the request it came with.

    `req` is the id of this very request: who holds a claim.
    """

    member: str
    client: str
    key: str
    request_sha256: str
    req: str


def claim(tx: Tx, key: Key) -> UUID | None:
    """None when the pull is ours to run, else the snapshot an earlier one brought.

    `Conflict` when the key came with another request, or while the earlier pull still runs.
    """
    found = tx.conn.execute(select(pulls).where(_named(key))).one_or_none()
    if found is not None:
        age = tx.at - parse_stamp(found.begun_at)
        if age > (_GIVEN_UP_AFTER if found.snapshot is None else _KEPT_FOR):
            found = None
    if found is None:
        tx.conn.execute(delete(pulls).where(_named(key)))
        tx.conn.execute(
            insert(pulls).values(
                member=key.member,
                client=key.client,
                key=key.key,
                request_sha256=key.request_sha256,
                req=key.req,
                begun_at=stamp(tx.at),
            )
        )
        return None
    if found.request_sha256 != key.request_sha256:
        raise Conflict("this Idempotency-Key came with another request; use a new one")
    if found.snapshot is None:
        raise Conflict("the request with this Idempotency-Key still runs; ask again shortly")
    snapshot: UUID = found.snapshot
    return snapshot


def settle(tx: Tx, key: Key, snapshot: Snapshot) -> None:
    """Tie the key to the snapshot its pull brought, in the commit that releases it.

    `Conflict` when the pull took so long that another one took the key over.
    """
    done = tx.conn.execute(update(pulls).where(_held_by(key)).values(snapshot=snapshot.id))
    if done.rowcount != 1:
        raise Conflict("another request took over this Idempotency-Key meanwhile")


def release(tx: Tx, key: Key) -> None:
    """Forget a claim whose pull ended without an answer, so that the caller may try again."""
    tx.conn.execute(delete(pulls).where(_held_by(key)))


def _named(key: Key) -> ColumnElement[bool]:
    return and_(pulls.c.member == key.member, pulls.c.client == key.client, pulls.c.key == key.key)


def _held_by(key: Key) -> ColumnElement[bool]:
    return and_(_named(key), pulls.c.req == key.req)
