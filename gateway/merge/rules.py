"""The rules that choose among what several records say, by name and version.

A rule puts records in an order, and may prefer some values over others; the first informative
value wins, the records that agree are its basis, the rest stand against it. Configuration maps
each field to a rule. Another way of choosing is another name, never a change under an old one:
stored conclusions say by which rule they were made.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from connectors.money import PartialDate
from gateway.profile import rule_names
from gateway.profile.concluded import Concluded, Evidence, Held, Rejected

T = TypeVar("T")
R = TypeVar("R")

Rank = Mapping[str, tuple[int, str]]
"""Where each source stands: smaller is believed sooner."""

Key = Callable[[Held[Any]], Any]
"""The sort key of a record, best first."""

Order = Callable[[Rank], Key]
"""A way of sorting records, given whom to believe sooner."""


class _Rank(dict[str, tuple[int, str]]):
    """The places of named sources; the others come after them, by name."""

    def __missing__(self, source: str) -> tuple[int, str]:
        return len(self), source


def ranking(sources: tuple[str, ...]) -> Rank:
    """Sources in this order; the ones not named come after, by name."""
    return _Rank({source: (place, source) for place, source in enumerate(sources)})


def latest_first(rank: Rank) -> Key:
    """Newest first; on one day by rank, then by id."""

    def key(held: Held[Any]) -> object:
        evidence = held.evidence
        return -held.record.as_of.toordinal(), rank[evidence.source], evidence

    return key


def rank_first(rank: Rank) -> Key:
    """By rank; of one source the newest first, then by id."""

    def key(held: Held[Any]) -> tuple[object, ...]:
        evidence = held.evidence
        return rank[evidence.source], -held.record.as_of.toordinal(), evidence

    return key


def fullest_first(rank: Rank) -> Key:
    """The record that leaves least unsaid; then by rank, the newest, by id."""
    then = rank_first(rank)
    return lambda held: (unsaid(held.record), *then(held))


@cache
def sorting(order: Order, sources: tuple[str, ...]) -> Key:
    """The key of an order by this rank of sources; for the same ones the same key."""
    return order(ranking(sources))


def unsaid(record: Any) -> int:  # noqa: ANN401 - any record type
    """How many facts a record does not state."""
    stated = _facts_of(type(record))(record)
    return stated.count(None) + stated.count(())


def _facts_of(record_type: type) -> Callable[[Any], tuple[object, ...]]:
    if record_type not in _GETTERS:
        _GETTERS[record_type] = attrgetter(*(f.name for f in fields(record_type)))
    return _GETTERS[record_type]


_GETTERS: dict[type, Callable[[Any], tuple[object, ...]]] = {}


def precision(value: object) -> int:
    """How much a date says: 1 a year, 2 a month, 3 a day."""
    if isinstance(value, PartialDate):
        return 1 + (value.month is not None) + (value.day is not None)
    return 0


def letters(value: object) -> int:
    """How much a text says."""
    return len(value) if isinstance(value, str) else 0


@dataclass(frozen=True, slots=True)
class Rule:
    """A way of choosing. With `by_date` an older record is out of date, not in contradiction."""

    name: str
    order: Order
    prefers: Callable[[object], int] | None = None
    by_date: bool = False


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        rule.name: rule
        for rule in (
            Rule(rule_names.LATEST, latest_first, by_date=True),
            Rule(rule_names.RANKED, rank_first),
            Rule(rule_names.MOST_PRECISE, rank_first, prefers=precision),
            Rule(rule_names.MOST_COMPLETE, rank_first, prefers=letters),
            Rule(rule_names.FULLEST, fullest_first),
        )
    }
)

_UNREAD = "unknown"  # AccountStatus, PaymentStatus, sex: a code nobody could read


class Group(Generic[R]):
    """Records that speak of one thing, in whatever order a rule wants; each order is made once."""

    def __init__(self, held: Sequence[Held[R]]) -> None:
        self.held = held
        self._orders: dict[Key, Sequence[Held[R]]] = {}

    def by(self, key: Key) -> Sequence[Held[R]]:
        """The records in this order, best first."""
        known = self._orders.get(key)
        if known is None:
            known = self._orders[key] = sorted(self.held, key=key)
        return known


def conclude(
    rule: Rule, ordered: Sequence[Held[Any]], values: Sequence[T]
) -> tuple[Concluded[T], bool]:
    """Choose among the values of records that are in the rule's order; and is it contested?

    None says nothing, and at least one value is not None. A code nobody could read never
    outweighs one that was read. What goes by date and is not of the newest one says of which.
    """
    said = [one for one in zip(ordered, values, strict=True) if one[1] is not None]
    winner, value = said[0]
    if isinstance(value, str):
        said = [one for one in said if one[1] != _UNREAD] or said
        winner, value = said[0]
    if rule.prefers is not None:
        prefers = rule.prefers
        winner, value = max(said, key=lambda one: prefers(one[1]))  # the first of the best
    basis = [winner.evidence]
    against: list[Rejected[T]] = []
    contested = False
    for held, other in said:
        if other != value:
            against.append(Rejected(other, held.evidence))
            same_day = held.record.as_of == winner.record.as_of
            contested = contested or same_day or not rule.by_date
        elif held is not winner:
            basis.append(held.evidence)
    day, newest = winner.record.as_of, ordered[0].record.as_of
    older = day if rule.by_date and day != newest else None
    return Concluded(value, rule.name, tuple(basis), tuple(against), older), contested


def side_by_side(
    ordered: Iterable[Held[Any]], values: Iterable[Iterable[T]]
) -> tuple[Concluded[T], ...]:
    """Every distinct value of every record, in the order of the records; `values` are theirs."""
    found: dict[T, list[Evidence]] = {}
    for held, some in zip(ordered, values, strict=True):
        for value in dict.fromkeys(some):
            found.setdefault(value, []).append(held.evidence)
    return tuple([Concluded(one, rule_names.UNION, tuple(basis)) for one, basis in found.items()])
