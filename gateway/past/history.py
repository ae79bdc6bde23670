"""What changed between two versions of a profile, and which source changed it.

Pure: the visible sections of two snapshots in, changes out. Both are laid out as items with facts
(`gateway.past.items`), items of the two are paired, and their facts compared. A section that only
one of the two holds was not asked for in the other: that is no change of the subject's, and nothing
of it is told.
"""

import dataclasses
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from gateway.past.items import DERIVED, NOT_COMPARED, Fact, Item, items_of, value_bytes

Sections = Mapping[str, Mapping[str, Any]]
"""The sections of a profile as plain data, by name."""


class What(StrEnum):
    """How a thing, or one fact of it, changed."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One fact that is not as it was.

    `item` is the thing's id in the newer profile, in the older one when it is gone, `label` what a
    person calls it. A thing that came or went is told fact by fact, all `added` or `removed`; of a
    thing that stayed, a fact is `changed`, also from or to nothing. `sources` are those that made
    it another: they say the new value and did not before, else they said the old one and do not any
    more; of values side by side, those that say what came, or said what went. Of a conclusion they
    are those it rests on, of these only the ones that told something new, if any did. See `Fact`
    for what is not kept.
    """

    section: str
    kind: str
    item: str
    label: str = dataclasses.field(repr=False)
    what: What
    field: str
    old: Any = dataclasses.field(default=None, repr=False)
    new: Any = dataclasses.field(default=None, repr=False)
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pair:
    """One thing in both versions; None where it is not there."""

    section: str
    old: Item | None
    new: Item | None

    @property
    def what(self) -> What:
        """Whether it came, went or stayed."""
        if self.old is None:
            return What.ADDED
        return What.REMOVED if self.new is None else What.CHANGED


def changes(old: Sections, new: Sections) -> tuple[Change, ...]:
    """What changed from `old` to `new`, in a fixed order; nothing when both say the same."""
    found = [change for pair in pairs(old, new) for change in differences(pair)]
    told = {s for one in found if one.section not in DERIVED for s in one.sources}
    return tuple(_blamed(one, told) for one in sorted(found, key=_in_order))


def compared(old: Sections, new: Sections) -> tuple[str, ...]:
    """The sections that are compared: those both versions hold."""
    return tuple(sorted(set(old) & set(new) - NOT_COMPARED))


def pairs(old: Sections, new: Sections) -> list[Pair]:
    """Every thing of the sections that are compared, once."""
    found = []
    for section in compared(old, new):
        before, after = _by_kind(section, old[section]), _by_kind(section, new[section])
        for kind in sorted(before.keys() | after.keys()):
            found += [Pair(section, *both) for both in _paired(before[kind], after[kind])]
    return found


def differences(pair: Pair) -> Iterator[Change]:
    """The facts of one thing that are not as they were."""
    was: Mapping[str, Fact] = {} if pair.old is None else pair.old.facts
    now: Mapping[str, Fact] = {} if pair.new is None else pair.new.facts
    thing = pair.new or pair.old
    for name in sorted(was.keys() | now.keys()):
        old, new = was.get(name), now.get(name)
        before, after = old and old.value, new and new.value
        if thing is not None and before != after:
            yield Change(
                section=pair.section,
                kind=thing.kind,
                item=thing.name,
                label=thing.label,
                what=pair.what,
                field=name,
                old=before,
                new=after,
                sources=_by_whom(old, new),
            )


def _by_whom(old: Fact | None, new: Fact | None) -> tuple[str, ...]:
    """Who made it another; who says it, where all say what they said (the days they vouch for)."""
    if old is None or new is None:
        return (new or old or Fact(None)).sources
    said = {**old.apart, **new.apart}
    moved = {source for v in old.apart.keys() ^ new.apart.keys() for source in said[v]}
    came = {*new.sources} - {*old.otherwise.get(value_bytes(new.value), ())}
    went = {*old.sources} - {*new.otherwise.get(value_bytes(old.value), ())}
    return tuple(sorted(moved or came or went or new.sources))


def _by_kind(section: str, body: Mapping[str, Any]) -> defaultdict[str, list[Item]]:
    found: defaultdict[str, list[Item]] = defaultdict(list)
    for item in items_of(section, body):
        found[item.kind].append(item)
    return found


def _paired(old: Sequence[Item], new: Sequence[Item]) -> list[tuple[Item | None, Item | None]]:
    """Things in both: those that say the same first, then by their handles, the surest first.

    A handle pairs two things only if it leaves no choice, so that no order decides.
    """
    pairs: list[tuple[Item | None, Item | None]] = []
    left, right = _alike(sorted(old, key=_name), sorted(new, key=_name), pairs)
    for level in range(max((len(item.handles) for item in (*left, *right)), default=0)):
        left, right = _handled(left, right, level, pairs)
    return [*pairs, *((item, None) for item in left), *((None, item) for item in right)]


def _alike(
    left: list[Item], right: list[Item], pairs: list[tuple[Item | None, Item | None]]
) -> tuple[list[Item], list[Item]]:
    """Pair those that say the very same of the same; which of several does not matter."""
    same: defaultdict[object, list[Item]] = defaultdict(list)
    for item in right:
        same[item.content, item.handles].append(item)
    rest = []
    for item in left:
        twins = same[item.content, item.handles]
        if twins:
            pairs.append((item, twins.pop()))
        else:
            rest.append(item)
    return rest, [item for twins in same.values() for item in twins]


def _handled(
    left: list[Item],
    right: list[Item],
    level: int,
    pairs: list[tuple[Item | None, Item | None]],
) -> tuple[list[Item], list[Item]]:
    """Pair those that share a handle of this level with each other and with nobody else."""
    olds, news = _holders(left, level), _holders(right, level)
    taken: tuple[set[int], set[int]] = (set(), set())
    for here, item in enumerate(left):
        there = _only(_level(item, level), news)
        if there is not None and _only(_level(right[there], level), olds) == here:
            pairs.append((item, right[there]))
            taken[0].add(here)
            taken[1].add(there)
    return (
        [item for number, item in enumerate(left) if number not in taken[0]],
        [item for number, item in enumerate(right) if number not in taken[1]],
    )


def _only(handles: frozenset[str], holders: Mapping[str, list[int]]) -> int | None:
    """The one who holds any of these; None when nobody does, or several do."""
    found: int | None = None
    for handle in handles:
        for holder in holders.get(handle, ()):
            if found is not None and holder != found:
                return None
            found = holder
    return found


def _holders(items: list[Item], level: int) -> Mapping[str, list[int]]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for number, item in enumerate(items):
        for handle in _level(item, level):
            found[handle].append(number)
    return found


def _name(item: Item) -> str:
    return item.name


def _level(item: Item, level: int) -> frozenset[str]:
    return item.handles[level] if level < len(item.handles) else frozenset()


def _blamed(one: Change, told: set[str]) -> Change:
    """A conclusion moved because of those of its sources that told something new."""
    guilty = tuple(source for source in one.sources if source in told)
    return replace(one, sources=guilty) if one.section in DERIVED and guilty else one


def _in_order(one: Change) -> tuple[str, str, str, str, str]:
    return one.section, one.kind, one.label, one.item, one.field
