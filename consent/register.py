"""The subjects of a member: found by blind index, named by a random reference, known only sealed.

The index holds HMACs under a key of its own, so whoever reads the table learns no identifier;
the identity itself is one sealed record that opens under a permit and nothing else.
"""

from datetime import date
from uuid import UUID, uuid4

from sqlalchemy import (
    Column,
    Connection,
    Index,
    LargeBinary,
    String,
    Table,
    Uuid,
    bindparam,
    insert,
    select,
    update,
)

from consent.audit.catalogue import EventType, Trail
from consent.clock import stamp
from consent.database import metadata
from consent.decision import Permit
from consent.errors import VaultError
from consent.identity import Identity
from consent.ids import uuid7
from consent.journal import Tx
from consent.subject import SubjectRef
from consent.vault.keys import KeyClass
from consent.vault.record import Vault
from consent.vault.sealed import SealedRecord

_SCHEMA_VERSION = 1
_SOURCE = "member"  # the member's own channel told us who the subject is

subjects = Table(
    "subject",
    metadata,
    Column("member", String, primary_key=True),
    Column("subject", Uuid, primary_key=True),
    Column("created_at", String, nullable=False),
    Column("record", Uuid, nullable=False),
    Column("identity", LargeBinary, nullable=False),
)

index = Table(
    "subject_index",
    metadata,
    Column("member", String, primary_key=True),
    Column("subject", Uuid, primary_key=True),
    Column("column", String, primary_key=True),
    Column("value", LargeBinary, nullable=False),
    Index(None, "member", "column", "value", unique=True),
)

# Built once: building a statement costs more than SQLite needs to run it.
_THIS = (
    subjects.c.member == bindparam("of_member"),
    subjects.c.subject == bindparam("of_subject"),
)
_EXISTS = select(subjects.c.subject).where(*_THIS)
_IDENTITY = select(subjects).where(*_THIS)
_FIND = select(index.c.subject).where(
    index.c.member == bindparam("of_member"),
    index.c.column == bindparam("of_column"),
    index.c.value.in_(bindparam("values", expanding=True)),
)


class Register:
    """Looks subjects up, adds them, and opens who they are under a permit."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def find(
        self, conn: Connection, member: str, id_type: str, id_number: str
    ) -> SubjectRef | None:
        """The subject with this document (normalised), None when the member has no such one."""
        candidates = self._vault.blind_index_candidates(
            member=member, column=_column(id_type), value=id_number
        )
        about = {"of_member": member, "of_column": _column(id_type), "values": candidates}
        found = conn.execute(_FIND, about).scalar_one_or_none()
        return None if found is None else SubjectRef(found)

    def exists(self, conn: Connection, member: str, subject: SubjectRef) -> bool:
        """This member knows the subject."""
        about = {"of_member": member, "of_subject": subject.id}
        return conn.execute(_EXISTS, about).first() is not None

    def ensure(self, tx: Tx, trail: Trail, identity: Identity) -> SubjectRef:
        """The subject with this identity, made when new; name and mobile become the latest told."""
        member = trail.member
        known = self.find(tx.conn, member, identity.id_type, identity.id_number)
        subject = known or SubjectRef(uuid4())
        record = uuid7(tx.at)
        sealed = self._vault.seal_record(
            tx.conn,
            member=member,
            subject=subject,
            record_id=record,
            source=_SOURCE,
            schema_version=_SCHEMA_VERSION,
            fields={path: (KeyClass.IDENTITY, value) for path, value in _fields(identity).items()},
        ).to_bytes()
        if known is not None:
            tx.conn.execute(
                update(subjects)
                .where(subjects.c.member == member, subjects.c.subject == subject.id)
                .values(record=record, identity=sealed)
            )
            return subject
        self._insert(tx, member, subject, record, sealed)
        column = _column(identity.id_type)
        tx.conn.execute(
            insert(index).values(
                member=member,
                subject=subject.id,
                column=column,
                value=self._vault.blind_index(
                    member=member, column=column, value=identity.id_number
                ),
            )
        )
        name = self._vault.pseudonym(member, subject)
        tx.note(trail.entry(EventType.SUBJECT_CREATED, tx.at, subject=name))
        return subject

    def identity(self, conn: Connection, permit: Permit) -> Identity:
        """Who the permit's subject is; `VaultError` when the record does not open."""
        ask = permit.ask
        about = {"of_member": ask.member, "of_subject": ask.subject.id}
        found = conn.execute(_IDENTITY, about).one_or_none()
        if found is None:
            raise VaultError("this member does not know the subject")
        sealed = SealedRecord.from_bytes(
            found.identity, member=ask.member, subject=ask.subject, record_id=found.record
        )
        paths = [field.path for field in sealed.fields]
        return _identity(self._vault.open_record(conn, permit, sealed, paths))

    @staticmethod
    def _insert(tx: Tx, member: str, subject: SubjectRef, record: UUID, sealed: bytes) -> None:
        tx.conn.execute(
            insert(subjects).values(
                member=member,
                subject=subject.id,
                created_at=stamp(tx.at),
                record=record,
                identity=sealed,
            )
        )


def _column(id_type: str) -> str:
    return f"id:{id_type}"


def _fields(identity: Identity) -> dict[str, bytes]:
    values = {
        "/name": identity.name,
        "/id_type": identity.id_type,
        "/id_number": identity.id_number,
        "/mobile": identity.mobile,
        "/birth_date": identity.birth_date.isoformat() if identity.birth_date else None,
    }
    return {path: value.encode() for path, value in values.items() if value is not None}


def _identity(fields: dict[str, bytes]) -> Identity:
    text = {path: value.decode() for path, value in fields.items()}
    born = text.get("/birth_date")
    return Identity(
        name=text["/name"],
        id_type=text["/id_type"],
        id_number=text["/id_number"],
        mobile=text.get("/mobile"),
        birth_date=None if born is None else date.fromisoformat(born),
    )
