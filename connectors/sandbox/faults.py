"""How a source misbehaves, on purpose: one queue of faults for each source."""

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum


class FaultKind(StrEnum):
    """What goes wrong with an answer."""

    DELAY = "delay"  # the right answer, `seconds` late
    HTTP_ERROR = "http_error"  # `status` and a page of HTML, as gateways in between send
    HANG = "hang"  # the request is read and never answered
    GARBAGE = "garbage"  # 200, and bytes that mean nothing
    TOO_LARGE = "too_large"  # 200, and more than anybody should read
    NO_HIT = "no_hit"  # as if the person were unknown
    DROP = "drop"  # the connection is cut before a byte
    TRUNCATE = "truncate"  # half of the announced body, then the connection is cut
    DRIBBLE = "dribble"  # the right answer, a byte every `seconds`


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One misbehaviour, for the next `count` calls."""

    kind: FaultKind
    seconds: float = 1.0
    status: int = 503
    count: int = 1


@dataclass(slots=True)
class Faults:
    """What to do next, and how often each source was called (faulty calls included)."""

    waiting: dict[str, deque[Fault]] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)

    def add(self, source: str, fault: Fault) -> None:
        """Let the next `fault.count` calls after those already planned go wrong."""
        self.waiting.setdefault(source, deque()).extend([fault] * fault.count)

    def clear(self) -> None:
        """Behave again; the counts of calls start at nought."""
        self.waiting.clear()
        self.calls.clear()

    def next(self, source: str) -> Fault | None:
        """Count a call and say what goes wrong with it, if anything."""
        self.calls[source] = self.calls.get(source, 0) + 1
        queue = self.waiting.get(source)
        return queue.popleft() if queue else None
