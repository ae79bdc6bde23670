"""gateway.resolve.dates: a date is compared as far as it goes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.money import PartialDate
from gateway.resolve.dates import Day, birth_date
from gateway.resolve.weighing import Level

DAYS = st.tuples(st.integers(1950, 1953), st.integers(1, 4), st.integers(1, 4))


@pytest.mark.parametrize(
    ("reported", "level"),
    [
        ("1990-04-05", Level.SAME),
        ("1990-04", Level.PARTIAL),
        ("1990", Level.PARTIAL),
        ("1990-05-04", Level.TRANSPOSED),
        ("1990-04-06", Level.MISTYPED),
        ("1909-04-05", Level.MISTYPED),
        ("1991-05-04", Level.DIFFERENT),
        ("1991-04-06", Level.DIFFERENT),
        ("1990-05", Level.DIFFERENT),
        ("1991", Level.DIFFERENT),
    ],
)
def test_birth_dates(reported: str, level: Level) -> None:
    """What the less precise of them leaves out is not held against it."""
    theirs = PartialDate.parse(reported)

    assert birth_date((1990, 4, 5), (theirs.year, theirs.month, theirs.day)) is level


@pytest.mark.parametrize(
    ("reported", "level"),
    [((1990, 4, 10), Level.MISTYPED), ((1990, 4, 11), Level.DIFFERENT)],
)
def test_a_time_zone_makes_one_day_and_not_two(reported: Day, level: Level) -> None:
    """Where no single slip of a key explains it."""
    assert birth_date((1990, 4, 9), reported) is level


@pytest.mark.parametrize("day", [(1990, 4, None), (1990, None, None)])
def test_a_date_known_in_part_agrees_in_part(day: Day) -> None:
    """Though both are written alike."""
    assert birth_date(day, day) is Level.PARTIAL


@pytest.mark.parametrize(("one", "other"), [(None, (1990, 4, 5)), ((1990, 4, 5), None)])
def test_a_date_not_known_says_nothing(one: Day | None, other: Day | None) -> None:
    """Missing is not a mismatch."""
    assert birth_date(one, other) is None


@given(DAYS, DAYS)
def test_dates_compare_the_same_both_ways(one: Day, other: Day) -> None:
    """Who is asked does not matter."""
    assert birth_date(one, other) is birth_date(other, one)
