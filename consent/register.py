"""The subjects of a member: found by blind index, named by a random reference, known only sealed.

The index holds HMACs under a key of its own, so whoever reads the table learns no identifier.
Who a subject is was told with each consent, and stands as one sealed record beside it: asks under
a consent use the identity told with that consent, and it opens under a permit and nothing else.
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
)

from consent.audit.catalogue import EventType, Trail
from consent.clock import stamp
from consent.database import metadata
from consent.decision import Grant, Permit
from consent.errors import VaultError
from consent.identity import Identity
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
)

identities = Table(
    "consent_identity",
    metadata,
    Column("member", String, primary_key=True),
    Column("subject", Uuid, primary_key=True),
    Column("consent", Uuid, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
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
_IDENTITY = select(identities.c.sealed).where(
    identities.c.member == bindparam("of_member"),
    identities.c.subject == bindparam("of_subject"),
    identities.c.consent == bindparam("of_consent"),
)
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
        """The subject with this document, made when new."""
        member = trail.member
        known = self.find(tx.conn, member, identity.id_type, identity.id_number)
        if known is not None:
            return known
        subject = SubjectRef(uuid4())
        created = {"member": member, "subject": subject.id, "created_at": stamp(tx.at)}
        tx.conn.execute(insert(subjects).values(**created))
        column = _column(identity.id_type)
        value = self._vault.blind_index(member=member, column=column, value=identity.id_number)
        tx.conn.execute(
            insert(index).values(member=member, subject=subject.id, column=column, value=value)
        )
        name = self._vault.pseudonym(member, subject)
        tx.note(trail.entry(EventType.SUBJECT_CREATED, tx.at, subject=name))
        return subject

    def tell(self, tx: Tx, grant: Grant, identity: Identity) -> None:
        """Keep, sealed, who the subject said to be when giving this consent."""
        sealed = self._vault.seal_record(
            tx.conn,
            member=grant.member,
            subject=grant.subject,
            record_id=grant.id,
            source=_SOURCE,
            schema_version=_SCHEMA_VERSION,
            fields={path: (KeyClass.IDENTITY, value) for path, value in _fields(identity).items()},
        )
        tx.conn.execute(
            insert(identities).values(
                member=grant.member,
                subject=grant.subject.id,
                consent=grant.id,
                sealed=sealed.to_bytes(),
            )
        )

    def identity(
        self, conn: Connection, permit: Permit, *, told_with: UUID | None = None
    ) -> Identity:
        """Who the permit's subject is; `VaultError` when the record does not open.

        `told_with` names the consent that said so, when not the permit's own: an old answer is
        rebuilt with the identity of its day.
        """
        ask, consent = permit.ask, told_with or permit.grant.id
        about = {"of_member": ask.member, "of_subject": ask.subject.id, "of_consent": consent}
        found = conn.execute(_IDENTITY, about).scalar_one_or_none()
        if found is None:
            raise VaultError("nobody said who the subject of this consent is")
        sealed = SealedRecord.from_bytes(
            found, member=ask.member, subject=ask.subject, record_id=consent
        )
        paths = [field.path for field in sealed.fields]
        return _identity(self._vault.open_record(conn, permit, sealed, paths))


def _column(id_type: str) -> str:
    return f"id:{id_type}"


def _fields(identity: Identity) -> dict[str, bytes]:
    values = {
        "/name": identity.name,
        "/id_type": identity.id_type,
        "/id_number": identity.id_number,
        "/mobile": identity.mobile,
        "/birth_date": identity.birth_date.isoformat() if identity.birth_date else None,
        "/address": identity.address,
        "/employer": identity.employer,
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
        address=text.get("/address"),
        employer=text.get("/employer"),
    )
