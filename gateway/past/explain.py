"""Why a value of a profile is what it is: its rule, its evidence, and the evidence against it.

Pure: the sections a caller may see and a JSON Pointer (RFC 6901) into them go in. What is explained
is the conclusion the pointer leads into: a field of an account, a statement, an attribute, a
warning, a reason, a pair of records, a source's line. Items of a list are named by their place or
by their id.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from gateway.past.items import evidence_of
from gateway.past.pointing import near
from gateway.profile.concluded import Evidence
from gateway.profile.rule_names import LATEST_BY_MONTH, SAME_LOAN, WORDS, WORST_BY_MONTH
from gateway.signals import SignalRules

Node = Mapping[str, Any]

_NAMES = ("id", "name", "code", "source")  # what may stand for a place in a list


class UnknownPath(ValueError):
    """The pointer leads nowhere that can be explained; `nearest` are forms of paths that could.

    They say nothing of the profile: nobody's account is told by an error.
    """

    def __init__(self, nearest: tuple[str, ...]) -> None:
        super().__init__(f"nothing to explain there; nearest: {', '.join(nearest)}")
        self.nearest = nearest


@dataclass(frozen=True, slots=True)
class Told:
    """One stored record: the day its source vouches for, and what it says.

    `says` is laid out as a section of a profile: by its fields, as the caller may see them.
    """

    as_of: date
    says: Mapping[str, Any] = field(default_factory=dict, repr=False)


Lookup = Callable[[str], Told | None]
"""The record of a text of evidence; None when the stored answers are gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """One record, and whether it stands for the value or against it.

    `says` is what this record itself tells of what is explained: its own field, of a payment grid
    the months in which it stands so. None when that is not one field or statement, or when the
    stored answers are gone and the profile alone does not tell. `as_of` is the day its source
    vouches for, None when they are gone. `disputed`: its source marks it so.
    """

    source: str
    report: str
    record: str
    against: bool = False
    disputed: bool = False
    as_of: date | None = None
    says: Any = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why. `path` is the conclusion that is explained, `details` what is special to its kind."""

    path: str
    kind: str
    value: Any = field(default=None, repr=False)
    rule: str | None = None
    words: str
    evidence: tuple[Witness, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class _Place:
    """What stands on the way of a pointer, and what it stands in, from the section on."""

    path: str
    node: Any
    around: tuple[Any, ...]

    @property
    def section(self) -> Node:
        """The section; itself when it is one."""
        return self.around[0] if self.around else self.node  # type: ignore[no-any-return]

    @property
    def field(self) -> str:
        """Which part of an item or section it is, also where it is one of several there."""
        *_, before, last = self.path.split("/")
        return before if isinstance(self.around[-1], list) else last


@dataclass(frozen=True, slots=True)
class _Known:
    """What is looked up: stored records, what attributes mean, and what stands as disputed."""

    told: Lookup
    definitions: Mapping[str, Node]
    disputed: frozenset[str]

    def witness(
        self,
        text: str,
        *,
        says: Any = None,  # noqa: ANN401 - a JSON value
        against: bool = False,
    ) -> Witness:
        one, told = Evidence.parse(text), self.told(text)
        return Witness(
            source=one.source,
            report=one.report_id,
            record=one.record_id,
            against=against,
            disputed=text in self.disputed,
            as_of=None if told is None else told.as_of,
            says=says,
        )

    def witnesses(self, basis: Iterable[str]) -> tuple[Witness, ...]:
        """Those of a value that no single field of theirs says."""
        return tuple(self.witness(text) for text in basis)


_Explainer = Callable[[_Place, _Known], Explanation]


def explain(
    sections: Mapping[str, Node],
    pointer: str,
    *,
    told: Lookup,
    definitions: Mapping[str, Node],
) -> Explanation:
    """Explain the conclusion `pointer` leads into; `UnknownPath` when there is none.

    `told` looks up the records of the evidence, `definitions` says what attributes mean, by name.
    """
    explained = [(place, how) for place in _way(sections, pointer) if (how := _explainer(place))]
    if not explained:
        named = {"/attributes/values": definitions, "/signals/results": SignalRules.model_fields}
        raise UnknownPath(near(pointer, named))
    place, how = explained[-1]
    return how(place, _Known(told, definitions, frozenset(_disputed(place.section))))


def _way(sections: Mapping[str, Node], pointer: str) -> list[_Place]:
    """Every place on the way of the pointer, from its section on; none when it leads nowhere."""
    way: list[_Place] = []
    node: Any = sections
    path = ""
    around: tuple[Any, ...] = ()
    for part in pointer[1:].split("/") if pointer.startswith("/") else ():
        key = _key(node, part.replace("~1", "/").replace("~0", "~"))
        if key is None:
            return []
        around = (*around, node) if way else ()
        node, path = node[key], f"{path}/{_escaped(str(key))}"
        way.append(_Place(path, node, around))
    return way


def _disputed(node: object) -> Iterator[str]:
    """The evidence that a section, or a part of one, names as disputed."""
    if isinstance(node, dict):
        yield from node.get("disputed", ())
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for one in inner:
        yield from _disputed(one)


def _key(node: object, token: str) -> str | int | None:
    """What the token names in the node, None when nothing."""
    if isinstance(node, Mapping):
        return token if token in node else None
    if isinstance(node, list):
        if token.isascii() and token.isdigit() and int(token) < len(node):
            return int(token)
        for place, item in enumerate(node):
            if isinstance(item, dict) and token in {item.get(name) for name in _NAMES}:
                return place
    return None


def _escaped(token: str) -> str:
    return token.replace("~", "~0").replace("/", "~1")


def _explainer(place: _Place) -> _Explainer | None:
    """How to explain what stands here; None for what is only on the way."""
    for keys, how in _EXPLAINERS:
        if _is(place.node, keys):
            return how
    return None


# -- one kind of conclusion each ----------------------------------------------------------------

_ACCOUNT = frozenset({"records", "id", "status"})
_NO_WORDS = "a rule this build has no words for"
_BY_MONTH = frozenset({WORST_BY_MONTH, LATEST_BY_MONTH})


def _concluded(place: _Place, known: _Known) -> Explanation:
    node, rule = place.node, place.node["rule"]
    against = {one["evidence"]: one["value"] for one in node.get("against", ())}
    stand_for = [
        known.witness(text, says=says)
        for text in node["basis"]
        if (says := _says(place, known.told(text), against.get(text))) != _NOT_ONE_MONTH
    ]
    return Explanation(
        path=place.path,
        kind="conclusion",
        value=node["value"],
        rule=rule,
        words=WORDS.get(rule, _NO_WORDS),
        evidence=(
            *stand_for,
            *(known.witness(text, says=says, against=True) for text, says in against.items()),
        ),
        details=_annotated(_notes(place, {*node["basis"], *against})),
    )


def _says(place: _Place, told: Told | None, against: Any) -> Any:  # noqa: ANN401 - JSON values
    """What a record of the basis says of the concluded value, None when it is not known."""
    own = None if told is None else told.says.get(place.field)
    if own is None:
        return None
    if isinstance(own, list):  # side by side: it says several, this one among them
        return next((one["value"] for one in own if one["value"] == place.node["value"]), None)
    if place.node["rule"] not in _BY_MONTH:
        return own["value"]
    return {"months": _standing(own["value"], place.node["value"], against or _NOT_ONE_MONTH)}


_NOT_ONE_MONTH: Node = {"months": []}


def _standing(own: Node, merged: Node, against: Node) -> list[Node]:
    """The months of a record that the merged grid tells as it does.

    A month whose term is over is in no merged grid, whatever the stored answer says of it.
    """
    stands = {month["month"]: month["status"] for month in merged["months"]}
    other = {month["month"] for month in against["months"]}
    return [
        month
        for month in own["months"]
        if month["month"] not in other and stands.get(month["month"]) == month["status"]
    ]


def _notes(place: _Place, records: set[str]) -> Iterator[Node]:
    """What is noted on these records of the account the place is in: disputes, statements."""
    account: Node = next((one for one in place.around if _is(one, _ACCOUNT)), {})
    for note in account.get("annotations", ()):
        on = [text for text in note["basis"] if text in records]
        if on:
            yield {**note["value"], "records": on}


def _annotated(notes: Iterable[Node]) -> dict[str, Any]:
    found = list(notes)
    return {"annotations": found} if found else {}


def _stated(place: _Place, known: _Known) -> Explanation:
    node, record = place.node, place.node["record"]
    rule = node.get("rule")
    against = {one["evidence"]: one["value"] for one in node.get("against", ())}
    said = {text: against.get(text, record) for text in node["basis"]}
    told = {text: _own(text, one, known) for text, one in said.items()}
    alike = "as the source states it; records that say the very same stand together"
    return Explanation(
        path=place.path,
        kind="statement",
        value=record,
        rule=rule,
        words=alike if rule is None else WORDS.get(rule, _NO_WORDS),
        evidence=tuple(
            known.witness(text, says=says, against=text in against)
            for text, says in sorted(told.items(), key=lambda one: one[0] in against)
        ),
        details=_annotated(
            {**note, "records": [text]}
            for text, says in told.items()
            for note in says.get("annotations", ())
        ),
    )


def _own(text: str, record: Node, known: _Known) -> Node:
    """What a record states: the facts it has in common with `record`, and its own origin."""
    one, told = Evidence.parse(text), known.told(text)
    if (one.source, one.record_id) == (record["source"], record["record_id"]):
        return record
    day = None if told is None else told.as_of.isoformat()
    return {**record, "source": one.source, "record_id": one.record_id, "as_of": day}


def _attribute(place: _Place, known: _Known) -> Explanation:
    node, section = place.node, place.section
    meaning = known.definitions.get(node["name"], {})
    told = ("unit", "missing", "lacking", "scopes")
    return Explanation(
        path=place.path,
        kind="attribute",
        value=node["value"],
        rule=f"{section['catalogue']} {node['name']}",
        words=str(meaning.get("formula", "the catalogue it was computed by is not kept here")),
        evidence=known.witnesses(evidence_of(node, section)),
        details={**_told(node, told), "definition": meaning},
    )


def _signal(place: _Place, known: _Known) -> Explanation:
    node = place.node
    return Explanation(
        path=place.path,
        kind="signal",
        value=node["state"],
        rule=f"{node['id']}/{node['version']}",
        words=node["explanation"],
        evidence=known.witnesses(evidence_of(node, place.section)),
        details=_told(node, ("severity", "observed", "reason", "lacking", "scopes")),
    )


def _reason(place: _Place, known: _Known) -> Explanation:
    node = place.node
    told = ("cause", "threshold", "missing", "zh", "sources", "scopes")
    return Explanation(
        path=place.path,
        kind="reason",
        value=node.get("value"),
        rule=f"{place.section['version']} {node['code']}",
        words=node["en"],
        evidence=known.witnesses(node["basis"]),
        details=_told(node, told),
    )


def _inquiry(place: _Place, known: _Known) -> Explanation:
    node = place.node
    return Explanation(
        path=place.path,
        kind="inquiry",
        value=_told(node, ("on", "kind", "hard", "lender")),
        rule=node["rule"],
        words=WORDS.get(node["rule"], _NO_WORDS),
        evidence=known.witnesses(node["records"]),
    )


def _account(place: _Place, known: _Known) -> Explanation:
    node = place.node
    inside = _Place(place.path, node, (*place.around, node))
    return Explanation(
        path=place.path,
        kind="account",
        value=node.get("institution"),
        words="one account, from all the records that speak of it",
        evidence=known.witnesses(node["records"]),
        details={
            **_told(node, ("matches", "links")),
            **_annotated(_notes(inside, set(node["records"]))),
        },
    )


def _match(place: _Place, known: _Known) -> Explanation:
    """A pair of one account, or one that is left apart: the rule did not, or not clearly, hold."""
    node = place.node
    doubt = place.field == "doubts"
    apart = (
        "two records that may be one account and were left apart: not likely enough, or another "
        "comes as near"
    )
    words = apart if doubt and node["rule"] == SAME_LOAN else WORDS.get(node["rule"], _NO_WORDS)
    return Explanation(
        path=place.path,
        kind="doubt" if doubt else "match",
        value=node.get("score"),
        rule=node["rule"],
        words=words,
        evidence=known.witnesses((node["one"], node["other"])),
    )


def _link(place: _Place, known: _Known) -> Explanation:
    node = place.node
    return Explanation(
        path=place.path,
        kind="link",
        value=_told(node, ("kind", "line")),
        rule=node["rule"],
        words=WORDS.get(node["rule"], _NO_WORDS),
        evidence=known.witnesses(node["basis"]),
        details=_told(node, ("score", "facts")),
    )


def _source(place: _Place, _: _Known) -> Explanation:
    node = place.node
    rule = node.get("rule")
    came_out = "how asking this source came out, and whether its report is about the subject"
    return Explanation(
        path=place.path,
        kind="source",
        value=node["outcome"],
        rule=rule,
        words=came_out if rule is None else f"{came_out}: {WORDS.get(rule, _NO_WORDS)}",
        details={
            name: value for name, value in node.items() if name not in {"outcome", "source", "rule"}
        },
    )


def _metric(place: _Place, _: _Known) -> Explanation:
    node = place.node
    return Explanation(
        path=place.path,
        kind="metric",
        value=node.get("value"),
        words="a number the source computed itself over records we do not see",
        details=dict(node),
    )


_EXPLAINERS: tuple[tuple[frozenset[str], _Explainer], ...] = (
    (frozenset({"value", "rule", "basis"}), _concluded),
    (frozenset({"record", "basis"}), _stated),
    (frozenset({"state", "observed"}), _signal),
    (frozenset({"name", "unit", "scopes"}), _attribute),
    (frozenset({"code", "cause", "sources"}), _reason),
    (frozenset({"records", "rule", "on"}), _inquiry),
    (_ACCOUNT, _account),
    (frozenset({"one", "other", "rule"}), _match),
    (frozenset({"kind", "line", "rule"}), _link),
    (frozenset({"outcome", "source", "latency_ms"}), _source),
    (frozenset({"record_id", "source", "unit"}), _metric),
)


def _is(node: object, keys: frozenset[str]) -> bool:
    return isinstance(node, dict) and node.keys() >= keys


def _told(node: Node, names: Iterable[str]) -> dict[str, Any]:
    """Those of these parts that the node has."""
    return {name: node[name] for name in names if name in node}
