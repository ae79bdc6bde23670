"""An explanation in the terminal: which value, by which rule, on whose word, and who objects.

What is noted on a record, a dispute or the subject's statement, is printed whole.
"""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from gateway.cli.values import measured, shown

_MOST = 40


def draw(console: Console, reply: Mapping[str, Any]) -> None:
    """Print the explanation of a reply."""
    why = reply["explanation"]
    console.print(_head(why, reply["snapshot"]))
    if why["evidence"]:
        console.print(_evidence(why["evidence"]))
    details = _details(why["details"])
    if details.row_count:
        console.print(details)


def _head(why: Mapping[str, Any], snapshot: Mapping[str, Any]) -> Panel:
    unit = why["details"].get("unit")
    value = why["value"]
    told = measured(value, unit) if unit and isinstance(value, int) else shown(value)
    told = told or why["details"].get("missing") or "nothing"
    known = f"{snapshot['at'][:19].replace('T', ' ')} UTC, snapshot {snapshot['id']}"
    text = Text.assemble(
        (told, "bold"), "\n",
        ("because  ", "dim"), why["words"], "\n",
        ("rule     ", "dim"), why["rule"] or why["kind"], "\n",
        ("known    ", "dim"), known,
    )  # fmt: skip
    return Panel(text, title=f"[bold]{why['path']}[/]", title_align="left", border_style="blue")


def _evidence(evidence: list[Mapping[str, Any]]) -> Table:
    table = Table("", "source", "as of", "says", "report", "record", box=None, pad_edge=False)
    for one in evidence[:_MOST]:
        stands = Text("against", style="red") if one["against"] else Text("for", style="green")
        if one["disputed"]:
            stands.append(" (disputed)", style="magenta")
        table.add_row(
            stands,
            one["source"],
            one["as_of"] or "",
            shown(one["says"]),
            one["report"],
            one["record"],
        )
    if len(evidence) > _MOST:
        table.add_row("", f"and {len(evidence) - _MOST} more", "", "", "", "")
    return table


def _details(details: Mapping[str, Any]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    definition = details.get("definition") or {}
    for name, value in {**details, **definition}.items():
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
        return "\n".join(map(shown, value))
    return value if isinstance(value, str) else shown(value)


def _note(note: Mapping[str, Any]) -> str:
    """A client that may not read words of people is given none."""
    on = f"{note['kind']} on {', '.join(note['records'])}"
    return f"{on}: {note['text']}" if note["text"] else on
