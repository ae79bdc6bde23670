r"""Finding a person without storing who they are: blind indexes and pseudonyms.

    index      version u8 | first b bits of HMAC-SHA256(K_idx, "cdg/bi/v1\0" | column | peppered)
    peppered   HMAC-SHA256(pepper, "cdg/bp/v1\0" | column | normalised value)
    K_idx      HKDF-Expand(index key, "cdg/ki/v1\0" | member | column)
    pseudonym  first 128 bits of HMAC-SHA256(K_ps, "cdg/ps/v1\0" | subject 16), in hex
    K_ps       HKDF-Expand(index key, "cdg/kp/v1\0" | member)
    exported   first 128 bits of HMAC-SHA256(K_ex, "cdg/xs/v1\0" | subject 16), in hex
    K_ex       HKDF-Expand(index key, "cdg/kx/v1\0" | member | export 16)

Each part after a label carries its length as u16 big-endian. The index key and the pepper are
apart from all sealing keys and from each other. A resident identity number or a mobile number
has so little entropy that whoever holds the index key could try them all; the pepper, which a
key service can keep to itself, is what stops that, so every column goes through it.

While an index key is being replaced, both versions are active: writes use the newest, look-ups
try every one.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from consent.errors import ConfigError
from consent.subject import SubjectRef
from consent.vault.envelope import parts
from consent.vault.suites import derive

_FULL_BITS = 256
_PSEUDONYM_BYTES = 16
_MAX_VERSION = 255


@dataclass(frozen=True, slots=True)
class IndexKey:
    """One version of the secrets behind look-ups; version 1 to 255."""

    version: int
    key: bytes = field(repr=False)
    pepper: bytes = field(repr=False)


class BlindIndex:
    """Computes what stands in index columns and in the audit log for a person."""

    def __init__(self, active: Sequence[IndexKey]) -> None:
        versions = {key.version for key in active}
        if not active or len(versions) != len(active):
            raise ConfigError("a blind index needs at least one key, each with its own version")
        if not versions <= set(range(1, _MAX_VERSION + 1)):
            raise ConfigError(f"versions of index keys run from 1 to {_MAX_VERSION}")
        self._active = sorted(active, key=lambda key: key.version, reverse=True)

    def of(self, member: str, column: str, value: str, *, bits: int = _FULL_BITS) -> bytes:
        """What to store for `value`, normalised by the caller, under the newest key."""
        return _index(self._active[0], member, column, value, bits)

    def candidates(
        self, member: str, column: str, value: str, *, bits: int = _FULL_BITS
    ) -> tuple[bytes, ...]:
        """What may be stored for `value`, newest first: look for any of them."""
        return tuple(_index(key, member, column, value, bits) for key in self._active)

    def pseudonym(self, member: str, subject: SubjectRef) -> str:
        """The subject's name in audit entries: 32 hex digits, different for each member."""
        return _pseudonym(self._active[0], member, subject)

    def exported(self, member: str, export: UUID, subject: SubjectRef) -> str:
        """The subject's name in one export, 32 hex digits; two exports cannot be joined by it."""
        own = derive(self._active[0].key, b"cdg/kx/v1\0" + parts(member.encode(), export.bytes))
        named = hmac.digest(own, b"cdg/xs/v1\0" + parts(subject.id.bytes), "sha256")
        return named[:_PSEUDONYM_BYTES].hex()

    def pseudonyms(self, member: str, subject: SubjectRef) -> tuple[str, ...]:
        """Every name the subject's audit entries may bear, newest first."""
        return tuple(_pseudonym(key, member, subject) for key in self._active)


def _index(key: IndexKey, member: str, column: str, value: str, bits: int) -> bytes:
    """Cut to `bits`, 1 to 256: fewer bits make people share an index on purpose."""
    if not 1 <= bits <= _FULL_BITS:
        raise ValueError(f"a blind index has 1 to {_FULL_BITS} bits")
    name = parts(column.encode())
    pepper_in = b"cdg/bp/v1\0" + name + parts(value.encode())
    peppered = hmac.digest(key.pepper, pepper_in, "sha256")
    index_key = derive(key.key, b"cdg/ki/v1\0" + parts(member.encode(), column.encode()))
    full = hmac.digest(index_key, b"cdg/bi/v1\0" + name + parts(peppered), "sha256")
    spare = -bits % 8
    kept = int.from_bytes(full[: (bits + spare) // 8], "big") >> spare << spare
    return bytes((key.version,)) + kept.to_bytes((bits + spare) // 8, "big")


def _pseudonym(key: IndexKey, member: str, subject: SubjectRef) -> str:
    own = derive(key.key, b"cdg/kp/v1\0" + parts(member.encode()))
    named = hmac.digest(own, b"cdg/ps/v1\0" + parts(subject.id.bytes), "sha256")
    return named[:_PSEUDONYM_BYTES].hex()
