"""Amounts that a source writes in major units, as `Money` in the minor unit of the currency."""

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType

from connectors.money import Money

# Minor units in one major unit: ISO 4217:2015, table A.1, column "minor unit".
MINOR_UNITS: Mapping[str, int] = MappingProxyType(
    {
        "AED": 100, "AUD": 100, "CAD": 100, "CHF": 100, "CNY": 100, "DKK": 100, "EUR": 100,
        "GBP": 100, "HKD": 100, "IDR": 100, "INR": 100, "JPY": 1, "KRW": 1, "MOP": 100,
        "MYR": 100, "NOK": 100, "NZD": 100, "PHP": 100, "RUB": 100, "SEK": 100, "SGD": 100,
        "THB": 100, "TWD": 100, "USD": 100, "VND": 1, "ZAR": 100,
    }
)  # fmt: skip
_DIGITS = 12  # below a trillion: no person owes more, and a slipped column shows


def whole(text: str, currency: str) -> Money:
    """Read digits in major units, with up to two decimals where the currency has them.

    ValueError on anything else: a sign, a separator, an exponent, more than 12 digits, or a
    currency that is not in `MINOR_UNITS`.
    """
    units = MINOR_UNITS.get(currency)
    if units is None:
        raise ValueError("an amount in a currency we do not know")
    major, dot, minor = text.partition(".")
    if not (major.isascii() and major.isdigit() and len(major) <= _DIGITS):
        raise ValueError("not an amount")
    if not dot:
        return Money(int(major) * units, currency)
    if not (minor.isascii() and minor.isdigit() and len(minor) <= len(str(units)) - 1):
        raise ValueError("not an amount in whole minor units")
    return Money(int(major) * units + int(minor.ljust(len(str(units)) - 1, "0")), currency)


@cache
def reader(currency: str) -> Callable[[str], Money]:
    """`whole` for one currency, quick about what nearly every amount is: 0, or a few digits."""
    units = MINOR_UNITS.get(currency, 0)
    nothing = Money(0, currency)

    def read(text: str) -> Money:
        if units and text == "0":
            return nothing
        if units and len(text) <= _DIGITS and text.isdecimal() and text.isascii():
            return Money(int(text) * units, currency)
        return whole(text, currency)

    return read
