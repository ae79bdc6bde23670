"""Who is meant: each bureau calls an institution by another name, `config/institutions.csv` knows.

A branch is the institution whose branch it says it is (`branches`), listed or not. An institution
nobody listed keeps the name its source gave it and is nobody else's institution: two bureaus may
use the same two letters for two lenders (china.md 1.3, PD01AI02).
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict

from connectors.records import LenderType
from consent.errors import ConfigError
from gateway.resolve.branches import wholes
from gateway.resolve.simplified import simplified


class InstitutionRow(BaseModel):
    """One line of `config/institutions.csv`. An empty `source` means any source."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    institution: str
    name: str
    type: LenderType
    source: str
    alias: str


@dataclass(frozen=True, slots=True)
class Institution:
    """A lender in our directory; `id` is its own code, the same for all sources."""

    id: str
    name: str
    type: LenderType


@dataclass(frozen=True, slots=True)
class Institutions:
    """The directory: (source, normalised alias) to institution."""

    by_alias: Mapping[tuple[str, str], Institution]

    @classmethod
    def of(cls, rows: Iterable[InstitutionRow]) -> "Institutions":
        """Index the rows; `ConfigError` when one alias of a source names two institutions."""
        found: dict[tuple[str, str], Institution] = {}
        for row in rows:
            one = Institution(row.institution, row.name, row.type)
            for alias in (row.alias, row.name):
                place = (row.source if alias == row.alias else "", normalised(alias))
                if found.setdefault(place, one) != one:
                    both = f"{found[place].id} and {one.id}"
                    raise ConfigError(f"institutions: {row.source or 'any'} {alias!r} is {both}")
        return cls(MappingProxyType(found))

    def find(self, source: str, lender: str | None) -> Institution | None:
        """Whom `source` means by `lender`; None when that is not listed, or masked.

        Of a branch that is not listed itself, the nearest it is a part of that is.
        """
        for alias in _names(lender):
            found = self.by_alias.get((source, alias)) or self.by_alias.get(("", alias))
            if found:
                return found
        return None

    def key(self, source: str, lender: str | None) -> str | None:
        """What tells institutions apart: the listed id, or the source's own word for the firm.

        None where nobody is named.
        """
        found, alias = self.find(source, lender), named(lender)
        return found.id if found else alias and f"{source}:{alias}"


def normalised(name: str) -> str:
    """One spelling of a name: NFKC, simplified characters, no spaces, lower case."""
    return simplified("".join(unicodedata.normalize("NFKC", name).split()).casefold())


@lru_cache(maxsize=4096)
def named(lender: str | None) -> str | None:
    """One spelling of the name of whoever lends, the firm's where it is a branch.

    None for no name, and for a masked one: it names nobody. Two lenders may have one mask, and one
    lender two. Where only the place of a branch is masked, its firm is named. Lenders are few: it
    remembers them.
    """
    names = _names(lender)
    return names[-1] if names else None


_MASKS = "*某"  # as normalised; 某 is "a certain": 某消费金融公司


@lru_cache(maxsize=4096)
def _names(lender: str | None) -> tuple[str, ...]:
    """What a lender may be listed under, the longest first; nothing that is masked."""
    word = normalised(lender or "")
    return tuple(one for one in wholes(word) if one and not any(mask in one for mask in _MASKS))
