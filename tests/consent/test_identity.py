"""consent.identity: check digits hold, forms fold, and errors repeat nothing."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.errors import InvalidInput
from consent.identity import check, check_document


def numbered(region: str, born: date, sequence: int) -> str:
    """A resident id with the right check digit, ISO 7064 MOD 11-2 computed the long way."""
    body = f"{region}{born:%Y%m%d}{sequence:03d}"
    total = sum(int(d) * pow(2, 17 - i, 11) for i, d in enumerate(body))
    return body + "10X98765432"[total % 11]


@given(st.dates(date(1930, 1, 1), date(2008, 1, 1)), st.integers(0, 999))
def test_a_right_number_tells_the_birth_date(born: date, sequence: int) -> None:
    """GB 11643: characters 7 to 14 are the date of birth."""
    number = numbered("999999", born, sequence)

    assert check_document("CN_RIC", number, allow_test_region=True) == (number, born)


@given(st.integers(0, 17), st.integers(1, 9))
def test_one_mistyped_digit_is_noticed(place: int, by: int) -> None:
    """MOD 11-2 detects every single substitution; a neighbour's file must not open by typo."""
    number = numbered("999999", date(1990, 1, 1), 1)
    wrong = number[place]
    other = str((int(wrong, 11) + by) % 10) if wrong != "X" else str(by)
    if other == wrong:
        return
    mistyped = number[:place] + other + number[place + 1 :]

    with pytest.raises(InvalidInput) as caught:
        check_document("CN_RIC", mistyped, allow_test_region=True)
    assert mistyped not in str(caught.value)


def test_synthetic_people_stay_out_of_production() -> None:
    """Region 999999 is for demos; a lender switches it off."""
    number = numbered("999999", date(1990, 1, 1), 1)

    with pytest.raises(InvalidInput, match="GB/T 2260"):
        check_document("CN_RIC", number)


def test_forms_are_folded_to_one() -> None:
    """Full-width digits, spaces and lower-case x are the same person."""
    number = numbered("999999", date(1990, 1, 1), 1)
    wide = "".join(chr(ord(c) + 0xFEE0) for c in number)

    one = check(
        name=" 测试　甲 ", id_type="CN_RIC", id_number=wide, mobile="+86 100-0000 0001",
        allow_test_region=True,
    )  # fmt: skip

    assert (one.name, one.id_number, one.mobile) == ("测试 甲", number, "8610000000001")


@pytest.mark.parametrize(
    ("field", "kwargs"),
    [
        ("/subject/name", {"name": "  "}),
        ("/subject/id_type", {"id_type": "SSN"}),
        ("/subject/id_number", {"id_type": "PASSPORT", "id_number": "!"}),
        ("/subject/id_number", {"id_number": "999999"}),
        ("/subject/mobile", {"mobile": "555-CANARY"}),
        ("/subject/address", {"address": "CANARY" * 60}),
        ("/subject/employer", {"employer": "CANARY\n\u0001"}),
    ],
)
def test_errors_name_the_field_and_no_value(field: str, kwargs: dict[str, str]) -> None:
    """What was typed may be somebody's number; the message says the rule instead."""
    number = numbered("999999", date(1990, 1, 1), 1)
    given_ = {"name": "测试", "id_type": "CN_RIC", "id_number": number, **kwargs}

    with pytest.raises(InvalidInput) as caught:
        check(**given_, allow_test_region=True)
    assert caught.value.field == field
    assert "CANARY" not in str(caught.value)
    assert number not in str(caught.value)


def test_nothing_personal_shows_in_a_repr() -> None:
    """Reprs end up in logs and test output."""
    number = numbered("999999", date(1990, 1, 1), 1)
    one = check(name="测试", id_type="CN_RIC", id_number=number, allow_test_region=True)

    assert number not in repr(one)
    assert "测试" not in repr(one)
