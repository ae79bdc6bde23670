"""`creditgate audit`: search, export and verify the log at the terminal."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import orjson
import typer
from rich.table import Table
from rich.text import Text
from sqlalchemy import Connection

from consent.audit.catalogue import EventType
from consent.audit.export import export as write_export
from consent.audit.note import Vkey
from consent.audit.search import Page, Query, search
from consent.audit.tree import open_tree
from consent.audit.verify import Verified, verify
from consent.errors import InvalidInput, LogCorrupt
from consent.journal import Tx
from consent.subject import SubjectRef
from gateway.cli import replay
from gateway.cli.session import (
    Json,
    Options,
    err,
    fail,
    in_utc,
    options,
    out,
    run,
    services,
    show_json,
)

app = typer.Typer(help="The audit log: search, export, verify, replay.", no_args_is_help=True)
app.command("replay")(replay.replay)

_PSEUDONYM = 8  # hex digits that tell one subject from another to the eye
_ROOMY = 130  # columns; below, an entry takes two lines


@app.command("search")
def find(
    context: typer.Context,
    *,
    subject: Annotated[UUID | None, typer.Option(help="Our reference of a subject.")] = None,
    client: Annotated[str | None, typer.Option(help="Acting client or operator.")] = None,
    source: Annotated[str | None, typer.Option(help="Whom it was asked from.")] = None,
    purpose: Annotated[str | None, typer.Option(help="What for.")] = None,
    kind: Annotated[EventType | None, typer.Option("--type", help="Type of event.")] = None,
    since: Annotated[
        datetime | None, typer.Option(help="From this instant on (UTC, or with its offset).")
    ] = None,
    limit: Annotated[int, typer.Option(help="How many entries.", min=1, max=1000)] = 50,
    json: Json = False,
) -> None:
    """Entries, newest first. Searching is on record too."""
    call = options(context, json=json)

    async def work() -> Page:
        settings = call.settings()
        trail = call.trail(settings)
        async with services(settings) as gateway:
            names: tuple[str, ...] = ()
            if subject is not None:
                names = gateway.vault.pseudonyms(call.member, SubjectRef(subject))
            query = Query(
                member=call.member,
                subject=names,
                client=client,
                source=source,
                purpose=purpose,
                types=None if kind is None else frozenset({kind}),
                since=None if since is None else in_utc(since),
            )

            def unit(tx: Tx) -> Page:
                page = search(tx.conn, query, limit=limit)
                facts: dict[str, str | int] = {"entries": len(page.entries)}
                about = names[0] if names else None
                tx.note(trail.entry(EventType.AUDIT_READ, tx.at, subject=about, facts=facts))
                return page

            return await gateway.journal.commit(unit)

    page = run(work)
    entries = [(one.position.index, orjson.loads(one.leaf)) for one in page.entries]
    if call.json:
        show_json([{"index": index, "entry": entry} for index, entry in entries])
        return
    out.print(_table(entries, out.width))
    if page.after is not None:
        out.print("there are older ones: --limit, --since and the rest choose", style="dim")


def _table(entries: list[tuple[int, dict[str, Any]]], width: int) -> Table:
    """When, what, from where, by whom, about whom and what for: nothing cut off."""
    roomy = width >= _ROOMY
    names: tuple[str, ...] = ("type", "", "source", "actor", "subject", "purpose", "reason")
    if not roomy:
        names = ("what, from where", "who, about whom", "why")
    table = Table("index", "when (UTC)", box=None, pad_edge=False)
    table.columns[1].no_wrap = True
    if not roomy:
        table.padding = (0, 1, 0, 0)
    for name in names:
        table.add_column(name, overflow="fold")
    for index, entry in entries:
        verdict = Text(entry["verdict"], style="" if entry["verdict"] == "allow" else "red")
        source, subject = entry["source"] or "", (entry["subject"] or "")[:_PSEUDONYM]
        purpose, reason = entry["purpose"] or "", entry["reason"] or ""
        kind, actor = entry["type"], entry["actor"]["id"]
        cells: tuple[str | Text, ...] = (kind, verdict, source, actor, subject, purpose, reason)
        if not roomy:
            what = Text.assemble(kind, "\n", verdict, f" {source}")
            cells = (what, f"{actor}\n{subject}", f"{purpose}\n{reason}".strip())
        table.add_row(str(index), entry["ts"][:19].replace("T", " "), *cells)
    return table


@app.command()
def export(
    context: typer.Context,
    directory: Annotated[Path, typer.Argument(help="Where to; made when it is not there.")],
    year: Annotated[int | None, typer.Option(help="Which year's log; this year's.")] = None,
    *,
    json: Json = False,
) -> None:
    """Write a year's log as files that `audit verify --log` and other C2SP tools read."""
    call = options(context, json=json)

    async def work() -> str:
        async with services(call.settings()) as gateway:
            wanted = year or gateway.clock().year
            try:
                gateway.read(
                    lambda conn: write_export(open_tree(conn, call.member, wanted), directory)
                )
            except OSError as exc:
                expected = f"a directory that can be written to ({exc.strerror})"
                raise InvalidInput(str(directory), expected) from None
            return str(gateway.log.vkey(gateway.log.origin(call.member, wanted)))

    vkey = run(work)
    if call.json:
        show_json({"directory": str(directory), "vkey": vkey})
    else:
        out.print(f"written to {directory}; verify with the key\n{vkey}", soft_wrap=True)


@app.command("verify")
def check(
    context: typer.Context,
    *,
    year: Annotated[int | None, typer.Option(help="Which year's log; this year's.")] = None,
    log: Annotated[
        Path | None,
        typer.Option(help="An exported log instead of the database.", exists=True, file_okay=False),
    ] = None,
    vkey: Annotated[str | None, typer.Option(help="The key, for an exported log.")] = None,
    json: Json = False,
) -> None:
    """Check every entry, tile and signature; exit 1 and the first bad index when one is wrong."""
    call = options(context, json=json)
    done: Verified | LogCorrupt
    try:
        done = _exported(log, vkey) if log is not None else _stored(call, year)
    except LogCorrupt as broken:
        done = broken
    if isinstance(done, LogCorrupt):
        if call.json:
            show_json({"verified": False, "index": done.index, "reason": str(done)})
        else:
            err.print(Text.assemble(("NOT VERIFIED", "bold red"), f": {done}"), soft_wrap=True)
        raise typer.Exit(1)
    if call.json:
        show_json(
            {"verified": True, "origin": done.origin, "size": done.size, "root": done.root.hex()}
        )
        return
    rest = f" {done.origin}: {done.size} entries, root {done.root.hex()}"
    out.print(Text.assemble(("verified", "bold green"), rest), soft_wrap=True)


def _exported(log: Path, vkey: str | None) -> Verified:
    expected = "the key that `audit export` printed, NAME+ID+KEY"
    if vkey is None:
        fail(InvalidInput("--vkey", expected))
    try:
        key = Vkey.parse(vkey)
    except ValueError:
        fail(InvalidInput("--vkey", expected))
    return verify(lambda path: (log / path).read_bytes(), key)


def _stored(call: Options, year: int | None) -> Verified | LogCorrupt:
    async def work() -> Verified | LogCorrupt:
        try:
            async with services(call.settings()) as gateway:
                wanted = year or gateway.clock().year

                def question(conn: Connection) -> Verified:
                    tree = open_tree(conn, call.member, wanted)
                    return verify(tree.resource, gateway.log.vkey(tree.origin))

                return gateway.read(question)
        except LogCorrupt as broken:  # also what the start itself refuses
            return broken

    return run(work)
