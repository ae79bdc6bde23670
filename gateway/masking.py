"""Identifiers with their middle hidden: enough to recognise somebody, too little to find them.

The forms are those of Chinese financial practice under JR/T 0171-2020 (masking on display): of a
document the first and last sign, of a mobile the first three and last four digits, of a landline
the last four, of a mail address three signs and the domain, of a name the surname, of other
text the first and the last third. What has no form here is left out, whole.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

Mask = Callable[[str], str]

_STAR = "*"
_MOBILE = re.compile(r"(?:\+?86)?(1\d{10})", re.ASCII)
_NO_DIGIT = re.compile(r"\D", re.ASCII)
_HEAD, _TAIL = 3, 4  # digits of a mobile that stay
_MAIL_HEAD = 3


def document(number: str) -> str:
    """`9****************5`; one of two signs or fewer is hidden whole."""
    hidden = len(number) - 2
    return _hidden(number) if hidden < 1 else f"{number[0]}{_STAR * hidden}{number[-1]}"


def phone(number: str) -> str:
    """`100****1234` for a mobile, `****1234` for anything else with more than four digits."""
    mobile = _MOBILE.fullmatch(re.sub(r"[\s-]", "", number))
    if mobile is not None:
        return f"{mobile[1][:_HEAD]}{_STAR * 4}{mobile[1][-_TAIL:]}"
    digits = _NO_DIGIT.sub("", number)
    return f"{_STAR * 4}{digits[-_TAIL:]}" if len(digits) > _TAIL else _hidden(number)


def mail(address: str) -> str:
    """`con***@163.com`; without a domain it is no address, and hidden whole."""
    name, at, domain = address.rpartition("@")
    if not (name and at and domain):
        return _hidden(address)
    return f"{name[:_MAIL_HEAD]}***@{domain}" if len(name) > _MAIL_HEAD else f"***@{domain}"


def name(full: str) -> str:
    """`甲*`: the first sign, and not how long the rest is."""
    return f"{full[0]}{_STAR}" if len(full) > 1 else _STAR


def text(words: str) -> str:
    """The first third and the last; the shorter the text, the more of it is hidden."""
    third = len(words) // 3
    return f"{words[:third]}{_STAR * (len(words) - 2 * third)}{words[len(words) - third :]}"


def _hidden(value: str) -> str:
    return _STAR * len(value)


_ORIGIN = ("source", "record_id", "as_of")


def _numbered(held: Mapping[str, Any]) -> dict[str, Any]:
    """A document: its type, and its number masked."""
    return {"type": held["type"], "number": document(held["number"])}


_CONCLUDED: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {
        "name": name,
        "email": mail,
        "spouse_name": name,
        "spouse_phone": phone,
        "phones": phone,
        "mailing_address": text,
        "registered_address": text,
        "documents": _numbered,
        "spouse_document": _numbered,
    }
)
_STATED: Mapping[str, Mapping[str, Mask]] = MappingProxyType(
    {
        "addresses": {"text": text, "phone": phone},
        "employments": {"employer": text, "address": text, "phone": phone},
    }
)


def identity(section: Mapping[str, Any]) -> dict[str, Any]:
    """The identity section, plain, with what identifies masked and everything else left out."""
    seen: dict[str, Any] = {}
    for field, value in section.items():
        if field in _STATED:
            seen[field] = [_stated(one, _STATED[field]) for one in value]
        elif field in _CONCLUDED and isinstance(value, list):  # several, side by side
            seen[field] = [_concluded(one, _CONCLUDED[field]) for one in value]
        elif field in _CONCLUDED:
            seen[field] = _concluded(value, _CONCLUDED[field])
    return seen


def _concluded(one: Mapping[str, Any], mask: Callable[[Any], Any]) -> dict[str, Any]:
    """A conclusion with its value masked, and what speaks against it too."""
    seen = {**one, "value": mask(one["value"])}
    if "against" in one:
        seen["against"] = [{**other, "value": mask(other["value"])} for other in one["against"]]
    return seen


def _stated(one: Mapping[str, Any], masks: Mapping[str, Mask]) -> dict[str, Any]:
    """A record as stated, of which only the origin and masked fields are left, and those beside."""
    seen = {**one, "record": _masked(one["record"], masks)}
    if "against" in one:
        seen["against"] = [
            {**other, "value": _masked(other["value"], masks)} for other in one["against"]
        ]
    return seen


def _masked(record: Mapping[str, Any], masks: Mapping[str, Mask]) -> dict[str, Any]:
    """The origin of a record and its masked fields."""
    kept = {field: record[field] for field in _ORIGIN}
    masked = {f: None if record.get(f) is None else mask(record[f]) for f, mask in masks.items()}
    return {**kept, **masked}
