r"""One sealed record: its fields, clear or encrypted, under one seal (format v1, pinned by tests).

    fields   n u32 | for each, sorted by path: path | action "e" or "s" | length u32 | data
    seal     HMAC-SHA256(K_mac, "cdg/rs/v1\0" | place | fields)
    stored   ver u8 = 1 | schema_version u16 | source | dek_id 8 | fields | seal 32

`path`, `source` and the parts of `place` carry u16 lengths as in `envelope`; all numbers are
big-endian. The data of an encrypted field ("e") is its key class u8 and its envelope, that of a
clear one ("s", sealed only) its value. The seal covers every field with its name, so a field
that was dropped, added, renamed or exchanged is noticed before anything opens.

The stored form leaves out member, subject and record id on purpose: the store reads them from
the row's own key, so a blob moved to another row does not fit there.
"""

import hmac
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from uuid import UUID

from consent.errors import VaultError
from consent.subject import SubjectRef
from consent.vault.envelope import DEK_ID_BYTES, Place, parts, path_part

_VERSION = 1
_SEAL = b"cdg/rs/v1\0"
_SEAL_BYTES = 32


class Action(Enum):
    """What was done to a field."""

    ENCRYPTED = b"e"
    SEALED_ONLY = b"s"


@dataclass(frozen=True, slots=True, repr=False)
class SealedField:
    """A field at rest."""

    path: str
    action: Action
    data: bytes

    def __repr__(self) -> str:
        return f"SealedField({self.action.name.lower()}, {len(self.data)} bytes)"


@dataclass(frozen=True, slots=True, repr=False)
class SealedRecord:
    """A record at rest: it belongs to `place`, its keys come from the subject's key `dek_id`."""

    place: Place
    dek_id: bytes
    fields: tuple[SealedField, ...]
    seal: bytes

    def __repr__(self) -> str:
        return f"SealedRecord({len(self.fields)} fields, {len(self.to_bytes())} bytes)"

    def to_bytes(self) -> bytes:
        """The stored form."""
        start = _VERSION.to_bytes(1, "big") + self.place.schema_version.to_bytes(2, "big")
        source = parts(self.place.source.encode())
        return start + source + self.dek_id + _encode(self.fields) + self.seal

    @classmethod
    def from_bytes(
        cls, stored: bytes, *, member: str, subject: SubjectRef, record_id: UUID
    ) -> "SealedRecord":
        """Read the stored form found under that key; VaultError when it is not one."""
        reader = _Reader(stored)
        if reader.number(1) != _VERSION:
            raise VaultError(f"not a sealed record of version {_VERSION}")
        schema_version = reader.number(2)
        source = reader.text()
        dek_id = reader.take(DEK_ID_BYTES)
        fields = tuple(_field(reader) for _ in range(reader.number(4)))
        seal = reader.take(_SEAL_BYTES)
        reader.finish()
        paths = [field.path.encode() for field in fields]
        if any(a >= b for a, b in pairwise(paths)):
            raise VaultError("not a sealed record: its fields are not in order")
        place = Place(member, subject, record_id, source, schema_version)
        return cls(place, dek_id, fields, seal)


def seal(
    mac_key: bytes, place: Place, dek_id: bytes, fields: Collection[SealedField]
) -> SealedRecord:
    """Put the seal on `fields`."""
    ordered = tuple(sorted(fields, key=lambda field: field.path.encode()))
    return SealedRecord(place, dek_id, ordered, _mac(mac_key, place, ordered))


def check(mac_key: bytes, record: SealedRecord) -> None:
    """VaultError unless the record is field by field what was sealed at its place."""
    if not hmac.compare_digest(_mac(mac_key, record.place, record.fields), record.seal):
        raise VaultError("the record is not as it was sealed")


def _mac(mac_key: bytes, place: Place, fields: tuple[SealedField, ...]) -> bytes:
    return hmac.digest(mac_key, _SEAL + place.encode() + _encode(fields), "sha256")


def _encode(fields: tuple[SealedField, ...]) -> bytes:
    out = [len(fields).to_bytes(4, "big")]
    for field in fields:
        size = len(field.data).to_bytes(4, "big")
        out += (path_part(field.path), field.action.value, size, field.data)
    return b"".join(out)


def _field(reader: "_Reader") -> SealedField:
    path, action = reader.text(), reader.take(1)
    if action not in {known.value for known in Action}:
        raise VaultError("not a sealed record: unknown action")
    return SealedField(path, Action(action), reader.take(reader.number(4)))


class _Reader:
    """Takes bytes off the front; VaultError instead of a short answer."""

    def __init__(self, stored: bytes) -> None:
        self._stored = stored
        self._at = 0

    def take(self, size: int) -> bytes:
        taken = self._stored[self._at : self._at + size]
        if len(taken) != size:
            raise VaultError("not a sealed record: it ends too early")
        self._at += size
        return taken

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def text(self) -> str:
        try:
            return self.take(self.number(2)).decode()
        except UnicodeDecodeError:
            raise VaultError("not a sealed record: a name is not UTF-8") from None

    def finish(self) -> None:
        if self._at != len(self._stored):
            raise VaultError("not a sealed record: bytes follow its end")
