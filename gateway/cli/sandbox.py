"""`creditgate sandbox` and `creditgate sandbox write`: a simulated world, served or as files."""

import os
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated

import structlog
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from connectors.sandbox import export, people, personas
from connectors.sandbox.noise import LEVELS, Noise
from connectors.sandbox.server import start
from connectors.sandbox.world import World
from consent.clock import utc_now
from consent.errors import InvalidInput
from gateway.cli.operate import interrupted
from gateway.cli.session import Json, err, fail, options, out, run, show_json
from gateway.serving import cannot_listen

app = typer.Typer(help="A simulated world: serve it, or write it to files.")

_LEAST = len(personas.ORDER)
_STAGED = 0.05

_log = structlog.get_logger("gateway.sandbox")

Seed = Annotated[int, typer.Option(help="Same seed, same people.")]
Level = Annotated[str, typer.Option(help=f"How far sources stray: {', '.join(LEVELS)}.")]


@app.callback(invoke_without_command=True)
def sandbox(
    context: typer.Context,
    *,
    host: Annotated[str, typer.Option(help="Loopback unless you mean it.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = 8700,
    seed: Seed = 1,
    borrowers: Annotated[int, typer.Option(min=_LEAST)] = 1000,
    noise: Level = "none",
) -> None:
    """Serve a simulated world: every source in its own wire format, with invented people."""
    if context.invoked_subcommand is not None:
        return

    async def work() -> None:
        world = World(seed, today(), borrowers, noise=_level(noise))
        async with simulated(world, host=host, port=port) as url:
            _log.info("sandbox", host=host, port=int(url.rpartition(":")[2]), count=borrowers)
            await interrupted()

    run(work)


@app.command()
def write(
    context: typer.Context,
    *,
    borrowers: Annotated[int, typer.Option(min=_LEAST, max=people.CAPACITY)],
    directory: Annotated[Path, typer.Option("--out", help="A new or empty directory.")],
    seed: Seed = 1,
    noise: Level = "default",
    day: Annotated[
        datetime | None,
        typer.Option("--today", formats=["%Y-%m-%d"], help="Where the lives end; default today."),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes.")] = os.cpu_count() or 1,
    json: Json = False,
) -> None:
    """Write the answers of all sources about everybody, and the truth, to files."""
    ends = day.date() if day else today()
    world = World(seed, ends, borrowers, noise=_level(noise), staged=_STAGED)
    _make(directory)
    export.prepare(world, directory)
    with _progress() as bar:
        task = bar.add_task("borrowers", total=borrowers)
        for done in _written(world, directory, jobs):
            bar.advance(task, done)
    if options(context, json=json).json:
        show_json({"directory": str(directory), "borrowers": borrowers, "seed": seed})
        return
    out.print(f"{borrowers} borrowers of world {seed} are in {directory}", soft_wrap=True)


def _level(noise: str) -> Noise:
    if noise not in LEVELS:
        fail(InvalidInput("--noise", f"one of {', '.join(LEVELS)}"))
    return LEVELS[noise]


def _make(directory: Path) -> None:
    """A directory to write to; one that holds something is left alone."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        held = any(directory.iterdir())
    except OSError as exc:
        fail(InvalidInput("--out", f"a directory that can be written to ({exc.strerror})"))
    if held:
        fail(InvalidInput("--out", f"a new or empty directory; {directory} holds something"))


def _written(world: World, directory: Path, jobs: int) -> Iterator[int]:
    """Write shard by shard; yields how many borrowers each added."""
    write_one = partial(export.write, world, directory)
    if jobs == 1:
        yield from map(write_one, export.shards(world))
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(write_one, export.shards(world))


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err,
    )


@asynccontextmanager
async def simulated(world: World, *, host: str, port: int) -> AsyncIterator[str]:
    """The sandbox, serving until the context ends; yields its base URL."""
    try:
        runner, url = await start(world, host, port, clock=utc_now)
    except OSError as exc:
        raise cannot_listen(host, port, exc) from None
    try:
        yield url
    finally:
        await runner.cleanup()


def today() -> date:
    """The day the simulated lives end: today where the simulated people live, in China."""
    return (utc_now() + timedelta(hours=8)).date()
