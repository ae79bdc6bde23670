"""Every measure there is, by name, and how a definition's words become its parameters."""

import re
from collections.abc import Mapping
from functools import partial
from inspect import Parameter, signature
from itertools import chain
from types import MappingProxyType
from typing import Any

from pydantic import TypeAdapter, ValidationError

from gateway.attributes import (
    age,
    coverage,
    delinquency,
    exposure,
    income,
    inquiries,
    multi_lender,
    public,
    trends,
    utilisation,
)
from gateway.attributes.found import Found, Measure
from gateway.selection import Accounts, Asked

_FAMILIES = (
    exposure, utilisation, delinquency, trends, age, inquiries, multi_lender, income, public,
    coverage,
)  # fmt: skip

MEASURES: Mapping[str, Measure] = MappingProxyType(
    {one.__name__: one for one in chain.from_iterable(f.MEASURES for f in _FAMILIES)}
)

_WINDOW = re.compile(r"([1-9]\d{0,3})([dm])")
_WINDOW_UNITS = MappingProxyType({"d": "days", "m": "months"})


def bound(
    name: str,
    given: Mapping[str, Any],
    accounts: Mapping[str, Accounts],
    inquiries_: Mapping[str, Asked],
) -> partial[Found]:
    """The measure with its parameters; ValueError says what would have been right.

    `window` is a text such as `24m` or `30d`, and goes to the measure's `months` or `days`; `of`
    is the name of a selection.
    """
    measure = MEASURES.get(name)
    if measure is None:
        raise ValueError(f"no measure {name!r}; known: {', '.join(sorted(MEASURES))}")
    taken = dict(list(signature(measure).parameters.items())[1:])  # the first one is the file
    words = dict(given)
    if "window" in words:
        length, unit = window(words.pop("window"))
        words[unit] = length
    needed = {key for key, one in taken.items() if one.default is Parameter.empty}
    if not needed <= words.keys() <= taken.keys():
        raise ValueError(
            f"{name} takes {_told(taken)}, not {', '.join(sorted(words)) or 'nothing'}"
        )
    return partial(
        measure,
        **{
            key: _value(f"{name}.{key}", taken[key].annotation, word, accounts, inquiries_)
            for key, word in words.items()
        },
    )


def window(text: object) -> tuple[int, str]:
    """`24m` as 24 and months; ValueError otherwise."""
    found = _WINDOW.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError(f"no window {text!r}; expected days as 30d, months as 24m")
    return int(found[1]), _WINDOW_UNITS[found[2]]


def _value(
    where: str,
    wanted: Any,  # noqa: ANN401 - a type
    word: object,
    accounts: Mapping[str, Accounts],
    inquiries_: Mapping[str, Asked],
) -> object:
    tables: dict[object, Mapping[str, object]] = {Accounts: accounts, Asked: inquiries_}
    if wanted in tables:
        table = tables[wanted]
        if word not in table:
            raise ValueError(f"{where}: no selection {word!r}; known: {', '.join(table)}")
        return table[str(word)]
    try:
        return TypeAdapter(wanted).validate_python(word)
    except ValidationError as exc:
        raise ValueError(f"{where}: {exc.errors(include_url=False)[0]['msg']}") from None


def _told(taken: Mapping[str, Parameter]) -> str:
    said = [
        key if one.default is Parameter.empty else f"[{key}]" for key, one in sorted(taken.items())
    ]
    return ", ".join(said) or "no parameter"
