"""What the door outward costs: `SourceClient.post` against a bare aiohttp session.

Same run, same loopback server, same 8 KiB answer; the server runs in this process too, so its
share is measured first with a hand-written socket client and taken off. Prints CPU per call and
ratios; only the ratios mean anything on another machine.
Run as `python -m benchmarks.http [--quick]`.
"""

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable

import aiohttp
import httpx
import uvloop
from aiohttp import web

from connectors.http import SourceClient, open_http

CALLS, ROUNDS = 2000, 5
QUICK_CALLS, QUICK_ROUNDS = 300, 3
ANSWER = b'{"x":"' + b"a" * 8180 + b'"}'
ASK = b'{"name":"x","pid":"x","mobile":"x"}' * 4
HEADERS = {"Content-Type": "application/json", "Authorization": "Basic eDp4"}
Call = Callable[[], Awaitable[object]]


async def answer(request: web.Request) -> web.Response:
    """Give the same bytes to everybody."""
    await request.read()
    return web.Response(body=ANSWER, content_type="application/json")


async def cpu_ms(call: Call, calls: int) -> float:
    """CPU milliseconds of one `call`, both sides of the socket."""
    started = time.process_time()
    for _ in range(calls):
        await call()
    return (time.process_time() - started) / calls * 1000


async def bare_socket(host: str, port: int) -> tuple[Call, Callable[[], None]]:
    """The least a client can do: write fixed bytes, read until the known end."""
    reader, writer = await asyncio.open_connection(host, port)
    head = f"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: {len(ASK)}\r\n\r\n".encode()

    async def call() -> None:
        writer.write(head + ASK)
        await reader.readuntil(ANSWER[-2:])

    return call, writer.close


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer calls, rougher numbers")
    quick = parser.parse_args().quick
    uvloop.run(_measure(*((QUICK_CALLS, QUICK_ROUNDS) if quick else (CALLS, ROUNDS))))


async def _measure(count: int, rounds: int) -> None:
    app = web.Application()
    app.router.add_post("/x", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    url = f"http://{host}:{port}"

    door = open_http()
    ours = SourceClient(source="x", http=door, url=url, timeout_s=5, max_body_bytes=1 << 20)
    naive = httpx.AsyncClient(transport=door)
    session = aiohttp.ClientSession()
    socket_call, close_socket = await bare_socket(host, port)

    async def through_session() -> None:
        async with session.post(f"{url}/x", data=ASK, headers=HEADERS) as got:
            assert await got.read() == ANSWER

    async def through_door() -> None:
        assert (await ours.post("/x", ASK, headers=HEADERS)).content == ANSWER

    async def through_client() -> None:
        assert (await naive.post(f"{url}/x", content=ASK, headers=HEADERS)).content == ANSWER

    calls: dict[str, Call] = {
        "socket": socket_call,
        "aiohttp.ClientSession": through_session,
        "SourceClient.post": through_door,
        "httpx.AsyncClient": through_client,
    }
    best = dict.fromkeys(calls, float("inf"))
    for _ in range(rounds):
        for name, call in calls.items():
            best[name] = min(best[name], await cpu_ms(call, count))

    server = best.pop("socket")
    base = best["aiohttp.ClientSession"] - server
    for name, cost in best.items():
        mine = cost - server
        print(f"{name:24} {mine:.3f} ms CPU a call   {mine / base:.2f} x aiohttp")

    close_socket()
    await session.close()
    await naive.aclose()
    await runner.cleanup()


if __name__ == "__main__":
    main()
