"""Paths a profile can have, by its form alone: nothing of what is said here is a subject's.

A path that leads nowhere is answered with these. They are the same for every profile: whatever
somebody tries, no id of an account and no field that happens to be there is told.
"""

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from gateway.profile import BorrowerProfile

_ITEM = "{id}"  # stands for an item of a list, by its place or by its id
_SUGGESTED = 5


@cache
def _form() -> dict[str, Any]:
    """The JSON Schema of a profile; made when it is first asked for."""
    return TypeAdapter(BorrowerProfile).json_schema(mode="serialization")


def escaped(token: str) -> str:
    """One part of a JSON Pointer as it is written (RFC 6901 section 3)."""
    return token.replace("~", "~0").replace("/", "~1")


def near(pointer: str, named: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """The forms nearest to what was meant; `named` are the items of lists that are alike for all.

    Below a section these are all its parts, else the parts that are spelled most like it.
    """
    node, path = _form(), ""
    if not pointer.startswith("/"):
        return _parts(node, path, named)
    for token in pointer[1:].split("/"):
        parts = _parts(node, path, named)
        wanted = f"{path}/{_ITEM}" if f"{path}/{_ITEM}" in parts else f"{path}/{token}"
        if wanted not in parts:
            close = get_close_matches(wanted, parts, n=_SUGGESTED, cutoff=0.0)
            return tuple(close) or (path,)
        below = node["items"] if "items" in node else node["properties"][token]
        node, path = _resolved(below), wanted
    return (_parts(node, path, named) or (path,)) if "/" not in path[1:] else (path,)


def _parts(
    node: Mapping[str, Any], path: str, named: Mapping[str, Collection[str]]
) -> tuple[str, ...]:
    """What can stand below a node of the form."""
    items = named.get(path) or (_ITEM,)
    return tuple(
        f"{path}/{one}" for one in (items if "items" in node else node.get("properties", ()))
    )


def _resolved(node: Mapping[str, Any]) -> dict[str, Any]:
    """The node itself, where another is referred to, or may be absent."""
    for option in node.get("anyOf", (node,)):
        if option.get("type") != "null":
            name = option.get("$ref", "").removeprefix("#/$defs/")
            return dict(_form()["$defs"][name] if name else option)
    return {}
