"""Tradelines of one account in, one profile tradeline out."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any

from connectors.records import Tradeline
from gateway.merge import grids
from gateway.merge.config import Lots, MergeRules
from gateway.merge.rules import Group, conclude, side_by_side
from gateway.profile import ProfileTradeline
from gateway.profile.concluded import Concluded, Evidence, Held
from gateway.profile.relations import Link, Match
from gateway.profile.rule_names import NAMED
from gateway.resolve.institutions import Institutions, named

_LISTS = ("transactions", "events", "instalments", "annotations")
_lists = attrgetter(*_LISTS)


def line(
    held: Sequence[Held[Tradeline]],
    rules: MergeRules,
    institutions: Institutions,
    *,
    copies: Collection[Evidence] = (),
    matches: tuple[Match, ...] = (),
) -> tuple[ProfileTradeline, list[str]]:
    """Merge the records of one account; also the fields in which they contradict each other.

    `copies` only repeat another record of their report: they are named, and say nothing more.
    """
    group = Group([one for one in held if one.evidence not in copies] if copies else held)
    latest = group.by(rules.grid_order)
    known, contested = chosen(group, rules.tradeline_lots)
    known["id"] = held[0].evidence.local
    known["records"] = tuple([one.evidence for one in held])
    known["as_of"] = latest[0].record.as_of
    grid, disputed = grids.merged(rules.tradeline["grid"].rule, latest)
    if grid is not None:
        known["grid"] = grid
    if disputed:
        contested.append("grid")
    if matches:
        known["matches"] = matches
    known.update(_side_by_side(latest))
    known.update(_lender(latest, institutions))
    return ProfileTradeline.of(known), contested


def linked(line: ProfileTradeline, links: Mapping[str, tuple[Link, ...]]) -> ProfileTradeline:
    """The account with its links, itself when it has none."""
    if line.id not in links:
        return line
    return ProfileTradeline.of({**vars(line), "links": links[line.id]})


def chosen(group: Group[Any], fields: Lots) -> tuple[dict[str, Any], list[str]]:
    """What is concluded for each field any record states, and which fields are contested."""
    known: dict[str, Any] = {}
    contested: list[str] = []
    held = group.held
    columns = zip(*[fields.values(one.record) for one in held], strict=True)
    for lot in fields.lots if held else ():
        rule, ordered = lot.rule, group.by(lot.key)
        everyone = tuple([one.evidence for one in ordered])
        for name, column in zip(lot.names, columns, strict=False):  # the rest is for other lots
            value = column[0]
            if column.count(value) < len(held):
                values = [getattr(one.record, name) for one in ordered]
                known[name], disputed = conclude(rule, ordered, values)
                if disputed:
                    contested.append(name)
            elif value is not None:  # most often there is nothing to choose
                known[name] = Concluded(value, rule.name, everyone)
    return known, contested


def _side_by_side(ordered: Sequence[Held[Tradeline]]) -> Iterator[tuple[str, object]]:
    """What every source may have its own of: references, annotations, events."""
    records = [one.record for one in ordered]
    for name, refs in (
        ("account_refs", [one.account_ref for one in records]),
        ("agreement_refs", [one.agreement_ref for one in records]),
    ):
        if any(refs):
            yield name, side_by_side(ordered, [(ref,) if ref else () for ref in refs])
    if any(map(any, map(_lists, records))):
        for name in _LISTS:
            yield name, side_by_side(ordered, map(attrgetter(name), records))


def _lender(
    ordered: Sequence[Held[Tradeline]], institutions: Institutions
) -> Iterator[tuple[str, object]]:
    """Whom the account is with; of one group at most one lender is listed, unless a person said so.

    The name a source has for a lender we do not list stands only where no other is known, and a
    masked one only where there is no plain one.
    """
    telling = [held for held in ordered if held.record.lender]
    if not telling:
        return
    asked = [institutions.find(held.record.source, held.record.lender) for held in telling]
    found = next((one for one in asked if one), None)
    name: str | None
    if found:
        yield "institution", found.id
        name = found.name
        telling = [held for held, one in zip(telling, asked, strict=True) if one == found]
    else:
        plain = [held for held in telling if named(held.record.lender)]
        name = (plain or telling)[0].record.lender
        telling = [held for held in telling if held.record.lender == name]
    yield "lender", Concluded(name, NAMED, tuple(held.evidence for held in telling))
