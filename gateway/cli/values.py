"""Values of a profile as a person reads them in a narrow column."""

import unicodedata
from collections.abc import Mapping
from typing import Any

_WIDE = 60
_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp"})
"""Controls, formats and ends of lines: general categories of UAX 44, table 12."""


def legible(value: Any) -> Any:  # noqa: ANN401 - any JSON value of a profile
    """The value with a space for each sign that is none, so that it reads as it is written.

    What a source says moves no cursor of an operator, turns no direction of writing, as U+202E
    does, and hides nothing between two letters, as U+200B does.
    """
    if isinstance(value, Mapping):
        return {name: legible(part) for name, part in value.items()}
    if isinstance(value, list):
        return [legible(part) for part in value]
    if isinstance(value, str) and not value.isprintable():
        return "".join(" " if unicodedata.category(sign) in _UNSEEN else sign for sign in value)
    return value


def shown(value: Any, *, wide: int | None = _WIDE) -> str:  # noqa: ANN401 - any JSON value
    """One line of at most `wide` signs; money in whole units of its currency, lists by parts."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        parts = (shown(part, wide=wide) for part in value.values())
        text = _money(value) or " ".join(part for part in parts if part)
    elif isinstance(value, list):
        text = "; ".join(shown(part, wide=wide) for part in value)
    else:
        text = str(value)
    return text if wide is None or len(text) <= wide else f"{text[: wide - 1]}…"


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
