"""Servers of a comparison: each in a process of its own on loopback, with its CPU time.

A server announces its port as the first line of its standard output.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvloop
from aiohttp import web

ROOT = Path(__file__).resolve().parents[1]
_STOP_S = 15.0
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Server:
    """A running one."""

    name: str
    pid: int
    port: int

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def cpu_s(self) -> float:
        """CPU seconds the process has used so far, user and system, all threads (proc(5))."""
        after_name = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        utime, stime = after_name[11:13]  # fields 14 and 15; the third is the first here
        return (int(utime) + int(stime)) / _TICKS_PER_S


@contextmanager
def module(name: str, arguments: Sequence[str] = (), **environment: str) -> Iterator[Server]:
    """`python -m name arguments`, until the context ends."""
    process = subprocess.Popen(  # noqa: S603 - our own modules, arguments of ours
        [sys.executable, "-m", name, *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    with stopping(process):
        assert process.stdout is not None
        first = process.stdout.readline()
        if not first:
            raise RuntimeError(f"{name} did not start")
        yield Server(name.rpartition(".")[2], process.pid, int(first))


def run(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """`python -m arguments`, to its end; what it printed."""
    done = subprocess.run(  # noqa: S603 - our own command line
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return done.stdout


@contextmanager
def stopping(process: subprocess.Popen[str]) -> Iterator[None]:
    """End the process with the context: politely, then not."""
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def announce(port: int) -> None:
    """The first line of standard output."""
    print(port, flush=True)


def serve_app(app: web.Application) -> None:
    """Serve an aiohttp application on a free port, on uvloop, until SIGTERM."""
    uvloop.run(_serve(app))


async def _serve(app: web.Application) -> None:
    runner = web.AppRunner(app, access_log=None, handle_signals=True, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        announce(runner.addresses[0][1])
        await asyncio.Event().wait()
    except web.GracefulExit:
        pass
    finally:
        await runner.cleanup()
