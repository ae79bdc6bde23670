"""Who is meant: each bureau calls an institution by another name, `config/institutions.csv` knows.

An institution nobody listed keeps the name its source gave it and is nobody else's institution:
two bureaus may use the same two letters for two lenders (china.md 1.3, PD01AI02).
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict

from connectors.records import LenderType
from consent.errors import ConfigError


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
        """Whom `source` means by `lender`; None when that is not listed, or masked."""
        alias = named(lender)
        if alias is None:
            return None
        return self.by_alias.get((source, alias)) or self.by_alias.get(("", alias))

    def key(self, source: str, lender: str | None) -> str | None:
        """What tells institutions apart: the listed id, or the source's own word as its own.

        None where nobody is named.
        """
        found, alias = self.find(source, lender), named(lender)
        return found.id if found else alias and f"{source}:{alias}"


def normalised(name: str) -> str:
    """One spelling of a name: NFKC, no spaces, lower case."""
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


_MASKS = "*某"  # as normalised; 某 is "a certain": 某消费金融公司


@lru_cache(maxsize=4096)
def named(lender: str | None) -> str | None:
    """One spelling of a lender's name; None for none, and for a masked one: it names nobody.

    Two lenders may have one mask, and one lender two. Lenders are few: it remembers them.
    """
    word = None if lender is None else normalised(lender)
    return None if word and any(mask in word for mask in _MASKS) else word
