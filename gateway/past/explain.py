"""Why a value of a profile is what it is: its rule, its evidence, and the evidence against it.

Pure: the sections a caller may see and a JSON Pointer (RFC 6901) into them go in. What is explained
is the conclusion the pointer leads into: a field of an account, a statement, an attribute, a
warning, a reason, a pair of records, a source's line. Items of a list are named by their place or
by their id.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.past.kinds import EXPLAINERS, Explainer, has
from gateway.past.pointing import escaped, near
from gateway.past.witness import Explanation, Known, Lookup, Node, Place
from gateway.signals import SignalRules

_NAMES = ("id", "name", "code", "source")  # what may stand for a place in a list
_DIGITS = 9  # of a place; Python refuses to read thousands


class UnknownPath(ValueError):
    """The pointer leads nowhere that can be explained; `nearest` are forms of paths that could.

    They say nothing of the profile: nobody's account is told by an error.
    """

    def __init__(self, nearest: tuple[str, ...]) -> None:
        super().__init__(f"nothing to explain there; nearest: {', '.join(nearest)}")
        self.nearest = nearest


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
    disputed = frozenset(_disputed(place.section))
    return how(place, Known(told, definitions, disputed, dict(_items(sections))))


def _way(sections: Mapping[str, Node], pointer: str) -> list[Place]:
    """Every place on the way of the pointer, from its section on; none when it leads nowhere."""
    way: list[Place] = []
    node: Any = sections
    path = ""
    around: tuple[Any, ...] = ()
    for part in pointer[1:].split("/") if pointer.startswith("/") else ():
        key = _key(node, part.replace("~1", "/").replace("~0", "~"))
        if key is None:
            return []
        around = (*around, node) if way else ()
        node, path = node[key], f"{path}/{escaped(str(key))}"
        way.append(Place(path, node, around))
    return way


def _disputed(node: object) -> Iterator[str]:
    """The evidence that a section, or a part of one, names as disputed."""
    if isinstance(node, dict):
        yield from node.get("disputed", ())
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for one in inner:
        yield from _disputed(one)


def _items(sections: Mapping[str, Node]) -> Iterator[tuple[str, tuple[str, Node]]]:
    """What the caller sees that records are merged into, by each of its records."""
    for section, part in (("tradelines", "lines"), ("inquiries", "inquiries")):
        for item in sections.get(section, {}).get(part, ()):
            for text in item["records"]:
                yield text, (section, item)


def _key(node: object, token: str) -> str | int | None:
    """What the token names in the node, None when nothing."""
    if isinstance(node, Mapping):
        return token if token in node else None
    if isinstance(node, list):
        if token.isascii() and token.isdigit() and len(token) <= _DIGITS and int(token) < len(node):
            return int(token)
        for place, item in enumerate(node):
            if isinstance(item, dict) and token in {item.get(name) for name in _NAMES}:
                return place
    return None


def _explainer(place: Place) -> Explainer | None:
    """How to explain what stands here; None for what is only on the way."""
    for keys, how in EXPLAINERS:
        if has(place.node, keys):
            return how
    return None
