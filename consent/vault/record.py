"""The door of the vault: personal fields go in sealed and come out under a permit.

Functions take the connection of a transaction somebody else commits (see `consent.journal`).
Every failure is a `VaultError` that names neither a value nor a key.
"""

import base64
import binascii
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from consent.clock import Clock, monotonic_s
from consent.decision import Permit
from consent.errors import VaultError
from consent.subject import Act, SubjectRef
from consent.vault import sealed as sealing
from consent.vault.blind import BlindIndex, IndexKey
from consent.vault.envelope import Bound, Head, Place
from consent.vault.keys import KeyClass, Keyring, SubjectKey
from consent.vault.keystore import Tombstone
from consent.vault.sealed import Action, SealedField, SealedRecord
from consent.vault.suites import Suite
from consent.vault.wrapping import KeyEncryption

Sealable = tuple[KeyClass | None, bytes]
"""A field to seal: its key class and value. None leaves it readable, under the record's seal."""

_DETAIL_SOURCE = "audit"
_DETAIL_SCHEMA = 1
_DETAIL_PATH = "/detail"


class Vault:
    """Seals for anyone, opens for a permit, forgets for good.

    `clock` tells when a permit has run out, `monotonic` (seconds) when a cached key has.
    `suite` is what new fields are sealed with; every known suite opens.
    """

    def __init__(
        self,
        root: KeyEncryption,
        index: Sequence[IndexKey],
        *,
        clock: Clock,
        monotonic: Callable[[], float] = monotonic_s,
        suite: Suite = Suite.AES_256_GCM,
    ) -> None:
        self._keys = Keyring(root, monotonic)
        self._index = BlindIndex(index)
        self._clock = clock
        self._suite = suite

    def seal_record(
        self,
        conn: Connection,
        *,
        member: str,
        subject: SubjectRef,
        record_id: UUID,
        source: str,
        schema_version: int,
        fields: Mapping[str, Sealable],
    ) -> SealedRecord:
        """Seal `fields`, by JSON Pointer, as one record; makes the subject's key on first use.

        VaultError for an erased subject, so that nothing comes back after an erasure.
        """
        place = Place(member, subject, record_id, source, schema_version)
        count = sum(key_class is not None for key_class, _ in fields.values())
        key = self._keys.for_sealing(conn, member, subject, count)
        head = Head(self._suite, key.dek_id)
        bound: dict[KeyClass, Bound] = {}
        done = []
        for path, (key_class, value) in fields.items():
            if key_class is None:
                done.append(SealedField(path, Action.SEALED_ONLY, value))
                continue
            if key_class not in bound:
                bound[key_class] = Bound(key.cipher(self._suite, key_class), head, place)
            data = bytes((key_class,)) + bound[key_class].seal(path, value)
            done.append(SealedField(path, Action.ENCRYPTED, data))
        return sealing.seal(key.mac_key, place, key.dek_id, done)

    def open_record(
        self, conn: Connection, permit: Permit, sealed: SealedRecord, paths: Collection[str]
    ) -> dict[str, bytes]:
        """The fields of `sealed` at `paths`, and only those, in the order asked.

        1. `permit` is one of `decide`'s, has not run out, is for this member and subject, and not
           to receive: that takes something in and opens nothing;
        2. the subject's key still exists;
        3. the seal over all fields holds, also over those not asked for;
        4. each field asked for is there, and opens.
        """
        place = sealed.place
        ask = self._live(permit).ask  # 1
        if (ask.member, ask.subject) != (place.member, place.subject):
            raise VaultError("the permit is for another member or subject")
        key = self._keys.for_opening(  # 2
            conn, place.member, place.subject, sealed.dek_id, len(paths)
        )
        sealing.check(key.mac_key, sealed)  # 3
        found = {field.path: field for field in sealed.fields}
        if not found.keys() >= set(paths):  # 4
            raise VaultError("a field asked for is not in the record")
        return {path: _open(key, place, found[path]) for path in paths}

    def seal_detail(
        self,
        conn: Connection,
        *,
        member: str,
        subject: SubjectRef,
        entry_id: UUID,
        plaintext: bytes,
    ) -> str:
        """The personal part of one audit entry, as base64 text for its `detail`."""
        key = self._keys.for_sealing(conn, member, subject, 1)
        cipher = key.cipher(self._suite, KeyClass.AUDIT_DETAIL)
        bound = Bound(cipher, Head(self._suite, key.dek_id), _detail(member, subject, entry_id))
        return base64.b64encode(bound.seal(_DETAIL_PATH, plaintext)).decode()

    def open_detail(
        self, conn: Connection, permit: Permit, *, entry_id: UUID, detail: str
    ) -> bytes:
        """The personal part of an entry about the permit's subject."""
        ask = self._live(permit).ask
        try:
            envelope = base64.b64decode(detail, validate=True)
        except (binascii.Error, ValueError):
            raise VaultError("not a sealed detail") from None
        head = Head.of(envelope)
        key = self._keys.for_opening(conn, ask.member, ask.subject, head.dek_id, 1)
        cipher = key.cipher(head.suite, KeyClass.AUDIT_DETAIL)
        bound = Bound(cipher, head, _detail(ask.member, ask.subject, entry_id))
        return bound.open(_DETAIL_PATH, envelope)

    def check_subject(self, conn: Connection, member: str, subject: SubjectRef) -> None:
        """VaultError when nothing of the subject can open: it was erased, or its key does not open.

        Tells one from a record that was altered, which opens nothing either.
        """
        self._keys.check(conn, member, subject)

    def erase_subject(
        self,
        conn: Connection,
        *,
        member: str,
        subject: SubjectRef,
        reason: str,
        actor: str,
        at: datetime,
    ) -> Tombstone:
        """Destroy the subject's keys, and with them everything ever sealed under them.

        Asked again, it answers with the first tombstone. It counts from the commit on.
        """
        return self._keys.erase(conn, member, subject, reason=reason, actor=actor, at=at)

    def blind_index(self, *, member: str, column: str, value: str, bits: int = 256) -> bytes:
        """What to store in an index column for `value`, normalised; see `blind`."""
        return self._index.of(member, column, value, bits=bits)

    def blind_index_candidates(
        self, *, member: str, column: str, value: str, bits: int = 256
    ) -> tuple[bytes, ...]:
        """What `value` may be stored as, under any active index key, newest first."""
        return self._index.candidates(member, column, value, bits=bits)

    def pseudonym(self, member: str, subject: SubjectRef) -> str:
        """The subject's name in new audit entries, 32 hex digits."""
        return self._index.pseudonym(member, subject)

    def pseudonyms(self, member: str, subject: SubjectRef) -> tuple[str, ...]:
        """Every name the subject's audit entries may bear, newest first."""
        return self._index.pseudonyms(member, subject)

    def export_pseudonym(self, member: str, export: UUID, subject: SubjectRef) -> str:
        """The subject's name in one export; it tells nothing to who has another export."""
        return self._index.exported(member, export, subject)

    def _live(self, permit: Permit) -> Permit:
        """`permit` itself; the exact type, since a subclass could leave out the check of origin."""
        if type(permit) is not Permit:
            raise VaultError("opening needs a Permit from consent.decision.decide")
        if self._clock() >= permit.valid_until:
            raise VaultError("the permit has run out")
        if permit.ask.act is Act.RECEIVE:
            raise VaultError("a permit to receive opens nothing")
        return permit


def _detail(member: str, subject: SubjectRef, entry_id: UUID) -> Place:
    return Place(member, subject, entry_id, _DETAIL_SOURCE, _DETAIL_SCHEMA)


def _open(key: SubjectKey, place: Place, field: SealedField) -> bytes:
    if field.action is Action.SEALED_ONLY:
        return field.data
    try:
        key_class = KeyClass(field.data[0])
    except (IndexError, ValueError):
        raise VaultError("unknown key class") from None
    envelope = field.data[1:]
    head = Head.of(envelope)
    return Bound(key.cipher(head.suite, key_class), head, place).open(field.path, envelope)
