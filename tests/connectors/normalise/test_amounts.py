"""Amounts in major units: exact or refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.money import Money
from connectors.normalise import amounts


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("0", "CNY", 0),
        ("12", "CNY", 1200),
        ("250000.50", "CNY", 25000050),
        ("7.5", "USD", 750),
        ("300", "JPY", 300),
    ],
)
def test_major_units_become_minor_ones(text: str, currency: str, minor: int) -> None:
    """Yen have no minor unit, so 300 yen are not 3."""
    assert amounts.whole(text, currency) == Money(minor, currency)
    assert amounts.reader(currency)(text) == Money(minor, currency)


@pytest.mark.parametrize(
    "text",
    ["", "-5", "+5", "1,000", "1e3", "1.234", "1.", ".5", "9" * 13, "NaN", "１２", "5 ", "0x1"],
)
def test_what_is_not_an_amount_is_refused(text: str) -> None:
    """A debt guessed from a damaged number is worse than none."""
    with pytest.raises(ValueError, match="amount"):
        amounts.whole(text, "CNY")
    with pytest.raises(ValueError, match="amount"):
        amounts.reader("CNY")(text)


def test_a_currency_we_do_not_know_has_no_amounts() -> None:
    """Its minor unit may be a hundredth, a thousandth or nothing."""
    for text in ("0", "12", "1.5"):
        with pytest.raises(ValueError, match="currency"):
            amounts.reader("XTS")(text)


@given(st.integers(0, 10**12 - 1))
def test_the_quick_way_is_the_exact_way(yuan: int) -> None:
    """The short cut for plain digits must not be a second opinion."""
    assert amounts.reader("CNY")(str(yuan)) == amounts.whole(str(yuan), "CNY")
