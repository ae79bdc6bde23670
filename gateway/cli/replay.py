"""`creditgate audit replay`: a past reply made again, or what is missing for it."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

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

_LEFT = {EventType.PROFILE_RELEASE: "released", EventType.PROFILE_READ: "shown"}


def replay(
    context: typer.Context,
    id_: Annotated[UUID, typer.Argument(metavar="SNAPSHOT|ENTRY", help="Of a reply that left.")],
    *,
    config_of: Annotated[
        Path | None,
        typer.Option(help="Folder of the configuration of that day, when it is not kept here."),
    ] = None,
    write: Annotated[
        Path | None, typer.Option(help="Write the reply to this new file. It is personal data.")
    ] = None,
    json: Json = False,
) -> None:
    """Make a past reply again from stored evidence and hold it against the log, byte for byte.

    Needs a consent of today that covers what the reply showed, and is on record. Exit 1 when a
    consent is missing, when the bytes are others, or when something they rest on is missing.
    """
    call = options(context, json=json)
    if write is not None and write.exists():
        fail(InvalidInput("--write", "a file that is not there yet"))

    async def work() -> Replayed | CannotRebuild:
        settings = call.settings()
        trail = call.trail(settings)
        async with services(settings) as gateway:
            if config_of is not None:
                past = settings_module.load(config_of)
                await gateway.journal.commit(lambda tx: configurations.keep(tx, past))
            done = await gateway.journal.commit(lambda tx: gateway.replaying.replay(tx, trail, id_))
        return allowed(done) if isinstance(done, Refusal) else done

    done = run(work)
    if isinstance(done, CannotRebuild):
        _lacking(done, as_json=call.json)
        raise typer.Exit(1)
    if write is not None:
        write.touch(mode=0o600)
        write.write_bytes(done.reply.body)
    _told(done, as_json=call.json)
    if not done.proven:
        raise typer.Exit(1)


def _told(done: Replayed, *, as_json: bool) -> None:
    was = done.disclosure
    if as_json:
        show_json(
            {
                "proven": done.proven,
                "entry": str(was.id),
                "index": was.index,
                "origin": was.origin,
                "snapshot": str(was.snapshot),
                "reply_sha256": was.reply_sha256,
                "replayed_sha256": done.reply.sha256,
                "differs": list(done.differs),
                "unlike": list(done.unlike),
            }
        )
        return
    word = "[bold green]the same bytes[/]" if done.proven else "[bold red]OTHER BYTES[/]"
    out.print(
        f"{word}: the reply {_LEFT[was.type]} at {stamp(was.at)} as entry {was.index} of "
        f"{was.origin}\n"
        f"in the log  sha256 {was.reply_sha256}\n"
        f"replayed    sha256 {done.reply.sha256}  {len(done.reply.body):,} bytes\n"
        f"from snapshot {was.snapshot}, configuration {done.config[:12]}, {done.code}",
        soft_wrap=True,
    )
    if not done.proven:
        parts = ", ".join(done.differs) or "what it says of its snapshot"
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
    err.print("[bold red]it cannot be made again[/]; what is missing:", soft_wrap=True)
    for one in lacking.missing:
        err.print(f"  {one.what} {one.which}: {one.why}", soft_wrap=True)
