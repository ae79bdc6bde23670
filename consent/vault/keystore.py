"""Where wraps and tombstones lie, and the few statements that touch them.

The wraps stand in two tables of their own, so that their backups can be kept shorter than the
deadline of an erasure: without its wrap a subject's data opens nowhere, in no backup.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    LargeBinary,
    Row,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from consent.clock import parse_stamp, stamp
from consent.database import metadata
from consent.subject import SubjectRef
from consent.vault.envelope import DEK_ID_BYTES

MAX_SEALS = 2**31  # hard stop, half of what NIST SP 800-38D 8.3 allows under random nonces

member_key = Table(
    "vault_member_key",
    metadata,
    Column("member", String, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("root_version", String, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
)

subject_key = Table(
    "vault_subject_key",
    metadata,
    Column("member", String, primary_key=True),
    Column("subject", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("dek_id", LargeBinary(DEK_ID_BYTES), nullable=False),
    Column("member_version", Integer, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("seals", BigInteger, nullable=False),
    UniqueConstraint("member", "subject", "dek_id"),
)

tombstone = Table(
    "vault_tombstone",
    metadata,
    Column("member", String, primary_key=True),
    Column("subject", Uuid, primary_key=True),
    Column("dek_ids_sha256", String(64), nullable=False),
    Column("reason", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("at", String, nullable=False),
)


@dataclass(frozen=True, slots=True)
class MemberWrap:
    """A stored member key."""

    member: str
    version: int
    root_version: str
    wrapped: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SubjectWrap:
    """A stored subject key. `seals` counts the fields sealed under it so far."""

    member: str
    subject: SubjectRef
    version: int
    dek_id: bytes
    member_version: int
    wrapped: bytes = field(repr=False)
    seals: int


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What stays of an erased subject: that it was, why, by whom, and which keys it took.

    `dek_ids_sha256` is the hex SHA-256 of the ids of the destroyed keys, oldest first.
    """

    member: str
    subject: SubjectRef
    dek_ids_sha256: str
    reason: str
    actor: str
    at: datetime


_OF_SUBJECT = (
    subject_key.c.member == bindparam("of_member"),
    subject_key.c.subject == bindparam("of_subject"),
)
_other = subject_key.alias()
_NEWEST = (
    select(func.max(_other.c.version))
    .where(_other.c.member == bindparam("of_member"), _other.c.subject == bindparam("of_subject"))
    .scalar_subquery()
)
_COUNT = (
    update(subject_key)
    .where(*_OF_SUBJECT, subject_key.c.version == _NEWEST)
    .where(subject_key.c.seals + bindparam("more") <= MAX_SEALS)
    .values(seals=subject_key.c.seals + bindparam("more"))
    .returning(subject_key)
)
_FIND = select(subject_key).where(*_OF_SUBJECT, subject_key.c.dek_id == bindparam("of_dek"))
_IDS = select(subject_key.c.dek_id).where(*_OF_SUBJECT).order_by(subject_key.c.version)
_ERASE = delete(subject_key).where(*_OF_SUBJECT)
_TOMBSTONE = select(tombstone).where(
    tombstone.c.member == bindparam("of_member"), tombstone.c.subject == bindparam("of_subject")
)
_MEMBER_KEYS = (
    select(member_key)
    .where(member_key.c.member == bindparam("of_member"))
    .order_by(member_key.c.version.desc())
)


def count_seals(
    conn: Connection, member: str, subject: SubjectRef, more: int
) -> SubjectWrap | None:
    """The newest key with `more` seals added to its count; None when there is none to use.

    One statement finds the key, refuses an exhausted one and counts.
    """
    row = conn.execute(_COUNT, {**_about(member, subject), "more": more}).one_or_none()
    return None if row is None else _subject_wrap(row)


def find_subject_key(
    conn: Connection, member: str, subject: SubjectRef, dek_id: bytes
) -> SubjectWrap | None:
    """The subject's key of that id."""
    row = conn.execute(_FIND, {**_about(member, subject), "of_dek": dek_id}).one_or_none()
    return None if row is None else _subject_wrap(row)


def dek_ids(conn: Connection, member: str, subject: SubjectRef) -> list[bytes]:
    """The ids of all keys of the subject, oldest first."""
    return list(conn.execute(_IDS, _about(member, subject)).scalars())


def member_keys(conn: Connection, member: str) -> list[MemberWrap]:
    """The member's keys, newest first."""
    rows = conn.execute(_MEMBER_KEYS, {"of_member": member})
    return [MemberWrap(r.member, r.version, r.root_version, r.wrapped) for r in rows]


def add_member_key(conn: Connection, key: MemberWrap) -> None:
    """Store a new member key."""
    conn.execute(
        insert(member_key),
        {
            "member": key.member,
            "version": key.version,
            "root_version": key.root_version,
            "wrapped": key.wrapped,
        },
    )


def add_subject_key(conn: Connection, key: SubjectWrap) -> None:
    """Store a new subject key."""
    conn.execute(
        insert(subject_key),
        {
            "member": key.member,
            "subject": key.subject.id,
            "version": key.version,
            "dek_id": key.dek_id,
            "member_version": key.member_version,
            "wrapped": key.wrapped,
            "seals": key.seals,
        },
    )


def find_tombstone(conn: Connection, member: str, subject: SubjectRef) -> Tombstone | None:
    """The tombstone of an erased subject, None for a living one."""
    row = conn.execute(_TOMBSTONE, _about(member, subject)).one_or_none()
    if row is None:
        return None
    at = parse_stamp(row.at)
    return Tombstone(row.member, subject, row.dek_ids_sha256, row.reason, row.actor, at)


def bury(conn: Connection, stone: Tombstone) -> None:
    """Delete every wrap of the subject and leave `stone` in their place."""
    conn.execute(_ERASE, _about(stone.member, stone.subject))
    conn.execute(
        insert(tombstone),
        {
            "member": stone.member,
            "subject": stone.subject.id,
            "dek_ids_sha256": stone.dek_ids_sha256,
            "reason": stone.reason,
            "actor": stone.actor,
            "at": stamp(stone.at),
        },
    )


def _about(member: str, subject: SubjectRef) -> dict[str, object]:
    return {"of_member": member, "of_subject": subject.id}


def _subject_wrap(row: Row[Any]) -> SubjectWrap:
    return SubjectWrap(
        member=row.member,
        subject=SubjectRef(row.subject),
        version=row.version,
        dek_id=row.dek_id,
        member_version=row.member_version,
        wrapped=row.wrapped,
        seals=row.seals,
    )
