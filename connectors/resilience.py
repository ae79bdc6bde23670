"""A circuit breaker for one source: a plain state machine that is handed its instants.

Closed, it lets calls through. After some failures in a row it opens: for `cool_down` nobody is
let through, then one call at a time may try, and its outcome decides. A source that locked us
out opens it at once and for `lockout`, since asking on with refused credentials prolongs a
lockout (PBOC ABE004); an operator may `close` it sooner.

The state is one replica's and lives in memory. Losing it costs a few calls, never a wrong
answer.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from connectors.errors import SourceLockedUs, SourceUnavailable


class Circuit(StrEnum):
    """Where a breaker stands."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class Limits:
    """When to stop asking, and for how long."""

    failures: int = 5
    cool_down: timedelta = timedelta(seconds=30)
    lockout: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """The source is left alone until `until`; `locked` when an operator has to act."""

    locked: bool
    until: datetime

    @property
    def reason(self) -> str:
        """A stable code for the reply."""
        return "circuit_locked" if self.locked else "circuit_open"


@dataclass(slots=True)
class Breaker:
    """The breaker of one source. Not for threads: one event loop calls it."""

    limits: Limits = Limits()
    _failures: int = 0
    _locked: bool = False
    _trying: bool = False
    _until: datetime | None = None  # None: closed; else nobody is let through before it

    def admit(self, at: datetime) -> TurnedAway | None:
        """None when the source may be asked at `at`.

        Whoever is let through after a cool-down is the one trial. It holds the place for another
        cool-down, so that a trial that never reports back does not keep the circuit open.
        """
        if self._until is None:
            return None
        if at < self._until:
            return TurnedAway(self._locked, self._until)
        self._trying = True
        self._until = at + self.limits.cool_down
        return None

    def record(self, outcome: object, at: datetime) -> None:
        """Take note of how an admitted call came out at `at`.

        Only a source that is unavailable or locked us out fails; a broken or rejected answer is
        an answer. While locked, only the trial's own success closes: others were asked earlier.
        """
        match outcome:
            case SourceLockedUs():
                self._locked = True
                self._open(at + self.limits.lockout)
            case SourceUnavailable():
                self._failures += 1
                if self._trying or self._failures >= self.limits.failures:
                    self._open(at + self.limits.cool_down)
            case _ if self._trying or not self._locked:
                self.close()
            case _:
                pass

    def close(self) -> None:
        """Start afresh; also what an operator does after repairing credentials."""
        self._failures, self._locked, self._trying, self._until = 0, False, False, None

    @property
    def circuit(self) -> Circuit:
        """Where it stands, for operators."""
        if self._until is None:
            return Circuit.CLOSED
        if self._trying:
            return Circuit.HALF_OPEN
        return Circuit.LOCKED if self._locked else Circuit.OPEN

    def _open(self, until: datetime) -> None:
        self._trying = False
        self._until = until if self._until is None else max(self._until, until)
