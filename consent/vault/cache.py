"""Keys held in memory: few, not for long, not for too many uses.

The cache spares unwrapping and key schedules. It never says whether a key exists: `keys` asks
the database in the transaction at hand, each time, and the wrap found there is part of the slot.
So a key erased by another process stops opening with that process's commit, and a key whose
creation was rolled back is never met again.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar

from consent.subject import SubjectRef

MAX_AGE_S = 300.0
MAX_USES = 2**20

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Slot:
    """Which key: its owner, its version and the very wrap it came from.

    `subject` is None for a member's key. `wrapped_by` is the version of the key above it.
    """

    member: str
    subject: SubjectRef | None
    version: int
    wrapped_by: str
    wrapped: bytes = field(repr=False)


@dataclass(slots=True)
class _Held(Generic[T]):
    value: T
    since_s: float
    uses: int


class KeyCache(Generic[T]):
    """Least recently used first out. `monotonic` returns seconds and never steps."""

    def __init__(self, monotonic: Callable[[], float], *, size: int = 4096) -> None:
        self._monotonic = monotonic
        self._size = size
        self._held: OrderedDict[Slot, _Held[T]] = OrderedDict()
        self._lock = Lock()  # reads of stored profiles may run in threads

    def __len__(self) -> int:
        return len(self._held)

    def get(self, slot: Slot, uses: int) -> T | None:
        """The key for `uses` more fields, or None when it is not here or has served its time."""
        with self._lock:
            held = self._held.get(slot)
            if held is None:
                return None
            if self._stale(held) or held.uses + uses > MAX_USES:
                del self._held[slot]
                return None
            held.uses += uses
            self._held.move_to_end(slot)
            return held.value

    def put(self, slot: Slot, value: T, uses: int) -> None:
        """Hold `value`; what is idle for `MAX_AGE_S` or beyond the size goes."""
        with self._lock:
            self._held[slot] = _Held(value, self._monotonic(), uses)
            self._held.move_to_end(slot)
            while len(self._held) > self._size or self._stale(next(iter(self._held.values()))):
                self._held.popitem(last=False)

    def forget(self, member: str, subject: SubjectRef) -> None:
        """Drop every key of this subject."""
        with self._lock:
            for slot in [s for s in self._held if (s.member, s.subject) == (member, subject)]:
                del self._held[slot]

    def _stale(self, held: _Held[T]) -> bool:
        return self._monotonic() - held.since_s > MAX_AGE_S
