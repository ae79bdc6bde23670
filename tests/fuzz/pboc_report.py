"""Atheris target: reports damaged in their bytes or in their tree. See README.md here.

A finding is any exception that is not a `SourceError`, a hang, memory out of bounds, or a change
that leaves no trace: a value gone from a good report, or in any report an element twice that the
document has once. Random bytes hardly ever are XML, so most inputs are read as a list of changes
to a good report.
"""

import sys
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path

import atheris  # type: ignore[import-untyped] # no dependency: see README.md

with atheris.instrument_imports(include=["connectors"]):
    from connectors.errors import SourceError
    from connectors.records import Report
    from connectors.sources.pboc.report import read_report

from lxml import etree

from tests.fuzz import oracle

_NOW = datetime(2026, 3, 1, tzinfo=UTC)
_FIXTURES = Path(__file__).resolve().parents[1] / "connectors" / "fixtures"
_WHOLE = [etree.parse(path).getroot() for path in sorted(_FIXTURES.glob("pboc_*.xml"))]
_SEEDS = [*_WHOLE, *(one for whole in _WHOLE for one in oracle.small(whole))]
_MOST_CHANGES = 6
_TEXTS = (
    "", "null", "--", "0", "-1", "1e9", "99999999999999999999", "2034-13-45", "2026-02-30", "2026",
    "0001-01-01", "9999-12-31", "\u0661\u0662", "A", "D1", "C1", "R4", "2026-01-01T24:00:00", " ",
)  # fmt: skip

_CHANGES = (
    "known text",
    "any text",
    "text of another",
    "name of another",
    "moved",
    "gone",
    "twice",
)


def one_input(data: bytes) -> None:
    """One byte chooses: the bytes as they are, or a seed with changes."""
    choice = atheris.FuzzedDataProvider(data)
    if choice.ConsumeBool():
        _read(choice.ConsumeBytes(len(data)))
        return
    root = deepcopy(choice.PickValueInList(_SEEDS))
    for n in range(choice.ConsumeIntInRange(1, _MOST_CHANGES)):
        elements = list(root.iter(etree.Element))
        one = elements[choice.ConsumeIntInRange(0, len(elements) - 1)]
        other = elements[choice.ConsumeIntInRange(0, len(elements) - 1)]
        what: str = choice.PickValueInList(list(_CHANGES))
        shows = (what == "twice" and oracle.once(one)) or (
            what == "gone" and n == 0 and oracle.missed(one)
        )
        before = deepcopy(root) if shows else None
        try:
            _change(choice, what, one, other)
        except ValueError:  # no XML name or text, or an element into itself
            continue
        if before is not None:
            _compare(what, before, root)
    _read(etree.tostring(root, encoding="utf-8"))


def _read(xml: bytes) -> Report | None:
    try:
        return read_report(xml, source="pboc", received_at=_NOW)
    except SourceError:
        return None


def _compare(what: str, before: etree._Element, after: etree._Element) -> None:
    """AssertionError when a change that must show does not; a refusal shows it."""
    was, now = (_read(etree.tostring(root, encoding="utf-8")) for root in (before, after))
    if was is None or now is None:
        return
    if was == now or (what == "twice" and oracle.doubled(was) >= oracle.doubled(now)):
        raise AssertionError(f"an element {what}, in silence")


def _change(
    choice: atheris.FuzzedDataProvider, what: str, one: etree._Element, other: etree._Element
) -> None:
    parent = one.getparent()
    if what == "known text":
        one.text = choice.PickValueInList(list(_TEXTS))
    elif what == "any text":
        one.text = choice.ConsumeUnicodeNoSurrogates(24)
    elif what == "text of another":
        one.text = other.text
    elif what == "name of another":
        one.tag = other.tag
    elif what == "moved":
        other.append(one)
    elif what == "gone" and parent is not None:
        parent.remove(one)
    elif what == "twice" and parent is not None:
        one.addnext(deepcopy(one))


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
