r"""One sealed field and the place it belongs to (format v1, pinned by tests).

    envelope  ver u8 = 1 | suite u8 | dek_id 8 | nonce 12 | ciphertext | tag 16
    AAD       "cdg/fe/v1\0" | envelope[0:10] | member | subject 16 | record_id 16 | source
              | schema_version u16 | field path (JSON Pointer, RFC 6901)

Each part of the AAD carries its length as u16 big-endian; its type is its position. Order is
fixed and no part is optional, so no two places share an AAD. The AAD is rebuilt from where the
field is found and never read from storage: a field copied elsewhere does not open.
"""

import os
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from consent.errors import VaultError
from consent.subject import SubjectRef
from consent.vault.suites import NONCE_BYTES, TAG_BYTES, Aead, Suite, unseal

VERSION = 1
DEK_ID_BYTES = 8
HEAD_BYTES = 2 + DEK_ID_BYTES
OVERHEAD_BYTES = HEAD_BYTES + NONCE_BYTES + TAG_BYTES

_FIELD = b"cdg/fe/v1\0"


def parts(*values: bytes) -> bytes:
    """Each value behind its length as u16 big-endian; VaultError beyond 65535 bytes."""
    try:
        return b"".join(len(value).to_bytes(2, "big") + value for value in values)
    except OverflowError:
        raise VaultError("a part of a place has at most 65535 bytes") from None


@lru_cache(maxsize=4096)
def path_part(path: str) -> bytes:
    """A field path as a part; cached, since records repeat their paths, which name nobody."""
    if not path.startswith("/"):
        raise VaultError("a field path is a JSON Pointer and starts with '/'")
    return parts(path.encode())


@dataclass(frozen=True, slots=True)
class Place:
    """The record a field is part of. `record_id` is made before the record is stored."""

    member: str
    subject: SubjectRef
    record_id: UUID
    source: str
    schema_version: int

    def encode(self) -> bytes:
        """The record's parts of the AAD."""
        return parts(
            self.member.encode(),
            self.subject.id.bytes,
            self.record_id.bytes,
            self.source.encode(),
            self.schema_version.to_bytes(2, "big"),
        )


@dataclass(frozen=True, slots=True)
class Head:
    """The clear start of an envelope: which cipher, and which key of the subject."""

    suite: Suite
    dek_id: bytes

    def encode(self) -> bytes:
        """Ten bytes, also the first part of the AAD."""
        return bytes((VERSION, self.suite)) + self.dek_id

    @classmethod
    def of(cls, envelope: bytes) -> "Head":
        """Read it; VaultError when these are not the bytes of an envelope we know."""
        if len(envelope) < OVERHEAD_BYTES or envelope[0] != VERSION:
            raise VaultError(f"not an envelope of version {VERSION}")
        try:
            suite = Suite(envelope[1])
        except ValueError:
            raise VaultError(f"unknown suite; known: {', '.join(Suite.__members__)}") from None
        return cls(suite, envelope[2:HEAD_BYTES])


class Bound:
    """One class key bound to one record: seals and opens that record's fields, no others."""

    __slots__ = ("_bound", "_cipher", "_encrypt", "_start")

    def __init__(self, cipher: Aead, head: Head, place: Place) -> None:
        self._cipher = cipher
        self._encrypt = cipher.encrypt
        self._start = head.encode()
        self._bound = _FIELD + parts(self._start) + place.encode()

    def seal(self, path: str, plaintext: bytes) -> bytes:
        """The envelope of `plaintext` as the field at `path`."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._encrypt(nonce, plaintext, self._bound + path_part(path))
        return b"%b%b%b" % (self._start, nonce, sealed)

    def open(self, path: str, envelope: bytes) -> bytes:
        """What was sealed as the field at `path`, or VaultError."""
        if not envelope.startswith(self._start):
            raise VaultError("the envelope names another key")
        nonce = envelope[HEAD_BYTES : HEAD_BYTES + NONCE_BYTES]
        ciphertext = envelope[HEAD_BYTES + NONCE_BYTES :]
        return unseal(self._cipher, nonce, ciphertext, self._bound + path_part(path))
