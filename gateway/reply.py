"""The reply of a pull or a read: one rendering, from sealed sections to bytes.

The same snapshot, consent, scopes and sections render to the same bytes for ever: the disclosure
entry carries their digest, so that a reply rebuilt later can be proven to be the one that left.
A salt in them keeps that digest from telling anything to who may read the log and not the reply:
whoever knows all of it but a telephone number would else try all numbers.
"""

import hashlib
import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import orjson

from consent.audit.catalogue import ConsentStamp
from consent.clock import stamp
from consent.subject import Scope
from gateway.profile import project
from gateway.sections import without_identities
from gateway.store.snapshots import Snapshot

_SALT_DIGITS = 32  # of hex: 128 bits, which nobody tries out


@dataclass(frozen=True, slots=True)
class Reply:
    """What leaves: the bytes, their SHA-256 in hex, and the sections in them."""

    body: bytes
    sha256: str
    sections: tuple[str, ...]

    @property
    def etag(self) -> str:
        """A strong validator: other bytes, other tag (RFC 9110 section 8.8.3)."""
        return f'"{self.sha256[:32]}"'


def reply_of(body: bytes, sections: tuple[str, ...] = ()) -> Reply:
    """A reply of these bytes."""
    return Reply(body, hashlib.sha256(body).hexdigest(), sections)


def salt_of(secret: bytes | None, scopes: Collection[Scope], *, identified: bool) -> str | None:
    """The salt of all replies that show as much of a snapshot as this one, from its secret.

    Who sees less has another one, from which this one does not follow. None of snapshots that were
    made before there were salts.
    """
    if secret is None:
        return None
    view = f"{int(identified)} {' '.join(sorted(scopes))}"
    return hmac.new(secret, view.encode(), hashlib.sha256).hexdigest()[:_SALT_DIGITS]


def visible(
    sections: Mapping[str, bytes],
    scopes: frozenset[Scope],
    *,
    whole: frozenset[Scope],
    identified: bool,
) -> dict[str, bytes]:
    """What of a snapshot's sections a caller sees.

    `whole` are the snapshot's scopes, `scopes` those of them that are covered; `identified` says
    whether the caller may see who it is about.
    """
    seen = dict(sections)
    if not identified:
        seen = without_identities(seen)
    return seen if scopes == whole else project(seen, scopes)


def render(
    snapshot: Snapshot,
    consent: ConsentStamp,
    scopes: frozenset[Scope],
    sections: Mapping[str, bytes],
    *,
    salt: str | None,
    merged_by: str | None = None,
) -> Reply:
    """Canonical JSON of the snapshot's header and the sections the caller may see.

    `scopes` are those of the snapshot that `consent` covers, `merged_by` is the build that merged
    these sections, when it is not the snapshot itself that is shown.
    """
    names = tuple(sorted(sections))
    body = orjson.dumps(
        {
            "snapshot": {
                "id": str(snapshot.id),
                "at": stamp(snapshot.at),
                "config": snapshot.config,
                "code": snapshot.code,
                "attributes": snapshot.attributes,
                "entry": str(snapshot.entry),
                **({} if merged_by is None else {"merged_by": merged_by}),
                **({} if salt is None else {"salt": salt}),
            },
            "subject": str(snapshot.subject),
            "purpose": snapshot.purpose,
            # Not its version: that moves when the last use is taken, the permission does not.
            "consent": {"id": str(consent.id), "epoch": consent.epoch},
            "scopes": sorted(scopes),
            "profile": {name: orjson.Fragment(sections[name]) for name in names},
        },
        option=orjson.OPT_SORT_KEYS,
    )
    return reply_of(body, names)
