"""One rule of a mapping: a kind of record, and where each of its fields stands.

What a field may hold is read off the record itself (`connectors.records`), so that a mapping can
name every record whose fields are single values, and is held to their types when the gateway
starts, not when the first answer comes.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date
from enum import Enum
from types import MappingProxyType, UnionType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from pydantic import Discriminator, Field, Tag

from connectors import data_items, options
from connectors.declarative.paths import Pointer, Steps, found, shown
from connectors.declarative.values import Code, Placed, UnknownCode
from connectors.money import Money, Month, PartialDate
from connectors.normalise.issues import Issues
from connectors.normalise.json_body import Json
from connectors.records import RECORD_TYPES, IdDocument, IssueKind, Record
from consent.data_items import DataItem
from consent.errors import ConfigError

_ORIGIN = frozenset({"source", "record_id"})
_DOCUMENTS: object = tuple[IdDocument, ...]


def _how(value: object) -> str:
    return "plain" if isinstance(value, str | int) else "placed"


Said = Annotated[
    Annotated[Placed, Tag("placed")] | Annotated[str | int, Tag("plain")], Discriminator(_how)
]
"""Where a value stands, or the value itself."""


class Rule(options.Options):
    """`fields` of a `record`: where a value stands, or the value itself; of each item of a list.

    Places are those inside the item, when `each` names the list. `name` begins the record's id.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
    record: str
    each: Pointer | None = None
    fields: Annotated[Mapping[str, Said], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class _Reader:
    """A field that stands in the answer; `unknown` is what it says for a code nobody knows."""

    placed: Placed
    convert: Callable[[Any], object]
    unknown: object | None


@dataclass(frozen=True, slots=True)
class Plan:
    """A rule that was held against its record; `items` are what the record can hold."""

    rule: Rule
    type: type[Record]
    given: Mapping[str, object]
    readers: Mapping[str, _Reader]
    required: frozenset[str]
    items: frozenset[DataItem]

    def records(self, source: str, body: Json, day: date, issues: Issues) -> Iterator[Record]:
        """Every record the rule finds in an answer of that day."""
        for record_id, item in self._items(body):
            known = self._read(item, issues)
            lacking = sorted(self.required - known.keys())
            for name in lacking if known else ():
                issues.add(IssueKind.MISSING, self._where(name), "record left out")
            if known and not lacking:
                values: dict[str, Any] = {"as_of": day, **self.given, **known}
                yield self.type(source=source, record_id=record_id, **values)

    def _items(self, body: Json) -> Iterator[tuple[str, Json]]:
        if self.rule.each is None:
            yield self.rule.name, body
            return
        held = found(body, self.rule.each)
        for at, item in enumerate(held if isinstance(held, list) else ()):
            yield f"{self.rule.name}[{at}]", item

    def _read(self, item: Json, issues: Issues) -> dict[str, object]:
        """What stands there; a place two fields share is complained of once."""
        known: dict[str, object] = {}
        complained: set[Steps] = set()
        for name, reader in self.readers.items():
            value = found(item, reader.placed.at)
            if value is None or value == "":
                continue
            try:
                known[name] = reader.convert(reader.placed.read(value))
                continue
            except UnknownCode:
                if reader.unknown is not None:
                    known[name] = reader.unknown
                if reader.placed.at not in complained:
                    issues.unknown_code(self._where(name), value)
            except ValueError as exc:
                if reader.placed.at not in complained:
                    issues.bad_value(self._where(name), value, str(exc))
            complained.add(reader.placed.at)
        return known

    def _where(self, name: str) -> str:
        return shown((*(self.rule.each or ()), *self.readers[name].placed.at))


def _mappable(kind: type[Record]) -> bool:
    """All it cannot do without is single values."""
    targets, _ = _fields(kind)
    return all(
        one.name in _ORIGIN or one.name in targets or one.default is not MISSING
        for one in fields(kind)
    )


def plan(rule: Rule, where: str) -> Plan:
    """Hold a rule against its record; `ConfigError` says what the record has and takes."""
    kind = KINDS.get(rule.record)
    if kind is None:
        raise ConfigError(f"{where}: no record {rule.record!r}; known: {', '.join(sorted(KINDS))}")
    targets, nothing = _fields(kind)
    if odd := sorted(rule.fields.keys() - targets.keys()):
        names = ", ".join(sorted(targets))
        raise ConfigError(f"{where}: {rule.record} takes no {', '.join(odd)}; it takes {names}")
    given, readers = dict(nothing), {}
    for name, value in rule.fields.items():
        place = f"{where}.fields.{name}"
        if isinstance(value, str | int):
            given[name] = _constant(targets[name], value, place)
        else:
            readers[name] = _reader(targets[name], value, place)
    required = targets.keys() - given.keys() - {"as_of"}
    if lacking := sorted(required - readers.keys()):
        raise ConfigError(f"{where}: {rule.record} also needs {', '.join(lacking)}")
    if not readers:
        raise ConfigError(f"{where}: nothing of it stands in the answer; give one field its `at`")
    return Plan(
        rule,
        kind,
        MappingProxyType(given),
        MappingProxyType(readers),
        frozenset(required),
        _items(kind, rule, where),
    )


def _items(kind: type[Record], rule: Rule, where: str) -> frozenset[DataItem]:
    """What its records can hold, told before the first answer by the mapping alone."""
    telling = data_items.TOLD_BY.get(kind)
    if telling is None:
        return data_items.items_in(kind, rule.fields, ())
    match rule.fields[telling]:
        case Code(codes=codes):
            words = {str(word) for word in codes.values()}
        case str(word):
            words = {word}
        case _:
            raise ConfigError(f"{where}.fields.{telling}: say it here, or by its codes")
    try:
        return data_items.items_in(kind, rule.fields, words)
    except ValueError as exc:
        raise ConfigError(f"{where}.fields.{telling}: {exc}") from None


def _fields(kind: type[Record]) -> tuple[dict[str, object], dict[str, object]]:
    """The fields a mapping can fill, by type, and what those say that nobody fills."""
    hints = get_type_hints(kind)
    targets: dict[str, object] = {}
    nothing: dict[str, object] = {}
    for one in fields(kind):
        parts = get_args(hints[one.name]) if get_origin(hints[one.name]) is UnionType else ()
        optional = type(None) in parts
        target = next((part for part in parts if part is not type(None)), hints[one.name])
        if one.name in _ORIGIN or not _fillable(target):
            continue
        targets[one.name] = target
        if one.default is not MISSING:
            nothing[one.name] = one.default
        elif optional or target == _DOCUMENTS:
            nothing[one.name] = None if optional else ()
    return targets, nothing


def _fillable(target: object) -> bool:
    """A value of this type can be read, or is one of a closed vocabulary."""
    return target in _TARGETS or (isinstance(target, type) and issubclass(target, Enum))


def _constant(target: object, value: str | int, where: str) -> object:
    if target in (str, int) and type(value) is target:
        return value
    if isinstance(target, type) and issubclass(target, Enum):
        return _word(target, value, where)
    raise ConfigError(f"{where}: cannot be said here; give the place it stands at")


def _reader(target: object, placed: Placed, where: str) -> _Reader:
    if isinstance(placed, Code):
        return _coded(target, placed, where)
    convert = _CONVERT.get((placed.type, target))
    if convert is None:
        fits = sorted({kind for kind, wanted in _CONVERT if wanted == target})
        right = f"one of {', '.join((*fits, 'code'))}" if fits else "code"
        raise ConfigError(f"{where}: a {placed.type} does not fit; type is {right}")
    return _Reader(placed, convert, None)


def _coded(target: object, placed: Code, where: str) -> _Reader:
    words = placed.codes.values()
    if isinstance(target, type) and issubclass(target, Enum):
        meaning = {word: _word(target, word, where) for word in words}
        unknown = next((one for one in target if one.value == "unknown"), None)
        return _Reader(placed, meaning.__getitem__, unknown)
    if target is str or target is int:
        if odd := [word for word in words if type(word) is not target]:
            raise ConfigError(f"{where}: codes mean {target.__name__}, not {odd[0]!r}")
        return _Reader(placed, _same, None)
    raise ConfigError(f"{where}: a code does not fit")


def _word(target: type[Enum], word: str | int, where: str) -> Enum:
    try:
        return target(word)
    except ValueError:
        known = ", ".join(str(one.value) for one in target)
        raise ConfigError(f"{where}: no word {word!r}; known: {known}") from None


def _same(value: object) -> object:
    return value


def _month(day: PartialDate) -> Month:
    return Month.of(day.earliest())


_CONVERT: Mapping[tuple[str, object], Callable[[Any], object]] = MappingProxyType(
    {
        ("text", str): _same,
        ("count", int): _same,
        ("money", Money): _same,
        ("date", PartialDate): _same,
        ("date", Month): _month,
        ("date", date): PartialDate.earliest,
        ("document", _DOCUMENTS): _same,
    }
)
_TARGETS = frozenset(target for _, target in _CONVERT)

KINDS = MappingProxyType({one.__name__: one for one in RECORD_TYPES if _mappable(one)})
"""The records a mapping can make, by name."""
