"""Why a value of a profile is what it is: its rule, its evidence, and the evidence against it.

Pure: the sections a caller may see and a JSON Pointer (RFC 6901) into them go in. What is explained
is the conclusion the pointer leads into: a field of an account, a statement, an attribute, a
warning, a source's line. Items of a list are named by their place or by their id.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

from gateway.past.items import evidence_of
from gateway.past.pointing import near
from gateway.profile.concluded import Evidence
from gateway.signals import SignalRules

Node = Mapping[str, Any]

RULES = MappingProxyType(
    {
        "latest_then_rank/1": "the record with the newest date decides; on one date the source "
        "ranked first, then the smaller record id",
        "rank_then_latest/1": "the source ranked first decides; of one source, its newest record",
        "most_precise_then_rank/1": "the most precise date decides; of equally precise ones the "
        "source ranked first, then the newest record",
        "most_complete_then_rank/1": "the most complete text decides; of equally complete ones the "
        "source ranked first, then the newest record",
        "fullest_record_then_rank/1": "the record that says the most decides; of equally full ones "
        "the source ranked first, then the newest record",
        "worst_by_month/1": "month by month the worst status that any record tells",
        "latest_by_month/1": "month by month the status of the newest record that knows it",
        "union/1": "every value that any record states stands here, side by side",
        "named_by_directory/1": "the lender's own name in our directory of institutions",
        "same_institution_day/1": "one institution asking for one reason on one day is one "
        "inquiry, at however many bureaus it stands",
    }
)
"""Each rule in words, by name and version."""

_NAMES = ("id", "name", "source")  # what may stand for a place in a list


class UnknownPath(ValueError):
    """The pointer leads nowhere that can be explained; `nearest` are forms of paths that could.

    They say nothing of the profile: nobody's account is told by an error.
    """

    def __init__(self, nearest: tuple[str, ...]) -> None:
        super().__init__(f"nothing to explain there; nearest: {', '.join(nearest)}")
        self.nearest = nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """One record, whether it stands for the value or against it, and what it says itself.

    `as_of` is the day the source vouches for, None when the record cannot be looked up.
    """

    source: str
    report: str
    record: str
    against: bool = False
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
    """What stands on the way of a pointer, and the section it stands in."""

    path: str
    node: Any
    section: Node


_Explainer = Callable[[_Place, Mapping[str, date], Mapping[str, Node]], Explanation]


def explain(
    sections: Mapping[str, Node],
    pointer: str,
    *,
    dated: Mapping[str, date],
    definitions: Mapping[str, Node],
) -> Explanation:
    """Explain the conclusion `pointer` leads into; `UnknownPath` when there is none.

    `dated` tells the day of each piece of evidence, `definitions` what attributes mean, by name.
    """
    explained = [(place, how) for place in _way(sections, pointer) if (how := _explainer(place))]
    if not explained:
        named = {"/attributes/values": definitions, "/signals/results": SignalRules.model_fields}
        raise UnknownPath(near(pointer, named))
    place, how = explained[-1]
    return how(place, dated, definitions)


def _way(sections: Mapping[str, Node], pointer: str) -> list[_Place]:
    """Every place on the way of the pointer, from its section on; none when it leads nowhere."""
    way: list[_Place] = []
    node: Any = sections
    path, section = "", {}
    for part in pointer[1:].split("/") if pointer.startswith("/") else ():
        key = _key(node, part.replace("~1", "/").replace("~0", "~"))
        if key is None:
            return []
        node, path = node[key], f"{path}/{_escaped(str(key))}"
        if path.count("/") == 1:
            section = node
        way.append(_Place(path, node, section))
    return way


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
        if isinstance(place.node, dict) and place.node.keys() >= keys:
            return how
    return None


# -- one kind of conclusion each ----------------------------------------------------------------


def _concluded(place: _Place, dated: Mapping[str, date], _: Mapping[str, Node]) -> Explanation:
    node = place.node
    said = [_witness(one, dated, says=node["value"]) for one in node["basis"]]
    against = [
        _witness(one["evidence"], dated, says=one["value"], against=True)
        for one in node.get("against", ())
    ]
    rule = node["rule"]
    return Explanation(
        path=place.path,
        kind="conclusion",
        value=node["value"],
        rule=rule,
        words=RULES.get(rule, "a rule this build has no words for"),
        evidence=(*said, *against),
    )


def _stated(place: _Place, dated: Mapping[str, date], _: Mapping[str, Node]) -> Explanation:
    record = place.node["record"]
    return Explanation(
        path=place.path,
        kind="statement",
        value=record,
        words="as the source states it; records that say the very same stand together",
        evidence=tuple(_witness(one, dated, says=record) for one in place.node["basis"]),
    )


def _attribute(
    place: _Place, dated: Mapping[str, date], definitions: Mapping[str, Node]
) -> Explanation:
    node, section = place.node, place.section
    meaning = definitions.get(node["name"], {})
    told = ("unit", "missing", "lacking", "scopes")
    return Explanation(
        path=place.path,
        kind="attribute",
        value=node["value"],
        rule=f"{section['catalogue']} {node['name']}",
        words=str(meaning.get("formula", "the catalogue it was computed by is not kept here")),
        evidence=tuple(_witness(one, dated) for one in evidence_of(node, section)),
        details={**{name: node[name] for name in told if name in node}, "definition": meaning},
    )


def _signal(place: _Place, dated: Mapping[str, date], _: Mapping[str, Node]) -> Explanation:
    node = place.node
    told = ("severity", "observed", "reason", "lacking", "scopes")
    return Explanation(
        path=place.path,
        kind="signal",
        value=node["state"],
        rule=f"{node['id']}/{node['version']}",
        words=node["explanation"],
        evidence=tuple(_witness(one, dated) for one in evidence_of(node, place.section)),
        details={name: node[name] for name in told if name in node},
    )


def _inquiry(place: _Place, dated: Mapping[str, date], _: Mapping[str, Node]) -> Explanation:
    node = place.node
    return Explanation(
        path=place.path,
        kind="inquiry",
        value={name: node[name] for name in ("on", "kind", "hard", "lender") if name in node},
        rule=node["rule"],
        words=RULES.get(node["rule"], "a rule this build has no words for"),
        evidence=tuple(_witness(one, dated) for one in node["records"]),
    )


def _account(place: _Place, dated: Mapping[str, date], _: Mapping[str, Node]) -> Explanation:
    node = place.node
    told = ("matches", "links")
    return Explanation(
        path=place.path,
        kind="account",
        value=node.get("institution"),
        words="one account, from all the records that speak of it",
        evidence=tuple(_witness(one, dated) for one in node["records"]),
        details={name: node[name] for name in told if name in node},
    )


def _source(place: _Place, _: Mapping[str, date], __: Mapping[str, Node]) -> Explanation:
    node = place.node
    return Explanation(
        path=place.path,
        kind="source",
        value=node["outcome"],
        words="how asking this source came out, and whether its report is about the subject",
        details={name: value for name, value in node.items() if name not in {"outcome", "source"}},
    )


def _metric(place: _Place, _: Mapping[str, date], __: Mapping[str, Node]) -> Explanation:
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
    (frozenset({"records", "rule", "on"}), _inquiry),
    (frozenset({"records", "id", "status"}), _account),
    (frozenset({"outcome", "source"}), _source),
    (frozenset({"record_id", "source", "unit"}), _metric),
)


def _witness(
    text: str,
    dated: Mapping[str, date],
    *,
    says: Any = None,  # noqa: ANN401 - a JSON value
    against: bool = False,
) -> Witness:
    one = Evidence.parse(text)
    return Witness(
        source=one.source,
        report=one.report_id,
        record=one.record_id,
        against=against,
        as_of=dated.get(text),
        says=says,
    )
