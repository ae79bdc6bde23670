"""The sections of a profile: what a scope covers, what a view shows, what a key seals.

A section that is a scope is covered by it. What we conclude from several scopes (attributes,
signals) names the scopes each item rests on, and is projected item by item when a reader may
not have them all.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import orjson

from consent import canonical
from consent.subject import Scope
from consent.vault.fields import FIELDS, FieldClass, section_key
from consent.vault.keys import KeyClass
from gateway import masking

DERIVED = MappingProxyType(
    {"attributes": KeyClass.SCORE, "signals": KeyClass.SCORE, "reasons": KeyClass.SCORE}
)
"""Conclusions over several scopes: numbers and codes, never identifiers."""

ABOUT = MappingProxyType(
    {
        "sources": KeyClass.ACCOUNT,
        "issues": KeyClass.ACCOUNT,
        "conflicts": KeyClass.IDENTITY,
        "withheld": KeyClass.ACCOUNT,
    }
)
"""What the profile says of its own making. A conflict may be about an identity."""

SCOPES = frozenset(scope.value for scope in Scope)

SECTIONS = MappingProxyType(
    {
        "full": SCOPES | DERIVED.keys() | ABOUT.keys(),
        "attributes": frozenset(DERIVED) | {"sources"},
    }
)
"""View, then the sections it shows."""


_ABOUT_IDENTITY = frozenset({"Identity", "IdDocument", "Phone", "Address", "Employment", "Report"})
_NESTED = frozenset({"annotations", "transactions"})  # lists of records with classes of their own

_OWN_WORDS = frozenset(
    field
    for record, fields in FIELDS.items()
    if record not in _ABOUT_IDENTITY
    for field, found in fields.items()
    if found >= FieldClass.TEXT and field not in _NESTED
)


def without_identities(sections: Mapping[str, bytes]) -> dict[str, bytes]:
    """The sections for a client that may not know who it is about.

    Of the identity only masked identifiers are left (`gateway.masking`); elsewhere every field
    classified as text or identity is empty: an employer, a court's words, a note that may name
    anyone.
    """
    seen: dict[str, bytes] = {}
    for name, body in sections.items():
        if name == Scope.IDENTITY:
            seen[name] = canonical.encode(masking.identity(orjson.loads(body)))
            continue
        touched = name in SCOPES and any(f'"{word}":'.encode() in body for word in _OWN_WORDS)
        seen[name] = canonical.encode(_cut(orjson.loads(body))) if touched else body
    return seen


def _cut(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        return {k: _blank(v) if k in _OWN_WORDS else _cut(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_cut(inner) for inner in value]
    return value


def _blank(value: Any) -> Any:  # noqa: ANN401 - any JSON
    return [] if isinstance(value, list) else None


def key_class(section: str) -> KeyClass:
    """The key a section is sealed under; LookupError for one that is not listed here."""
    if section in SCOPES:
        return section_key(Scope(section))
    return {**DERIVED, **ABOUT}[section]
