"""The bureau's own counts and sums (chapters PCO, PNO, PPO, PQO) as `Metric` records."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from connectors.money import Money, Month, PartialDate
from connectors.records import Metric
from connectors.sources.pboc import dictionary
from connectors.sources.pboc.dictionary import Leaf
from connectors.sources.pboc.values import Raw, Read, Reading, read_of
from connectors.sources.pboc.walk import Element, Walk
from consent.subject import Scope


@dataclass(frozen=True, slots=True)
class _Measure:
    """One tag of a summary: how it is read and what it measures."""

    tag: str
    read: Read
    name: str
    scope: Scope
    window: str
    unit: str


def _measure(leaf: Leaf) -> _Measure:
    scope, window, unit = leaf.detail.split()
    return _Measure(leaf.tag, read_of(leaf), leaf.field, Scope(scope), window, unit)


@cache
def _measures(path: str) -> tuple[_Measure, ...]:
    leaves = dictionary.group(path).leaves.values()
    return tuple(_measure(leaf) for leaf in leaves if leaf.record == "Metric")


@cache
def _slices(path: str) -> tuple[tuple[str, Read], ...]:
    leaves = dictionary.group(path).leaves.values()
    return tuple((leaf.tag, read_of(leaf)) for leaf in leaves if leaf.record == "segment")


def metrics(walk: Walk, reading: Reading, element: Element, path: str) -> list[Metric]:
    """All metrics of the container at `path`: its own, then those of its rows."""
    group = dictionary.group(path)
    raw = walk.leaves(element, group)
    found = _of(reading, raw, path, path)
    for tag, inner in group.groups.items():
        if not inner.is_row:
            continue
        for n, row in enumerate(walk.rows(element, group, tag, raw), 1):
            found += _of(reading, row, f"{path}/{tag}", f"{path}/{tag}[{n}]")
    return found


def _of(reading: Reading, raw: Raw, path: str, record_id: str) -> list[Metric]:
    """The metrics of one set of leaves; a slice that is not known is called so, never left out.

    Without its slice the count of a part would read as the count of the whole.
    """
    words = [reading.one(tag, raw.get(tag), read) or "unknown" for tag, read in _slices(path)]
    found = []
    for measure in _measures(path):
        said = reading.one(measure.tag, raw.get(measure.tag), measure.read)
        if said is None:
            continue
        name, value, unit = _number(measure, said, reading.today)
        if value < 0:  # counts and amounts have no sign, so this is a date
            text = (raw.get(measure.tag) or "").strip()
            reading.issues.bad_value(measure.tag, text, "a day up to the report's")
            continue
        found.append(
            Metric(
                source=reading.source,
                record_id=f"{record_id}/{measure.tag}",
                as_of=reading.today,
                scope=measure.scope,
                name=name,
                window=measure.window,
                value=value,
                unit=unit,
                segment="/".join(words),
            )
        )
    return found


def _number(measure: _Measure, said: object, today: date) -> tuple[str, int, str]:
    """Name, value and unit; a date becomes the time since, as precisely as it was given.

    The day of the last inquiry is a month only in 2017.
    """
    match said:
        case int():
            return measure.name, said, measure.unit
        case Money():
            return measure.name, said.minor, measure.unit
        case PartialDate() if said.month is not None:
            if measure.unit == "days" and said.day is not None:
                return measure.name, (today - said.earliest()).days, "days"
            months = Month.of(today).since(Month(said.year, said.month))
            return measure.name.replace("days_", "months_"), months, "months"
    raise TypeError(f"{measure.tag} measures nothing")
