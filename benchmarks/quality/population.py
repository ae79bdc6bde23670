"""A whole population measured in pieces, over several processes; only counts are held."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from rich.console import Console
from rich.progress import Progress

from benchmarks.quality.measure import Tally, borrower
from connectors.sandbox.world import World

_CHUNK = 50


def measured(world: World, jobs: int) -> Tally:
    """The whole population, in pieces over `jobs` processes; no more is held than the counts."""
    starts = range(0, world.size, _CHUNK)
    total = Tally()
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"{world.noise.name} noise", total=world.size)
        for tally in _tallies(world, starts, jobs):
            total.join(tally)
            bar.advance(task, tally.counts["borrowers",])
    return total


def _tallies(world: World, starts: range, jobs: int) -> Iterator[Tally]:
    if jobs == 1:
        yield from (piece(world, start) for start in starts)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(piece, [world] * len(starts), starts)


def piece(world: World, start: int) -> Tally:
    """Some borrowers, one after the other."""
    tally = Tally()
    for index in range(start, min(start + _CHUNK, world.size)):
        borrower(world, index, tally)
    return tally
