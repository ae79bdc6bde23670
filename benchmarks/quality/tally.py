"""What a benchmark counts, by topic, and the first failures of each sort to look at.

Tallies of two processes add up to that of both.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

KEPT_FAILURES = 50
"""Of each sort; the counts say how many there were."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A pair or a report that came out wrong, with what there was to see."""

    index: int
    what: str
    evidence: tuple[str, ...]
    facts: tuple[Mapping[str, object], ...]


@dataclass(slots=True)
class Tally:
    """Counts by topic, and the first failures."""

    counts: Counter[tuple[str, ...]] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)

    def add(self, *topic: str, by: int = 1) -> None:
        """Count something."""
        self.counts[topic] += by

    def fail(self, failure: Failure) -> None:
        """Keep it, unless there are enough of the sort."""
        if sum(one.what == failure.what for one in self.failures) < KEPT_FAILURES:
            self.failures.append(failure)

    def join(self, other: "Tally") -> None:
        """Add another population's counts and failures."""
        self.counts.update(other.counts)
        for one in other.failures:
            self.fail(one)
