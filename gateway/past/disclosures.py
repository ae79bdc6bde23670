"""Disclosures found again in the audit log: which bytes left, of which snapshot, shown how."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection

from consent.audit import merkle
from consent.audit.catalogue import ConsentStamp, EventType
from consent.audit.log import AuditLog
from consent.audit.note import Checkpoint
from consent.audit.search import MAX_PAGE, Found, Query, search
from consent.audit.tree import open_origin
from consent.clock import parse_stamp
from consent.errors import NotFound
from consent.subject import Scope

_SHOWN = frozenset({EventType.PROFILE_RELEASE, EventType.PROFILE_READ})
_MILLISECOND = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WANTED = "the id of a snapshot, or of a profile.release or profile.read entry, of this member"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """One reply that left, as its entry in the log tells it. `index` is its place in `origin`."""

    id: UUID
    type: EventType
    at: datetime
    member: str
    consent: ConsentStamp
    purpose: str
    scopes: frozenset[Scope]
    snapshot: UUID
    sources: tuple[str, ...]
    sections: frozenset[str]
    identified: bool
    reply_sha256: str
    origin: str
    index: int


def find(conn: Connection, log: AuditLog, member: str, id_: UUID) -> Disclosure:
    """The disclosure with this id, or the one that first released the snapshot with this id.

    NotFound when there is none; `LogCorrupt` when the signed log does not hold it like this.
    """
    found = _found(conn, member, id_)
    disclosure = None if found is None else _disclosure(found)
    if found is None or disclosure is None:
        raise NotFound(f"{id_} is not {_WANTED}")
    _check(conn, log, found)
    return disclosure


def _found(conn: Connection, member: str, id_: UUID) -> Found | None:
    for entry in search(conn, Query(member=member, id=id_), limit=1).entries:
        return entry
    # A snapshot's id says when it was made (RFC 9562 section 5.7), to the millisecond.
    made = _EPOCH + (id_.int >> 80) * _MILLISECOND
    around = Query(
        member=member,
        types=frozenset({EventType.PROFILE_RELEASE}),
        since=made - _MILLISECOND,
        until=made + 2 * _MILLISECOND,
    )
    for entry in search(conn, around, limit=MAX_PAGE).entries:
        disclosure = _disclosure(entry)
        if disclosure is not None and disclosure.snapshot == id_:
            return entry
    return None


def _check(conn: Connection, log: AuditLog, found: Found) -> None:
    """The entry stands in the log under its signed checkpoint, else `LogCorrupt`."""
    origin, index = found.position.origin, found.position.index
    tree = open_origin(conn, origin)
    signed = Checkpoint.open(tree.checkpoint, log.vkey(origin))
    proof = tree.inclusion(index, signed.size)
    hashed = merkle.leaf_hash(found.leaf)
    merkle.check_inclusion(hashed, index, signed.size, proof, signed.root)


def _disclosure(found: Found) -> Disclosure | None:
    """None when the entry shows no profile."""
    entry: dict[str, Any] = orjson.loads(found.leaf)
    facts, consent = entry["facts"], entry["consent"]
    if entry["type"] not in _SHOWN or consent is None or "reply_sha256" not in facts:
        return None
    return Disclosure(
        id=UUID(entry["id"]),
        type=EventType(entry["type"]),
        at=parse_stamp(entry["ts"]),
        member=entry["member"],
        consent=ConsentStamp(UUID(consent["id"]), consent["seq"], consent["epoch"]),
        purpose=entry["purpose"],
        scopes=frozenset(Scope(scope) for scope in entry["scopes"]),
        snapshot=UUID(facts["snapshot"]),
        sources=tuple(facts["sources"].split()),
        sections=frozenset(facts["sections"].split()),
        identified=bool(facts["identified"]),
        reply_sha256=facts["reply_sha256"],
        origin=found.position.origin,
        index=found.position.index,
    )
