"""A whole population measured in pieces, over several processes; only counts are held."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

from rich.console import Console
from rich.progress import Progress

from benchmarks.quality.measure import borrower
from benchmarks.quality.tally import Tally
from connectors.sandbox.mixups import NAMING
from connectors.sandbox.world import World

_PIECES = 400
_MOST = 250


def measured(world: World, jobs: int, *, wronged: bool = False) -> Tally:
    """The population over `jobs` processes.

    `wronged`: only the borrowers about whom some source answers with somebody else's file. Nobody
    else's profile can hold a stranger's report, so this is all of the population for that question.
    """
    size = min(max(world.size // _PIECES, 1), _MOST)
    starts, total = range(0, world.size, size), Tally()
    work = partial(piece, world, size, wronged)
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"{world.noise.name} noise", total=world.size)
        for tally in _tallies(work, starts, jobs):
            total.join(tally)
            bar.advance(task, size)
    return total


def _tallies(work: "partial[Tally]", starts: range, jobs: int) -> Iterator[Tally]:
    if jobs == 1:
        yield from map(work, starts)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(work, starts)


def piece(world: World, size: int, wronged: bool, start: int) -> Tally:  # noqa: FBT001 - for map
    """Some borrowers, one after the other."""
    tally = Tally()
    for index in range(start, min(start + size, world.size)):
        if not wronged or any(world.mixup(index, source) for source in NAMING):
            borrower(world, index, tally)
    return tally
