"""gateway.resolve.numbers: another valid number is another person's, a slip is a clerk's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.records import IdDocument
from gateway.resolve.numbers import document, number, phone, sex
from gateway.resolve.weighing import Level

OURS = "999999199001010016"
TWIN = "999999199001010024"  # the next number of that day, check digit and all


def ric(*numbers: str) -> list[IdDocument]:
    return [IdDocument(type="CN_RIC", number=one) for one in numbers]


@pytest.mark.parametrize(
    ("reported", "level"),
    [
        ("999999199001010016", Level.SAME),
        ("９９９９９９１９９００１０１００１６", Level.SAME),
        ("999999900101001", Level.SAME),  # the 15 digits of before 1999
        ("999999900101003", Level.DIFFERENT),
        ("999999********0016", Level.MASKED),
        ("999999********0024", Level.DIFFERENT),
        ("9****************6", None),  # two digits shown: anybody's
        ("1****************6", Level.DIFFERENT),
        ("999999199001010116", Level.MISTYPED),
        ("999999199001010061", Level.MISTYPED),  # two neighbours exchanged
        (TWIN, Level.DIFFERENT),
    ],
)
def test_documents(reported: str, level: Level | None) -> None:
    """Exact after normalising; what is hidden says nothing; a valid other number is another's."""
    assert document("CN_RIC", OURS, ric(reported)) is level


def test_the_check_digit_of_ten_is_written_small_or_large() -> None:
    """GB 11643 writes X; clerks write x."""
    assert document("CN_RIC", "99999919900101018X", ric("99999919900101018x")) is Level.SAME


def test_a_document_of_another_type_says_nothing() -> None:
    """A passport number cannot contradict a resident id."""
    assert document("CN_RIC", OURS, [IdDocument(type="PASSPORT", number="XX1234567")]) is None


def test_passports_one_digit_apart_are_two_passports() -> None:
    """A family's passports are numbered one after the other, and have no check digit."""
    theirs = [IdDocument(type="PASSPORT", number="XX1234568")]

    assert document("PASSPORT", "XX1234567", theirs) is Level.DIFFERENT


@given(st.permutations([TWIN, OURS, "999999199001010116", "1****************6"]))
def test_one_fitting_document_is_enough_in_any_order(numbers: list[str]) -> None:
    """Reports list former numbers beside the present one."""
    assert document("CN_RIC", OURS, ric(*numbers)) is Level.SAME
    assert document("CN_RIC", OURS, ric(*(n for n in numbers if n != OURS))) is Level.MISTYPED


@pytest.mark.parametrize(
    ("current", "former", "level"),
    [
        (["+86 100-1234-5678"], [], Level.SAME),
        (["10000000000", "0086 10012345678"], [], Level.SAME),
        (["10000000000"], ["10012345678"], Level.FORMER),
        (["10000000000"], ["10000000001"], Level.DIFFERENT),
        (["100****5678"], [], Level.MASKED),
        (["10000000000"], ["100****5678"], Level.MASKED),
        ([], ["10000000001"], Level.DIFFERENT),
        (["100****5679"], [], Level.DIFFERENT),
        (["021-5550000"], [], None),
        ([], [], None),
    ],
)
def test_phones(current: list[str], former: list[str], level: Level | None) -> None:
    """Any of the numbers, the present ones first; a landline says nothing."""
    assert phone("8610012345678", current, former) is level


def test_without_a_mobile_of_the_subject_phones_say_nothing() -> None:
    """Missing is not a mismatch."""
    assert phone(None, ["10012345678"]) is None


@given(st.text("0123", min_size=4, max_size=6), st.text("0123", min_size=4, max_size=6))
def test_numbers_compare_the_same_both_ways(one: str, other: str) -> None:
    """Nothing is masked: who is asked does not matter."""
    assert number(one, other) is number(other, one)


def test_a_resident_number_tells_the_sex() -> None:
    """GB 11643: odd for men, even for women; other numbers tell nothing."""
    told = [sex("CN_RIC", OURS), sex("CN_RIC", TWIN), sex("PASSPORT", "XX1234567")]

    assert told == ["male", "female", None]
