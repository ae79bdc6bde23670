"""`creditgate audit replay`: a past reply made again, or what is missing for it."""

import os
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.text import Text

from consent.audit.catalogue import EventType
from consent.clock import stamp
from consent.decision import Refusal
from consent.errors import InvalidInput
from gateway import settings as settings_module
from gateway.cli.session import Json, err, fail, options, out, run, services, show_json
from gateway.past.replay import Replayed
from gateway.pipeline import allowed
from gateway.rebuild import CannotRebuild
from gateway.store import configurations

_IN_THE_WAY = InvalidInput("--write", "a file that is not there yet")
_LEFT = {
    EventType.PROFILE_RELEASE: "reply released",
    EventType.PROFILE_READ: "reply shown",
    EventType.PROFILE_HISTORY: "history shown",
    EventType.PROFILE_EXPLAINED: "explanation shown",
}


def replay(
    context: typer.Context,
    id_: Annotated[UUID, typer.Argument(metavar="SNAPSHOT|ENTRY", help="Of a reply that left.")],
    *,
    config_of: Annotated[
        Path | None,
        typer.Option(help="Folder of the configuration of that day, when it is not kept here."),
    ] = None,
    write: Annotated[
        Path | None,
        typer.Option(help="Write what may be shown of it to this new file. It is personal data."),
    ] = None,
    json: Json = False,
) -> None:
    """Make a past reply again from stored evidence and hold it against the log, byte for byte.

    Needs a consent of today that covers what the reply showed, and is on record. What is written
    is the reply as the law lets it be shown today. Exit 1 when a consent is missing, when the bytes
    are others, when something they rest on is missing, or when there is nothing to write.
    """
    call = options(context, json=json)
    if write is not None and write.exists():
        fail(_IN_THE_WAY)

    async def work() -> Replayed | CannotRebuild:
        settings = call.settings()
        trail = call.trail(settings)
        async with services(settings) as gateway:
            if config_of is not None:
                past = settings_module.load(config_of)
                await gateway.journal.commit(lambda tx: configurations.keep(tx, past))
            done = await gateway.replaying.replay(trail, id_)
        return allowed(done) if isinstance(done, Refusal) else done

    done = run(work)
    if isinstance(done, CannotRebuild):
        _lacking(done, as_json=call.json)
        raise typer.Exit(1)
    _told(done, as_json=call.json)
    if write is not None and done.reply is not None:
        _write(write, done.reply.body)
    if not done.proven or (write is not None and done.reply is None):
        raise typer.Exit(1)


def _write(path: Path, body: bytes) -> None:
    """A new file that nobody else may read; one that came there meanwhile stays as it is."""
    try:
        with open(path, "xb", opener=partial(os.open, mode=0o600)) as file:
            file.write(body)
    except FileExistsError:
        fail(_IN_THE_WAY)
    except OSError as exc:
        fail(InvalidInput("--write", f"a file that can be made ({exc.strerror})"))


def _told(done: Replayed, *, as_json: bool) -> None:
    was = done.disclosure
    if as_json:
        show_json(
            {
                "proven": done.proven,
                "entry": str(was.id),
                "index": was.index,
                "origin": was.origin,
                "snapshots": [str(one.id) for one in done.snapshots],
                "reply_sha256": was.reply_sha256,
                "replayed_sha256": done.sha256,
                "shown_sha256": done.reply.sha256 if done.reply else None,
                "over": [asdict(one) for one in done.over],
                "differs": list(done.differs),
                "unlike": list(done.unlike),
            }
        )
        return
    word = ("the same bytes", "bold green") if done.proven else ("OTHER BYTES", "bold red")
    out.print(
        Text.assemble(
            word,
            f": the {_LEFT[was.type]} at {stamp(was.at)} as entry {was.index} of {was.origin}\n"
            f"in the log  sha256 {was.reply_sha256}\n"
            f"replayed    sha256 {done.sha256}",
        ),
        soft_wrap=True,
    )
    for made in done.snapshots:
        out.print(
            f"from snapshot {made.id}, configuration {made.config[:12]}, {made.code}",
            soft_wrap=True,
        )
    for gone in done.over:
        over = f": {gone.records} records of {gone.source}, over by {gone.rule} ({gone.article})"
        out.print(
            Text.assemble(("may not be shown today", "yellow"), over),
            soft_wrap=True,
        )
    if done.over:
        rest = f"sha256 {done.reply.sha256}" if done.reply else "nothing: it may rest on these"
        out.print(f"shown today {rest}", soft_wrap=True)
    if not done.proven:
        parts = ", ".join(done.differs) or f"how the {_LEFT[was.type]} tells it, no section of it"
        err.print(f"came out otherwise: {parts}", soft_wrap=True)
        known = done.unlike or ("nothing known: evidence, rules and build are those of then",)
        for one in known:
            err.print(f"not as it was then: {one}", soft_wrap=True)


def _lacking(lacking: CannotRebuild, *, as_json: bool) -> None:
    if as_json:
        missing = [
            {"what": one.what, "which": one.which, "why": one.why} for one in lacking.missing
        ]
        show_json({"proven": False, "missing": missing})
        return
    head = Text.assemble(("it cannot be made again", "bold red"), "; what is missing:")
    err.print(head, soft_wrap=True)
    for one in lacking.missing:
        err.print(f"  {one.what} {one.which}: {one.why}", soft_wrap=True)
