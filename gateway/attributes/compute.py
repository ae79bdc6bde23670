"""All attributes of a catalogue, in one pass over one file."""

from collections.abc import Iterable
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
        name = bases.name(one.scopes, basis) if basis else None
        values.append(
            AttributeValue(
                name=one.name,
                value=value,
                unit=one.unit,
                scopes=one.scopes,
                basis=name,
                missing=missing,
                lacking=lacking,
            )
        )
    return AttributeSection(
        catalogue=catalogue.catalogue, values=tuple(values), bases=tuple(bases.all())
    )


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
        self._names: dict[tuple[object, ...], str] = {}
        self._bases: dict[str, tuple[tuple[Scope, ...], Basis]] = {}

    def name(self, scopes: tuple[Scope, ...], basis: Basis) -> str:
        """What this evidence is called in the section."""
        # A selection hands out one tuple: found at once, without looking inside.
        whole = (scopes, id(basis))
        known = self._names.get(whole)
        if known is None:
            inside = (scopes, *map(id, chain.from_iterable(basis)))
            known = self._names.get(inside)
            if known is None:
                known = self._names[inside] = f"b{len(self._bases) + 1}"
                self._bases[known] = (scopes, basis)  # keeps it, so that its id stays its own
            if self._bases[known][1] is basis:
                self._names[whole] = known
        return known

    def all(self) -> Iterable[SharedBasis]:
        """Every one that was named."""
        for name, (scopes, basis) in self._bases.items():
            yield SharedBasis(name, scopes, tuple(chain.from_iterable(basis)))
