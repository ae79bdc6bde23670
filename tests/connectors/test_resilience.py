"""The circuit breaker: when a source is left alone, and when it is tried again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import (
    SourceBrokeContract,
    SourceLockedUs,
    SourceRejectedAsk,
    SourceUnavailable,
)
from connectors.resilience import Breaker, Circuit, Limits, TurnedAway

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LIMITS = Limits(failures=3, cool_down=timedelta(seconds=30), lockout=timedelta(hours=1))
ANSWER = object()
DOWN = SourceUnavailable("x", "timeout")
LOCKED = SourceLockedUs("x", "http_401")


def after(seconds: float) -> datetime:
    """An instant so many seconds past noon."""
    return NOON + timedelta(seconds=seconds)


def broken(outcome: object = DOWN, times: int = LIMITS.failures) -> Breaker:
    """A breaker that has seen `outcome` so many times at noon."""
    breaker = Breaker(LIMITS)
    for _ in range(times):
        assert breaker.admit(NOON) is None
        breaker.record(outcome, NOON)
    return breaker


def test_some_failures_in_a_row_open_it() -> None:
    """Asking a source that is down costs every borrower its timeout."""
    breaker = broken(times=LIMITS.failures - 1)
    assert (breaker.admit(NOON), breaker.circuit) == (None, Circuit.CLOSED)
    breaker.record(DOWN, NOON)

    assert breaker.admit(NOON) == TurnedAway(locked=False, until=after(30))
    assert breaker.circuit is Circuit.OPEN


def test_an_answer_in_between_starts_the_count_again() -> None:
    """A source that fails now and then is not down."""
    breaker = broken(times=LIMITS.failures - 1)
    breaker.record(ANSWER, NOON)
    breaker.record(DOWN, NOON)

    assert breaker.admit(NOON) is None


@pytest.mark.parametrize(
    "outcome", [ANSWER, SourceBrokeContract("x", "y"), SourceRejectedAsk("x", "y")]
)
def test_an_odd_answer_is_an_answer(outcome: object) -> None:
    """A wrong identifier or a new field does not mean that the next borrower gets nothing."""
    breaker = broken(outcome, times=20)

    assert breaker.admit(NOON) is None


def test_one_call_at_a_time_tries_after_the_cool_down() -> None:
    """A source that comes back is not met by the whole queue at once."""
    breaker = broken()

    assert breaker.admit(after(29.9)) is not None
    assert breaker.admit(after(30)) is None
    assert breaker.circuit is Circuit.HALF_OPEN
    assert breaker.admit(after(30)) == TurnedAway(locked=False, until=after(60))


def test_the_trial_decides() -> None:
    """One success closes, one failure opens for another cool-down."""
    breaker = broken()
    breaker.admit(after(30))
    breaker.record(DOWN, after(31))
    assert breaker.admit(after(60)) is not None
    assert breaker.admit(after(61)) is None
    breaker.record(ANSWER, after(62))

    assert (breaker.admit(after(62)), breaker.circuit) == (None, Circuit.CLOSED)


def test_a_lost_trial_does_not_hold_the_place_for_ever() -> None:
    """A cancelled request reports nothing; the next one may try."""
    breaker = broken()
    assert breaker.admit(after(30)) is None

    assert breaker.admit(after(60)) is None


def test_one_lockout_opens_it_for_long() -> None:
    """Asking on with refused credentials turns a warning into a lockout at the bureau."""
    breaker = broken(LOCKED, times=1)

    assert breaker.admit(after(3599)) == TurnedAway(locked=True, until=after(3600))
    assert breaker.circuit is Circuit.LOCKED
    assert breaker.admit(after(3600)) is None


def test_calls_already_under_way_do_not_lift_a_lockout() -> None:
    """An answer to a call from before says nothing about the credentials now."""
    breaker = broken(LOCKED, times=1)
    for outcome in (ANSWER, DOWN, DOWN, DOWN, ANSWER):
        breaker.record(outcome, after(1))

    assert breaker.admit(after(3599)) == TurnedAway(locked=True, until=after(3600))


def test_an_operator_closes_a_lockout() -> None:
    """Once the password is renewed nobody should wait for an hour."""
    breaker = broken(LOCKED, times=1)
    breaker.close()

    assert breaker.admit(NOON) is None


def test_reasons_are_stable_codes() -> None:
    """They stand in replies and in the audit log."""
    assert TurnedAway(locked=False, until=NOON).reason == "circuit_open"
    assert TurnedAway(locked=True, until=NOON).reason == "circuit_locked"


@given(st.lists(st.tuples(st.sampled_from([ANSWER, DOWN, LOCKED]), st.integers(0, 10_000))))
def test_it_always_lets_somebody_through_again(events: list[tuple[object, int]]) -> None:
    """Whatever happened, a source is not left alone for longer than a lockout."""
    breaker, at = Breaker(LIMITS), NOON
    for outcome, wait_s in events:
        at += timedelta(seconds=wait_s)
        if breaker.admit(at) is None:
            breaker.record(outcome, at)

    assert breaker.admit(at + LIMITS.lockout) is None
