"""`creditgate`: the commands, and the options they share."""

import io
import logging
import os
import sys
from pathlib import Path
from typing import Annotated, TextIO

import typer

from consent.errors import GatewayError
from gateway import logs
from gateway.cli import (
    attributes,
    audit,
    clients,
    consents,
    demo,
    operate,
    profiles,
    sandbox,
    training,
)
from gateway.cli.session import Json, Options, fail

app = typer.Typer(
    name="creditgate",
    help="The gateway between a lender's scoring services and the world's credit data.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,  # its tracebacks print local variables
    epilog="Exit codes: 0 done, 1 the answer is no, 2 wrong call or set-up, 3 may work later.",
)
app.add_typer(clients.app, name="client")
app.add_typer(consents.app, name="consent")
app.add_typer(profiles.app, name="profile")
app.add_typer(audit.app, name="audit")
app.add_typer(sandbox.app, name="sandbox")
app.command()(operate.init)
app.command()(operate.serve)
app.command()(demo.demo)
app.command()(attributes.attributes)
app.command("export-training")(training.export_training)


@app.callback()
def shared(
    context: typer.Context,
    *,
    config: Annotated[
        Path | None,
        typer.Option(envvar="CREDITGATE_CONFIG", help="Folder of the configuration."),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(envvar="CREDITGATE_DATA", help="Folder of database and keys."),
    ] = None,
    member: Annotated[
        str,
        typer.Option(envvar="CREDITGATE_MEMBER", help="The institution you act for."),
    ] = "lender",
    json: Json = False,
) -> None:
    """Options before the command hold for every command."""
    serving = context.invoked_subcommand in {"serve", "sandbox"}
    logs.configure(sys.stderr, level=logging.INFO if serving else logging.WARNING)
    context.obj = Options(config, data, member, json)


def main() -> None:
    """The console script."""
    # Python has none where it was closed before we started.
    sys.stdout = whole(sys.stdout or io.StringIO())
    try:
        _called()
    finally:
        _flushed()


def whole(stream: TextIO) -> TextIO:
    """The stream, so that what is written to it arrives whole.

    With PYTHONUNBUFFERED, as containers set it, Python hands a text to the system once and forgets
    what a pipe did not take: a long document would end in the middle, and nobody would know.
    """
    raw = getattr(stream, "buffer", None)
    if not isinstance(raw, io.RawIOBase):
        return stream
    buffered = io.BufferedWriter(raw)
    return io.TextIOWrapper(buffered, stream.encoding, stream.errors, line_buffering=True)


def _called() -> None:
    try:
        app()
    except GatewayError as error:  # one that no command expected, such as a wrong configuration
        try:
            fail(error)
        except typer.Exit as done:
            sys.exit(done.exit_code)


def _flushed() -> None:
    """Whoever read the output may have gone, as `head` does: no reason to complain at the end."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
