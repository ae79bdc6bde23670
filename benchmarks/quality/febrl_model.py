"""creditgate's "same person?" on FEBRL records: the gateway's comparators, weights counted here.

FEBRL people are Australian: other fields, other habits, so weights of their own. They are counted
on pairs whose answer is known, never on the set that is judged: how often each level comes out
for pairs that are one person, and for pairs that are not (Fellegi and Sunter 1969). Against a
relative or a twin the fields they share say nothing, by definition and not by counting: FEBRL has
no families.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from connectors.sandbox.dice import seeded
from gateway.resolve.dates import Day, birth_date
from gateway.resolve.numbers import number
from gateway.resolve.weighing import Level, Rival, Weighing, Weights
from gateway.resolve.words import alike, folded

FIELDS = (
    "given_name", "surname", "street_number", "address_1", "address_2", "suburb", "postcode",
    "state", "date_of_birth", "soc_sec_id",
)  # fmt: skip
ID = "soc_sec_id"
_HOUSEHOLD = frozenset(FIELDS[1:8])
_TWINS = _HOUSEHOLD | {"date_of_birth"}
_TWIN_BITS = 5  # about one birth in thirty-two is of twins

_AGREE = frozenset({Level.SAME, Level.MISTYPED, Level.NEAR})
_STRANGERS = 90_000  # pairs drawn to count how often fields agree by chance
_HALF = 0.5  # added to each count, so that what never came out is rare and not impossible


@dataclass(frozen=True, slots=True)
class Entry:
    """One record: who it truly is, its fields folded (None when empty), its date read."""

    person: str
    values: tuple[str | None, ...]
    born: Day | None

    @classmethod
    def of(cls, person: str, values: Iterable[object]) -> "Entry":
        """Read one line."""
        texts = tuple((folded(text) or None) if isinstance(text, str) else None for text in values)
        born = texts[8]
        day = (int(born[:4]), int(born[4:6]), int(born[6:8])) if born else None
        return cls(person, texts, day)

    @property
    def given(self) -> dict[str, str]:
        """The fields it has."""
        return {f: v for f, v in zip(FIELDS, self.values, strict=True) if v is not None}


def compare(one: Entry, other: Entry, *, with_id: bool) -> list[tuple[str, Level]]:
    """Field by field; what one side lacks is left out."""
    a, b = one.values, other.values
    found = [
        *_exchanged(("given_name", "surname"), a[0:2], b[0:2]),
        *_exchanged(("address_1", "address_2"), a[3:5], b[3:5]),
        ("street_number", _numbers(a[2], b[2])),
        ("suburb", _texts(a[5], b[5])),
        ("postcode", _numbers(a[6], b[6])),
        ("state", _texts(a[7], b[7])),
        ("date_of_birth", birth_date(one.born, other.born)),
    ]
    if with_id:
        found.append((ID, _numbers(a[9], b[9])))
    return [(field, level) for field, level in found if level is not None]


def _texts(mine: str | None, theirs: str | None) -> Level | None:
    return None if mine is None or theirs is None else alike(mine, theirs)


def _numbers(mine: str | None, theirs: str | None) -> Level | None:
    return None if mine is None or theirs is None else number(mine, theirs)


def _exchanged(
    names: tuple[str, str], mine: Sequence[str | None], theirs: Sequence[str | None]
) -> tuple[tuple[str, Level | None], tuple[str, Level | None]]:
    """Two fields that clerks fill in the wrong way round."""
    one, other = _texts(mine[0], theirs[0]), _texts(mine[1], theirs[1])
    if one not in _AGREE and other not in _AGREE:
        turned = _texts(mine[0], theirs[1]), _texts(mine[1], theirs[0])
        if not _AGREE.isdisjoint(turned):
            one, other = (Level.TRANSPOSED if level in _AGREE else level for level in turned)
    return (names[0], one), (names[1], other)


def candidates(
    left: Sequence[Entry], right: Sequence[Entry], *, with_id: bool
) -> list[tuple[int, int]]:
    """Pairs that share something telling; inside one list, each pair once."""
    places: defaultdict[object, list[int]] = defaultdict(list)
    for place, entry in enumerate(right):
        for key in _keys(entry, with_id=with_id):
            places[key].append(place)
    return sorted(
        {
            (one, other)
            for one, entry in enumerate(left)
            for key in _keys(entry, with_id=with_id)
            for other in places.get(key, ())
            if left is not right or one < other
        }
    )


def _keys(entry: Entry, *, with_id: bool) -> set[object]:
    """Values that few share, and beginnings of two fields together: one slip spoils few of them."""
    has = entry.given
    keys: set[object] = {("date_of_birth", born)} if (born := has.get("date_of_birth")) else set()
    if with_id and ID in has:
        keys.add((ID, has[ID]))
    for two in _TOGETHER:
        if all(field in has for field in two):
            keys.add((_kind(two), *sorted(has[field][:_BEGINNING] for field in two)))
    return keys


_BEGINNING = 4
_TOGETHER = (
    ("given_name", "surname"), ("surname", "postcode"), ("given_name", "postcode"),
    ("surname", "suburb"), ("given_name", "suburb"), ("address_1", "street_number"),
    ("address_2", "street_number"), ("address_1", "postcode"), ("address_2", "postcode"),
    ("suburb", "street_number"),
)  # fmt: skip


def _kind(fields: tuple[str, str]) -> str:
    return " ".join(field.rstrip("_12") for field in fields)


def estimate(known: Iterable[Sequence[Entry]], *, with_id: bool) -> Weights:
    """Weights from lists whose pairs are known."""
    same: defaultdict[str, Counter[Level]] = defaultdict(Counter)
    chance: defaultdict[str, Counter[Level]] = defaultdict(Counter)
    lists = list(known)
    for entries in lists:
        for one, other in candidates(entries, entries, with_id=with_id):
            if entries[one].person == entries[other].person:
                for field, level in compare(entries[one], entries[other], with_id=with_id):
                    same[field][level] += 1
        rng = seeded("febrl", len(entries))
        for _ in range(_STRANGERS // len(lists)):
            one, other = rng.randrange(len(entries)), rng.randrange(len(entries))
            if entries[one].person != entries[other].person:
                for field, level in compare(entries[one], entries[other], with_id=with_id):
                    chance[field][level] += 1
    return {field: _weights(same[field], chance[field]) for field in same}


def alone(weights: Weights, odds: float) -> Weighing:
    """Against strangers only; `odds` that a pair is one person, before any evidence."""
    return _against(stranger=Rival(prior=_milli(math.log2(odds)), fields=weights))


def with_family(weights: Weights, odds: float) -> Weighing:
    """Against relatives too, as likely as the person themselves before any evidence, and twins."""
    return _against(
        stranger=Rival(prior=_milli(math.log2(odds)), fields=weights),
        relative=Rival(prior=0, fields=_silent(weights, _HOUSEHOLD)),
        twin=Rival(prior=_milli(_TWIN_BITS), fields=_silent(weights, _TWINS)),
    )


def _against(**rivals: Rival) -> Weighing:
    return Weighing(match=0, review=0, rivals=rivals)


def _silent(weights: Weights, shared: frozenset[str]) -> Weights:
    return {f: dict.fromkeys(found, 0) if f in shared else found for f, found in weights.items()}


def _weights(same: Counter[Level], chance: Counter[Level]) -> dict[Level, int]:
    """Of every level there is: one that was never counted on either side weighs nothing."""
    levels = set(same) | set(chance)
    of_same = sum(same.values()) + _HALF * len(levels)
    of_chance = sum(chance.values()) + _HALF * len(levels)
    counted = {
        level: _milli(
            math.log2((same[level] + _HALF) / of_same)
            - math.log2((chance[level] + _HALF) / of_chance)
        )
        for level in levels
    }
    return {level: counted.get(level, 0) for level in Level}


def _milli(bits: float) -> int:
    return round(bits * 1000)
