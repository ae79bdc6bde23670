"""`creditgate audit`: search, export and verify the log at the terminal."""

from datetime import datetime
from pathlib import Path
from typing import Annotated
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
from consent.clock import utc_now
from consent.errors import InvalidInput, LogCorrupt
from consent.journal import Tx
from consent.subject import SubjectRef
from gateway.cli import replay
from gateway.cli.session import Json, Options, err, fail, options, out, run, services, show_json

app = typer.Typer(help="The audit log: search, export, verify, replay.", no_args_is_help=True)
app.command("replay")(replay.replay)


@app.command("search")
def find(
    context: typer.Context,
    *,
    subject: Annotated[UUID | None, typer.Option(help="Our reference of a subject.")] = None,
    client: Annotated[str | None, typer.Option(help="Acting client or operator.")] = None,
    source: Annotated[str | None, typer.Option()] = None,
    purpose: Annotated[str | None, typer.Option()] = None,
    kind: Annotated[EventType | None, typer.Option("--type", help="Type of event.")] = None,
    since: Annotated[datetime | None, typer.Option(help="From this instant on (UTC).")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
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
                since=None if since is None else since.replace(tzinfo=utc_now().tzinfo),
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
    table = Table("index", "when (UTC)", "type", "", "source", "actor", "reason", box=None)
    for column in table.columns[1:3]:
        column.no_wrap = True
    for index, entry in entries:
        table.add_row(
            str(index),
            entry["ts"][5:19].replace("T", " "),
            entry["type"],
            Text(entry["verdict"], style="" if entry["verdict"] == "allow" else "red"),
            entry["source"] or "",
            entry["actor"]["id"],
            entry["reason"] or "",
        )
    out.print(table)


@app.command()
def export(
    context: typer.Context,
    directory: Path,
    year: Annotated[int | None, typer.Option(help="Which year's log; this year's.")] = None,
    *,
    json: Json = False,
) -> None:
    """Write a year's log as files that `audit verify --log` and other C2SP tools read."""
    call = options(context, json=json)

    async def work() -> str:
        async with services(call.settings()) as gateway:
            wanted = year or gateway.clock().year
            gateway.read(lambda conn: write_export(open_tree(conn, call.member, wanted), directory))
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
        Path | None, typer.Option(help="An exported log instead of the database.")
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
