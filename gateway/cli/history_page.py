"""A history in the terminal: each version of the profile, and what made it another."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from gateway.cli.values import legible, shown

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
    table = Table("section", "what", "", "was", "is", "told by", box=None, pad_edge=False)
    for (section, label, what, _), group in groupby(changes, key=_thing):
        found = list(group)
        if what in _CAME:
            word, style = _CAME[what]
            sources = sorted({source for one in found for source in one["sources"]})
            row = (section, label, Text(word, style=style), "", "", ", ".join(sources))
            table.add_row(*row)
            continue
        for one in found:
            told = ", ".join(one["sources"])
            table.add_row(
                section, label, one["field"], shown(one.get("old")), shown(one.get("new")), told
            )
    return table


def _thing(one: Mapping[str, Any]) -> tuple[str, str, str, str]:
    return one["section"], one["label"], one["what"], one["item"]
