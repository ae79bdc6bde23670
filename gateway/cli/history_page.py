"""A history in the terminal: each version of the profile, and what made it another."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from gateway.cli.values import legible, shown
from gateway.sections import DERIVED

_CAME = {"added": ("appeared", "green"), "removed": ("no longer told", "red")}


def draw(console: Console, reply: Mapping[str, Any]) -> None:
    """Print the reply of a history, newest version first."""
    reply = legible(reply)
    for line in reply["snapshots"]:
        _snapshot(console, line)
    if reply["after"] is not None:
        console.print(f"older ones: --after {reply['after']}", style="dim")


def _snapshot(console: Console, line: Mapping[str, Any]) -> None:
    if "refused" in line:
        console.print(Rule(Text(line["id"]), align="left", style="blue"))
        console.print(Text(f"not shown: {line['refused']['reason']}", style="yellow"))
        return
    title = Text.assemble((line["at"][:19].replace("T", " "), "bold"), f"  {line['id']}")
    console.print(Rule(title, align="left", style="blue"))
    about = f"{line['purpose']}  {', '.join(line['sources'])}  configuration {line['config'][:12]}"
    console.print(Text(about, style="dim"))
    if "changes" not in line:
        console.print(Text("the first that is shown", style="dim"))
    elif not line["changes"]:
        console.print(Text("the same as before", style="dim"))
    else:
        console.print(_changes(line["changes"]))


def _changes(changes: Iterable[Mapping[str, Any]]) -> Table:
    """What sources tell first, then what was counted and concluded from it."""
    table = Table(box=None, pad_edge=False)
    for name in ("section", "what", "", "was", "is", "told by"):
        table.add_column(name, overflow="fold")
    told_first = sorted(changes, key=lambda one: one["section"] in DERIVED)
    for (section, label, what, _), group in groupby(told_first, key=_thing):
        found = list(group)
        if what in _CAME:
            word, style = _CAME[what]
            row = (section, label, Text(word, style=style), "", "", _told_by(found))
            table.add_row(*row)
            continue
        for field, was, now, sources in _lines(section, found):
            table.add_row(section, label, field, shown(was), shown(now), sources)
    return table


def _lines(
    section: str, found: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, object, object, str]]:
    """A line for each field: name, old, new, who told it.

    What an attribute is and why it has no value are one.
    """
    if section == "attributes":
        was, now = (_first(one.get(side) for one in found) for side in ("old", "new"))
        yield "", was, now, _told_by(found)
        return
    for one in found:
        yield one["field"], one.get("old"), one.get("new"), _told_by([one])


def _first(values: Iterable[object]) -> object:
    return next((value for value in values if value is not None), None)


def _told_by(found: Iterable[Mapping[str, Any]]) -> str:
    return ", ".join(sorted({source for one in found for source in one["sources"]}))


def _thing(one: Mapping[str, Any]) -> tuple[str, str, str, str]:
    return one["section"], one["label"], one["what"], one["item"]
