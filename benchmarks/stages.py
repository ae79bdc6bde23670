"""Where the CPU time of a request goes, beside the budget of the design (section 9).

One gateway in this process, asked one request at a time over real HTTP, so that all CPU time
between two instants belongs to the stage between them. Synchronous parts are timed where they
stand, each without what it spends in another one; what waits (calls, commits) is what is left of
its stage. One at a time means that no commit is shared: under load the commits cost less.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import replace
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from unittest.mock import patch

import zstandard
from rich.table import Table

from benchmarks import creditgate, load
from benchmarks.creditgate import SECRETS, Installation
from consent.audit.log import AuditLog
from consent.vault.record import Vault
from gateway import disclosing, logs, looking, pipeline, settings, wiring
from gateway.asking import Asking
from gateway.disclosing import Disclosing
from gateway.looking import Looking
from gateway.metrics import Metrics
from gateway.pipeline import Pipeline
from gateway.serving import serving

P = ParamSpec("P")
T = TypeVar("T")

READ, SEAL, REPLY, ROWS, LOG, WHOLE = "read", "seal", "reply", "rows", "log", "pipeline"


class Stopwatch:
    """CPU seconds by stage, each without the time of the stages inside it."""

    def __init__(self) -> None:
        self.spent: defaultdict[str, float] = defaultdict(float)
        self._local = threading.local()

    def timed(self, stage: str, call: Callable[P, T]) -> Callable[P, T]:
        """`call`, on the account of `stage`."""

        @wraps(call)
        def timing(*args: P.args, **kwargs: P.kwargs) -> T:
            outer = getattr(self._local, "inside", 0.0)
            self._local.inside = 0.0
            began = time.thread_time()
            try:
                return call(*args, **kwargs)
            finally:
                took = time.thread_time() - began
                self.spent[stage] += took - self._local.inside
                self._local.inside = outer + took

        return timing


class Laps(Metrics):
    """The pipeline's own laps, in CPU time of the whole process."""

    def __init__(self) -> None:
        super().__init__()
        self.spent: defaultdict[str, float] = defaultdict(float)
        self.last = 0.0

    def stage(self, stage: str, seconds: float) -> None:
        """The lap that ends here; the wall time is counted as ever."""
        now = time.process_time()
        self.spent[stage] += now - self.last
        self.last = now
        super().stage(stage, seconds)

    def around(self, call: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
        """`call`, all of it on the account of `pipeline`; its laps begin with it."""

        @wraps(call)
        async def timing(*args: P.args, **kwargs: P.kwargs) -> T:
            began = self.last = time.process_time()
            try:
                return await call(*args, **kwargs)
            finally:
                self.spent[WHOLE] += time.process_time() - began

        return timing


@contextmanager
def watched(watch: Stopwatch, laps: Laps, readers: Collection[type]) -> Iterator[None]:
    """Time the synchronous parts of a request."""
    with ExitStack() as stack:
        for owner, name, stage in (
            *((reader, "read", READ) for reader in readers),
            (Vault, "seal_record", SEAL),
            (Vault, "seal_detail", SEAL),
            (Vault, "open_record", SEAL),
            (zstandard, "compress", SEAL),
            (pipeline, "encoded", REPLY),
            (disclosing, "render", REPLY),
            (looking, "render", REPLY),
            (Asking, "begin", ROWS),
            (Disclosing, "release", ROWS),
            (Looking, "_at_once", ROWS),
            (AuditLog, "append", LOG),
        ):
            stack.enter_context(patch.object(owner, name, watch.timed(stage, getattr(owner, name))))
        for name in ("pull", "read"):
            stack.enter_context(patch.object(Pipeline, name, laps.around(getattr(Pipeline, name))))
        yield


async def budget(
    installed: Installation, asks: Sequence[Mapping[str, Any]], count: int
) -> tuple[Table, Table]:
    """Time `count` pulls and as many reads, by stage."""
    watch, laps = Stopwatch(), Laps()
    loaded = settings.load(installed.config, data=installed.data)
    async with AsyncExitStack() as stack:
        logs.configure(stack.enter_context((installed.data / "stages.log").open("w")))
        services = await stack.enter_async_context(wiring.assemble(loaded, secrets=SECRETS))
        timed = replace(services, pipeline=replace(services.pipeline, metrics=laps))
        readers = {type(one) for one in services.connectors.values()}
        url = await stack.enter_async_context(serving(timed, host="127.0.0.1", port=0))
        port = int(url.rpartition(":")[2])
        pulling = creditgate.pulls(asks, installed.key)
        reading = creditgate.reads(asks, installed.key)
        await load.once(port, [*pulling, *reading])
        with watched(watch, laps, readers):
            pulled = await _spent(port, pulling, count, watch, laps)
            read = await _spent(port, reading, count, watch, laps)
    return _pull_table(pulled), _read_table(read)


async def _spent(
    port: int, requests: Sequence[bytes], count: int, watch: Stopwatch, laps: Laps
) -> Mapping[str, float]:
    """CPU milliseconds a request, by stage and in all, of `count` requests in a row."""
    watch.spent.clear()
    laps.spent.clear()
    began = time.process_time()
    await load.once(port, [requests[n % len(requests)] for n in range(count)])
    spent = {"all": time.process_time() - began, **watch.spent, **laps.spent}
    return {stage: seconds / count * 1000 for stage, seconds in spent.items()}


def _pull_table(ms: Mapping[str, float]) -> Table:
    units = ms["ask"] + ms["disclose"]
    sealed = ms[SEAL] + ms[REPLY] + ms[ROWS]
    return _table(
        "budget of one pull, CPU ms, one request at a time",
        (
            ("calls: three requests out, three bodies in", ms["fetch"] - ms[READ], "0.6-0.9"),
            ("parse and normalise", ms[READ], "0.2"),
            ("resolve, merge, attributes, signals", ms["merge"], "0.2"),
            ("seal: subject's key, sections, raw answers (zstd)", ms[SEAL], "0.02"),
            ("consent, identity and stored rows", ms[ROWS], "-"),
            ("two commits: audit entries and tree", ms[LOG], "0.1"),
            ("two commits: the journal and SQLite", units - sealed - ms[LOG], "with it"),
            ("reply: sections, canonical JSON, rendering", ms[REPLY], "0.05"),
            ("HTTP, client's key, models, log, metrics", ms["all"] - ms[WHOLE], "-"),
            ("in all", ms["all"], "1.4"),
        ),
    )


def _read_table(ms: Mapping[str, float]) -> Table:
    inside = ms[SEAL] + ms[REPLY] + ms[ROWS] + ms[LOG]
    return _table(
        "budget of one profile read, CPU ms, one request at a time",
        (
            ("consent and stored rows", ms[ROWS], "-"),
            ("open: subject's key, sections", ms[SEAL], "-"),
            ("reply: rendering", ms[REPLY], "-"),
            ("one commit: audit entry and tree", ms[LOG], "-"),
            ("one commit: the journal and SQLite", ms[WHOLE] - inside, "-"),
            ("HTTP, client's key, models, log, metrics", ms["all"] - ms[WHOLE], "-"),
            ("in all", ms["all"], "0.15"),
        ),
    )


def _table(title: str, rows: Sequence[tuple[str, float, str]]) -> Table:
    """Against the design's budget; the design speaks of four JSON sources of 8 KB."""
    table = Table(title, "measured", "design section 9", box=None)
    for what, cost, planned in rows:
        table.add_row(what, f"{cost:.2f}", planned, style="bold" if what == "in all" else None)
    return table
