"""How a report spells its values: dates, whole yuan, and the four spellings of nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lxml import etree

from connectors.money import Month

Value = str | int | date | Month | None
Field = tuple[str, Value]


class Blank(StrEnum):
    """How a null is written; all four occur in real reports (china.md 1.2)."""

    EMPTY = ""
    ABSENT = "absent"
    NULL = "null"
    DASHES = "--"


@dataclass(frozen=True, slots=True)
class Ink:
    """Writes segments with one spelling of null throughout a report."""

    blank: Blank

    def segment(
        self, tag: str, fields: Iterable[Field], groups: Iterable[etree._Element] = ()
    ) -> etree._Element:
        """One element with a child for each field, then the repeating groups."""
        node = etree.Element(tag)
        for name, value in fields:
            if value is None and self.blank is Blank.ABSENT:
                continue
            etree.SubElement(node, name).text = self._spell(value)
        node.extend(list(groups))
        return node

    def _spell(self, value: Value) -> str:
        match value:
            case None:
                return self.blank.value
            case date():
                return value.isoformat()
            case _:
                return str(value)


def chapter(tag: str, units: Iterable[etree._Element]) -> etree._Element:
    """A chapter; one without content stays as an empty, self-closed tag."""
    node = etree.Element(tag)
    node.extend(list(units))
    return node


def unit(tag: str, segments: Iterable[etree._Element | None]) -> etree._Element:
    """A unit of a chapter, holding the segments it has."""
    node = etree.Element(tag)
    node.extend([segment for segment in segments if segment is not None])
    return node


def yuan(fen: int) -> int:
    """Whole yuan, half a yuan rounded up."""
    return (fen + 50) // 100
