"""All attributes of a catalogue, in one pass over one file."""

from itertools import chain

from consent.subject import Scope
from gateway.attributes.catalogue import Catalogue
from gateway.attributes.found import Found, nothing
from gateway.creditfile import Basis, CreditFile
from gateway.profile import AttributeSection, AttributeValue, SharedBasis


def compute(file: CreditFile, catalogue: Catalogue) -> AttributeSection:
    """Every attribute of the catalogue, missing or not, in its order."""
    bases = _Bases()
    reached: dict[object, tuple[Found | None, tuple[str, ...]]] = {}
    values = []
    for one in catalogue.attributes:
        known = reached.get(one.asks)
        if known is None:
            known = reached[one.asks] = _reached(file, *one.asks)
        unreached, lacking = known
        value, basis, missing = unreached or one.run(file)
        values.append(
            AttributeValue.of(
                {
                    "name": one.name,
                    "value": value,
                    "unit": one.unit,
                    "scopes": one.scopes,
                    "basis": bases.name(one.scopes, basis) if basis else None,
                    "missing": missing,
                    "lacking": lacking,
                }
            )
        )
    return AttributeSection(catalogue=catalogue.catalogue, values=tuple(values), bases=bases.all())


def _reached(
    file: CreditFile, source: str | None, scopes: tuple[Scope, ...]
) -> tuple[Found | None, tuple[str, ...]]:
    """Why nothing can be said, if so; and who was asked and brought nothing."""
    reaches = [file.reach_of(source, one) if source else file.reach[one] for one in scopes]
    lacking = tuple(sorted({name for reach in reaches for name in reach.lacking}))
    for reach in reaches:
        if not reach.answered:
            return nothing("no_file" if reach.no_file else "no_source"), lacking
    return None, lacking


class _Bases:
    """Evidence shared by attributes that look at the same things under the same scopes.

    Compared by the identity of the records' names, of which the profile holds one each.
    """

    def __init__(self) -> None:
        self._named: list[SharedBasis] = []
        self._by_records: dict[tuple[object, ...], str] = {}
        # With the basis itself: it keeps its things, so that their ids stay their own.
        self._by_things: dict[tuple[object, ...], tuple[str, Basis]] = {}

    def name(self, scopes: tuple[Scope, ...], basis: Basis) -> str:
        """What this evidence is called in the section."""
        things = (scopes, *map(id, basis))
        known = self._by_things.get(things)
        if known is None:  # the same records may still be those of other things
            known = self._by_things[things] = self._of_records(scopes, basis), basis
        return known[0]

    def _of_records(self, scopes: tuple[Scope, ...], basis: Basis) -> str:
        records = tuple(chain.from_iterable(basis))
        inside = (scopes, *map(id, records))
        known = self._by_records.get(inside)
        if known is None:
            known = self._by_records[inside] = f"b{len(self._named) + 1}"
            self._named.append(SharedBasis(known, scopes, records))
        return known

    def all(self) -> tuple[SharedBasis, ...]:
        """Every one that was named."""
        return tuple(self._named)
