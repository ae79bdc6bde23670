"""gateway.resolve.addresses: the same place or firm, written by two clerks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.resolve.addresses import address, employer
from gateway.resolve.weighing import Level

HOME = "示例市云山区虚构路12号3栋101室"
PLACES = st.builds(
    "{}区{}路{}号{}".format,
    st.sampled_from(["云山", "星河", "碧海"]),
    st.sampled_from(["虚构", "样例"]),
    st.integers(1, 30),
    st.sampled_from(["", "2栋", "2栋101室"]),
)


@pytest.mark.parametrize(
    ("reported", "level"),
    [
        ("示例市云山区虚构路12号3栋101室", Level.SAME),
        ("示例省示例市云山区虚构路１２号 3幢 101", Level.SAME),
        ("云山区虚构路12-3-101", Level.SAME),
        ("示例市云山区虚构路12号", Level.NEAR),
        ("示例市云山区虚构路", Level.NEAR),
        ("示例市云山区虚购路12号3栋101室", Level.NEAR),  # one character another
        ("示例市云山区虚构路12号4栋101室", Level.DIFFERENT),
        ("虚构路12号", Level.NEAR),
        ("构路12号", Level.DIFFERENT),  # two characters are in every address
        ("示例市云山区虚购璐12号3栋101室", Level.DIFFERENT),  # two of seven
        ("示例市云山区虚构路21号", Level.DIFFERENT),
        ("示例市星河区样例路12号3栋101室", Level.DIFFERENT),
    ],
)
def test_addresses(reported: str, level: Level) -> None:
    """What is left out at the ends says nothing; another house is another house."""
    assert address(HOME, [reported]) is level


@pytest.mark.parametrize(
    ("reported", "level"),
    [
        ("12 Sample Street, Northtown", Level.SAME),
        ("Northtown 12 sample street", Level.SAME),
        ("12 Sample Stret Northtown", Level.NEAR),
        ("14 Sample Street Northtown", Level.DIFFERENT),
    ],
)
def test_addresses_in_latin_letters(reported: str, level: Level) -> None:
    """The order of words says nothing, the number does."""
    assert address("12 Sample Street Northtown", [reported]) is level


def test_the_best_of_several_addresses_counts() -> None:
    """People move: a report lists all homes it ever heard of."""
    assert address(HOME, ["示例市星河区样例路1号", HOME]) is Level.SAME


@pytest.mark.parametrize("reported", [[], ["示例市***"]])
def test_no_address_or_a_masked_one_says_nothing(reported: list[str]) -> None:
    """Missing is not a mismatch."""
    assert address(HOME, reported) is None
    assert address(None, [HOME]) is None


@pytest.mark.parametrize(
    ("reported", "level"),
    [
        ("示例云山软件有限公司", Level.SAME),
        ("示例云山软件股份有限公司", Level.SAME),
        ("示例云山软件", Level.SAME),
        ("示例云山软件有限公司碧海分公司", Level.NEAR),
        ("示例云山软件有限 公司", Level.SAME),
        ("例山云软有限公司", Level.DIFFERENT),
        ("示例星河餐饮有限公司", Level.DIFFERENT),
    ],
)
def test_employers(reported: str, level: Level) -> None:
    """A legal form left out, or a branch, is the same firm."""
    assert employer("示例云山软件有限公司", [reported]) is level


@given(PLACES, PLACES)
def test_places_compare_the_same_both_ways(one: str, other: str) -> None:
    """Who is asked does not matter."""
    assert address(one, [other]) is address(other, [one])


def test_a_part_of_a_name_is_a_firm_when_it_is_long_enough() -> None:
    """Four characters left of nine name it, three name a trade."""
    whole = "示例碧海云山软件科技有限公司"

    assert employer(whole, ["云山软件"]) is employer("云山软件", [whole]) is Level.NEAR
    assert employer(whole, ["山软件"]) is Level.DIFFERENT


def test_a_street_without_a_number_is_not_a_home() -> None:
    """Many live there, whichever of the two left out the city."""
    assert address("示例市虚构大路", ["虚构大路"]) is Level.NEAR
