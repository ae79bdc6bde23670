"""The load: prepared requests over raw sockets, so that the generator costs little and is even.

`saturate` keeps so many connections busy: how much can the server do? `pace` sends at a fixed
rate and counts each latency from the instant the request was due, so that a server that stalls
is not asked less (no coordinated omission): how long does a caller wait?
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import count
from types import TracebackType
from typing import Self

_OK = b"HTTP/1.1 200 "
_LENGTH = b"content-length:"
_LIMIT_S = 60.0

Check = Callable[[bytes], None]
"""Raises `BadReply` for a reply that must not be counted."""


class BadReply(Exception):
    """The server under load answered something other than a whole 200, so nothing is compared."""


@dataclass(slots=True)
class Taken:
    """What one turn measured: replies, wall seconds, and each latency in seconds."""

    replies: int = 0
    seconds: float = 0.0
    latencies_s: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Replies per second."""
        return self.replies / self.seconds


class Connection:
    """One keep-alive connection."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection(
            "127.0.0.1", self._port, limit=1 << 20
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.close()
        await self._writer.wait_closed()

    async def exchange(self, request: bytes) -> bytes:
        """Send, and the body of the reply."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        if not head.startswith(_OK):
            raise BadReply(head.partition(b"\r\n")[0].decode("latin-1"))
        start = head.lower().find(_LENGTH)
        if start < 0:
            raise BadReply("a reply without its length")
        length = int(head[start + len(_LENGTH) : head.index(b"\r\n", start)])
        return await self._reader.readexactly(length)


def http(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """A request as it goes over the wire; `_` in a header name stands for `-`."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    if body:
        lines.append("Content-Type: application/json")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def once(port: int, requests: Sequence[bytes]) -> list[bytes]:
    """Each request once, one after the other: to warm up, and to look at the replies."""
    async with asyncio.timeout(_LIMIT_S), Connection(port) as connection:
        return [await connection.exchange(request) for request in requests]


async def saturate(
    port: int, requests: Sequence[bytes], check: Check, *, connections: int, seconds: float
) -> Taken:
    """Keep `connections` busy for so long; each sends its next request when it has its reply."""
    taken, turn = Taken(), count()

    async def work(connection: Connection) -> None:
        while (sent := time.perf_counter()) < ends:
            reply = await connection.exchange(requests[next(turn) % len(requests)])
            taken.latencies_s.append(time.perf_counter() - sent)
            check(reply)

    async with asyncio.timeout(seconds + _LIMIT_S), AsyncExitStack() as stack:
        open_ = [await stack.enter_async_context(Connection(port)) for _ in range(connections)]
        began = time.perf_counter()
        ends = began + seconds
        await asyncio.gather(*(work(one) for one in open_))
        taken.seconds = time.perf_counter() - began
    taken.replies = len(taken.latencies_s)
    return taken


async def pace(
    port: int,
    requests: Sequence[bytes],
    check: Check,
    *,
    rate: float,
    connections: int,
    seconds: float,
) -> Taken:
    """Send `rate` requests a second, evenly; a request waits when all connections are busy."""
    taken = Taken()
    due = iter(range(round(rate * seconds)))

    async def work(connection: Connection) -> None:
        for number in due:
            at = began + number / rate
            await asyncio.sleep(max(0.0, at - time.perf_counter()))
            reply = await connection.exchange(requests[number % len(requests)])
            taken.latencies_s.append(time.perf_counter() - at)
            check(reply)

    async with asyncio.timeout(seconds + _LIMIT_S), AsyncExitStack() as stack:
        open_ = [await stack.enter_async_context(Connection(port)) for _ in range(connections)]
        began = time.perf_counter()
        await asyncio.gather(*(work(one) for one in open_))
        taken.seconds = time.perf_counter() - began
    taken.replies = len(taken.latencies_s)
    return taken
