"""One byte form for everything we hash, sign or seal.

RFC 8785 (JCS) restricted to ASCII keys, strings, integers, booleans and null. Under that
restriction RFC 8785's UTF-16 key order is byte order and no number formatting is needed, so
orjson with sorted keys writes the very same bytes; tests prove it against the rfc8785 package.
"""

from collections.abc import Mapping
from typing import Any

import orjson

_SAFE_INT = 2**53 - 1  # RFC 8785 3.2.2.3: integers beyond IEEE 754 double are not interoperable
_PLAIN = frozenset({str, bool, type(None)})
_ALLOWED = "canonical JSON holds ASCII keys, strings, integers, booleans and null"


def encode(value: Mapping[str, object]) -> bytes:
    """Canonical UTF-8 JSON; TypeError on floats, non-ASCII keys or any other type."""
    _check(value)
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _check(value: Any) -> None:  # noqa: ANN401 - looks at whatever it is handed
    # By exact type first: this runs over every audit entry and every section of a profile.
    kind = type(value)
    if kind in _PLAIN:
        return
    if kind is int:
        if not -_SAFE_INT <= value <= _SAFE_INT:
            raise TypeError("canonical JSON holds integers within +/-(2**53 - 1)")
        return
    if kind is dict:
        _check_keys(value)
        value = value.values()
    elif kind is not list and kind is not tuple:
        if isinstance(value, str):  # a StrEnum is its text
            return
        raise TypeError(_ALLOWED)
    for inner in value:
        if type(inner) is not str:
            _check(inner)


def _check_keys(value: Mapping[Any, object]) -> None:
    if not all(type(key) is str and key.isascii() for key in value):
        raise TypeError(_ALLOWED)
