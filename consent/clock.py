"""Time is an input: whoever decides is handed an instant, and only this module reads one."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the present instant, aware and in UTC, microsecond resolution."""


def utc_now() -> datetime:
    """The system clock."""
    return datetime.now(UTC)  # noqa: TID251 - the one place that may


def stamp(at: datetime) -> str:
    """RFC 3339 text with microseconds and `Z`: the one text form of an instant we store."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def parse_stamp(text: str) -> datetime:
    """The inverse of `stamp`; ValueError when `text` has no UTC offset."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("an instant needs a UTC offset, for example 2026-03-01T12:00:00Z")
    return at.astimezone(UTC)


def monotonic_s() -> float:
    """Seconds on a clock that never steps, for durations only."""
    return time.perf_counter()
