"""A profile laid out as things and their facts, for comparing it with another.

Every section becomes items (an account, an inquiry, a score, an attribute ...). An item has facts,
each with the sources that say so, and handles by which the same thing is found in another version:
a report numbers its records anew each time, so their ids are no handle.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

from connectors.money import PartialDate
from consent import canonical
from gateway.profile.concluded import Evidence

DERIVED = frozenset({"attributes", "signals", "reasons"})
"""Sections that are conclusions over others."""

NOT_COMPARED = frozenset({"issues", "conflicts", "withheld"})
"""Sections that speak of the making of a profile; their items have no identity of their own."""

_PLACE = frozenset({"id", "records", "as_of", "record_id", "source", "links"})
# Fields of a stated record that tell which one it is, as far as it has them.
_NATURAL = (
    "kind", "product", "list_kind", "account_type", "object_type", "object_id", "authority",
    "filed", "provider", "service", "agreement_ref", "contract_ref", "employer", "told_by",
    "lender", "opened", "effective", "reason", "text", "number",
)  # fmt: skip
_ALWAYS = ({"newest": "9999-12", "oldest": "0000-01"},)


@dataclass(frozen=True, slots=True)
class Fact:
    """What is said, and by whom: the sources whose records say this very value.

    Of values side by side, `apart` has the sources of each, by its bytes; of one value,
    `otherwise` has those of the values that did not win. Of a conclusion of ours (an attribute, a
    warning) `sources` are those it rests on. Two things are not kept: which record tells which
    month of a grid in a profile made before grids told that, where all that may have told it are
    named; and whose words the kind and reasons of an inquiry are, where `apart` has each source
    that knows of it.
    """

    value: Any = field(repr=False)
    sources: tuple[str, ...] = ()
    apart: Mapping[bytes, tuple[str, ...]] = field(default_factory=dict, repr=False)
    otherwise: Mapping[bytes, tuple[str, ...]] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing a profile speaks of. `handles` come in levels, the surest first."""

    kind: str
    name: str
    label: str = field(repr=False)
    handles: tuple[frozenset[str], ...] = field(repr=False)
    facts: Mapping[str, Fact] = field(repr=False)

    @property
    def content(self) -> bytes:
        """What it says, as bytes: equal for items that say the same."""
        return canonical.encode({name: fact.value for name, fact in self.facts.items()})


def items_of(section: str, body: Mapping[str, Any]) -> Iterator[Item]:
    """The items of one section, in the order they stand there."""
    if section == "identity":
        yield _person(body)
    for name, part in body.items():
        make = _MAKERS.get(f"{section}/{name}")
        for one in part if isinstance(part, list) else ():
            if make is not None:
                yield make(one, body)
            elif "record" in one and "basis" in one:
                yield _stated(name, one)
            elif "record_id" in one and "source" in one:
                yield _metric(one)


def _person(body: Mapping[str, Any]) -> Item:
    return Item(
        kind="person",
        name="identity",
        label="identity",
        handles=(frozenset({"identity"}),),
        facts=dict(_conclusions(body)),
    )


def _tradeline(line: Mapping[str, Any], _: Mapping[str, Any]) -> Item:
    facts = dict(_conclusions(line))
    refs = frozenset(
        f"{source} {one['value']}"
        for one in line.get("account_refs", ())
        for source in _sources(one["basis"])
    )
    lender = line.get("institution") or _value(facts, "lender")
    kind, opened = _value(facts, "kind"), _value(facts, "opened")
    amount = _value(facts, "original_amount") or _value(facts, "credit_limit")
    alike = canonical.encode({"l": lender, "k": kind, "o": opened, "a": amount}).decode()
    roughly = canonical.encode({"l": lender, "k": kind, "o": opened}).decode()
    return Item(
        kind="tradeline",
        name=line["id"],
        label=" ".join(str(one) for one in (_value(facts, "lender") or lender, kind) if one),
        handles=(refs, frozenset({alike}), frozenset({roughly})),
        facts=facts,
    )


def _inquiry(one: Mapping[str, Any], _: Mapping[str, Any]) -> Item:
    who = one.get("lender") or one.get("institution") or one.get("lender_type") or ""
    sources = _sources(one["records"])
    apart = {source.encode(): (source,) for source in sources}
    told = {**one, "known_from": list(sources)}
    facts = {
        name: Fact(told[name], sources, apart)
        for name in (
            "on", "kind", "hard", "reasons", "institution", "lender", "lender_type", "known_from",
        )
        if told.get(name) not in (None, [])
    }  # fmt: skip
    handle = canonical.encode({"o": one["on"], "k": one["kind"], "w": who}).decode()
    why = "application" if one["hard"] else one["kind"]
    roughly = canonical.encode({"w": who, "y": why}).decode()
    return Item(
        kind="inquiry",
        name=one["id"],
        label=f"{one['on']} {who}".strip(),
        handles=(
            frozenset({handle}),
            frozenset(f"{day} {roughly}" for day in _days(PartialDate.parse(one["on"]))),
        ),
        facts=facts,
    )


def _days(on: PartialDate) -> Iterator[date]:
    """Those on which it may have been; of a date by its year, which is one with no other, one."""
    first, last = on.earliest(), on.earliest() if on.month is None else on.latest()
    return map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))


def _stated(kind: str, one: Mapping[str, Any]) -> Item:
    record = one["record"]
    said = list(_said(one))
    facts = {
        name: _fact(value, [(each, own.get(name)) for each, own in said])
        for name, value in record.items()
        if name not in _PLACE and value not in (None, [])
    }
    words = [str(word) for word in _natural(record).values() if isinstance(word, str)]
    return Item(
        kind=kind,
        name=f"{record.get('source', '')}:{record.get('record_id', '')}",
        label=" ".join([str(record.get("source", "")), *words[:2]]),
        handles=(frozenset(_handle(each, own) for each, own in said),),
        facts=facts,
    )


def _natural(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: record[name] for name in _NATURAL if record.get(name) is not None}


def _handle(evidence: str, record: Mapping[str, Any]) -> str:
    """What one source calls it: whichever record of several stands, the same thing is found."""
    source = Evidence.parse(evidence).source
    return canonical.encode({"s": source, **_natural(record)}).decode()


def _said(one: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each evidence of a stated record, and the record as that one states it."""
    others = {each["evidence"]: each["value"] for each in one.get("against", ())}
    own = one["record"]
    for evidence in one["basis"]:
        own = others.get(evidence, own)  # those that say the very same follow it
        yield evidence, own


def _metric(one: Mapping[str, Any]) -> Item:
    told = {k: one.get(k) for k in ("source", "name", "window", "key", "segment", "unit")}
    named = {k: v for k, v in told.items() if v is not None}
    return Item(
        kind="metric",
        name=f"{one['source']}:{one['record_id']}",
        label=" ".join(str(word) for word in named.values()),
        handles=(frozenset({canonical.encode(named).decode()}),),
        facts={"value": Fact(one.get("value"), (one["source"],))},
    )


def _attribute(one: Mapping[str, Any], section: Mapping[str, Any]) -> Item:
    sources = _sources(evidence_of(one, section))
    facts = {
        name: Fact(one[name], sources) for name in ("value", "missing") if one.get(name) is not None
    }
    return Item(
        kind="attribute",
        name=one["name"],
        label=one["name"],
        handles=(frozenset({one["name"]}),),
        facts=facts,
    )


def _signal(one: Mapping[str, Any], section: Mapping[str, Any]) -> Item:
    sources = _sources(evidence_of(one, section))
    observed = {seen["name"]: Fact(seen["value"], sources) for seen in one["observed"]}
    return Item(
        kind="signal",
        name=one["id"],
        label=one["id"],
        handles=(frozenset({one["id"]}),),
        facts={**observed, "state": Fact(one["state"], sources)},
    )


def _reason(one: Mapping[str, Any], _: Mapping[str, Any]) -> Item:
    sources = tuple(one["sources"])
    facts = {
        name: Fact(one[name], sources)
        for name in ("cause", "value", "missing")
        if one.get(name) is not None
    }
    code = one["code"]
    return Item(
        kind="reason", name=code, label=one["en"], handles=(frozenset({code}),), facts=facts
    )


def _source(one: Mapping[str, Any], _: Mapping[str, Any]) -> Item:
    said = {
        "outcome": one["outcome"],
        "reason": one.get("reason"),
        "quarantined": one.get("quarantined") or None,
        "partial": one.get("partial") or None,
        "same_person": (one.get("judgement") or {}).get("verdict"),
    }
    source = one["source"]
    return Item(
        kind="source",
        name=source,
        label=source,
        handles=(frozenset({source}),),
        facts={k: Fact(v, (source,)) for k, v in said.items() if v is not None},
    )


_MAKERS = MappingProxyType(
    {
        "tradelines/lines": _tradeline,
        "inquiries/inquiries": _inquiry,
        "attributes/values": _attribute,
        "signals/results": _signal,
        "reasons/reasons": _reason,
        "sources/lines": _source,
    }
)


def evidence_of(one: Mapping[str, Any], section: Mapping[str, Any]) -> list[str]:
    """What an attribute or signal rests on: written out, or an id among the section's `bases`."""
    basis = one.get("basis", [])
    if isinstance(basis, str):
        return next((b["records"] for b in section.get("bases", ()) if b["id"] == basis), [])
    return list(basis)


def _conclusions(body: Mapping[str, Any]) -> Iterator[tuple[str, Fact]]:
    """Each concluded value as a fact; months of a grid one by one, several values as one list."""
    for name, one in body.items():
        if isinstance(one, dict) and "basis" in one:
            if name == "grid":
                yield from _months(one)
            else:
                against = [(each["evidence"], each["value"]) for each in one.get("against", ())]
                basis = [(evidence, one["value"]) for evidence in one["basis"]]
                yield name, _fact(one["value"], basis + against)
        elif isinstance(one, list) and one and all(_concluded(each) for each in one):
            yield name, _side_by_side(one)


def _fact(value: object, said: Iterable[tuple[str, object]]) -> Fact:
    """A value, and by each evidence what that says."""
    by_value: defaultdict[bytes, list[str]] = defaultdict(list)
    for evidence, own in said:
        by_value[value_bytes(own)].append(evidence)
    basis = by_value.pop(value_bytes(value), [])
    return Fact(
        value,
        _sources(basis),
        otherwise={other: _sources(some) for other, some in by_value.items()},
    )


def _side_by_side(several: Sequence[Mapping[str, Any]]) -> Fact:
    by_value: defaultdict[bytes, list[str]] = defaultdict(list)
    for one in several:
        by_value[value_bytes(one["value"])] += one["basis"]
    return Fact(
        sorted((one["value"] for one in several), key=value_bytes),
        _sources(evidence for basis in by_value.values() for evidence in basis),
        {value: _sources(basis) for value, basis in by_value.items()},
    )


def _months(grid: Mapping[str, Any]) -> Iterator[tuple[str, Fact]]:
    """The status and the amount of each month, each by those records that tell it so."""
    value = grid["value"]
    all_of_it = [{"record": one, "months": _ALWAYS, "amounts": _ALWAYS} for one in grid["basis"]]
    told = value.get("told", all_of_it)
    against = {
        (one["evidence"], entry["month"]): entry
        for one in grid.get("against", ())
        for entry in one["value"]["months"]
    }
    for entry in value["months"]:
        month = entry["month"]
        for name, part, runs in (
            (f"grid/{month}", "status", "months"),
            (f"grid/{month}/overdue", "overdue", "amounts"),
        ):
            if entry.get(part) is not None:
                said = [
                    (one["record"], against.get((one["record"], month), entry).get(part))
                    for one in told
                    if any(run["oldest"] <= month <= run["newest"] for run in one.get(runs, ()))
                ]
                yield name, _fact(entry[part], said)


def _concluded(one: object) -> bool:
    return isinstance(one, dict) and "value" in one and "basis" in one


def _value(facts: Mapping[str, Fact], name: str) -> Any:  # noqa: ANN401 - a JSON value
    found = facts.get(name)
    return None if found is None else found.value


def value_bytes(value: object) -> bytes:
    """By what values are told apart."""
    return canonical.encode({"": value})


def _sources(evidence: Iterable[str]) -> tuple[str, ...]:
    """Evidence is `source/report/record`."""
    return tuple(sorted({one.partition("/")[0] for one in evidence}))
