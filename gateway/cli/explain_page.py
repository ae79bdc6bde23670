"""An explanation in the terminal: which value, by which rule, on whose word, and who objects.

All that is said is printed whole, months of a grid that say the same as one stretch.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.table import Column, Table
from rich.text import Text

from gateway.cli.values import legible, measured, shown

_MOST = 40
_BY_FIELD = frozenset({"attribute", "inquiry"})
"""Kinds of which a record says several fields, each of which wants its name."""


def draw(console: Console, reply: Mapping[str, Any]) -> None:
    """Print the explanation of a reply."""
    reply = legible(reply)
    why = reply["explanation"]
    console.print(_head(why, reply["snapshot"]))
    if why["evidence"]:
        console.print(_evidence(why["evidence"], by_field=why["kind"] in _BY_FIELD))
    details = _details(why["details"])
    if details.row_count:
        console.print(details)


def _head(why: Mapping[str, Any], snapshot: Mapping[str, Any]) -> Panel:
    unit = why["details"].get("unit")
    value = why["value"]
    by_field = why["kind"] in _BY_FIELD and isinstance(value, Mapping)
    said = _fields(value) if by_field else _whole(value)
    told = measured(value, unit) if unit and isinstance(value, int) else said
    told = told or why["details"].get("missing") or why["details"].get("cause") or "nothing"
    known = f"{snapshot['at'][:19].replace('T', ' ')} UTC, snapshot {snapshot['id']}"
    text = Text.assemble(
        (told, "bold"), "\n",
        ("because  ", "dim"), why["words"], "\n",
        ("rule     ", "dim"), why["rule"] or why["kind"], "\n",
        ("known    ", "dim"), known,
    )  # fmt: skip
    title = Text(why["path"], "bold")
    return Panel(text, title=title, title_align="left", border_style="blue")


def _evidence(evidence: list[Mapping[str, Any]], *, by_field: bool) -> Table:
    names = "source", "as of", "says", "report", "record"
    table = Table("", *(Column(name, overflow="fold") for name in names), box=None, pad_edge=False)
    for one in evidence[:_MOST]:
        stands = Text("against", style="red") if one["against"] else Text("for", style="green")
        if one["disputed"]:
            stands.append(" (disputed)", style="magenta")
        table.add_row(
            stands,
            one["source"],
            one["as_of"] or "",
            _fields(one["says"] or {}) if by_field else _whole(one["says"]),
            one["report"],
            one["record"],
        )
    if len(evidence) > _MOST:
        table.add_row("", f"and {len(evidence) - _MOST} more", "", "", "", "")
    return table


def _details(details: Mapping[str, Any]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    definition = details.get("definition") or {}
    told = {**details, **definition}
    if "unit" in told and "threshold" in told:
        told["threshold"] = measured(told["threshold"], told["unit"])
    for name, value in told.items():
        if name not in {"definition", "unit", "formula"} and value not in (None, [], {}):
            table.add_row(Text(name, style="dim"), _lines(name, value))
    return table


def _lines(name: str, value: Any) -> str:  # noqa: ANN401 - a JSON value
    if name == "observed":
        return "\n".join(
            f"{one['name']} {one['value']}"
            + (f" (counts from {one['threshold']})" if "threshold" in one else "")
            for one in value
        )
    if name == "annotations":
        return "\n".join(map(_note, value))
    if isinstance(value, list):
        return "\n".join(map(_whole, value))
    return _whole(value)


def _whole(value: Any) -> str:  # noqa: ANN401 - a JSON value
    if isinstance(value, Mapping) and "months" in value:  # a payment grid
        return "\n".join(_stretches(value["months"]))
    return shown(value, wide=None)


def _fields(says: Mapping[str, Any]) -> str:
    return "\n".join(f"{name} {_whole(value)}" for name, value in says.items())


def _stretches(months: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Neighbouring months that say the same, in one line."""
    for (says, _), group in groupby(enumerate(months), key=_said_where):
        some = [month["month"] for _, month in group]
        stretch = some[0] if len(some) == 1 else f"{some[-1]} to {some[0]}"
        yield f"{stretch}  {says}"


def _said_where(numbered: tuple[int, Mapping[str, Any]]) -> tuple[str, int]:
    """What a month says, and a number that neighbours share, newest first."""
    place, month = numbered
    year, _, number = month["month"].partition("-")
    says = shown({name: part for name, part in month.items() if name != "month"})
    return says, int(year) * 12 + int(number) + place


def _note(note: Mapping[str, Any]) -> str:
    """A client that may not read words of people is given none."""
    on = f"{note['kind']} on {', '.join(note['records'])}"
    return f"{on}: {note['text']}" if note["text"] else on
