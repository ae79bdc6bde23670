"""gateway.resolve.words: how alike two texts are, to the letter."""

import pytest

from gateway.resolve.weighing import Level
from gateway.resolve.words import alike, shown


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("ab cd", "abc d", Level.SAME),
        ("abcd", "zbcd", Level.MISTYPED),
        ("abcd", "bcd", Level.NEAR),  # of three letters one is much
        ("abc", "zbc", Level.NEAR),
        ("abc", "zyc", Level.NEAR),
        ("ab", "zy", Level.DIFFERENT),  # two slips of two letters leave nothing
        ("ab", "a", Level.DIFFERENT),
        ("abcdef", "zycdef", Level.NEAR),
        ("abcdef", "zyxdef", Level.DIFFERENT),
        ("abcdefghij", "abcdefghijklm", Level.NEAR),  # begins alike and goes on
    ],
)
def test_slips_count_against_the_length_of_a_word(one: str, other: str, level: Level) -> None:
    """One slip, two, or as good as none; whoever is asked."""
    assert alike(one, other) is alike(other, one) is level


@pytest.mark.parametrize(
    ("masked", "level"),
    [
        ("ab****", Level.MASKED),
        ("a*****", None),
        ("z*****", Level.DIFFERENT),
        ("ab***", Level.DIFFERENT),
        ("ab*****", Level.DIFFERENT),
        ("******", None),
        ("***", None),
    ],
)
def test_a_third_must_be_shown_to_say_anything(masked: str, level: Level | None) -> None:
    """What is shown must agree, as must the length; stars alone say not even that."""
    assert shown("abcdef", masked) is level
