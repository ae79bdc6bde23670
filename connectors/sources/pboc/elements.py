"""Frozen dataclasses to XML elements and back, by the tag each field is annotated with.

The kind of an element follows from the type of its field: text, a `PartialDate`, base64 for
bytes, `Y` or `N` for a bool, repeated elements for a tuple of dataclasses. A field that may be
None is written empty and reads the four spellings of null.
"""

import base64
import binascii
import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType, UnionType
from typing import Annotated, Any, TypeAlias, TypeVar, get_args, get_origin, get_type_hints

from lxml import etree

from connectors.errors import SourceBrokeContract
from connectors.money import PartialDate
from connectors.normalise.issues import Issues
from connectors.records import IssueKind
from connectors.sources.pboc.values import CODES, NULLS, day
from connectors.sources.pboc.walk import Element
from consent.vault.digest import sm3_hex

Message = TypeVar("Message")
_Kind: TypeAlias = tuple[Callable[[str], object], Callable[[Any], str], str]
"""How a value is read and written, and what it should have been."""


@dataclass(frozen=True, slots=True)
class Tag:
    """The element of a field. `table` is its code list, the field then holds our word.

    `count` is the element that says how often a repeated one comes, `alias` the name that
    another public client reads for the same thing.
    """

    name: str
    table: str = ""
    count: str = ""
    alias: str = ""


@dataclass(frozen=True, slots=True)
class _Place:
    """A field and its element; `row` is the class of repeated elements."""

    field: str
    tag: Tag
    needed: bool
    read: Callable[[str], object]
    write: Callable[[Any], str]
    wanted: str
    row: type | None


@dataclass(frozen=True, slots=True)
class _Plan:
    """How one dataclass is written and read."""

    places: tuple[_Place, ...]
    known: frozenset[str]
    repeated: frozenset[str]


_PLANS: dict[type, _Plan] = {}  # made once for each class

_FLAGS: Mapping[str, bool] = MappingProxyType({"Y": True, "N": False})


def write(parent: Element, message: object) -> None:
    """Put the fields of `message` into `parent`, in their order.

    ValueError on a text XML cannot hold or a word that is not in its code list.
    """
    for place in _plan(type(message)).places:
        value = getattr(message, place.field)
        if place.row is None:
            etree.SubElement(parent, place.tag.name).text = _written(place, value)
            continue
        if place.tag.count:
            etree.SubElement(parent, place.tag.count).text = str(len(value))
        for row in value:
            write(etree.SubElement(parent, place.tag.name), row)


def read(source: str, element: Element, message: type[Message], issues: Issues) -> Message:
    """The `message` in `element`; SourceBrokeContract without a field that must be there.

    An element nobody told us of, a code that is on no list, a value of the wrong kind and two
    values for one are issues, and the field is None.
    """
    found: dict[str, Element] = {}
    plan = _plan(message)
    for child in element:
        tag = str(child.tag)
        if tag not in plan.known:
            issues.unknown_field(str(element.tag), tag, "not in public material")
        elif tag in found and tag not in plan.repeated:
            issues.add(IssueKind.DUPLICATE, tag, "repeated")
            if (child.text or "").strip() != (found[tag].text or "").strip():
                found[tag] = etree.Element(tag)  # says nothing
            continue
        found[tag] = child
    out = {
        place.field: _rows(source, element, place, issues, found)
        if place.row is not None
        else _value(source, place, found, issues)
        for place in plan.places
    }
    return message(**out)


def _written(place: _Place, value: object) -> str | None:
    try:
        return None if value is None else place.write(value)
    except KeyError:
        raise ValueError(f"{place.field} is no word of list {place.tag.table}") from None


def only(source: str, parent: Element, path: str) -> str:
    """The text at `path`, empty without one; SourceBrokeContract when there are two."""
    found = parent.findall(path)
    if len(found) > 1:
        raise SourceBrokeContract(source, "said_twice", f"{len(found)} of {path}")
    return (found[0].text or "").strip() if found else ""


def take_result(source: str, body: Element) -> str:
    """Take ResultCode and ResultDesc, which every reply has, out of `body`; the one code."""
    code = only(source, body, "ResultCode")
    for tag in ("ResultCode", "ResultDesc"):
        for said in body.findall(tag):
            body.remove(said)
    return code


def message_of(source: str, document: Element) -> Element:
    """The `Msg` of a document; SourceBrokeContract when it has none."""
    body = document.find("Msg")
    if body is None:
        raise SourceBrokeContract(source, "no_body", "the document has no Msg")
    return body


def login(document: Element, org_tag: str, org: str, user: str, password: str) -> None:
    """Put the `Head` into a request: who asks, and the SM3 of the interface password."""
    head = etree.SubElement(document, "Head")
    etree.SubElement(head, org_tag).text = org
    etree.SubElement(head, "UserCode").text = user
    etree.SubElement(head, "Password").text = sm3_hex(password.encode()).upper()


def _rows(
    source: str, element: Element, place: _Place, issues: Issues, found: Mapping[str, Element]
) -> tuple[object, ...]:
    if place.row is None:
        return ()
    rows: list[object] = [
        read(source, row, place.row, issues) for row in element.iterchildren(place.tag.name)
    ]
    said = found.get(place.tag.count)
    if said is not None and (said.text or "").strip() not in (*NULLS, str(len(rows))):
        issues.add(IssueKind.CONTRADICTION, place.tag.count, f"not the number of {place.tag.name}")
    return tuple(rows)


def _value(source: str, place: _Place, found: Mapping[str, Element], issues: Issues) -> object:
    element = found.get(place.tag.name)
    if element is None:
        element = found.get(place.tag.alias)
    text = "" if element is None else (element.text or "").strip()
    value = None
    if text not in NULLS:
        try:
            value = place.read(text)
        except KeyError:
            issues.unknown_code(place.tag.name, text)
        except ValueError:
            issues.bad_value(place.tag.name, text, place.wanted)
    if value is None and place.needed:
        raise SourceBrokeContract(source, "missing_value", f"{place.tag.name} is required")
    return value


def _plan(message: type) -> _Plan:
    """The plan of a dataclass; TypeError for a field without a tag or of a type without a kind."""
    plan = _PLANS.get(message)
    if plan is None:
        hints = get_type_hints(message, include_extras=True)
        places = tuple(_place(one.name, hints[one.name]) for one in dataclasses.fields(message))
        names = (name for p in places for name in (p.tag.name, p.tag.count, p.tag.alias))
        repeated = frozenset(place.tag.name for place in places if place.row is not None)
        plan = _PLANS[message] = _Plan(places, frozenset(filter(None, names)), repeated)
    return plan


def _place(name: str, hint: object) -> _Place:
    if get_origin(hint) is not Annotated:
        raise TypeError(f"{name} has no tag")
    kind, tag = get_args(hint)
    options = get_args(kind) if isinstance(kind, UnionType) else (kind,)
    (bare,) = (option for option in options if option is not type(None))
    if get_origin(bare) is tuple:
        return _Place(
            name, tag, needed=False, read=str, write=str, wanted="", row=get_args(bare)[0]
        )
    needed = type(None) not in options
    read, write, wanted = _coded(tag.table) if tag.table else _KINDS[bare]
    return _Place(name, tag, needed, read, write, wanted, row=None)


def _coded(table: str) -> _Kind:
    """By code list; a word has one code, or it could not be written."""
    words = CODES.words(table)
    by_word = {word: code for code, word in words.items()}
    if len(by_word) != len(words):
        raise TypeError(f"{table} has two codes for one word")
    return words.__getitem__, by_word.__getitem__, ""


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error:
        raise ValueError("not base64") from None


_KINDS: Mapping[type, _Kind] = MappingProxyType(
    {
        str: (str, str, "a text"),
        PartialDate: (day, str, "a date"),
        bytes: (_base64, lambda value: base64.b64encode(value).decode("ascii"), "base64"),
        bool: (_FLAGS.__getitem__, lambda value: "Y" if value else "N", "Y or N"),
    }
)
