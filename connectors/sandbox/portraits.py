"""The person as one source has them on file: names, numbers and dates as they were written there.

PBOC and Baihang repeat the name and number they were asked for (china.md 1.2 PA01B, 2.1), so
theirs are always right; what others once wrote down may be spelt, masked, mistyped or outdated.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from connectors.sandbox.dice import Random, happens, seeded
from connectors.sandbox.facts import Life, Person
from connectors.sandbox.lenders import BAIHANG, PBOC

_ECHOING = frozenset({PBOC, BAIHANG})
_KEPT_SINCE = timedelta(days=700)
_FULL_CENTURY = 2000  # 15-digit numbers have no century; they were given to people born before it
_OTHER_FORMS = str.maketrans("云溪岚枫苇麦桥灯砚铃雾帆晨", "雲谿嵐楓葦麥橋燈硯鈴霧颿晟")


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """What a source says of the person. `born` is a date, `1990-01` or `1990`.

    `id_number` is as written, None where the passport stands in its place; `mobiles` are the
    numbers known, the newest first, with the day each was reported.
    """

    name: str = field(repr=False)
    id_number: str | None = field(repr=False)
    passport: str | None = field(repr=False)
    born: str
    mobiles: tuple[tuple[str, date], ...] = field(repr=False)

    @property
    def mobile(self) -> str:
        """The number the source would dial."""
        return self.mobiles[0][0]


def portrait(life: Life, source: str) -> Portrait:
    """How `source` has the person of this life on file; the same at every look."""
    rng, person = seeded("portrait", life.seed, life.index, source), life.person
    plain = Portrait(
        name=person.name,
        id_number=person.id_number,
        passport=person.passport,
        born=person.born.isoformat(),
        mobiles=_mobiles(rng, life),
    )
    return plain if source in _ECHOING else _written(rng, life, plain)


def _mobiles(rng: Random, life: Life) -> tuple[tuple[str, date], ...]:
    """All numbers, or, where the source has not heard of the change, only one given up."""
    person = life.person
    former = (person.former_mobile, person.mobile_since - _KEPT_SINCE)
    outdated = happens(rng, life.noise.old_mobile)
    given_up = f"1009{rng.randrange(10**7):07d}"
    if outdated:
        return ((former[0] or given_up, former[1]),)
    known = [(person.mobile, person.mobile_since)]
    if former[0]:
        known.append((former[0], former[1]))
    return tuple(known)


def _written(rng: Random, life: Life, plain: Portrait) -> Portrait:
    noise, person = life.noise, life.person
    name = _first(
        rng,
        (noise.pinyin, lambda: _in_pinyin(rng, person)),
        (noise.variant, lambda: person.name.translate(_OTHER_FORMS)),
        (noise.spaced, lambda: person.name[0] + rng.choice(" ·　") + person.name[1:]),
        otherwise=person.name,
    )
    number = _first(
        rng,
        (noise.masked_id, lambda: masked(person.id_number)),
        (noise.old_id, lambda: _fifteen(person)),
        (noise.mistyped_id, lambda: _mistyped(rng, person.id_number)),
        otherwise=person.id_number,
    )
    born = _first(
        rng,
        (noise.partial_birth, lambda: plain.born[: rng.choice((4, 7))]),
        otherwise=plain.born,
    )
    only_passport = person.passport is not None and happens(rng, noise.other_id)
    return replace(plain, name=name, id_number=None if only_passport else number, born=born)


def masked(number: str) -> str:
    """First six and last four digits, as aggregators show a resident id."""
    return f"{number[:6]}{'*' * (len(number) - 10)}{number[-4:]}"


def _first(rng: Random, *ways: tuple[float, Callable[[], str]], otherwise: str) -> str:
    """One of several ways to write something, each with its own chance; all draws are made."""
    drawn = [happens(rng, chance) for chance, _ in ways]
    return next((way() for (_, way), hit in zip(ways, drawn, strict=True) if hit), otherwise)


def _in_pinyin(rng: Random, person: Person) -> str:
    family, given = person.pinyin.split()
    return rng.choice((f"{family} {given}", f"{given} {family}", f"{family}{given}")).upper()


def _fifteen(person: Person) -> str:
    """The number of before 1999, without century and check digit (GB 11643-1989)."""
    if person.born.year >= _FULL_CENTURY:
        return person.id_number
    return person.id_number[:6] + person.id_number[8:17]


def _mistyped(rng: Random, number: str) -> str:
    """One digit of the sequence became another: a number that nobody can have."""
    place = rng.randrange(6, 17)
    digit = (int(number[place]) + rng.randrange(1, 10)) % 10
    return f"{number[:place]}{digit}{number[place + 1 :]}"
