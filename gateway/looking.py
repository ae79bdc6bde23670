"""One stored profile looked at later: a read, a pull that is repeated, a value explained.

(1) look      a consent of now covers the snapshot that is meant; what of it may be shown is opened
              and told
(2) release   one unit of the journal: the disclosure is on record, then the reply leaves

A usual profile is opened in a millisecond or two, for less than it costs to have a thread do it: a
read is one unit, and nothing comes between (1) and (2). When the unit finds that it would take
long, with a large profile or one that has to be merged again, it opens nothing and says which
snapshot is meant; that one is looked at beside the writer (`gateway.beside`), as it is for every
explanation, and (2) asks the consent again. A crash before the commit of (2) disclosed nothing; a
withdrawal comes before it, and wins, or after.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from uuid import UUID

from consent.audit.catalogue import EventType
from consent.clock import stamp
from consent.decision import Permit, Refusal
from consent.errors import NotFound, VaultError
from consent.journal import Tx
from consent.ledger import stamp_of
from consent.vault.record import Vault
from gateway import entries
from gateway.beside import Beside
from gateway.disclosing import Disclosing, View, how_shown
from gateway.rebuild import CannotRebuild
from gateway.reply import Reply, render, salt_of
from gateway.requests import PullRequest, ReadRequest
from gateway.showing import Shown
from gateway.store.snapshots import Store, StoredSnapshot, TakesLong


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a snapshot, and what its entry says besides how it was shown."""

    reply: Reply
    facts: Mapping[str, str | int]


Tell = Callable[[View, StoredSnapshot, Permit, Shown], Told]
"""Makes a reply of what the caller may see of a snapshot, under that permit."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is told of which snapshot, and how the entry calls that.

    `which` is its id, or the instant at which it was the newest.
    """

    request: PullRequest | ReadRequest
    which: UUID | datetime
    tell: Tell
    kind: EventType


@dataclass(frozen=True, slots=True)
class _Look:
    """A reply, the permit that opened what it tells of, and the facts of its entry."""

    permit: Permit
    reply: Reply
    facts: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Looking:
    """Shows stored profiles. `VaultError` when the subject was erased."""

    beside: Beside
    disclosing: Disclosing
    store: Store
    vault: Vault

    async def read(self, request: ReadRequest) -> Reply | Refusal:
        """What was known at `as_of`, under whichever consent of today covers it."""
        tell = partial(_whole, request)
        return await self._brief(_Asked(request, request.as_of, tell, EventType.PROFILE_READ))

    async def repeat(self, request: PullRequest, snapshot: UUID) -> Reply | Refusal:
        """The reply an earlier pull like this one brought, if its own consent still covers it."""
        tell = partial(_whole, request)
        return await self._brief(_Asked(request, snapshot, tell, EventType.PROFILE_READ))

    async def told(self, request: ReadRequest, tell: Tell, kind: EventType) -> Reply | Refusal:
        """As `read`, but something else is told of it, which takes long."""
        return await self._beside(_Asked(request, request.as_of, tell, kind))

    # -- the parts ----------------------------------------------------------------------------

    async def _brief(self, asked: _Asked) -> Reply | Refusal:
        """In one unit; where that takes long, it only says of which snapshot."""
        shown = await self.beside.journal.commit(partial(self._at_once, asked))
        if isinstance(shown, UUID):
            return await self._beside(replace(asked, which=shown))
        return shown

    async def _beside(self, asked: _Asked) -> Reply | Refusal:
        return await self.beside.released(
            asked.request.trail.actor, partial(self._look, asked), partial(self._release, asked)
        )

    def _at_once(self, asked: _Asked, tx: Tx) -> Reply | Refusal | UUID:
        stored = self._stored(asked, tx, brief=True)
        try:
            found = self._look_at(asked, stored, tx, brief=True)
        except TakesLong:
            found = None
        return self._noted(asked, found, tx) or stored.snapshot.id

    def _look(self, asked: _Asked, view: View) -> _Look | Refusal | None:
        return self._look_at(asked, self._stored(asked, view), view)

    def _release(
        self, asked: _Asked, found: _Look | Refusal | None, tx: Tx
    ) -> Reply | Refusal | None:
        """The reply, or None when the consent it rests on is not as it was."""
        if isinstance(found, _Look):
            if self.disclosing.ledger.gate(tx.conn, found.permit, at=tx.at) is not None:
                return None
            self.vault.check_subject(tx.conn, asked.request.trail.member, asked.request.subject)
        return self._noted(asked, found, tx)

    def _stored(self, asked: _Asked, view: View, *, brief: bool = False) -> StoredSnapshot:
        """The snapshot that is meant, or `NotFound`."""
        request, conn = asked.request, view.conn
        member, subject, wanted = request.trail.member, request.subject, request.attribute_set
        if isinstance(asked.which, UUID):
            found = self.store.snapshot(conn, member, subject, asked.which, brief=brief)
            lacking = "the snapshot of the earlier request is gone"
        else:
            found = self.store.snapshot_as_of(
                conn, member, subject, asked.which, attributes=wanted, brief=brief
            )
            has = f" with attributes {wanted}; pull one that names them" if wanted else ""
            lacking = f"no profile of this subject was pulled by then{has}"
        if found is None:
            raise NotFound(lacking)
        return found

    def _look_at(
        self, asked: _Asked, stored: StoredSnapshot, view: View, *, brief: bool = False
    ) -> _Look | Refusal | None:
        """None when the consent ran out while it was looked at."""
        request, snapshot = asked.request, stored.snapshot
        named = request.consent if isinstance(request, PullRequest) else None
        permit = self.disclosing.covering(view, stored, request.purpose, by=named)
        if isinstance(permit, Refusal):
            return permit
        try:
            seen = self.disclosing.seen(view, request, stored, permit, brief=brief)
            told = asked.tell(view, stored, permit, seen)
        except (CannotRebuild, VaultError):
            if self.beside.clock() >= permit.valid_until:
                return None
            raise
        facts: dict[str, str | int] = {
            "snapshot": str(snapshot.id),
            "shown_at": stamp(view.at),
            **how_shown(
                request,
                told.reply,
                sources=snapshot.sources,
                sections=seen.sections,
                again=[] if seen.merged_by is None else [snapshot.id],
            ),
            **told.facts,
        }
        return _Look(permit, told.reply, facts)

    def _noted(
        self, asked: _Asked, found: _Look | Refusal | None, tx: Tx
    ) -> Reply | Refusal | None:
        """What was found, now that it is on record; None of nothing."""
        if not isinstance(found, _Look):
            return found and self.disclosing.deny(tx, asked.request, found)
        tx.note(
            entries.under(
                asked.request.trail, found.permit, asked.request.name, asked.kind, tx.at,
                facts=found.facts, source=False,
            )
        )  # fmt: skip
        return found.reply


def _whole(
    request: PullRequest | ReadRequest,
    _view: View,
    stored: StoredSnapshot,
    permit: Permit,
    seen: Shown,
) -> Told:
    """All that the caller may see."""
    reply = render(
        stored.snapshot, stamp_of(permit.grant), permit.ask.scopes, seen.sections,
        merged_by=seen.merged_by,
        salt=salt_of(seen.secret, permit.ask.scopes, identified=request.identified),
    )  # fmt: skip
    plan = request.plan if isinstance(request, PullRequest) else None
    return Told(reply, {} if plan is None else {"plan": plan.name})
