"""The history of a subject's profile: its snapshots, and what changed from each to the next.

One unit of the journal, as every look: the consents of today decide snapshot by snapshot, what is
shown is on record before it leaves, under each consent that it rests on. A snapshot that no
consent covers today, or that cannot be read any more, is a line with the reason and nothing in it;
when that is all there is, the look is refused.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from consent import canonical
from consent.audit.catalogue import EventType
from consent.clock import stamp
from consent.decision import Permit, Refusal
from consent.errors import InvalidInput, NotFound, VaultError
from consent.journal import Tx
from consent.subject import Scope
from gateway import entries
from gateway.disclosing import Disclosing
from gateway.past.history import Change, changes, compared
from gateway.profile import project
from gateway.rebuild import CannotRebuild
from gateway.reply import Reply, reply_of
from gateway.requests import HistoryRequest
from gateway.store.snapshots import Store, StoredSnapshot

_UNREADABLE = "unreadable"
_LAST = UUID(int=2**128 - 1)  # of the snapshots of one instant


@dataclass(frozen=True, slots=True)
class _Seen:
    """A snapshot, why it may or may not be looked at or cannot be, and what is seen of it."""

    stored: StoredSnapshot
    verdict: Permit | Refusal | CannotRebuild | VaultError
    sections: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def scopes(self) -> frozenset[Scope]:
        return self.verdict.ask.scopes if isinstance(self.verdict, Permit) else frozenset()


@dataclass(frozen=True, slots=True)
class Recalling:
    """Shows histories."""

    disclosing: Disclosing
    store: Store

    def history(self, tx: Tx, request: HistoryRequest) -> Reply | Refusal:
        """One page; `NotFound` when there is no snapshot, or no such one to go on after."""
        found = self._page(tx, request)
        seen = [self._look(tx, request, stored) for stored in found]
        shown = seen[: request.limit]
        refusals = _distinct([one.verdict for one in shown if isinstance(one.verdict, Refusal)])
        for refusal in refusals:
            self.disclosing.deny(tx, request, refusal)
        if not any(isinstance(one.verdict, Permit) for one in shown):
            return _nothing(shown, refusals)
        older = [_older(one, seen[place + 1 :]) for place, one in enumerate(shown)]
        lines = [_line(*both) for both in zip(shown, older, strict=True)]
        more = len(seen) > request.limit
        body = canonical.encode(
            {
                "subject": str(request.subject),
                "purpose": request.purpose,
                "snapshots": lines,
                "after": str(shown[-1].stored.snapshot.id) if more else None,
            }
        )
        reply = reply_of(body)
        for permit, ids, scopes in _rests_on([*shown, *(one for one in older if one)]):
            facts: dict[str, str | int] = {
                "snapshots": " ".join(ids),
                "identified": int(request.identified),
                "reply_sha256": reply.sha256,
            }
            tx.note(
                entries.under(
                    request.trail, permit, request.name, EventType.PROFILE_HISTORY, tx.at,
                    facts=facts, source=False, scopes=scopes,
                )
            )  # fmt: skip
        return reply

    def _page(self, tx: Tx, request: HistoryRequest) -> list[StoredSnapshot]:
        """The snapshots of the page and one more, to compare the last one with."""
        member, subject = request.trail.member, request.subject
        before = (request.as_of, _LAST)
        if request.after is not None:
            last = self.store.snapshot(tx.conn, member, subject, request.after)
            if last is None:
                raise InvalidInput("/after", "the `after` of an earlier page")
            before = (last.snapshot.at, last.snapshot.id)
        found = self.store.snapshots(
            tx.conn, member, subject, before=before, limit=request.limit + 1
        )
        if not found:
            raise NotFound("no profile of this subject")
        return found

    def _look(self, tx: Tx, request: HistoryRequest, stored: StoredSnapshot) -> _Seen:
        verdict = self.disclosing.covering(tx, stored, request.purpose)
        if isinstance(verdict, Refusal):
            return _Seen(stored, verdict)
        try:
            return _Seen(stored, verdict, self.disclosing.seen(tx, request, stored, verdict))
        except (CannotRebuild, VaultError) as gone:
            return _Seen(stored, gone)


def _distinct(refusals: Sequence[Refusal]) -> list[Refusal]:
    """Each refusal once, by consent and reason."""
    found = {(one.grant and one.grant.id, one.reason): one for one in reversed(refusals)}
    return [*found.values()][::-1]


def _nothing(shown: Sequence[_Seen], refusals: Sequence[Refusal]) -> Refusal:
    """Why nothing of a page is shown: the first refusal, else what could not be read is raised."""
    if refusals:
        return refusals[0]
    raise next(one.verdict for one in shown if isinstance(one.verdict, CannotRebuild | VaultError))


def _older(one: _Seen, rest: Sequence[_Seen]) -> _Seen | None:
    """The next older snapshot that may be looked at, if this one may."""
    if not isinstance(one.verdict, Permit):
        return None
    return next((older for older in rest if isinstance(older.verdict, Permit)), None)


def _rests_on(used: Iterable[_Seen]) -> list[tuple[Permit, list[str], set[Scope]]]:
    """Each consent, the snapshots that were looked at under it, and what of them."""
    found: dict[UUID, tuple[Permit, dict[str, None], set[Scope]]] = {}
    for one in used:
        if isinstance(one.verdict, Permit):
            _, ids, scopes = found.setdefault(one.verdict.grant.id, (one.verdict, {}, set()))
            ids[str(one.stored.snapshot.id)] = None
            scopes |= one.scopes
    return [(permit, [*ids], scopes) for permit, ids, scopes in found.values()]


def _line(one: _Seen, older: _Seen | None) -> dict[str, object]:
    snapshot, verdict = one.stored.snapshot, one.verdict
    if not isinstance(verdict, Permit):
        reason = verdict.reason.value if isinstance(verdict, Refusal) else _UNREADABLE
        return {"id": str(snapshot.id), "refused": {"reason": reason}}
    line: dict[str, object] = {
        "id": str(snapshot.id),
        "at": stamp(snapshot.at),
        "purpose": snapshot.purpose,
        "sources": list(snapshot.sources),
        "config": snapshot.config,
        "code": snapshot.code,
        "entry": str(snapshot.entry),
    }
    catalogue = _plain(one.sections).get("attributes", {}).get("catalogue")
    line |= {
        "scopes": sorted(one.scopes),
        "consent": {"id": str(verdict.grant.id), "epoch": verdict.grant.epoch},
        **({} if catalogue is None else {"catalogue": catalogue}),
    }
    if older is None:
        return line
    # What only one of them may be asked about is no change: both are cut to what they share.
    common = one.scopes & older.scopes
    old, new = (_plain(project(side.sections, common)) for side in (older, one))
    return {
        **line,
        "since": str(older.stored.snapshot.id),
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
