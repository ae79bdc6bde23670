"""Disclosures found again in the audit log: which bytes left, of which snapshots, shown how."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
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
from gateway.rebuild import CannotRebuild, Missing

_WHOLE = ("snapshot", "sources", "sections", "identified", "reply_sha256")
_NEEDED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        EventType.PROFILE_RELEASE: _WHOLE,
        EventType.PROFILE_READ: _WHOLE,
        EventType.PROFILE_EXPLAINED: (*_WHOLE, "path", "dated"),
        EventType.PROFILE_HISTORY: (*_WHOLE[1:], "snapshots", "page", "limit"),
    }
)
"""Events of replies that show a profile, and the facts that such a reply is made again from."""

_MILLISECOND, _MICROSECOND = timedelta(milliseconds=1), timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WANTED = (
    f"the id of a snapshot, or of a {', '.join([*_NEEDED][:-1])} or {[*_NEEDED][-1]} entry, "
    "of this member"
)


@dataclass(frozen=True, slots=True)
class Value:
    """The value that was explained, by its path; `dated` if the days of its records were known."""

    path: str
    dated: bool


@dataclass(frozen=True, slots=True)
class Page:
    """The snapshots a page of a history looked at, newest first, each with why it was not shown.

    `limit` of them it told; further ones were looked at, to compare the last one with.
    """

    looked: Mapping[UUID, str | None]
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """What one reply showed under one consent, as its entry in the log tells it.

    `of` is what of the snapshots it told, None when their sections themselves; `again` are those
    that were merged again to show them, as the law let them be shown at `shown_at`; at `at` it was
    on record. `code` is the build it left from, `index` the place of the entry in `origin`.
    """

    id: UUID
    type: EventType
    at: datetime
    shown_at: datetime
    member: str
    consent: ConsentStamp
    purpose: str
    scopes: frozenset[Scope]
    snapshots: tuple[UUID, ...]
    of: Value | Page | None
    sources: tuple[str, ...]
    sections: frozenset[str]
    identified: bool
    again: frozenset[UUID]
    reply_sha256: str
    code: str
    origin: str
    index: int

    @property
    def shown(self) -> tuple[UUID, ...]:
        """The snapshots it showed something of."""
        looked = self.of.looked if isinstance(self.of, Page) else {}
        return tuple(id_ for id_ in self.snapshots if looked.get(id_) is None)


def find(conn: Connection, log: AuditLog, member: str, id_: UUID) -> tuple[Disclosure, ...]:
    """The disclosures of the reply of the entry with this id, one for each consent it rests on.

    With the id of a snapshot, those of its release. NotFound when there are none, `CannotRebuild`
    when the entry does not say enough; `LogCorrupt` when the signed log does not hold it like this.
    """
    found = _found(conn, member, id_)
    if found is None:
        raise NotFound(f"{id_} is not {_WANTED}")
    reply = [found, *_beside(conn, member, found)]
    for one in reply:
        _check(conn, log, one)
    return tuple(_disclosure(one) for one in reply)


def _found(conn: Connection, member: str, id_: UUID) -> Found | None:
    for entry in search(conn, Query(member=member, id=id_), limit=1).entries:
        return entry if _shows(entry) else None
    # A snapshot's id says when it was made (RFC 9562 section 5.7), to the millisecond.
    try:
        since = _EPOCH + ((id_.int >> 80) - 1) * _MILLISECOND
        until = since + 3 * _MILLISECOND
    except OverflowError:  # an id of another kind, and no calendar has its day
        return None
    around = Query(
        member=member,
        types=frozenset({EventType.PROFILE_RELEASE}),
        since=since,
        until=until,
    )
    for entry in search(conn, around, limit=MAX_PAGE).entries:
        if orjson.loads(entry.leaf)["facts"].get("snapshot") == str(id_):
            return entry
    return None


def _shows(found: Found) -> bool:
    """The entry is of a reply that showed a profile."""
    entry = orjson.loads(found.leaf)
    return entry["type"] in _NEEDED and "reply_sha256" in entry["facts"]


def _beside(conn: Connection, member: str, found: Found) -> list[Found]:
    """The other entries of the same reply: a history has one for each consent it rests on."""
    entry: dict[str, Any] = orjson.loads(found.leaf)
    if entry["type"] != EventType.PROFILE_HISTORY:
        return []
    at = parse_stamp(entry["ts"])
    query = Query(
        member=member,
        types=frozenset({EventType.PROFILE_HISTORY}),
        req=entry["req"],
        since=at,
        until=at + _MICROSECOND,
    )
    others = search(conn, query, limit=MAX_PAGE).entries
    return [one for one in others if orjson.loads(one.leaf)["id"] != entry["id"]]


def _check(conn: Connection, log: AuditLog, found: Found) -> None:
    """The entry stands in the log under its signed checkpoint, else `LogCorrupt`."""
    origin, index = found.position.origin, found.position.index
    tree = open_origin(conn, origin)
    signed = Checkpoint.open(tree.checkpoint, log.vkey(origin))
    proof = tree.inclusion(index, signed.size)
    hashed = merkle.leaf_hash(found.leaf)
    merkle.check_inclusion(hashed, index, signed.size, proof, signed.root)


def _disclosure(found: Found) -> Disclosure:
    entry: dict[str, Any] = orjson.loads(found.leaf)
    facts, consent = entry["facts"], entry["consent"]
    untold = [name for name in _NEEDED[entry["type"]] if name not in facts]
    if untold:
        why = f"it does not say {', '.join(untold)}: the build that wrote it did not yet"
        raise CannotRebuild((Missing("entry", entry["id"], why),))
    return Disclosure(
        id=UUID(entry["id"]),
        type=EventType(entry["type"]),
        at=parse_stamp(entry["ts"]),
        shown_at=parse_stamp(facts.get("shown_at", entry["ts"])),
        member=entry["member"],
        consent=ConsentStamp(UUID(consent["id"]), consent["seq"], consent["epoch"]),
        purpose=entry["purpose"],
        scopes=frozenset(Scope(scope) for scope in entry["scopes"]),
        snapshots=_ids(facts.get("snapshots") or facts["snapshot"]),
        of=_of(facts),
        sources=tuple(facts["sources"].split()),
        sections=frozenset(facts["sections"].split()),
        identified=bool(facts["identified"]),
        again=frozenset(_ids(facts.get("merged_again", ""))),
        reply_sha256=facts["reply_sha256"],
        code=entry["code"],
        origin=found.position.origin,
        index=found.position.index,
    )


def _of(facts: Mapping[str, Any]) -> Value | Page | None:
    if "path" in facts:
        return Value(facts["path"], dated=bool(facts["dated"]))
    if "page" in facts:
        told = (one.partition(":") for one in facts["page"].split())
        return Page({UUID(id_): why or None for id_, _, why in told}, facts["limit"])
    return None


def _ids(text: str) -> tuple[UUID, ...]:
    return tuple(UUID(one) for one in text.split())
