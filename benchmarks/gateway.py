"""What the gateway costs beside what people would write without it: ratios, in one run.

`POST /v1/profiles` against the same three calls gathered by (a) FastAPI and httpx and (b) raw
aiohttp, both without consent, encryption, audit, normalising or evidence; the profile read
against a bare aiohttp handler that answers with the same bytes from memory. Each server, the
sources and the load have a process of their own; they meet on loopback. The sources are a
stand-in that replays the sandbox's answers (`benchmarks.standin`), so that they are nobody's
bottleneck. Turns are interleaved, creditgate (a) (b) creditgate (a) (b) ..., every ratio is taken
within a round, and the median over the rounds is printed, so that a busy machine slows all alike.

Run as `python -m benchmarks.gateway [--quick]`.
"""

import argparse
import os
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from statistics import median, quantiles

import orjson
import uvloop
from rich.console import Console
from rich.table import Table

from benchmarks import creditgate, load, stages, wire
from benchmarks.load import BadReply, Check, Taken
from benchmarks.processes import Server, module
from connectors.sandbox.world import World
from consent.clock import utc_now

OURS, FASTAPI, AIOHTTP, BARE = "creditgate", "(a) FastAPI + httpx", "(b) aiohttp", "bare aiohttp"
SEED = 1
DELAY_MS = 20
_GOOD = {"report", "no_hit"}

out = Console(width=118, highlight=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How long and how much. Rates are requests a second, the same for all."""

    rounds: int
    turn_s: float
    paced_s: float
    borrowers: int
    staged: int
    connections: int = 16
    pull_rate: float = 20
    read_rate: float = 100


FULL = Scale(rounds=5, turn_s=1.2, paced_s=2.5, borrowers=100, staged=100)
QUICK = Scale(rounds=1, turn_s=0.4, paced_s=0.8, borrowers=20, staged=10)


@dataclass(frozen=True, slots=True)
class Contender:
    """A server, what it is asked, and which of its replies count."""

    name: str
    server: Server
    requests: Sequence[bytes]
    check: Check


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn of one contender came to; latencies in ms."""

    per_second: float
    cpu_ms: float
    p50_ms: float
    p99_ms: float


Turns = Mapping[str, Sequence[Turn]]
Take = Callable[[Contender], Awaitable[Taken]]


async def compare(contenders: Sequence[Contender], take: Take, rounds: int) -> Turns:
    """Turn by turn, round by round."""
    turns: dict[str, list[Turn]] = {one.name: [] for one in contenders}
    for _ in range(rounds):
        for one in contenders:
            before = one.server.cpu_s()
            taken = await take(one)
            cpu_s = one.server.cpu_s() - before
            cuts = quantiles(taken.latencies_s, n=100, method="inclusive")
            turns[one.name].append(
                Turn(
                    per_second=taken.per_second,
                    cpu_ms=cpu_s / taken.replies * 1000,
                    p50_ms=cuts[49] * 1000,
                    p99_ms=cuts[98] * 1000,
                )
            )
    return turns


def row(table: Table, what: str, turns: Turns, of: Callable[[Turn], float]) -> None:
    """One measure: ours, and each peer's beside our multiple of it."""
    mine = [of(turn) for turn in turns[OURS]]
    cells = [what, f"{median(mine):.2f}"]
    for name, theirs in turns.items():
        if name != OURS:
            values = [of(turn) for turn in theirs]
            ratio = median(m / v if v else float("nan") for m, v in zip(mine, values, strict=True))
            cells += [f"{median(values):.2f}", f"{ratio:.2f} x"]
    table.add_row(*cells)


def pulls_table(turns: Mapping[str, Turns], rate: float) -> Table:
    """`POST /v1/profiles` against both peers."""
    table = Table(
        "POST /v1/profiles", OURS, FASTAPI, f"{OURS} is", AIOHTTP, f"{OURS} is", box=None,
        title="one pull of three sources, against the same calls without consent, seal or audit",
    )  # fmt: skip
    for delay, key in (("at once", "at once"), (f"in {DELAY_MS} ms", "late")):
        row(table, f"requests/s, sources answer {delay}", turns[key], lambda t: t.per_second)
        row(table, "  CPU ms of the server a request", turns[key], lambda t: t.cpu_ms)
    paced, less = turns["paced"], DELAY_MS
    row(table, f"added latency ms p50, at {rate:.0f}/s", paced, lambda t: t.p50_ms - less)
    row(table, f"added latency ms p99, at {rate:.0f}/s", paced, lambda t: t.p99_ms - less)
    return table


def reads_table(turns: Mapping[str, Turns], rate: float) -> Table:
    """`GET /v1/borrowers/{id}/profile` against bytes from memory."""
    table = Table(
        "GET /v1/borrowers/{id}/profile", OURS, BARE, f"{OURS} is", box=None,
        title="one profile read, against the same bytes from memory",
    )  # fmt: skip
    row(table, "requests/s", turns["full"], lambda t: t.per_second)
    row(table, "  CPU ms of the server a request", turns["full"], lambda t: t.cpu_ms)
    row(table, f"latency ms p50, at {rate:.0f}/s", turns["paced"], lambda t: t.p50_ms)
    row(table, f"latency ms p99, at {rate:.0f}/s", turns["paced"], lambda t: t.p99_ms)
    return table


async def pulls(
    contenders: Sequence[Contender], sources: Server, scale: Scale
) -> tuple[dict[str, Turns], str]:
    """The turns of `POST /v1/profiles`, and who else was how busy meanwhile."""

    async def saturate(one: Contender) -> Taken:
        return await load.saturate(
            one.server.port, one.requests, one.check,
            connections=scale.connections, seconds=scale.turn_s,
        )  # fmt: skip

    async def pace(one: Contender) -> Taken:
        return await load.pace(
            one.server.port, one.requests, one.check,
            rate=scale.pull_rate, connections=scale.connections, seconds=scale.paced_s,
        )  # fmt: skip

    turns: dict[str, Turns] = {}
    began, source_cpu, own_cpu = time.monotonic(), sources.cpu_s(), time.process_time()
    turns["at once"] = await compare(contenders, saturate, scale.rounds)
    seconds = time.monotonic() - began
    others = (
        f"meanwhile the sources kept {(sources.cpu_s() - source_cpu) / seconds:.0%} of a core busy "
        f"and the load {(time.process_time() - own_cpu) / seconds:.0%}, as means over all turns "
        "with answers at once"
    )
    await set_delay(sources, DELAY_MS)
    turns["late"] = await compare(contenders, saturate, scale.rounds)
    turns["paced"] = await compare(contenders, pace, scale.rounds)
    await set_delay(sources, 0)
    return turns, others


async def reads(contenders: Sequence[Contender], scale: Scale) -> dict[str, Turns]:
    """The turns of the profile read."""

    async def saturate(one: Contender) -> Taken:
        return await load.saturate(
            one.server.port, one.requests, one.check,
            connections=scale.connections, seconds=scale.turn_s,
        )  # fmt: skip

    async def pace(one: Contender) -> Taken:
        return await load.pace(
            one.server.port, one.requests, one.check,
            rate=scale.read_rate, connections=scale.connections, seconds=scale.paced_s,
        )  # fmt: skip

    return {
        "full": await compare(contenders, saturate, scale.rounds),
        "paced": await compare(contenders, pace, scale.rounds),
    }


async def set_delay(sources: Server, ms: int) -> None:
    """Make every answer of the stand-in take so long."""
    await load.once(sources.port, [load.http("POST", f"/delay?ms={ms}")])


def whole(reply: bytes) -> None:
    """Every source answered; one that did not would make a cheap request of it."""
    lines = orjson.loads(reply)["profile"]["sources"]["lines"]
    wrong = [
        f"{line['source']}: {line['outcome']}" for line in lines if line["outcome"] not in _GOOD
    ]
    if wrong or len(lines) != len(wire.PATHS):
        raise BadReply(", ".join(wrong) or "a source is missing")


def not_empty(reply: bytes) -> None:
    """Something came."""
    if not reply:
        raise BadReply("an empty reply")


def no_source_lost(reply: bytes) -> None:
    """As `whole`, but cheap enough for the generator to ask of every reply."""
    for outcome in (b'"unavailable"', b'"broke_contract"', b'"skipped"', b'"locked_out"'):
        if outcome in reply:
            raise BadReply(f"a source was lost: {outcome.decode()}")


async def measure(
    scale: Scale,
    directory: Path,
    people: Sequence[wire.Borrower],
    sources: Server,
    peers: Sequence[Server],
) -> None:
    """Set the gateway up, take all turns, print all tables."""
    installed = creditgate.install(directory, sources.url)
    with creditgate.serving(installed) as ours:
        asks = await creditgate.consented(ours.url, installed.key, people)
        pulling = creditgate.pulls(asks, installed.key)
        for reply in await load.once(ours.port, pulling):
            whole(reply)
        naive = [load.http("POST", "/v1/profiles", orjson.dumps(who)) for who in people]
        for peer in peers:
            await load.once(peer.port, naive)
        fastapi, aiohttp = peers
        turns, others = await pulls(
            [
                Contender(OURS, ours, pulling, no_source_lost),
                Contender(FASTAPI, fastapi, naive, not_empty),
                Contender(AIOHTTP, aiohttp, naive, not_empty),
            ],
            sources,
            scale,
        )
        out.print(pulls_table(turns, scale.pull_rate))
        (recorded,) = await load.once(sources.port, [load.http("GET", "/recorded")])
        out.print(f"the sources answer with {recorded.decode()} on average")
        out.print(others, "\n")
        reading = creditgate.reads(asks, installed.key)
        bodies = await load.once(ours.port, reading)
        refs = [ask["subject"]["ref"] for ask in asks]
        put = [
            load.http("PUT", f"/bytes/{ref}", body) for ref, body in zip(refs, bodies, strict=True)
        ]
        await load.once(aiohttp.port, put)
        bare = [load.http("GET", f"/bytes/{ref}") for ref in refs]
        out.print(
            reads_table(
                await reads(
                    [
                        Contender(OURS, ours, reading, not_empty),
                        Contender(BARE, aiohttp, bare, not_empty),
                    ],
                    scale,
                ),
                scale.read_rate,
            )
        )
        size = sum(map(len, bodies)) / len(bodies) / 1000
        out.print(f"a profile has {size:.0f} KB on average; each read leaves a durable entry\n")
    for table in await stages.budget(installed, asks, scale.staged):
        out.print(table, "\n")


def fsync_ms(directory: Path, times: int = 50) -> float:
    """What the disk below asks for making 4 KiB durable: no commit can cost less."""
    taken = []
    with (directory / "fsync").open("wb") as file:
        for _ in range(times):
            file.write(bytes(4096))
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            taken.append(time.perf_counter() - began)
    return median(taken) * 1000


def compared(scale: Scale) -> None:
    """Start everything, measure, stop everything."""
    world = World(seed=SEED, today=utc_now().date(), size=scale.borrowers)
    with tempfile.TemporaryDirectory(prefix="creditgate-bench-") as name, ExitStack() as stack:
        directory = Path(name)
        of_world = (str(SEED), str(scale.borrowers), world.today.isoformat())
        sources = stack.enter_context(module("benchmarks.standin", of_world))
        peers = [
            stack.enter_context(module(f"benchmarks.{peer}", BENCH_SOURCES=sources.url))
            for peer in ("naive_fastapi", "naive_aiohttp")
        ]
        out.print(
            f"{os.cpu_count()} cores; SQLite {sqlite3.sqlite_version}, synchronous=FULL, on a disk "
            f"where an fsync of 4 KiB takes {fsync_ms(directory):.2f} ms\n"
            f"{scale.borrowers} borrowers, {scale.rounds} rounds, {scale.connections} connections; "
            f"(a) uvicorn {version('uvicorn')} with {parser_of_uvicorn()}, "
            f"fastapi {version('fastapi')}, httpx {version('httpx')}; "
            f"(b) aiohttp {version('aiohttp')}; all on uvloop\n"
        )
        people = wire.borrowers(world)
        uvloop.run(measure(scale, directory, people, sources, peers))


def parser_of_uvicorn() -> str:
    """What uvicorn reads HTTP with here: httptools when it is installed, else h11."""
    return "httptools" if find_spec("httptools") else "h11"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="The gateway against naive peers.")
    parser.add_argument("--quick", action="store_true", help="a smoke run: seconds, rough numbers")
    compared(QUICK if parser.parse_args().quick else FULL)


if __name__ == "__main__":
    main()
