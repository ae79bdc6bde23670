"""Values of a profile as a person reads them in a narrow column."""

from collections.abc import Mapping
from typing import Any

_WIDE = 60


def shown(value: Any) -> str:  # noqa: ANN401 - any JSON value of a profile
    """One line; money in whole units of its currency, lists by their parts."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        text = _money(value) or " ".join(part for part in map(shown, value.values()) if part)
    elif isinstance(value, list):
        text = "; ".join(map(shown, value))
    else:
        text = str(value)
    return text if len(text) <= _WIDE else f"{text[: _WIDE - 1]}…"


def measured(value: int, unit: str) -> str:
    """An attribute's value in its unit."""
    if unit == "bp":
        return f"{value / 100:.2f} %"
    if len(unit) == 3 and unit.isupper():  # noqa: PLR2004 - ISO 4217 codes have three letters
        return f"{value / 100:,.2f} {unit}"
    return f"{value} {unit}"


def _money(value: Mapping[str, Any]) -> str:
    if value.keys() == {"minor", "currency"}:
        return f"{value['minor'] / 100:,.2f} {value['currency']}"
    return ""
