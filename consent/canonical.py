"""One byte form for everything we hash, sign or seal.

RFC 8785 (JCS) restricted to ASCII keys, strings, integers, booleans and null. Under that
restriction RFC 8785's UTF-16 key order is byte order and no number formatting is needed, so
orjson with sorted keys writes the very same bytes; tests prove it against the rfc8785 package.
"""

from collections.abc import Mapping

import orjson

_SAFE_INT = 2**53 - 1  # RFC 8785 3.2.2.3: integers beyond IEEE 754 double are not interoperable
_ALLOWED = "canonical JSON holds ASCII keys, strings, integers, booleans and null"


def encode(value: Mapping[str, object]) -> bytes:
    """Canonical UTF-8 JSON; TypeError on floats, non-ASCII keys or any other type."""
    _check(value)
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _check(value: object) -> None:
    match value:
        case None | bool() | str():
            return
        case int():
            if abs(value) > _SAFE_INT:
                raise TypeError("canonical JSON holds integers within +/-(2**53 - 1)")
        case dict():
            for key, inner in value.items():
                if not (isinstance(key, str) and key.isascii()):
                    raise TypeError(_ALLOWED)
                _check(inner)
        case list() | tuple():
            for inner in value:
                _check(inner)
        case _:
            raise TypeError(_ALLOWED)
