"""The history of a subject's profile: its snapshots, and what changed from each to the next.

One unit of the journal, as every look: the consents of today decide snapshot by snapshot, what is
shown is on record before it leaves, under each consent that it rests on. A snapshot that no
consent covers today, or that cannot be read any more, is a line with the reason and nothing in it.
When no consent covers any of a page the look is refused; when none opens because the subject's key
does not, as after an erasure, it fails as every other look does.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from consent.audit.catalogue import EventType
from consent.decision import Permit, Refusal
from consent.errors import InvalidInput, NotFound, VaultError
from consent.journal import Tx
from consent.ledger import stamp_of
from consent.vault.record import Vault
from gateway import entries
from gateway.disclosing import Disclosing, how_shown
from gateway.past.pages import Seen, Unseen, page
from gateway.rebuild import CannotRebuild
from gateway.reply import Reply
from gateway.requests import HistoryRequest
from gateway.store.snapshots import Snapshot, Store, StoredSnapshot

_UNREADABLE = "unreadable"
_LAST = UUID(int=2**128 - 1)  # of the snapshots of one instant


@dataclass(frozen=True, slots=True)
class _Look:
    """A snapshot, whether it may be looked at, and what is seen of it."""

    snapshot: Snapshot
    verdict: Permit | Refusal
    found: Seen | Unseen


@dataclass(frozen=True, slots=True)
class Recalling:
    """Shows histories."""

    disclosing: Disclosing
    store: Store
    vault: Vault

    def history(self, tx: Tx, request: HistoryRequest) -> Reply | Refusal:
        """One page; `NotFound` when there is no snapshot, or no such one to go on after.

        `VaultError` when the subject was erased.
        """
        looks = [self._look(tx, request, stored) for stored in self._page(tx, request)]
        told = looks[: request.limit]
        refusals = _distinct([one.verdict for one in told if isinstance(one.verdict, Refusal)])
        for refusal in refusals:
            self.disclosing.deny(tx, request, refusal)
        if not any(isinstance(one.verdict, Permit) for one in told):
            return refusals[0]
        if not any(isinstance(one.found, Seen) for one in told):
            self.vault.check_subject(tx.conn, request.trail.member, request.subject)
        looked = [one.found for one in looks]
        reply = page(request.subject, request.purpose, looked, limit=request.limit)
        self._note(tx, request, looks, reply)
        return reply

    def _note(self, tx: Tx, request: HistoryRequest, looks: Sequence[_Look], reply: Reply) -> None:
        """One entry for each consent, with the snapshots that were looked at under it."""
        page_ = " ".join(_cited(one.found) for one in looks)
        for looked in _by_consent(looks):
            snapshots = [one.snapshot for one, _ in looked]
            facts: dict[str, str | int] = {
                "snapshots": " ".join(str(one.id) for one in snapshots),
                "page": page_,
                "limit": request.limit,
                **how_shown(
                    request,
                    reply,
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

    def _look(self, tx: Tx, request: HistoryRequest, stored: StoredSnapshot) -> _Look:
        snapshot = stored.snapshot
        verdict = self.disclosing.covering(tx, stored, request.purpose)
        if isinstance(verdict, Refusal):
            return _Look(snapshot, verdict, Unseen(snapshot.id, verdict.reason))
        try:
            shown = self.disclosing.seen(tx, request, stored, verdict)
        except (CannotRebuild, VaultError):
            return _Look(snapshot, verdict, Unseen(snapshot.id, _UNREADABLE))
        seen = Seen(snapshot, stamp_of(verdict.grant), verdict.ask.scopes, shown)
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
