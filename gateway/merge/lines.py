"""Tradelines of one account in, one profile tradeline out."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from connectors.records import Tradeline
from gateway.concluded import Concluded, Held
from gateway.merge import grids
from gateway.merge.config import Lot, MergeRules
from gateway.merge.rules import conclude, in_order, latest_first, side_by_side
from gateway.profile import ProfileTradeline
from gateway.resolve.institutions import Institutions

NAMED = "named_by_directory/1"
"""The name in our directory, or the source's own for a lender we do not list."""

def _one(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


_OWN: Mapping[str, Callable[[Tradeline], Iterable[Any]]] = MappingProxyType(
    {
        "account_refs": lambda record: _one(record.account_ref),
        "agreement_refs": lambda record: _one(record.agreement_ref),
        "transactions": attrgetter("transactions"),
        "events": attrgetter("events"),
        "instalments": attrgetter("instalments"),
        "annotations": attrgetter("annotations"),
    }
)


def line(
    group: Sequence[Held[Tradeline]], rules: MergeRules, institutions: Institutions
) -> tuple[ProfileTradeline, list[str]]:
    """Merge the records of one account; also the fields in which they contradict each other."""
    latest = in_order(group, latest_first, rules.grid_rank)
    known: dict[str, Any] = {
        "id": f"{group[0].evidence.source}:{group[0].evidence.record_id}",
        "records": tuple(held.evidence for held in group),
        "as_of": latest[0].record.as_of,
    }
    contested: list[str] = []
    for name, value, disputed in chosen(group, rules.tradeline_lots):
        known[name] = value
        if disputed:
            contested.append(name)
    grid, disputed = grids.merged(rules.tradeline["grid"].rule, latest)
    if grid is not None:
        known["grid"] = grid
    if disputed:
        contested.append("grid")
    known.update(_side_by_side(latest))
    known.update(_lender(latest, institutions))
    return ProfileTradeline.of(known), contested


def chosen(
    group: Sequence[Held[Any]], lots: Iterable[Lot]
) -> Iterator[tuple[str, Concluded[Any], bool]]:
    """Each field any record states: its name, what is concluded, and whether that is contested."""
    if not group:
        return
    if len(group) == 1:
        basis = (group[0].evidence,)
        for lot in lots:
            rule = lot.rule.name
            for name, value in zip(lot.names, lot.values(group[0].record), strict=True):
                if value is not None:
                    yield name, Concluded(value, rule, basis), False
        return
    for lot in lots:
        ordered = in_order(group, lot.rule.order, lot.rank)
        columns = zip(*(lot.values(held.record) for held in ordered), strict=True)
        for name, column in zip(lot.names, columns, strict=True):
            value, contested = conclude(lot.rule, ordered, column)
            if value is not None:
                yield name, value, contested


def _side_by_side(ordered: Sequence[Held[Tradeline]]) -> Iterator[tuple[str, object]]:
    """What every source may have its own of: references, annotations, events."""
    for name, values in _OWN.items():
        if any(values(held.record) for held in ordered):
            yield name, side_by_side(ordered, values)


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
