r"""The key hierarchy: root key -> member key -> subject key -> one key for each class.

    member key    random, wrapped by the root     AAD "cdg/mk/v1\0" | member | version u32
    subject key   random (DEK), wrapped by the    AAD "cdg/dk/v1\0" | member | subject 16
                  member key                          | dek_id 8 | version u32
    class key     HKDF-Expand(DEK, "cdg/kd/v1\0" | suite u8 | class u8), never stored

Parts of an AAD carry u16 lengths as in `envelope`. Every function works in a transaction that
somebody else commits, and looks the key up in it, so an erasure counts from its commit on, for
every process. Seals are counted in that transaction too, before they are made: neither a crash
nor a rollback loses count of anything that was kept.
"""

import os
from collections.abc import Callable
from datetime import datetime
from enum import IntEnum
from hashlib import sha256

from sqlalchemy import Connection

from consent.errors import VaultError
from consent.subject import SubjectRef
from consent.vault import keystore
from consent.vault.cache import KeyCache, Slot
from consent.vault.envelope import DEK_ID_BYTES, parts
from consent.vault.keystore import MemberWrap, SubjectWrap, Tombstone
from consent.vault.suites import KEY_BYTES, Aead, Suite, aead, derive
from consent.vault.wrapping import KeyEncryption, unwrap, wrap, wrapper

RENEW_AT_SEALS = 2**28  # once a key has sealed this many fields its subject gets the next one

_MEMBER_KEY = b"cdg/mk/v1\0"
_SUBJECT_KEY = b"cdg/dk/v1\0"
_CLASS_KEY = b"cdg/kd/v1\0"
_NO_SUITE = 0  # the key of record seals belongs to no cipher


class KeyClass(IntEnum):
    """What a key is for; the number is part of stored bytes and derivations, never reused."""

    IDENTITY = 1
    ACCOUNT = 2
    SCORE = 3
    RAW = 4
    AUDIT_DETAIL = 5
    MAC = 6


class SubjectKey:
    """One version of a subject's key; hands out the class keys under it and shows none."""

    __slots__ = ("_ciphers", "_dek", "_mac_key", "dek_id")

    def __init__(self, dek_id: bytes, dek: bytes) -> None:
        self.dek_id = dek_id
        self._dek = dek
        self._mac_key = self._derive(_NO_SUITE, KeyClass.MAC)
        self._ciphers: dict[tuple[Suite, KeyClass], Aead] = {}

    def __repr__(self) -> str:
        return f"SubjectKey({self.dek_id.hex()})"

    @property
    def mac_key(self) -> bytes:
        """The key of record seals."""
        return self._mac_key

    def cipher(self, suite: Suite, key_class: KeyClass) -> Aead:
        """The cipher of one class. No key is ever used with two ciphers."""
        if key_class is KeyClass.MAC:
            raise VaultError("the MAC key encrypts nothing")
        which = (suite, key_class)
        if which not in self._ciphers:
            self._ciphers[which] = aead(suite, self._derive(suite, key_class))
        return self._ciphers[which]

    def _derive(self, suite: int, key_class: KeyClass) -> bytes:
        return derive(self._dek, _CLASS_KEY + bytes((suite, key_class)))


class Keyring:
    """Finds, makes and destroys the keys of subjects."""

    def __init__(self, root: KeyEncryption, monotonic: Callable[[], float]) -> None:
        self._root = root
        self._member_ciphers: KeyCache[Aead] = KeyCache(monotonic)
        self._subject_keys: KeyCache[SubjectKey] = KeyCache(monotonic)

    def for_sealing(
        self, conn: Connection, member: str, subject: SubjectRef, count: int
    ) -> SubjectKey:
        """The subject's newest key, made on first use, with `count` more seals on its account."""
        found = keystore.count_seals(conn, member, subject, count)
        if found is None:
            return self._first(conn, member, subject, count)
        if found.seals >= RENEW_AT_SEALS:  # the next record uses the next key
            self._create(conn, member, subject, version=found.version + 1, seals=0)
        return self._opened(conn, found, count)

    def for_opening(
        self, conn: Connection, member: str, subject: SubjectRef, dek_id: bytes, count: int
    ) -> SubjectKey:
        """The subject's key of that id, for opening `count` fields."""
        found = keystore.find_subject_key(conn, member, subject, dek_id)
        if found is None:
            self.forget(member, subject)
            raise VaultError("no such key: the subject was erased, or never had it")
        return self._opened(conn, found, count)

    def check(self, conn: Connection, member: str, subject: SubjectRef) -> None:
        """VaultError when the subject has no key that opens."""
        ids = keystore.dek_ids(conn, member, subject)
        self.for_opening(conn, member, subject, ids[-1] if ids else b"", 0)

    def erase(
        self,
        conn: Connection,
        member: str,
        subject: SubjectRef,
        *,
        reason: str,
        actor: str,
        at: datetime,
    ) -> Tombstone:
        """Destroy every key of the subject; of a subject erased before, the first tombstone.

        A subject without keys gets a tombstone too, so that none are ever made.
        """
        self.forget(member, subject)
        earlier = keystore.find_tombstone(conn, member, subject)
        if earlier is not None:
            return earlier
        took = sha256(b"".join(keystore.dek_ids(conn, member, subject))).hexdigest()
        stone = Tombstone(member, subject, took, reason, actor, at)
        keystore.bury(conn, stone)
        return stone

    def forget(self, member: str, subject: SubjectRef) -> None:
        """Drop the subject's keys from memory."""
        self._subject_keys.forget(member, subject)

    def _first(self, conn: Connection, member: str, subject: SubjectRef, count: int) -> SubjectKey:
        """No usable key: make the first, unless the subject is erased or its key worn out."""
        if keystore.find_tombstone(conn, member, subject) is not None:
            raise VaultError("the subject was erased")
        if keystore.dek_ids(conn, member, subject):
            raise VaultError("the subject's key has reached its limit of seals")
        made = self._create(conn, member, subject, version=1, seals=count)
        return self._opened(conn, made, count)

    def _create(
        self, conn: Connection, member: str, subject: SubjectRef, *, version: int, seals: int
    ) -> SubjectWrap:
        dek, dek_id = os.urandom(KEY_BYTES), os.urandom(DEK_ID_BYTES)
        member_version, cipher = self._newest_member_cipher(conn, member)
        wrapped = wrap(cipher, dek, _subject_bound(member, subject, dek_id, version))
        made = SubjectWrap(member, subject, version, dek_id, member_version, wrapped, seals)
        keystore.add_subject_key(conn, made)
        return made

    def _opened(self, conn: Connection, found: SubjectWrap, uses: int) -> SubjectKey:
        slot = Slot(
            found.member, found.subject, found.version, str(found.member_version), found.wrapped
        )
        key = self._subject_keys.get(slot, uses)
        if key is None:
            above = self._member_cipher(conn, found.member, found.member_version)
            bound = _subject_bound(found.member, found.subject, found.dek_id, found.version)
            key = SubjectKey(found.dek_id, unwrap(above, found.wrapped, bound))
            self._subject_keys.put(slot, key, uses)
        return key

    def _newest_member_cipher(self, conn: Connection, member: str) -> tuple[int, Aead]:
        """The member's newest key and its version; the first one is made here."""
        stored = keystore.member_keys(conn, member)
        if stored:
            return stored[0].version, self._opened_member(stored[0])
        key, version = os.urandom(KEY_BYTES), 1
        wrapped = self._root.wrap(key, _member_bound(member, version))
        made = MemberWrap(member, version, self._root.version, wrapped)
        keystore.add_member_key(conn, made)
        return version, self._opened_member(made)

    def _member_cipher(self, conn: Connection, member: str, version: int) -> Aead:
        for stored in keystore.member_keys(conn, member):
            if stored.version == version:
                return self._opened_member(stored)
        raise VaultError(f"member key {version} is missing")

    def _opened_member(self, stored: MemberWrap) -> Aead:
        slot = Slot(stored.member, None, stored.version, stored.root_version, stored.wrapped)
        cipher = self._member_ciphers.get(slot, 1)
        if cipher is None:
            bound = _member_bound(stored.member, stored.version)
            cipher = wrapper(self._root.unwrap(stored.wrapped, bound, stored.root_version))
            self._member_ciphers.put(slot, cipher, 1)
        return cipher


def _member_bound(member: str, version: int) -> bytes:
    return _MEMBER_KEY + parts(member.encode(), version.to_bytes(4, "big"))


def _subject_bound(member: str, subject: SubjectRef, dek_id: bytes, version: int) -> bytes:
    owner = parts(member.encode(), subject.id.bytes, dek_id, version.to_bytes(4, "big"))
    return _SUBJECT_KEY + owner
