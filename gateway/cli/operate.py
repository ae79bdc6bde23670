"""`creditgate init | serve`: set up, and serve."""

import asyncio
import signal
from typing import Annotated

import structlog
import typer

from gateway import wiring
from gateway.cli.session import Json, options, out, run, services, show_json
from gateway.serving import serving, settle_memory

_log = structlog.get_logger("gateway.serve")


def init(context: typer.Context, *, json: Json = False) -> None:
    """Make keys and database, or bring the database to this build; overwrites nothing."""
    call = options(context, json=json)

    async def work() -> str:
        settings = call.settings()
        wiring.create(settings)
        return str(settings.data.directory)

    directory = run(work)
    if call.json:
        show_json({"data": directory})
        return
    out.print(f"ready: {directory}", soft_wrap=True)
    out.print("Keys are in keys/ (mode 0600). Back them up apart from the database.", style="dim")


def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")] = None,
    *,
    json: Json = False,
) -> None:
    """Serve the API until interrupted."""
    call = options(context, json=json)

    async def work() -> None:
        settings = call.settings()
        front = settings.gateway
        where = host or front.host, front.port if port is None else port
        async with (
            services(settings, sources=True) as gateway,
            serving(gateway, host=where[0], port=where[1]) as url,
        ):
            settle_memory()
            _log.info("serving", host=where[0], port=int(url.rpartition(":")[2]))
            await interrupted()

    run(work)


async def interrupted() -> None:
    """Wait for SIGINT or SIGTERM."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()
