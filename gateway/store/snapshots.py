"""Snapshots and raw reports: sealed in, sealed out.

A snapshot is one immutable version of a profile. Each of its sections is one sealed field
under the key class of its scope, so whoever may not read a scope never opens that section. Raw
reports are kept compressed and sealed, for reuse within `max_age_s` and for replay.

Trusted to keep what it is given. Whoever can write to it can delete, which a comparison with the
audit log shows, since it names every snapshot; they can neither read a section nor change, move
or drop one without its seal breaking.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import zstandard
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    Row,
    String,
    Table,
    Uuid,
    bindparam,
    case,
    func,
    insert,
    select,
    tuple_,
)

from connectors.http import RawAnswer
from consent.clock import parse_stamp, stamp
from consent.database import metadata
from consent.decision import Permit
from consent.errors import VaultError
from consent.ids import uuid7
from consent.journal import Tx
from consent.subject import Act, Ask, Scope, SubjectRef
from consent.vault.keys import KeyClass
from consent.vault.record import Vault
from consent.vault.sealed import SealedRecord
from gateway import sections
from gateway.store import permitted

_SCHEMA_VERSION = 1
_BRIEF = 500_000  # bytes: a few milliseconds of opening, and three times a usual profile
_ANY = 2**62
_RAW = "/raw"
_INPUTS = "/inputs"
SALT = "salt"
"""The name of what is no section, but opened with them: the secret its replies are salted by."""

snapshots = Table(
    "snapshot",
    metadata,
    Column("member", String, primary_key=True),
    Column("subject", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("at", String, nullable=False),
    Column("consent", Uuid, nullable=False),
    Column("purpose", String, nullable=False),
    Column("sources", String, nullable=False),
    Column("scopes", String, nullable=False),
    Column("config", String, nullable=False),
    Column("code", String, nullable=False),
    Column("attributes", String, nullable=False),
    Column("entry", Uuid, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index(None, "member", "subject", "at"),
)

reports = Table(
    "report",
    metadata,
    Column("member", String, primary_key=True),
    Column("subject", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("source", String, nullable=False),
    Column("received_at", String, nullable=False),
    Column("status", Integer, nullable=False),
    Column("sha256", String, nullable=False),
    Column("legible", Boolean, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index(None, "member", "subject", "source", "received_at"),
)

# Built once: building a statement costs more than SQLite needs to run it.
_IN_CLEAR = [column for column in snapshots.c if column is not snapshots.c.sealed]
_UP_TO = func.length(snapshots.c.sealed) <= bindparam("most")  # told without reading it
_ROW = select(*_IN_CLEAR, case((_UP_TO, snapshots.c.sealed)).label("sealed"))
_OF_SUBJECT = (
    snapshots.c.member == bindparam("of_member"),
    snapshots.c.subject == bindparam("of_subject"),
)
_SNAPSHOT = _ROW.where(*_OF_SUBJECT, snapshots.c.id == bindparam("of_id"))
_AS_OF = (
    _ROW.where(*_OF_SUBJECT, snapshots.c.at <= bindparam("as_of"))
    .order_by(snapshots.c.at.desc())
    .limit(1)
)
_AS_OF_WITH = _AS_OF.where(snapshots.c.attributes == bindparam("of_attributes"))
_OLDER = (
    select(snapshots)
    .where(
        *_OF_SUBJECT,
        tuple_(snapshots.c.at, snapshots.c.id)
        < tuple_(bindparam("at"), bindparam("id", type_=Uuid)),
    )
    .order_by(snapshots.c.at.desc(), snapshots.c.id.desc())
    .limit(bindparam("most"))
)
_NEWEST = (
    select(reports)
    .where(
        reports.c.member == bindparam("of_member"),
        reports.c.subject == bindparam("of_subject"),
        reports.c.source == bindparam("of_source"),
        reports.c.received_at > bindparam("since"),
        reports.c.legible,
    )
    .order_by(reports.c.received_at.desc())
    .limit(1)
)
_REPORT = select(reports).where(
    reports.c.member == bindparam("of_member"),
    reports.c.subject == bindparam("of_subject"),
    reports.c.id == bindparam("of_id"),
)
_NEWEST_ID = _NEWEST.with_only_columns(reports.c.id)


class TakesLong(Exception):
    """What has to be brief is not: it would keep all others waiting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One immutable version of a profile; `entry` is the audit entry that released it first.

    `attributes` is the version of the attribute catalogue in it.
    """

    id: UUID
    member: str
    subject: SubjectRef
    at: datetime
    consent: UUID
    purpose: str
    sources: tuple[str, ...]
    scopes: frozenset[Scope]
    config: str
    code: str
    attributes: str
    entry: UUID


@dataclass(frozen=True, slots=True)
class StoredSnapshot:
    """A snapshot and its sections, still sealed, or whatever stands in their place.

    `sealed` is None of a large one that was looked for where it has to be brief.
    """

    snapshot: Snapshot
    sealed: bytes | None = field(repr=False)

    def record(self) -> SealedRecord:
        """What is sealed; `VaultError` when it is not even shaped like that."""
        if self.sealed is None:
            raise TakesLong
        of = self.snapshot
        return SealedRecord.from_bytes(
            self.sealed, member=of.member, subject=of.subject, record_id=of.id
        )


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """A raw answer and the id it is stored under."""

    id: UUID
    raw: RawAnswer


class Store:
    """Keeps what the vault sealed."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def keep_report(self, tx: Tx, permit: Permit, raw: RawAnswer, *, legible: bool) -> UUID:
        """Store one raw answer, sealed; returns the id it can be rebuilt from.

        Only a `legible` one, which could be read, will stand in for asking again.
        """
        id_ = uuid7(tx.at)
        packed = zstandard.compress(raw.content, 3)
        sealed = self._vault.seal_record(
            tx.conn,
            member=permit.ask.member,
            subject=permit.ask.subject,
            record_id=id_,
            source=permit.ask.source,
            schema_version=_SCHEMA_VERSION,
            fields={_RAW: (KeyClass.RAW, packed)},
        )
        tx.conn.execute(
            insert(reports),
            {
                "member": permit.ask.member,
                "subject": permit.ask.subject.id,
                "id": id_,
                "source": permit.ask.source,
                "received_at": stamp(raw.received_at),
                "status": raw.status,
                "sha256": raw.sha256,
                "legible": legible,
                "sealed": sealed.to_bytes(),
            },
        )
        return id_

    def has_report(self, conn: Connection, ask: Ask, since: datetime) -> bool:
        """A legible answer of the ask's source received after `since` is kept."""
        return conn.execute(_NEWEST_ID, _about(ask, since)).first() is not None

    def recent_report(self, conn: Connection, permit: Permit, since: datetime) -> KeptAnswer:
        """The newest legible answer of the permit's source received after `since`, opened."""
        found = conn.execute(_NEWEST, _about(permit.ask, since)).one()
        return self._opened(conn, permit, found, of=frozenset({permit.ask.source}))

    def report(self, conn: Connection, permit: Permit, id_: UUID) -> KeptAnswer | None:
        """One raw answer of the consent's sources by its id, opened; None when it is gone."""
        ask = permit.ask
        about = {"of_member": ask.member, "of_subject": ask.subject.id, "of_id": id_}
        found = conn.execute(_REPORT, about).one_or_none()
        if found is None:
            return None
        return self._opened(conn, permit, found, of=permit.grant.sources)

    def keep_snapshot(
        self,
        tx: Tx,
        snapshot: Snapshot,
        bodies: Mapping[str, bytes],
        inputs: bytes,
        *,
        salt: bytes,
    ) -> None:
        """Store one version of a profile, each section sealed under its own key class.

        `inputs` is what it was merged from (`gateway.store.inputs`): replays open it, no read does.
        """
        fields = {f"/{name}": (sections.key_class(name), body) for name, body in bodies.items()}
        sealed = self._vault.seal_record(
            tx.conn,
            member=snapshot.member,
            subject=snapshot.subject,
            record_id=snapshot.id,
            source="profile",
            schema_version=_SCHEMA_VERSION,
            fields={
                **fields,
                _INPUTS: (KeyClass.RAW, inputs),
                f"/{SALT}": (KeyClass.ACCOUNT, salt),
            },
        )
        tx.conn.execute(
            insert(snapshots),
            {
                "member": snapshot.member,
                "subject": snapshot.subject.id,
                "id": snapshot.id,
                "at": stamp(snapshot.at),
                "consent": snapshot.consent,
                "purpose": snapshot.purpose,
                "sources": " ".join(snapshot.sources),
                "scopes": " ".join(sorted(snapshot.scopes)),
                "config": snapshot.config,
                "code": snapshot.code,
                "attributes": snapshot.attributes,
                "entry": snapshot.entry,
                "sealed": sealed.to_bytes(),
            },
        )

    def snapshot_as_of(
        self,
        conn: Connection,
        member: str,
        subject: SubjectRef,
        as_of: datetime,
        *,
        attributes: str | None = None,
        brief: bool = False,
    ) -> StoredSnapshot | None:
        """The newest snapshot made at or before `as_of`; of those with `attributes`, if named."""
        about: dict[str, object] = {"of_member": member, "of_subject": subject.id}
        about |= {"as_of": stamp(as_of), "most": _BRIEF if brief else _ANY}
        if attributes is None:
            return _stored(conn.execute(_AS_OF, about).one_or_none())
        asked = {**about, "of_attributes": attributes}
        return _stored(conn.execute(_AS_OF_WITH, asked).one_or_none())

    def snapshots(
        self,
        conn: Connection,
        member: str,
        subject: SubjectRef,
        *,
        before: tuple[datetime, UUID],
        limit: int,
    ) -> list[StoredSnapshot]:
        """At most `limit` snapshots, newest first, older than the one at `before`."""
        about: dict[str, object] = {"of_member": member, "of_subject": subject.id}
        window = {"at": stamp(before[0]), "id": before[1], "most": limit}
        return [stored for row in conn.execute(_OLDER, about | window) if (stored := _stored(row))]

    def snapshot(
        self,
        conn: Connection,
        member: str,
        subject: SubjectRef,
        id_: UUID,
        *,
        brief: bool = False,
    ) -> StoredSnapshot | None:
        """One snapshot by its id."""
        about: dict[str, object] = {"of_member": member, "of_subject": subject.id}
        about |= {"of_id": id_, "most": _BRIEF if brief else _ANY}
        return _stored(conn.execute(_SNAPSHOT, about).one_or_none())

    def open_sections(
        self, conn: Connection, permit: Permit, stored: StoredSnapshot, names: Collection[str]
    ) -> dict[str, bytes]:
        """The named sections in clear, those that are scopes for a permit for them.

        `VaultError` when any part of the snapshot was touched, too.
        """
        wanted = [Scope(name) for name in names if name in sections.SCOPES]
        permitted.check(permit, Act.READ, sources=stored.snapshot.sources, scopes=wanted)
        sealed = stored.record()
        present = {one.path for one in sealed.fields}
        kept = [name for name in names if f"/{name}" in present]
        opened = self._vault.open_record(conn, permit, sealed, [f"/{n}" for n in kept])
        return {name: opened[f"/{name}"] for name in kept}

    def open_inputs(self, conn: Connection, permit: Permit, stored: StoredSnapshot) -> bytes:
        """What the snapshot was merged from."""
        permitted.check(permit, Act.READ, sources=stored.snapshot.sources)
        return self._vault.open_record(conn, permit, stored.record(), [_INPUTS])[_INPUTS]

    def _opened(
        self,
        conn: Connection,
        permit: Permit,
        found: Row[tuple[object, ...]],
        *,
        of: frozenset[str],
    ) -> KeptAnswer:
        """The answer, of one of the sources `of`: whose it is stands under its seal."""
        permitted.check(permit, Act.READ, sources=of)
        ask = permit.ask
        sealed = SealedRecord.from_bytes(
            found.sealed, member=ask.member, subject=ask.subject, record_id=found.id
        )
        if sealed.place.source not in of:
            raise VaultError("the permit is for another source")
        packed = self._vault.open_record(conn, permit, sealed, [_RAW])[_RAW]
        content = zstandard.decompress(packed)
        return KeptAnswer(
            found.id, RawAnswer(content, parse_stamp(found.received_at), found.status)
        )


def _about(ask: Ask, since: datetime) -> dict[str, object]:
    return {
        "of_member": ask.member,
        "of_subject": ask.subject.id,
        "of_source": ask.source,
        "since": stamp(since),
    }


def _stored(row: Row[*tuple[Any, ...]] | None) -> StoredSnapshot | None:
    if row is None:
        return None
    snapshot = Snapshot(
        id=row.id,
        member=row.member,
        subject=SubjectRef(row.subject),
        at=parse_stamp(row.at),
        consent=row.consent,
        purpose=row.purpose,
        sources=tuple(row.sources.split()),
        scopes=frozenset(Scope(scope) for scope in row.scopes.split()),
        config=row.config,
        code=row.code,
        attributes=row.attributes,
        entry=row.entry,
    )
    return StoredSnapshot(snapshot, row.sealed)
