"""A world: personas first, then as many ordinary borrowers as were asked for, made when needed.

A life is made again from seed and index whenever it is needed, in about two milliseconds, and only
the last few are kept: a world of millions costs no memory and can be entered anywhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from connectors.sandbox import bureaus, households, people, personas
from connectors.sandbox.dice import happens, seeded
from connectors.sandbox.facts import Life, Person
from connectors.sandbox.faults import Faults
from connectors.sandbox.life import life
from connectors.sandbox.mixups import Form, Mixup, mixup
from connectors.sandbox.noise import NONE, Noise
from consent.identity import TEST_REGION


@lru_cache(maxsize=256)  # one request of a gateway asks several desks about the same person
def _life(seed: int, index: int, today: date, persona: str | None, noise: Noise) -> Life:
    if persona is None:
        return life(seed, index, today, noise=noise)
    return personas.persona(persona, seed, today, index=index, noise=noise)


@dataclass(frozen=True, slots=True)
class Opened:
    """The file a source answers from; `form` says how it went wrong when it is another's."""

    life: Life
    form: Form | None = None


@dataclass(frozen=True, slots=True)
class World:
    """`size` borrowers up to `today`; the first ones are `cast`, in that order.

    `noise` is how far sources stray; about the cast they are right. `staged` is the share of all
    others (parts per one) who live as one of the personas. `faults` is how its servers misbehave
    at the moment; the people do not depend on it.
    """

    seed: int
    today: date
    size: int = 1000
    cast: tuple[str, ...] = personas.ORDER
    faults: Faults = field(default_factory=Faults, compare=False)
    noise: Noise = NONE
    staged: float = 0.0

    def __post_init__(self) -> None:
        if not len(self.cast) <= self.size <= people.CAPACITY:
            raise ValueError(f"a world holds {len(self.cast)} to {people.CAPACITY} borrowers")

    def life(self, index: int) -> Life:
        """Borrower `index`; IndexError when the world is smaller."""
        if not 0 <= index < self.size:
            raise IndexError(f"this world has borrowers 0 to {self.size - 1}")
        return _life(self.seed, index, self.today, self._shape(index), self._noise(index))

    def _noise(self, index: int) -> Noise:
        return self.noise if index >= len(self.cast) else NONE

    def _shape(self, index: int) -> str | None:
        if index < len(self.cast):
            return self.cast[index]
        if not happens(seeded("staged", self.seed, index), self.staged):
            return None
        # Each persona draws for itself: a new one takes over some lives and changes no other.
        return max(
            personas.ORDER, key=lambda name: seeded("staged", self.seed, index, name).random()
        )

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

    def opened(self, life: Life, source: str) -> Opened:
        """Whose file `source` answers from when asked about this person: theirs, almost always."""
        wrong = self.mixup(life.index, source)
        if wrong is None:
            return Opened(life)
        other = self.life(wrong.index)
        return Opened(other, wrong.form) if bureaus.knows(other, source) else Opened(life)

    def mixup(self, index: int, source: str) -> Mixup | None:
        """What goes wrong when `source` is asked about this borrower; no life is made for it."""
        return mixup(self.seed, index, source, self._noise(index), self.size)

    def people(self) -> Iterator[tuple[int, str | None, Person]]:
        """Everybody as (index, persona, person), one at a time."""
        for index in range(self.size):
            rng = seeded(self.seed, index)
            shape = self._shape(index)
            region = personas.PERSONAS[shape].who.region if shape else TEST_REGION
            person = people.person(rng, self.seed, index, self.today, region)
            noise = self._noise(index)
            yield index, shape, households.at_home(person, self.seed, index, self.today, noise)

    def lives(self) -> Iterator[Life]:
        """Every life, one at a time."""
        return map(self.life, range(self.size))
