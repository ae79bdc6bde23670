"""The history of a subject's profile: its snapshots, and what changed from each to the next.

(1) look      the consents of now decide snapshot by snapshot; what they cover is opened
(2) compare   each version with the one before
(3) release   one unit of the journal: the consents are asked again, and what is shown is on
              record before it leaves, under each consent that it rests on

(1) and (2) go on beside the writer (`gateway.beside`). When the subject was erased by (3), it
fails as every other look does.

A snapshot that no consent covers today, or that cannot be read any more, is a line with the reason
and nothing in it. When no consent covers any of a page the look is refused.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import Connection

from consent.audit.catalogue import EventType
from consent.clock import stamp
from consent.decision import Permit, Refusal
from consent.errors import InvalidInput, NotFound, VaultError
from consent.journal import Tx
from consent.ledger import stamp_of
from consent.vault.record import Vault
from gateway import entries
from gateway.beside import Beside, View
from gateway.disclosing import Disclosing, how_shown
from gateway.past.pages import Seen, Unseen, page
from gateway.rebuild import CannotRebuild
from gateway.reply import Reply, salt_of
from gateway.requests import HistoryRequest
from gateway.store.snapshots import Snapshot, Store, StoredSnapshot

_UNREADABLE = "unreadable"
_FURTHER = 20  # snapshots beyond a page that are looked at for one to compare with
_LAST = UUID(int=2**128 - 1)  # of the snapshots of one instant


@dataclass(frozen=True, slots=True)
class _Look:
    """A snapshot, whether it may be looked at, and what is seen of it."""

    snapshot: Snapshot
    verdict: Permit | Refusal
    found: Seen | Unseen


@dataclass(frozen=True, slots=True)
class _Page:
    """What was looked at, at which instant, and the reply that tells of it."""

    at: datetime
    looks: Sequence[_Look]
    reply: Reply


@dataclass(frozen=True, slots=True)
class Recalling:
    """Shows histories."""

    beside: Beside
    disclosing: Disclosing
    store: Store
    vault: Vault

    async def history(self, request: HistoryRequest) -> Reply | Refusal:
        """One page; `NotFound` when there is no snapshot, or no such one to go on after.

        `VaultError` when the subject was erased.
        """
        return await self.beside.released(
            request.trail.actor,
            partial(self._compared, request),
            partial(self._release, request),
        )

    def _compared(self, request: HistoryRequest, view: View) -> _Page:
        looks = self._looks(view, request)  # (1)
        looked = [one.found for one in looks]
        reply = page(request.subject, request.purpose, looked, limit=request.limit)  # (2)
        return _Page(view.at, looks, reply)

    def _release(
        self, request: HistoryRequest, found: _Page, tx: Tx
    ) -> Reply | Refusal | None:  # (3)
        """The reply, or None when a consent it rests on is not as it was."""
        told = found.looks[: request.limit]
        for (_, permit), *_ in _by_consent(found.looks):
            if self.disclosing.ledger.gate(tx.conn, permit, at=tx.at) is not None:
                return None
        refusals = _distinct([one.verdict for one in told if isinstance(one.verdict, Refusal)])
        for refusal in refusals:
            self.disclosing.deny(tx, request, refusal)
        if not any(isinstance(one.verdict, Permit) for one in told):
            return refusals[0]
        self.vault.check_subject(tx.conn, request.trail.member, request.subject)
        self._note(tx, request, found)
        return found.reply

    def _note(self, tx: Tx, request: HistoryRequest, found: _Page) -> None:
        """One entry for each consent, with the snapshots that were looked at under it."""
        page_ = " ".join(_cited(one.found) for one in found.looks)
        for looked in _by_consent(found.looks):
            snapshots = [one.snapshot for one, _ in looked]
            facts: dict[str, str | int] = {
                "snapshots": " ".join(str(one.id) for one in snapshots),
                "page": page_,
                "limit": request.limit,
                "shown_at": stamp(found.at),
                **how_shown(
                    request,
                    found.reply,
                    sources={source for one in snapshots for source in one.sources},
                    sections=request.sections,
                    again=[one.snapshot.id for one, _ in looked if _merged_again(one.found)],
                ),
            }
            scopes = {scope for _, permit in looked for scope in permit.ask.scopes}
            tx.note(
                entries.under(
                    request.trail, looked[0][1], request.name, EventType.PROFILE_HISTORY, tx.at,
                    facts=facts, source=False, scopes=scopes,
                )
            )  # fmt: skip

    def _looks(self, view: View, request: HistoryRequest) -> list[_Look]:
        """Those of the page, and further ones until there is one to compare its last one with."""
        looks = [self._look(view, request, one) for one in self._page(view.conn, request)]
        while request.limit < len(looks) < request.limit + _FURTHER:
            last = looks[-1]
            if isinstance(last.found, Seen):
                break
            member, before = request.trail.member, (last.snapshot.at, last.snapshot.id)
            found = self.store.snapshots(view.conn, member, request.subject, before=before, limit=1)
            if not found:
                break
            looks.append(self._look(view, request, found[0]))
        return looks

    def _page(self, conn: Connection, request: HistoryRequest) -> list[StoredSnapshot]:
        """The snapshots of the page and one more."""
        member, subject = request.trail.member, request.subject
        before = (request.as_of, _LAST)
        if request.after is not None:
            last = self.store.snapshot(conn, member, subject, request.after)
            if last is None:
                raise InvalidInput("/after", "the `after` of an earlier page")
            before = min(before, (last.snapshot.at, last.snapshot.id))
        found = self.store.snapshots(conn, member, subject, before=before, limit=request.limit + 1)
        if not found:
            raise NotFound("no profile of this subject")
        return found

    def _look(self, view: View, request: HistoryRequest, stored: StoredSnapshot) -> _Look:
        snapshot = stored.snapshot
        verdict = self.disclosing.covering(view, stored, request.purpose)
        if isinstance(verdict, Refusal):
            return _Look(snapshot, verdict, Unseen(snapshot.id, verdict.reason))
        try:
            shown = self.disclosing.seen(view, request, stored, verdict)
        except (CannotRebuild, VaultError):
            return _Look(snapshot, verdict, Unseen(snapshot.id, _UNREADABLE))
        scopes = verdict.ask.scopes
        salt = salt_of(shown.secret, scopes, identified=request.identified)
        seen = Seen(snapshot, stamp_of(verdict.grant), scopes, shown, salt)
        return _Look(snapshot, verdict, seen)


def _distinct(refusals: Sequence[Refusal]) -> list[Refusal]:
    """Each refusal once, by consent and reason."""
    found = {(one.grant and one.grant.id, one.reason): one for one in reversed(refusals)}
    return [*found.values()][::-1]


def _by_consent(looks: Iterable[_Look]) -> list[list[tuple[_Look, Permit]]]:
    """What was looked at, by the consent under which it was."""
    by: defaultdict[UUID, list[tuple[_Look, Permit]]] = defaultdict(list)
    for one in looks:
        if isinstance(one.verdict, Permit):
            by[one.verdict.grant.id].append((one, one.verdict))
    return [*by.values()]


def _merged_again(one: Seen | Unseen) -> bool:
    return isinstance(one, Seen) and one.shown.merged_by is not None


def _cited(one: Seen | Unseen) -> str:
    """How an entry names what was looked at; `gateway.past.disclosures` reads it."""
    return f"{one.id}:{one.reason}" if isinstance(one, Unseen) else str(one.id)
