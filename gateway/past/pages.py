"""A page of a history as it is told, from what was seen of each snapshot: no I/O in it.

A replay hands in what was seen then, and gets the bytes that left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from consent import canonical
from consent.audit.catalogue import ConsentStamp
from consent.clock import stamp
from consent.subject import Scope, SubjectRef
from gateway.past.history import Change, changes, compared
from gateway.profile import project
from gateway.reply import Reply, reply_of
from gateway.showing import Shown
from gateway.store.snapshots import Snapshot


@dataclass(frozen=True, slots=True)
class Seen:
    """What is seen of a snapshot, under which consent, of which scopes."""

    snapshot: Snapshot
    consent: ConsentStamp
    scopes: frozenset[Scope]
    shown: Shown
    salt: str | None

    @property
    def id(self) -> UUID:
        """The snapshot's."""
        return self.snapshot.id


@dataclass(frozen=True, slots=True)
class Unseen:
    """The id of a snapshot of which nothing is seen, and the code why."""

    id: UUID
    reason: str


def page(
    subject: SubjectRef, purpose: str, looked: Sequence[Seen | Unseen], *, limit: int
) -> Reply:
    """The first `limit` of the snapshots looked at, each with its changes from the next older one.

    A snapshot of which nothing is seen is a line with the reason and nothing else in it.
    """
    told = looked[:limit]
    more = len(looked) > limit
    return reply_of(
        canonical.encode(
            {
                "subject": str(subject),
                "purpose": purpose,
                "snapshots": [_line(one, looked[at + 1 :]) for at, one in enumerate(told)],
                "after": str(told[-1].id) if more else None,
            }
        )
    )


def _line(one: Seen | Unseen, rest: Sequence[Seen | Unseen]) -> dict[str, object]:
    if isinstance(one, Unseen):
        return {"id": str(one.id), "refused": {"reason": one.reason}}
    snapshot = one.snapshot
    sections, merged_by = _plain(one.shown.sections), one.shown.merged_by
    catalogue = sections.get("attributes", {}).get("catalogue")
    line: dict[str, object] = {
        "id": str(snapshot.id),
        "at": stamp(snapshot.at),
        "purpose": snapshot.purpose,
        "sources": list(snapshot.sources),
        "config": snapshot.config,
        "code": snapshot.code,
        **({} if merged_by is None else {"merged_by": merged_by}),
        **({} if one.salt is None else {"salt": one.salt}),
        "entry": str(snapshot.entry),
        "scopes": sorted(one.scopes),
        "consent": {"id": str(one.consent.id), "epoch": one.consent.epoch},
        **({} if catalogue is None else {"catalogue": catalogue}),
    }
    older = next((other for other in rest if isinstance(other, Seen)), None)
    if older is None:
        return line
    # What only one of them may be asked about is no change: both are cut to what they share.
    common = one.scopes & older.scopes
    old, new = (_plain(project(side.shown.sections, common)) for side in (older, one))
    return {
        **line,
        "since": str(older.id),
        "compared": list(compared(old, new)),
        "changes": [_told(change) for change in changes(old, new)],
    }


def _told(change: Change) -> dict[str, Any]:
    told: dict[str, Any] = {
        "section": change.section,
        "kind": change.kind,
        "item": change.item,
        "label": change.label,
        "what": change.what.value,
        "field": change.field,
        "sources": list(change.sources),
    }
    sides = {"old": change.old, "new": change.new}
    return told | {name: value for name, value in sides.items() if value is not None}


def _plain(sections: Mapping[str, bytes]) -> dict[str, Any]:
    return {name: orjson.loads(body) for name, body in sections.items()}
