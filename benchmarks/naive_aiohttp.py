"""Peer (b): the same naive gather on raw aiohttp, server and client; and the bare read handler.

`POST /v1/profiles` does what `benchmarks.naive_fastapi` does. `GET /bytes/{id}` answers with
bytes it has in memory: the least a web server of this kind can do for a profile read, with no
consent, key, audit entry or database. Run by `benchmarks.gateway`.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from aiohttp import web

from benchmarks import wire
from benchmarks.processes import serve_app

SOURCES = os.environ.get("BENCH_SOURCES", "")

_SESSION = web.AppKey("session", aiohttp.ClientSession)
_BODIES = web.AppKey("bodies", dict[str, bytes])


async def _session(app: web.Application) -> AsyncIterator[None]:
    async with aiohttp.ClientSession(SOURCES) as session:
        app[_SESSION] = session
        yield


async def _post(session: aiohttp.ClientSession, source: str, **sent: Any) -> bytes:  # noqa: ANN401 - aiohttp's own keywords
    async with session.post(wire.PATHS[source], **sent) as response:
        return await response.read()


async def pull(request: web.Request) -> web.Response:
    """Ask the three sources at once and merge what they say."""
    session = request.app[_SESSION]
    who = wire.Borrower(**await request.json())
    authorization = {"Authorization": wire.BAIHANG_AUTH}
    pboc, baihang, bairong = await asyncio.gather(
        _post(session, "pboc", data=wire.ask_pboc(who), headers=wire.XML_HEADERS),
        _post(session, "baihang", json=wire.ask_baihang(who), headers=authorization),
        _post(session, "bairong", json=wire.ask_bairong(who)),
    )
    merged = wire.read_pboc(pboc) | wire.read_json(baihang) | wire.read_json(bairong)
    return web.json_response(merged)


async def keep(request: web.Request) -> web.Response:
    """PUT /bytes/{id}: what to answer with from now on."""
    request.app[_BODIES][request.match_info["id"]] = await request.read()
    return web.Response()


async def show(request: web.Request) -> web.Response:
    """GET /bytes/{id}."""
    body = request.app[_BODIES][request.match_info["id"]]
    return web.Response(body=body, content_type="application/json")


def main() -> None:
    """Serve on a free port."""
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app[_BODIES] = {}
    app.cleanup_ctx.append(_session)
    app.router.add_post("/v1/profiles", pull)
    app.router.add_put("/bytes/{id}", keep)
    app.router.add_get("/bytes/{id}", show)
    serve_app(app)


if __name__ == "__main__":
    main()
