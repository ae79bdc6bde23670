"""One byte form for everything we hash, sign or seal.

RFC 8785 (JCS) restricted to ASCII keys, strings, integers, booleans and null. Under that
restriction RFC 8785's UTF-16 key order is byte order and no number formatting is needed, so
orjson with sorted keys writes the very same bytes; tests prove it against the rfc8785 package.
"""

from collections.abc import Mapping
from typing import Any

import orjson

MOST = 2**53 - 1
"""The greatest integer that means the same everywhere (RFC 8785 3.2.2.3: IEEE 754 double)."""

_AS_WE_MEAN = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER  # strict: up to MOST
_PLAIN = frozenset({str, int, bool, type(None)})
_HOLDING = frozenset({dict, list, tuple})
_ALLOWED = "canonical JSON holds ASCII keys, strings, integers below 2**53, booleans and null"


def encode(value: Mapping[str, object]) -> bytes:
    """Canonical UTF-8 JSON; TypeError on floats, non-ASCII keys or any other type."""
    body = orjson.dumps(value, option=_AS_WE_MEAN)  # first: it refuses what holds itself
    _check(value)
    return body


def _check(value: Mapping[str, object]) -> None:
    # By exact type first: this runs over every audit entry and every section of a profile.
    keys: set[object] = set()
    todo: list[Any] = [value]
    for holding in todo:
        if type(holding) is dict:
            keys.update(holding)
            holding = holding.values()  # noqa: PLW2901 - the rest is the same for all that hold
        for one in holding:
            kind = type(one)
            if kind in _PLAIN:
                continue
            if kind in _HOLDING:
                todo.append(one)
            elif not isinstance(one, str):  # a StrEnum is its text
                raise TypeError(_ALLOWED)
    if not all(type(key) is str and key.isascii() for key in keys):
        raise TypeError(_ALLOWED)
