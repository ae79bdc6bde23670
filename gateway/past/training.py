"""Attributes as they were known: one row for each (subject, instant), never looking ahead.

A row is the newest snapshot made at or before its instant that has the pinned catalogue, and its
attributes as they were computed then. A newer one by another catalogue is passed over, as in GET
attributes. No later pull can change a row, so none is of an instant to come: what will be known by
then is not known yet. Every subject is looked up under a consent of today
for the purpose of the export; a row that is not written is counted by its reason.

Rows go through in batches, each looked up beside the writer (`gateway.beside`) and released by
one unit of the journal: who was looked at, under which consent, and in which snapshots, is on
record before any of the batch is written.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from uuid import UUID

import orjson
from sqlalchemy import Connection

from consent.audit.catalogue import EventType, Trail
from consent.decision import Permit, Refusal
from consent.errors import NotFound, VaultError
from consent.journal import Tx
from consent.subject import SubjectRef
from consent.vault.record import Vault
from gateway import entries
from gateway.beside import Beside, View
from gateway.disclosing import Disclosing
from gateway.rebuild import CannotRebuild
from gateway.requests import ReadRequest
from gateway.store.snapshots import Store

NOT_COVERED = "not_covered"
"""Why an attribute is missing that rests on what no consent of today covers."""

_SECTION = "attributes"
_IN_FUTURE, _NO_SNAPSHOT, _NO_CONSENT = "in_future", "no_snapshot", "no_consent"
_OTHER_CATALOGUE, _UNREADABLE = "other_catalogue", "unreadable"


@dataclass(frozen=True, slots=True)
class Point:
    """What to look up: a subject as known at `at`; `row` is its place in the list asked for."""

    row: int
    subject: SubjectRef
    at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the export: for each attribute a value, or why there is none.

    `disputed` when any of these attributes rests on a record that its source marked as disputed.
    """

    row: int
    subject: str
    at: datetime
    known_at: datetime
    values: Mapping[str, tuple[int | None, str | None]]
    disputed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One export: its id, who asks `at` which instant for what, and the catalogue of its rows."""

    id: UUID
    at: datetime
    trail: Trail
    purpose: str
    catalogue: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """A row, the snapshot it was found in, and the permit that opened it."""

    line: Line
    snapshot: UUID
    permit: Permit


@dataclass(slots=True)
class _Look:
    """What was found of a batch: rows by subject and consent, and the refusals to put on record.

    `unread` are the permits of what did not open: a consent may have run out meanwhile.
    """

    lines: list[Line] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    opened: defaultdict[tuple[SubjectRef, UUID], list[_Found]] = field(
        default_factory=lambda: defaultdict(list)
    )
    denied: dict[SubjectRef, tuple[ReadRequest, Refusal]] = field(default_factory=dict)
    unread: list[Permit] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Training:
    """Looks points up."""

    beside: Beside
    disclosing: Disclosing
    store: Store
    vault: Vault

    async def batch(
        self, export: Export, points: Sequence[Point]
    ) -> tuple[list[Line], Counter[str]]:
        """The lines of these points, and how many have none, by reason."""
        return await self.beside.released(
            export.trail.actor,
            partial(self._look, export, points),
            partial(self._release, export),
        )

    def _look(self, export: Export, points: Sequence[Point], view: View) -> _Look:
        look = _Look()
        for point in points:
            ahead = point.at > export.at
            found = _IN_FUTURE if ahead else self._find(view, export, point, look)
            if isinstance(found, str):
                look.left_out[found] += 1
            else:
                look.lines.append(found.line)
                look.opened[point.subject, found.permit.grant.id].append(found)
        return look

    def _release(
        self, export: Export, look: _Look, tx: Tx
    ) -> tuple[list[Line], Counter[str]] | None:
        """The batch, or None when one consent is not as it was, or one subject was erased."""
        gate = partial(self.disclosing.ledger.gate, tx.conn, at=tx.at)
        permits = [one.permit for under in look.opened.values() for one in under]
        if any(gate(permit) is not None for permit in (*permits, *look.unread)):
            return None
        if not all(self._keyed(tx.conn, export, subject) for subject, _ in look.opened):
            return None
        for request, refusal in look.denied.values():
            self.disclosing.deny(tx, request, refusal)
        for (subject, _), under in look.opened.items():
            self._note(tx, export, subject, under)
        return look.lines, look.left_out

    def _keyed(self, conn: Connection, export: Export, subject: SubjectRef) -> bool:
        """Something of the subject can be opened."""
        try:
            self.vault.check_subject(conn, export.trail.member, subject)
        except VaultError:
            return False
        return True

    def created(
        self, tx: Tx, export: Export, *, sha256: str, rows: int, left_out: Mapping[str, int]
    ) -> None:
        """The file is whole: put it on record, before it gets its name."""
        facts: dict[str, str | int] = {
            "export": str(export.id),
            "catalogue": export.catalogue,
            "rows": rows,
            "sha256": sha256,
            **{f"left_out.{reason}": count for reason, count in sorted(left_out.items())},
        }
        tx.note(
            export.trail.entry(EventType.EXPORT_CREATED, tx.at, purpose=export.purpose, facts=facts)
        )

    def _note(self, tx: Tx, export: Export, subject: SubjectRef, under: Sequence[_Found]) -> None:
        """What was looked at of one subject under one consent."""
        facts: dict[str, str | int] = {
            "export": str(export.id),
            "rows": len(under),
            "snapshots": " ".join(sorted({str(one.snapshot) for one in under})),
        }
        scopes = {scope for one in under for scope in one.permit.ask.scopes}
        tx.note(
            entries.under(
                export.trail, under[0].permit, self._name(export, subject), EventType.EXPORT_READ,
                tx.at, facts=facts, source=False, scopes=scopes,
            )
        )  # fmt: skip

    def _find(self, view: View, export: Export, point: Point, look: _Look) -> _Found | str:
        """The row of a point, or the code why it has none."""
        member = export.trail.member
        as_of = partial(self.store.snapshot_as_of, view.conn, member, point.subject, point.at)
        stored = as_of(attributes=export.catalogue)
        if stored is None:
            return _NO_SNAPSHOT if as_of() is None else _OTHER_CATALOGUE
        request = ReadRequest(
            trail=export.trail,
            subject=point.subject,
            name=self._name(export, point.subject),
            purpose=export.purpose,
            sections=frozenset({_SECTION}),
            identified=False,
            as_of=point.at,
        )
        try:
            verdict = self.disclosing.covering(view, stored, export.purpose)
        except NotFound:
            return _NO_CONSENT
        if isinstance(verdict, Refusal):
            # Once a batch is enough to tell who was refused.
            look.denied.setdefault(point.subject, (request, verdict))
            return str(verdict.reason)
        try:
            self.vault.check_subject(view.conn, member, point.subject)  # as the release will
            seen = self.disclosing.seen(view, request, stored, verdict)
        except (VaultError, CannotRebuild):
            look.unread.append(verdict)
            return _UNREADABLE
        section = orjson.loads(seen.sections.get(_SECTION, b"{}"))
        if section.get("catalogue") != export.catalogue:  # the column that was asked is no proof
            return _UNREADABLE
        told = {one["name"]: (one["value"], one.get("missing")) for one in section["values"]}
        values = {name: told.get(name, (None, NOT_COVERED)) for name in export.names}
        pseudonym = self.vault.export_pseudonym(member, export.id, point.subject)
        disputed = any(basis.get("disputed") for basis in section["bases"])
        line = Line(point.row, pseudonym, point.at, stored.snapshot.at, values, disputed)
        return _Found(line, stored.snapshot.id, verdict)

    def _name(self, export: Export, subject: SubjectRef) -> str:
        return self.vault.pseudonym(export.trail.member, subject)
