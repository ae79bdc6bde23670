"""Peer (a): what a first prototype looks like. FastAPI, httpx, one gather; nothing else.

No consent, no encryption, no audit, no normalising, no deadline, no evidence: three calls, three
answers parsed to dicts, one merged dict. One uvicorn worker on uvloop, httpx with its own
transport. Run by `benchmarks.gateway`.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI, Request
from pydantic import BaseModel

from benchmarks import wire
from benchmarks.processes import announce

SOURCES = os.environ.get("BENCH_SOURCES", "")


class Ask(BaseModel):
    """Body of `POST /v1/profiles`."""

    name: str
    id_number: str
    mobile: str


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with httpx.AsyncClient(base_url=SOURCES) as client:
        app.state.client = client
        yield


app = FastAPI(lifespan=_lifespan)


@app.post("/v1/profiles")
async def pull(request: Request, ask: Ask) -> dict[str, Any]:
    """Ask the three sources at once and merge what they say."""
    client: httpx.AsyncClient = request.app.state.client
    who = wire.Borrower(ask.name, ask.id_number, ask.mobile)
    pboc, baihang, bairong = await asyncio.gather(
        client.post(wire.PATHS["pboc"], content=wire.ask_pboc(who), headers=wire.XML_HEADERS),
        client.post(
            wire.PATHS["baihang"],
            json=wire.ask_baihang(who),
            headers={"Authorization": wire.BAIHANG_AUTH},
        ),
        client.post(wire.PATHS["bairong"], json=wire.ask_bairong(who)),
    )
    merged: dict[str, Any] = wire.read_pboc(pboc.content) | baihang.json() | bairong.json()
    return merged


def main() -> None:
    """Serve on a free port."""
    listener = socket.create_server(("127.0.0.1", 0))
    announce(listener.getsockname()[1])
    config = uvicorn.Config(app, loop="uvloop", log_level="warning", access_log=False)
    uvicorn.Server(config).run([listener])


if __name__ == "__main__":
    main()
