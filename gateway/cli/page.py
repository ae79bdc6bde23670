"""A profile as a page in the terminal: sources, accounts with their grids, numbers, warnings.

Drawn from the reply document of the API, so that it shows exactly what a client was given.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from gateway.cli.values import legible

_OUTCOME = {
    "report": "green",
    "reused": "green",
    "no_hit": "cyan",
    "refused": "yellow",
    "skipped": "yellow",
    "unavailable": "red",
    "locked_out": "red",
    "broke_contract": "red",
}
_SIGNAL = {"fired": ("▲ fired", "bold red"), "quiet": ("· quiet", "green")}
_GRID = {
    "current": ("■", "green"),
    "late_within_month": ("■", "dark_sea_green"),
    "nothing_due": ("□", "green"),
    "no_bill": ("□", "green"),
    "dpd_1_30": ("1", "yellow"),
    "dpd_31_60": ("2", "dark_orange"),
    "dpd_61_90": ("3", "orange_red1"),
    "dpd_91_120": ("4", "red"),
    "dpd_121_150": ("5", "red"),
    "dpd_151_180": ("6", "red"),
    "dpd_181_plus": ("7", "bold red"),
    "charged_off": ("B", "bold red"),
    "closed": ("C", "dim"),
    "ended": ("G", "dim"),
    "not_yet_open": ("/", "dim"),
    "unknown": ("?", "magenta"),
}
_LEGEND = (
    "■ paid  □ nothing due  1-7 times 30 days past due  B charged off  C closed  ? unknown\n"
    "why a balance is what it is: profile explain SUBJECT /tradelines/lines/#/balance"
)
_MONTHS, _YEAR = 24, 12
_ROOMY = 120  # columns; below, an account takes two lines
_WIDE = 24
_SUFFIXES = ("股份有限公司", "有限责任公司", "有限公司")


def draw(console: Console, reply: Mapping[str, Any]) -> None:
    """Print the reply of a pull or a read."""
    reply = legible(reply)
    profile = reply["profile"]
    attributes = profile.get("attributes")
    units = {one["name"]: one["unit"] for one in (attributes or {}).get("values", ())}
    console.print(_head(reply))
    for part in (
        _sources(profile.get("sources")),
        _identity(profile.get("identity")),
        _tradelines(profile.get("tradelines"), roomy=console.width >= _ROOMY),
        _inquiries(profile.get("inquiries")),
        _attributes(attributes),
        _signals(profile.get("signals")),
        _reasons(profile.get("reasons"), units),
        _issues(profile),
    ):
        if part is not None:
            console.print(part)


def _head(reply: Mapping[str, Any]) -> RenderableType:
    snapshot = reply["snapshot"]
    text = Text.assemble(
        ("subject   ", "dim"), reply["subject"], "\n",
        ("snapshot  ", "dim"), snapshot["id"], ("  at ", "dim"), snapshot["at"][:19], "\n",
        ("purpose   ", "dim"), reply["purpose"],
        ("  consent ", "dim"), reply["consent"]["id"],
        ("  scopes ", "dim"), ", ".join(reply["scopes"]),
    )  # fmt: skip
    return Panel(
        text, title=Text("borrower profile", "bold"), title_align="left", border_style="blue"
    )


def _table(title: str, *columns: str | tuple[str, str]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for column in columns:
        name, justify = column if isinstance(column, tuple) else (column, "left")
        right = justify == "right"  # a number that is cut or wrapped is another number
        table.add_column(name, justify="right" if right else "left", no_wrap=right, overflow="fold")
    return table


def _sources(section: Mapping[str, Any] | None) -> RenderableType | None:
    if section is None:
        return None
    table = _table("sources", "source", "outcome", ("ms", "right"), "as of", "same person", "note")
    for line in section["lines"]:
        colour = _OUTCOME.get(line["outcome"], "white")
        judged = line.get("judgement") or {}
        notes = [line.get("reason"), "partial" if line.get("partial") else None]
        if line.get("quarantined"):
            notes.append("quarantined: may be about somebody else")
        if line.get("merged_under_review"):
            notes.append(f"merged under review: {', '.join(line['merged_under_review'])}")
        table.add_row(
            line["source"],
            Text(line["outcome"], style=colour),
            str(line.get("latency_ms", "")),
            (line.get("as_of") or "")[:10],
            judged.get("verdict", ""),
            ", ".join(note for note in notes if note),
        )
    return table


def _identity(section: Mapping[str, Any] | None) -> RenderableType | None:
    if not section:
        return None
    table = _table("identity (your client has identity:read)", "field", "value", "rests on")
    for name, concluded in section.items():
        if isinstance(concluded, dict) and "value" in concluded:
            table.add_row(name, _plain(concluded["value"]), _sources_of(concluded["basis"]))
    return table if table.row_count else None


def _tradelines(section: Mapping[str, Any] | None, *, roomy: bool) -> RenderableType | None:
    """The accounts; `#` is the place of each in the profile, for `profile explain`."""
    lines = (section or {}).get("lines", [])
    if not lines:
        return None
    newest = max((_newest(line) for line in lines), default="")
    what: tuple[str, ...] = ("lender", "kind", "status")
    limit = "limit/amount"
    if not roomy:
        what, limit = ("lender, kind, status",), "limit/\namount"
    table = _table(
        f"tradelines ({len(lines)})",
        ("#", "right"), *what, "opened", (limit, "right"), ("balance", "right"),
        ("past due", "right"), f"last {_MONTHS} months to {newest}" if newest else "history",
    )  # fmt: skip
    if not roomy:
        table.padding = (0, 1, 0, 0)
        table.columns[-1].width = _YEAR
    for place, line in sorted(enumerate(lines), key=lambda numbered: _prominence(numbered[1])):
        status = _value(line, "status") or ""
        cells = (
            _short(_value(line, "lender") or line.get("institution") or "?"),
            _value(line, "kind") or "",
            Text(status + _mark(line), style="red" if status in {"overdue", "charged_off"} else ""),
        )
        table.add_row(
            str(place),
            *(cells if roomy else [Text.assemble(cells[0], "\n", cells[1], " ", cells[2])]),
            _value(line, "opened") or "",
            _money(_value(line, "credit_limit") or _value(line, "original_amount")),
            _money(_value(line, "balance")),
            _money(_value(line, "past_due")),
            _grid(line, newest, years_apart=not roomy),
        )
    return Group(table, Text(_LEGEND, style="dim"))


def _grid(line: Mapping[str, Any], newest: str, *, years_apart: bool) -> Text:
    """The months up to `newest`, oldest first, so that time runs to the right."""
    months = {m["month"]: m["status"] for m in _months(line)}
    drawn = Text()
    for back in range(_MONTHS - 1, -1, -1):
        symbol, style = _GRID.get(months.get(_back(newest, back), ""), (" ", "dim"))
        drawn.append(symbol, style)
        if years_apart and back == _YEAR:
            drawn.append("\n")
    return drawn


def _inquiries(section: Mapping[str, Any] | None) -> RenderableType | None:
    inquiries = (section or {}).get("inquiries", [])
    if not inquiries:
        return None
    newest = sorted(inquiries, key=lambda one: one["on"], reverse=True)[:8]
    table = _table(
        f"inquiries (newest {len(newest)} of {len(inquiries)})", "on", "who", "why", "known from"
    )
    for one in newest:
        who = one.get("lender") or one.get("institution") or one.get("lender_type") or "?"
        kind = Text(one["kind"], style="" if one["hard"] else "dim")
        table.add_row(one["on"], _short(who), kind, _sources_of(one["records"]))
    return table


def _attributes(section: Mapping[str, Any] | None) -> RenderableType | None:
    """Those that are not zero; how many are, and for what reasons others have no value."""
    if section is None:
        return None
    values = section["values"]
    cells = [
        Text.assemble((f"{one['name']} ", "dim"), (_measured(one["value"], one["unit"]), "bold"))
        for one in values
        if one["value"]
    ]
    zeros = sum(one["value"] == 0 for one in values)
    missing = Counter(one["missing"] for one in values if one["value"] is None)
    reasons = ", ".join(f"{why} {count}" for why, count in sorted(missing.items()))
    rest = f"{zeros} are 0" + (f"; without a value: {reasons}" if reasons else "")
    title = f"attributes {section['catalogue']} ({len(values)})"
    return Group(Text(title, style="bold"), Text(" · ", "dim").join(cells), Text(rest, style="dim"))


def _signals(section: Mapping[str, Any] | None) -> RenderableType | None:
    if section is None:
        return None
    table = _table("signals", "signal", "state", "why")
    for one in section["results"]:
        word, style = _SIGNAL.get(one["state"], ("? undecided", "yellow"))
        table.add_row(one["id"], Text(word, style=style), one["explanation"])
    return table


def _reasons(section: Mapping[str, Any] | None, units: Mapping[str, str]) -> RenderableType | None:
    if section is None or not section["reasons"]:
        return None
    title = "reasons there would be for an adverse decision"
    table = _table(title, "code", "reason", "rests on", "furnished by")
    for one in section["reasons"]:
        cause, value = one["cause"], one.get("value")
        if value is not None:
            cause = f"{cause} {_measured(value, units.get(cause, ''))}".rstrip()
        words = f"{one['zh']}\n{one['en']}{_mark(one)}"
        table.add_row(one["code"], words, cause, ", ".join(one["sources"]))
    return table


def _issues(profile: Mapping[str, Any]) -> RenderableType | None:
    issues = (profile.get("issues") or {}).get("issues", [])
    conflicts = (profile.get("conflicts") or {}).get("conflicts", [])
    if not issues and not conflicts:
        return None
    by_kind: dict[str, int] = {}
    for issue in issues:
        by_kind[issue["kind"]] = by_kind.get(issue["kind"], 0) + issue["count"]
    parts = [f"{count} {kind}" for kind, count in sorted(by_kind.items())]
    if conflicts:
        parts.append(f"{len(conflicts)} values on which sources contradict each other")
    return Text.assemble(("data quality  ", "bold"), ", ".join(parts))


# -- reading the document ---------------------------------------------------------------------


def _value(item: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - a JSON value
    concluded = item.get(name)
    return concluded["value"] if isinstance(concluded, dict) else None


def _mark(item: Mapping[str, Any]) -> str:
    """Some record of it is disputed, its source says."""
    return " (disputed)" if item.get("disputed") else ""


def _short(name: str) -> str:
    """An institution's name without its legal form, for a narrow column."""
    for suffix in _SUFFIXES:
        name = name.removesuffix(suffix)
    return name[:_WIDE]


def _months(line: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    grid = _value(line, "grid")
    return grid["months"] if isinstance(grid, dict) else ()


def _newest(line: Mapping[str, Any]) -> str:
    return max((str(month["month"]) for month in _months(line)), default="")


def _back(month: str, months: int) -> str:
    if not month:
        return ""
    whole = int(month[:4]) * 12 + int(month[5:7]) - 1 - months
    return f"{whole // 12:04d}-{whole % 12 + 1:02d}"


def _prominence(line: Mapping[str, Any]) -> tuple[bool, str]:
    closed = _value(line, "status") in {"closed", "transferred"}
    return closed, str(_value(line, "kind"))


def _money(value: Any) -> str:  # noqa: ANN401 - a JSON value
    if not isinstance(value, dict):
        return ""
    return f"{value['minor'] / 100:,.0f}"


def _measured(value: int, unit: str) -> str:
    if unit == "bp":
        return f"{value / 100:.1f} %"
    if len(unit) == 3 and unit.isupper():  # noqa: PLR2004 - ISO 4217 codes have three letters
        return f"{value / 100:,.0f} {unit}"
    return f"{value} {unit}"


def _sources_of(basis: Iterable[str]) -> str:
    """Evidence is `source/report/record`."""
    return ", ".join(sorted({one.partition("/")[0] for one in basis}))


def _plain(value: Any) -> str:  # noqa: ANN401 - a JSON value
    if isinstance(value, dict):
        return " ".join(str(part) for part in value.values())
    return str(value)
