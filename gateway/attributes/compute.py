"""All attributes of a catalogue, in one pass over one file."""

from collections import defaultdict
from itertools import chain

from consent.canonical import MOST
from consent.subject import Scope
from gateway.attributes.catalogue import Catalogue
from gateway.attributes.found import Found, nothing
from gateway.creditfile import Basis, CreditFile
from gateway.profile import AttributeSection, AttributeValue, SharedBasis
from gateway.profile.concluded import Evidence


def compute(file: CreditFile, catalogue: Catalogue) -> AttributeSection:
    """Every attribute of the catalogue, missing or not, in its order."""
    shared: list[SharedBasis] = []
    named: dict[tuple[Scope, ...], _Named] = {}
    values = []
    for alike in catalogue.alike:
        source, scopes = alike[0].asks
        unreached, lacking = _reached(file, source, scopes)
        if scopes not in named:
            named[scopes] = _Named(scopes, shared)
        name = named[scopes].name
        for one in alike:
            value, basis, missing = unreached or one.run(file)
            if value is not None and not -MOST <= value <= MOST:
                value, basis, missing = nothing("out_of_range")
            shown = name(basis) if basis else None
            values.append(
                AttributeValue(one.name, value, one.unit, scopes, shown, missing, lacking)
            )
    return AttributeSection(
        catalogue=catalogue.catalogue, values=tuple(values), bases=tuple(shared)
    )


def _reached(
    file: CreditFile, source: str | None, scopes: tuple[Scope, ...]
) -> tuple[Found | None, tuple[str, ...]]:
    """Why nothing can be said, if so; and who was asked and brought nothing."""
    reaches = [file.reach_of(source, one) if source else file.reach[one] for one in scopes]
    lacking = tuple(sorted({*chain.from_iterable([reach.lacking for reach in reaches])}))
    for reach in reaches:
        if not reach.answered:
            return nothing("no_file" if reach.no_file else "no_source"), lacking
    return None, lacking


_Start = tuple[int, int]
"""How many things, and the id of the first."""


class _Named:
    """Evidence shared by attributes that look at the same things under the same `scopes`.

    The profile holds one tuple of records for each thing, and comparing tuples looks at what they
    hold only where that is not one object: what is alike at its start is soon told apart.
    """

    def __init__(self, scopes: tuple[Scope, ...], shared: list[SharedBasis]) -> None:
        self._scopes = scopes
        self._shared = shared  # under all scopes, in the order they are named
        self._of_things: defaultdict[_Start, list[tuple[Basis, str]]] = defaultdict(list)
        self._of_records: defaultdict[_Start, list[SharedBasis]] = defaultdict(list)

    def name(self, basis: Basis) -> str:
        """What this evidence is called in the section."""
        alike = self._of_things[len(basis), id(basis[0])]
        for things, name in alike:
            if things == basis:
                return name
        name = self._named(tuple(chain.from_iterable(basis))).id
        alike.append((basis, name))  # keeps the things, so that their ids stay their own
        return name

    def _named(self, records: tuple[Evidence, ...]) -> SharedBasis:
        """The same records may be those of other things."""
        alike = self._of_records[len(records), id(records[0])]
        for one in alike:
            if one.records == records:
                return one
        made = SharedBasis(f"b{len(self._shared) + 1}", self._scopes, records)
        self._shared.append(made)
        alike.append(made)
        return made
