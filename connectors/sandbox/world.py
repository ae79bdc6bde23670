"""A world: personas first, then as many ordinary borrowers as were asked for, made when needed.

A life is made again from seed and index whenever it is needed, in about two milliseconds, and only
the last few are kept: a world of millions costs no memory and can be entered anywhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from connectors.sandbox import people, personas
from connectors.sandbox.dice import seeded
from connectors.sandbox.facts import Life, Person
from connectors.sandbox.faults import Faults
from connectors.sandbox.life import life
from consent.identity import TEST_REGION


@lru_cache(maxsize=256)  # one request of a gateway asks several desks about the same person
def _life(seed: int, index: int, today: date, persona: str | None) -> Life:
    if persona is None:
        return life(seed, index, today)
    return personas.persona(persona, seed, today, index=index)


@dataclass(frozen=True, slots=True)
class World:
    """`size` borrowers up to `today`; the first ones are `cast`, in that order.

    `faults` is how its servers misbehave at the moment; the people do not depend on it.
    """

    seed: int
    today: date
    size: int = 1000
    cast: tuple[str, ...] = personas.ORDER
    faults: Faults = field(default_factory=Faults, compare=False)

    def __post_init__(self) -> None:
        if not len(self.cast) <= self.size <= people.CAPACITY:
            raise ValueError(f"a world holds {len(self.cast)} to {people.CAPACITY} borrowers")

    def life(self, index: int) -> Life:
        """Borrower `index`; IndexError when the world is smaller."""
        if not 0 <= index < self.size:
            raise IndexError(f"this world has borrowers 0 to {self.size - 1}")
        name = self.cast[index] if index < len(self.cast) else None
        return _life(self.seed, index, self.today, name)

    def persona(self, name: str) -> Life:
        """The borrower cast as this persona; ValueError when nobody is."""
        return self.life(self.cast.index(name))

    def find(self, id_number: str) -> Life | None:
        """Whose id number this is; None when nobody's in this world."""
        index = people.index_of(self.seed, id_number)
        if index is None or index >= self.size:
            return None
        found = self.life(index)
        return found if found.person.id_number == id_number else None

    def people(self) -> Iterator[tuple[int, str | None, Person]]:
        """Everybody as (index, persona, person), one at a time."""
        for index in range(self.size):
            rng = seeded(self.seed, index)
            name = self.cast[index] if index < len(self.cast) else None
            region = personas.PERSONAS[name].who.region if name else TEST_REGION
            yield index, name, people.person(rng, self.seed, index, self.today, region)

    def lives(self) -> Iterator[Life]:
        """Every life, one at a time."""
        return map(self.life, range(self.size))
