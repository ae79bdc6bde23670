"""Twins and couples: the people whom a careless gateway takes for one another.

Indexes 2k and 2k + 1 were born on one day with neighbouring id numbers, so they can be twins;
the nearest index of the other sex born some months apart can be a spouse. Who lives with whom
follows from seed and index, so that each can be made without the other's life.
"""

from dataclasses import dataclass, replace
from datetime import date

from connectors.sandbox import people
from connectors.sandbox.dice import happens, seeded
from connectors.sandbox.facts import Person
from connectors.sandbox.noise import Noise


@dataclass(frozen=True, slots=True)
class Household:
    """The indexes of those a person lives with, as far as they matter here."""

    twin: int | None = None
    spouse: int | None = None

    @property
    def others(self) -> tuple[int, ...]:
        """Everybody but the person."""
        return tuple(index for index in (self.twin, self.spouse) if index is not None)


def household(seed: int, index: int, noise: Noise) -> Household:
    """Whom this borrower lives with; twins live with each other and have no spouse here."""
    if _twins(seed, index, noise):
        return Household(twin=index ^ 1)
    spouse = index ^ 5  # the other sex, two places on: 132 days apart in birth
    pair = seeded("couple", seed, min(index, spouse))
    if not _twins(seed, spouse, noise) and happens(pair, noise.couples):
        return Household(spouse=spouse)
    return Household()


def at_home(person: Person, seed: int, index: int, today: date, noise: Noise) -> Person:
    """The same person with a family: its name, its address, its spouse."""
    home = household(seed, index, noise)
    if home.twin is not None:
        if home.twin > index:
            return person
        elder = people.person(seeded(seed, home.twin), seed, home.twin, today)
        name = people.sibling(elder.name, person.name)
        return replace(person, name=name, pinyin=people.romanised(name), homes=elder.homes)
    if home.spouse is not None:
        partner = people.person(seeded(seed, home.spouse), seed, home.spouse, today)
        homes = partner.homes if home.spouse < index else person.homes
        return replace(person, spouse=partner.name, homes=homes)
    return person


def _twins(seed: int, index: int, noise: Noise) -> bool:
    return happens(seeded("twins", seed, index // 2), noise.twins)
