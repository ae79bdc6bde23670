"""The rules that choose among what several records say, by name and version.

A rule puts records in an order, and may prefer some values over others; the first informative
value wins, the records that agree are its basis, the rest stand against it. Configuration maps
each field to a rule. Another way of choosing is another name, never a change under an old one:
stored conclusions say by which rule they were made.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar

from connectors.money import PartialDate
from connectors.records import AccountStatus, PaymentStatus
from gateway.concluded import Concluded, Evidence, Held, Rejected

T = TypeVar("T")
R = TypeVar("R")

Rank = Callable[[str], tuple[int, str]]
"""Where a source stands: smaller is believed sooner."""


Order = Callable[[Held[Any], Rank], Any]
"""The sort key of a record, best first."""


def ranking(sources: Sequence[str]) -> Rank:
    """Sources in this order; the ones not named come after, by name."""
    places = {source: place for place, source in enumerate(sources)}
    return lambda source: (places.get(source, len(places)), source)


def latest_first(held: Held[Any], rank: Rank) -> tuple[object, ...]:
    """Newest first; on one day by rank, then by id."""
    return -held.record.as_of.toordinal(), rank(held.evidence.source), held.evidence


def rank_first(held: Held[Any], rank: Rank) -> tuple[object, ...]:
    """By rank; of one source the newest first, then by id."""
    return rank(held.evidence.source), -held.record.as_of.toordinal(), held.evidence


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
            Rule("latest_then_rank/1", latest_first, by_date=True),
            Rule("rank_then_latest/1", rank_first),
            Rule("most_precise_then_rank/1", rank_first, prefers=precision),
            Rule("most_complete_then_rank/1", rank_first, prefers=letters),
        )
    }
)

UNION = "union/1"
"""The name under which values stand side by side instead of one being chosen."""

_SAYING_NOTHING = (AccountStatus.UNKNOWN, PaymentStatus.UNKNOWN)


def in_order(group: Sequence[Held[R]], order: Order, rank: Rank) -> Sequence[Held[R]]:
    """The records in an order; whatever order they came in."""
    if len(group) == 1:
        return group
    return sorted(group, key=lambda held: order(held, rank))


def conclude(
    rule: Rule, ordered: Sequence[Held[Any]], values: Iterable[T | None]
) -> tuple[Concluded[T] | None, bool]:
    """Choose among the values of records that are in the rule's order; and is it contested?

    A code nobody could read never outweighs one that was read.
    """
    said = [(held, value) for held, value in zip(ordered, values, strict=True) if value is not None]
    read = [one for one in said if one[1] not in _SAYING_NOTHING]
    if not said:
        return None, False
    choice = read or said
    if rule.prefers is None or len(choice) == 1:
        winner, value = choice[0]
    else:
        prefers = rule.prefers
        winner, value = max(choice, key=lambda one: prefers(one[1]))  # the first of the best
    basis = (winner.evidence, *(h.evidence for h, v in choice if h is not winner and v == value))
    against = [(held, other) for held, other in choice if other != value]
    contested = any(
        not rule.by_date or held.record.as_of == winner.record.as_of for held, _ in against
    )
    rejected = tuple(Rejected(other, held.evidence) for held, other in against)
    return Concluded(value, rule.name, basis, rejected), contested


def side_by_side(
    ordered: Iterable[Held[Any]], values: Callable[[Any], Iterable[T]]
) -> tuple[Concluded[T], ...]:
    """Every distinct value of every record, in the order of the records."""
    found: dict[T, list[Evidence]] = {}
    for held in ordered:
        for value in dict.fromkeys(values(held.record)):
            found.setdefault(value, []).append(held.evidence)
    return tuple(Concluded(value, UNION, tuple(basis)) for value, basis in found.items())
