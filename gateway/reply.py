"""The reply of a pull or a read: one rendering, from sealed sections to bytes.

The same snapshot, permit and sections render to the same bytes for ever: `creditgate audit
replay` rests on it, and the disclosure entry carries their digest.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from consent.clock import stamp
from consent.decision import Permit
from gateway.store import Snapshot


@dataclass(frozen=True, slots=True)
class Reply:
    """What leaves. `etag` names the snapshot and the view of it; `entry` its disclosure."""

    body: bytes
    etag: str
    sections: tuple[str, ...]


def render(snapshot: Snapshot, permit: Permit, sections: Mapping[str, bytes]) -> Reply:
    """Canonical JSON of the snapshot's header and the sections the caller may see."""
    names = tuple(sorted(sections))
    body = orjson.dumps(
        {
            "snapshot": {
                "id": str(snapshot.id),
                "at": stamp(snapshot.at),
                "config": snapshot.config,
                "code": snapshot.code,
                "entry": str(snapshot.entry),
            },
            "subject": str(snapshot.subject),
            "purpose": snapshot.purpose,
            "consent": {
                "id": str(permit.grant.id),
                "seq": permit.grant.seq,
                "epoch": permit.grant.epoch,
            },
            "scopes": sorted(permit.ask.scopes),
            "profile": {name: orjson.Fragment(sections[name]) for name in names},
        },
        option=orjson.OPT_SORT_KEYS,
    )
    return Reply(body, f'"{snapshot.id}"', names)
