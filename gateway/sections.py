"""The sections of a profile: what a scope covers, what a view shows, what a key seals.

A section that is a scope is covered by it. What we conclude from several scopes (attributes,
signals) names the scopes each item rests on, and is projected item by item when a reader may
not have them all.
"""

from types import MappingProxyType

from consent.subject import Scope
from consent.vault.fields import section_key
from consent.vault.keys import KeyClass

DERIVED = MappingProxyType({"attributes": KeyClass.SCORE, "signals": KeyClass.SCORE})
"""Conclusions over several scopes: numbers and codes, never identifiers."""

ABOUT = MappingProxyType(
    {"sources": KeyClass.ACCOUNT, "issues": KeyClass.ACCOUNT, "conflicts": KeyClass.IDENTITY}
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


def key_class(section: str) -> KeyClass:
    """The key a section is sealed under; LookupError for one that is not listed here."""
    if section in SCOPES:
        return section_key(Scope(section))
    return {**DERIVED, **ABOUT}[section]
