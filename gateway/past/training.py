"""Attributes as they were known: one row for each (subject, instant), never looking ahead.

A row is the newest snapshot made at or before its instant, and its attributes as they were computed
then, by one pinned catalogue. No later pull can change it. Every subject is looked up under a
consent of today for the purpose of the export; a row that is not written is counted by its reason.

Rows go through in batches, each one unit of the journal: who was looked at is on record before
any of the batch is written.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from consent.audit.catalogue import EventType, Trail
from consent.decision import Permit, Refusal
from consent.errors import NotFound, VaultError
from consent.journal import Tx
from consent.subject import SubjectRef
from consent.vault.record import Vault
from gateway import entries
from gateway.disclosing import Disclosing
from gateway.rebuild import CannotRebuild
from gateway.requests import ReadRequest
from gateway.store.snapshots import Store

NOT_COVERED = "not_covered"
"""Why an attribute is missing that rests on what no consent of today covers."""

_SECTION = "attributes"
_NO_SNAPSHOT, _NO_CONSENT = "no_snapshot", "no_consent"
_OTHER_CATALOGUE, _UNREADABLE = "other_catalogue", "unreadable"


@dataclass(frozen=True, slots=True)
class Point:
    """What to look up: a subject as known at `at`; `row` is its place in the list asked for."""

    row: int
    subject: SubjectRef
    at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the export: for each attribute a value, or why there is none."""

    row: int
    subject: str
    at: datetime
    known_at: datetime
    values: Mapping[str, tuple[int | None, str | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One export: its id, who asks for what, and the catalogue all its rows are of."""

    id: UUID
    trail: Trail
    purpose: str
    catalogue: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Training:
    """Looks points up."""

    disclosing: Disclosing
    store: Store
    vault: Vault

    def batch(
        self, tx: Tx, export: Export, points: Sequence[Point]
    ) -> tuple[list[Line], Counter[str]]:
        """The lines of these points, and how many have none, by reason."""
        lines: list[Line] = []
        left_out: Counter[str] = Counter()
        looked: dict[SubjectRef, Permit] = {}
        denied: set[SubjectRef] = set()
        for point in points:
            found = self._line(tx, export, point, denied)
            if isinstance(found, str):
                left_out[found] += 1
            else:
                line, looked[point.subject] = found
                lines.append(line)
        for subject, permit in looked.items():
            count = sum(point.subject == subject for point in points)
            tx.note(
                entries.under(
                    export.trail, permit, self._name(export, subject), EventType.EXPORT_READ,
                    tx.at, facts={"export": str(export.id), "rows": count}, source=False,
                )
            )  # fmt: skip
        return lines, left_out

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

    def _line(
        self, tx: Tx, export: Export, point: Point, denied: set[SubjectRef]
    ) -> tuple[Line, Permit] | str:
        member = export.trail.member
        stored = self.store.snapshot_as_of(tx.conn, member, point.subject, point.at)
        if stored is None:
            return _NO_SNAPSHOT
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
            verdict = self.disclosing.covering(tx, stored, export.purpose)
        except NotFound:
            return _NO_CONSENT
        if isinstance(verdict, Refusal):
            if point.subject not in denied:  # once a batch is enough to tell who was refused
                denied.add(point.subject)
                self.disclosing.deny(tx, request, verdict)
            return str(verdict.reason)
        try:
            seen = self.disclosing.seen(tx, request, stored, verdict)
        except (VaultError, CannotRebuild):
            return _UNREADABLE
        section = orjson.loads(seen.sections.get(_SECTION, b"{}"))
        if section.get("catalogue") != export.catalogue:
            return _OTHER_CATALOGUE
        told = {one["name"]: (one["value"], one.get("missing")) for one in section["values"]}
        values = {name: told.get(name, (None, NOT_COVERED)) for name in export.names}
        pseudonym = self.vault.export_pseudonym(member, export.id, point.subject)
        return Line(point.row, pseudonym, point.at, stored.snapshot.at, values), verdict

    def _name(self, export: Export, subject: SubjectRef) -> str:
        return self.vault.pseudonym(export.trail.member, subject)
