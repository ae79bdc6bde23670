"""How each kind of conclusion is explained: its rule in words, and who stands for and against it.

A kind is told by the parts that stand in its JSON form.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from gateway.past.items import evidence_of
from gateway.past.pointing import escaped
from gateway.past.witness import Explanation, Known, Node, Place, Told
from gateway.profile.concluded import Evidence
from gateway.profile.rule_names import LATEST_BY_MONTH, SAME_LOAN, WORDS, WORST_BY_MONTH

Explainer = Callable[[Place, Known], Explanation]

_ACCOUNT = frozenset({"records", "id", "status"})
_NO_WORDS = "a rule this build has no words for"
_NO_MEANING = "the catalogue it was computed by, or an answer behind it, is not kept here"
_BY_MONTH = frozenset({WORST_BY_MONTH, LATEST_BY_MONTH})


def _concluded(place: Place, known: Known) -> Explanation:
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


def _says(place: Place, told: Told | None, against: Any) -> Any:  # noqa: ANN401 - JSON values
    """What a record of the basis says of the concluded value, None when it is not known."""
    own = None if told is None else told.says.get(place.field)
    if own is None:
        return None
    if isinstance(own, list):  # side by side: it says several, this one among them
        return next((one["value"] for one in own if one["value"] == place.node["value"]), None)
    if place.node["rule"] not in _BY_MONTH:
        return _standing_so(place.node, own["value"])
    return {"months": _standing(own["value"], place.node["value"], against or _NOT_ONE_MONTH)}


_NOT_ONE_MONTH: Node = {"months": []}
_UNKNOWN = "unknown"


def _standing_so(concluded: Node, own: Any) -> Any:  # noqa: ANN401 - JSON values
    """What a record that stands for or against it says itself.

    Of what is unknown nothing else, whatever the stored answer says: its term may be over.
    """
    return _UNKNOWN if concluded["value"] == _UNKNOWN else own


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


def _notes(place: Place, records: set[str]) -> Iterator[Node]:
    """What is noted on these records of the account the place is in: disputes, statements."""
    account: Node = next((one for one in place.around if has(one, _ACCOUNT)), {})
    for note in account.get("annotations", ()):
        on = [text for text in note["basis"] if text in records]
        if on:
            yield {**note["value"], "records": on}


def _annotated(notes: Iterable[Node]) -> dict[str, Any]:
    found = list(notes)
    return {"annotations": found} if found else {}


def _stated(place: Place, known: Known) -> Explanation:
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


def _own(text: str, record: Node, known: Known) -> Node:
    """What a record states: the facts it has in common with `record`, and its own origin."""
    one, told = Evidence.parse(text), known.told(text)
    if (one.source, one.record_id) == (record["source"], record["record_id"]):
        return record
    day = None if told is None else told.as_of.isoformat()
    return {**record, "source": one.source, "record_id": one.record_id, "as_of": day}


def _attribute(place: Place, known: Known) -> Explanation:
    node, section = place.node, place.section
    meaning = known.definitions.get(node["name"], {})
    told = ("unit", "missing", "lacking", "scopes")
    return Explanation(
        path=place.path,
        kind="attribute",
        value=node["value"],
        rule=f"{section['catalogue']} {node['name']}",
        words=str(meaning.get("formula", _NO_MEANING)),
        evidence=tuple(
            known.witness(text, says=_inputs(text, meaning.get("inputs", ()), known))
            for text in evidence_of(node, section)
        ),
        details={**_told(node, told), "definition": meaning},
    )


def _inputs(text: str, inputs: Iterable[str], known: Known) -> Node | None:
    """What a record says of the fields an attribute looks at; no payment grid, and no list.

    Of an account only what the profile quotes this record for: it may say more in the stored
    answers, which by now nobody may be shown.
    """
    told, (section, item) = known.told(text), known.items.get(text, ("", {}))
    if told is None:
        return None
    fields = [one.partition(".")[2] for one in inputs if one.partition(".")[0] == section]
    says = {
        name: own["value"]
        for name in fields
        if isinstance(own := told.says.get(name), dict) and name != "grid"
    }
    if section == "tradelines":
        says = {
            name: _standing_so(item[name], own)
            for name, own in says.items()
            if _quoted(item.get(name, {}), text)
        }
    return says or None


def _quoted(concluded: Node, text: str) -> bool:
    """The record stands for or against it."""
    against = (one["evidence"] for one in concluded.get("against", ()))
    return text in concluded.get("basis", ()) or text in against


def _signal(place: Place, known: Known) -> Explanation:
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


def _reason(place: Place, known: Known) -> Explanation:
    node = place.node
    told = ("cause", "threshold", "missing", "zh", "sources", "scopes")
    meaning = known.definitions.get(node["cause"], {})  # none of a signal
    return Explanation(
        path=place.path,
        kind="reason",
        value=node.get("value"),
        rule=f"{place.section['version']} {node['code']}",
        words=node["en"],
        evidence=known.witnesses(node["basis"]),
        details={**_told(node, told), **_told(meaning, ("unit",))},
    )


def _inquiry(place: Place, known: Known) -> Explanation:
    """Each record with what it tells itself: one may know the month where another knows the day."""
    node = place.node
    return Explanation(
        path=place.path,
        kind="inquiry",
        value=_told(node, ("on", "kind", "hard", "lender")),
        rule=node["rule"],
        words=WORDS.get(node["rule"], _NO_WORDS),
        evidence=tuple(
            known.witness(text, says=_fields(known.told(text))) for text in node["records"]
        ),
    )


def _fields(told: Told | None) -> Node | None:
    """All that a record says, None when that is not known."""
    return None if told is None else {name: own["value"] for name, own in told.says.items()}


def _account(place: Place, known: Known) -> Explanation:
    node = place.node
    inside = Place(place.path, node, (*place.around, node))
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


def _match(place: Place, known: Known) -> Explanation:
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


def _link(place: Place, known: Known) -> Explanation:
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


def _source(place: Place, _: Known) -> Explanation:
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


def _metric(place: Place, _: Known) -> Explanation:
    node = place.node
    return Explanation(
        path=place.path,
        kind="metric",
        value=node.get("value"),
        words="a number the source computed itself over records we do not see",
        details=dict(node),
    )


def _issue(place: Place, _: Known) -> Explanation:
    node = place.node
    return Explanation(
        path=place.path,
        kind="issue",
        value=node["count"],
        rule=node["kind"],
        words="how often something of a report could not be read, or contradicts itself; what is "
        "read of it is kept as it stands",
        details=_told(node, ("source", "where", "what")),
    )


def _conflict(place: Place, _: Known) -> Explanation:
    node = place.node
    item = escaped(node["item"])
    where = f"/tradelines/lines/{item}/{node['field']}" if item else f"/identity/{node['field']}"
    return Explanation(
        path=place.path,
        kind="conflict",
        value=node["field"],
        words="sources contradict each other; what each of them says stands at `path`",
        details={"path": where, "scopes": node["scopes"]},
    )


def _withheld(place: Place, _: Known) -> Explanation:
    node = place.node
    return Explanation(
        path=place.path,
        kind="withheld",
        value=node["records"],
        rule=node["rule"],
        words="how many records of the source the law lets nobody show any more; which is not told",
        details=_told(node, ("source", "article")),
    )


EXPLAINERS: tuple[tuple[frozenset[str], Explainer], ...] = (
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
    (frozenset({"kind", "where", "what"}), _issue),
    (frozenset({"scopes", "item", "field"}), _conflict),
    (frozenset({"source", "rule", "article"}), _withheld),
)


def has(node: object, keys: frozenset[str]) -> bool:
    """The node is an object with these parts."""
    return isinstance(node, dict) and node.keys() >= keys


def _told(node: Node, names: Iterable[str]) -> dict[str, Any]:
    """Those of these parts that the node has."""
    return {name: node[name] for name in names if name in node}
