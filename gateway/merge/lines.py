"""Tradelines of one account in, one profile tradeline out."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from connectors.records import Tradeline
from gateway.concluded import Concluded, Held
from gateway.merge import grids
from gateway.merge.config import Lot, MergeRules
from gateway.merge.rules import Group, conclude, latest_first, side_by_side
from gateway.profile import ProfileTradeline
from gateway.resolve.institutions import Institutions

NAMED = "named_by_directory/1"
"""The name in our directory, or the source's own for a lender we do not list."""

_REFERENCES: Mapping[str, Callable[[Tradeline], Iterable[str]]] = MappingProxyType(
    {
        "account_refs": lambda record: filter(None, (record.account_ref,)),
        "agreement_refs": lambda record: filter(None, (record.agreement_ref,)),
    }
)
_LISTS = ("transactions", "events", "instalments", "annotations")
_lists = attrgetter(*_LISTS)


def line(
    held: Sequence[Held[Tradeline]], rules: MergeRules, institutions: Institutions
) -> tuple[ProfileTradeline, list[str]]:
    """Merge the records of one account; also the fields in which they contradict each other."""
    group = Group(held)
    latest = group.by(latest_first, rules.grid_rank)
    known, contested = chosen(group, rules.tradeline_lots)
    known["id"] = held[0].evidence.local
    known["records"] = tuple(one.evidence for one in held)
    known["as_of"] = latest[0].record.as_of
    grid, disputed = grids.merged(rules.tradeline["grid"].rule, latest)
    if grid is not None:
        known["grid"] = grid
    if disputed:
        contested.append("grid")
    known.update(_side_by_side(latest))
    known.update(_lender(latest, institutions))
    return ProfileTradeline.of(known), contested


def chosen(group: Group[Any], lots: Iterable[Lot]) -> tuple[dict[str, Any], list[str]]:
    """What is concluded for each field any record states, and which fields are contested."""
    known: dict[str, Any] = {}
    contested: list[str] = []
    for lot in lots if group.held else ():
        rule, ordered = lot.rule, group.by(lot.rule.order, lot.rank)
        everyone = tuple([held.evidence for held in ordered])
        columns = zip(*[lot.values(held.record) for held in ordered], strict=True)
        for name, column in zip(lot.names, columns, strict=True):
            value = column[0]
            if column.count(value) < len(everyone):
                known[name], disputed = conclude(rule, ordered, column)
                if disputed:
                    contested.append(name)
            elif value is not None:  # most often there is nothing to choose
                known[name] = Concluded(value, rule.name, everyone)
    return known, contested


def _side_by_side(ordered: Sequence[Held[Tradeline]]) -> Iterator[tuple[str, object]]:
    """What every source may have its own of: references, annotations, events."""
    for name, values in _REFERENCES.items():
        yield name, side_by_side(ordered, values)
    if any(any(_lists(held.record)) for held in ordered):
        for name in _LISTS:
            yield name, side_by_side(ordered, attrgetter(name))


def _lender(
    ordered: Sequence[Held[Tradeline]], institutions: Institutions
) -> Iterator[tuple[str, object]]:
    """Whom the account is with; one group is one institution by construction."""
    named = [held for held in ordered if held.record.lender]
    if not named:
        return
    record = named[0].record
    found = institutions.find(record.source, record.lender)
    if found:
        yield "institution", found.id
    name = found.name if found else record.lender
    yield "lender", Concluded(name, NAMED, tuple(held.evidence for held in named))
