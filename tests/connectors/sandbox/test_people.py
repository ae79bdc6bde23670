"""connectors.sandbox.people: nobody in the sandbox can be anybody."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from connectors.sandbox import people
from connectors.sandbox.dice import seeded

TODAY = date(2026, 3, 15)
INDEXES = st.integers(0, people.CAPACITY - 1)
SEEDS = st.integers(0, 10**6)


@given(SEEDS, INDEXES)
def test_id_numbers_are_impossible_and_well_formed(seed: int, index: int) -> None:
    """Region 999999 is unassigned; the check digit is right, so validation passes elsewhere."""
    number = people.id_number(seed, index)

    assert number.startswith("999999")
    assert number[17] == str(ric.calc_check_digit(number))
    assert people.index_of(seed, number) == index


@given(SEEDS, st.lists(INDEXES, unique=True, min_size=2, max_size=50))
def test_no_two_borrowers_share_an_id_number(seed: int, indexes: list[int]) -> None:
    """Two lives under one id number would be one subject to the gateway."""
    assert len({people.id_number(seed, index) for index in indexes}) == len(indexes)


@given(INDEXES)
def test_birth_date_and_sex_stand_in_the_id_number(index: int) -> None:
    """A report that contradicts the id number would be an identity conflict."""
    person = people.person(seeded(1, index), 1, index, TODAY)

    assert person.born == ric.get_birth_date(person.id_number)
    assert person.male == (int(person.id_number[16]) % 2 == 1)


@given(INDEXES)
def test_telephone_and_mail_reach_nobody(index: int) -> None:
    """Prefix 100 has no subscribers and .invalid no servers."""
    person = people.person(seeded(1, index), 1, index, TODAY)

    assert person.mobile.startswith("100")
    assert (len(person.mobile), person.mobile.isdigit()) == (11, True)
    assert person.former_mobile is None or person.former_mobile.startswith("1009")
    assert person.email.endswith(".invalid")
    assert person.name[0] in "甲乙丙丁戊己庚辛壬癸"


@pytest.mark.parametrize("number", ["", "110101199003070038", "99999919900231001X", "999999"])
def test_foreign_id_numbers_find_nobody(number: str) -> None:
    """Another region, an impossible day and half a number belong to no borrower."""
    assert people.index_of(1, number) is None
