"""The sandbox over real HTTP: one aiohttp application with every bureau under its own prefix.

`POST /pboc` (or `/pboc/query`), `POST /baihang/api/v1/credit/report`, `POST /bairong/query`,
`POST /tongdun/preloan/report`, `POST /housing_fund/report`, `POST /social_insurance/report`,
`POST /region_risk/index` and `POST /telecom/check` answer as the sources would.
`POST /_sandbox/faults` plans misbehaviour, `GET /_sandbox/calls` tells how often each source was
called, so that a test can prove that no socket was opened.
Loopback by default: whoever binds it elsewhere serves invented people to strangers.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType

import orjson
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors.sandbox.desks import PARTNERS, Credentials, Desk, Reply
from connectors.sandbox.dice import seeded
from connectors.sandbox.faults import Fault, FaultKind, Faults
from connectors.sandbox.lenders import BAIHANG, BAIRONG, PBOC, REGION_RISK, TELECOM
from connectors.sandbox.world import World
from consent.clock import Clock

SOURCES = (PBOC, BAIHANG, BAIRONG, *PARTNERS, REGION_RISK, TELECOM)
TOO_LARGE_BYTES = 64 * 1024 * 1024
_CHUNK_BYTES = 1024 * 1024
_MOST_SECONDS = 600.0

Answer = Callable[[Desk, bytes], Reply]
"""What a desk says to a request body."""
Right = Callable[[], Reply]
Misbehave = Callable[[web.Request, Fault, Right], Awaitable[web.StreamResponse]]


class FaultPlan(BaseModel):
    """Body of `POST /_sandbox/faults`."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    source: str = Field(pattern="|".join(SOURCES))
    kind: FaultKind
    seconds: float = Field(default=1.0, ge=0, le=_MOST_SECONDS)
    status: int = Field(default=503, ge=400, le=599)
    count: int = Field(default=1, ge=1, le=100_000)


def sandbox_app(
    world: World, *, clock: Clock, member: Credentials | None = None
) -> web.Application:
    """The application; `clock` stamps the answers, the lives end at `world.today`."""
    desk, faults = Desk(world, member or Credentials()), world.faults
    app = web.Application(client_max_size=_CHUNK_BYTES)

    async def pboc(request: web.Request) -> web.StreamResponse:
        return await _respond(request, desk, PBOC, lambda at, body: at.pboc(body, clock()))

    async def baihang(request: web.Request) -> web.StreamResponse:
        who = request.headers.get("Authorization", "")
        return await _respond(
            request, desk, BAIHANG, lambda at, body: at.baihang(who, body, clock())
        )

    async def baihang_loan(request: web.Request) -> web.StreamResponse:
        who, kind = request.headers.get("Authorization", ""), request.path.rpartition("/")[2]
        return await _respond(
            request, desk, BAIHANG, lambda at, body: at.baihang_loan(who, kind, body)
        )

    async def bairong(request: web.Request) -> web.StreamResponse:
        return await _respond(request, desk, BAIRONG, lambda at, body: at.bairong(body, clock()))

    async def partner(request: web.Request) -> web.StreamResponse:
        source = request.path.split("/")[1]
        who = request.headers.get("Authorization", "")
        return await _respond(
            request, desk, source, lambda at, body: at.partner(source, who, body, clock())
        )

    async def telecom(request: web.Request) -> web.StreamResponse:
        who = request.headers.get("Authorization", "")
        return await _respond(
            request, desk, TELECOM, lambda at, body: at.telecom(who, body, clock())
        )

    async def region_risk(request: web.Request) -> web.StreamResponse:
        who = request.headers.get("Authorization", "")
        return await _respond(
            request, desk, REGION_RISK, lambda at, body: at.region_risk(who, body, clock())
        )

    app.add_routes(
        [
            web.post("/pboc", pboc),
            web.post("/pboc/query", pboc),
            web.post("/baihang/api/v1/credit/report", baihang),
            web.post("/baihang/api/v1/credit/loan/issue", baihang_loan),
            web.post("/baihang/api/v1/credit/loan/track", baihang_loan),
            web.post("/bairong/query", bairong),
            web.post("/tongdun/preloan/report", partner),
            web.post("/housing_fund/report", partner),
            web.post("/social_insurance/report", partner),
            web.post("/region_risk/index", region_risk),
            web.post("/telecom/check", telecom),
            web.post("/_sandbox/faults", partial(_plan_fault, faults)),
            web.delete("/_sandbox/faults", partial(_clear_faults, faults)),
            web.get("/_sandbox/calls", partial(_count_calls, faults)),
        ]
    )
    return app


async def start(
    world: World,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    clock: Clock,
    member: Credentials | None = None,
) -> tuple[web.AppRunner, str]:
    """Serve until `runner.cleanup()`; returns the runner and the base URL.

    Handlers are cancelled when their client goes away, so a hanging fault ends with its caller.
    """
    runner = web.AppRunner(
        sandbox_app(world, clock=clock, member=member),
        access_log=None,
        handler_cancellation=True,
        shutdown_timeout=0.5,
    )
    await runner.setup()
    site = web.TCPSite(runner, host, port)
    await site.start()
    bound_host, bound_port = runner.addresses[0][:2]
    return runner, f"http://{bound_host}:{bound_port}"


async def _respond(
    request: web.Request, desk: Desk, source: str, answer: Answer
) -> web.StreamResponse:
    """The right answer, or what the next fault of this source makes of it."""
    fault = desk.world.faults.next(source)
    body = await request.read()
    if fault is None:
        return _plain(answer(desk, body))
    if fault.kind is FaultKind.NO_HIT:
        return _plain(answer(replace(desk, strangers=True), body))
    return await _MISBEHAVIOUR[fault.kind](request, fault, lambda: answer(desk, body))


def _plain(reply: Reply) -> web.Response:
    return web.Response(
        body=reply.body, status=reply.status, content_type=reply.content_type, charset="utf-8"
    )


def _cut(request: web.Request) -> web.Response:
    """End the connection without a word; the response returned finds nobody to go to."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _late(_: web.Request, fault: Fault, right: Right) -> web.StreamResponse:
    await asyncio.sleep(fault.seconds)
    return _plain(right())


async def _error_page(_: web.Request, fault: Fault, __: Right) -> web.StreamResponse:
    page = "<html><body><h1>upstream error</h1></body></html>"
    return web.Response(status=fault.status, text=page, content_type="text/html")


async def _silence(request: web.Request, _: Fault, __: Right) -> web.StreamResponse:
    await asyncio.sleep(_MOST_SECONDS)
    return _cut(request)


async def _garbage(_: web.Request, __: Fault, ___: Right) -> web.StreamResponse:
    return web.Response(body=seeded("garbage").randbytes(4096))


async def _flood(request: web.Request, _: Fault, __: Right) -> web.StreamResponse:
    """Far more than any report, without saying so in advance."""
    response = web.StreamResponse()
    response.content_type = "application/json"
    await response.prepare(request)
    for _chunk in range(TOO_LARGE_BYTES // _CHUNK_BYTES):
        await response.write(b" " * _CHUNK_BYTES)
    await response.write_eof()
    return response


async def _hang_up(request: web.Request, _: Fault, __: Right) -> web.StreamResponse:
    return _cut(request)


async def _half(request: web.Request, _: Fault, right: Right) -> web.StreamResponse:
    reply = right()
    response = await _announced(request, reply)
    await response.write(reply.body[: len(reply.body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response


async def _drip(request: web.Request, fault: Fault, right: Right) -> web.StreamResponse:
    reply = right()
    response = await _announced(request, reply)
    for place in range(len(reply.body)):
        await response.write(reply.body[place : place + 1])
        await asyncio.sleep(fault.seconds)
    await response.write_eof()
    return response


async def _announced(request: web.Request, reply: Reply) -> web.StreamResponse:
    """The head of an answer, with the true length of its body."""
    response = web.StreamResponse(status=reply.status)
    response.content_type = reply.content_type
    response.content_length = len(reply.body)
    await response.prepare(request)
    return response


_MISBEHAVIOUR: Mapping[FaultKind, Misbehave] = MappingProxyType(
    {
        FaultKind.DELAY: _late,
        FaultKind.HTTP_ERROR: _error_page,
        FaultKind.HANG: _silence,
        FaultKind.GARBAGE: _garbage,
        FaultKind.TOO_LARGE: _flood,
        FaultKind.DROP: _hang_up,
        FaultKind.TRUNCATE: _half,
        FaultKind.DRIBBLE: _drip,
    }
)


async def _plan_fault(faults: Faults, request: web.Request) -> web.Response:
    try:
        plan = FaultPlan.model_validate_json(await request.read())
    except ValidationError as exc:
        fields = sorted({".".join(map(str, e["loc"])) for e in exc.errors(include_input=False)})
        return _json({"wrong": fields, "sources": SOURCES, "kinds": list(FaultKind)}, 400)
    faults.add(
        plan.source,
        Fault(kind=plan.kind, seconds=plan.seconds, status=plan.status, count=plan.count),
    )
    return _json({"planned": plan.count})


async def _clear_faults(faults: Faults, _request: web.Request) -> web.Response:
    faults.clear()
    return _json({"planned": 0})


async def _count_calls(faults: Faults, _request: web.Request) -> web.Response:
    return _json({source: faults.calls.get(source, 0) for source in SOURCES})


def _json(value: object, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(value), status=status, content_type="application/json")
