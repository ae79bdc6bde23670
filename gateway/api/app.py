"""What happens to every call, in order.

1. it gets a request id, and is counted and timed whatever becomes of it;
2. `authenticate` names the client, `require` checks the role the route asks for (pipeline step 1);
   a source that pushes is known by its signature instead;
3. body and query are read, bounded, and checked against the route's models;
4. the handler runs; every error of ours becomes a problem+json, every other one a bare 500;
5. a refusal of a route about a person is put on record, unless the handler already did.
"""

from collections.abc import Awaitable, Callable
from functools import cache
from http import HTTPStatus
from uuid import uuid4

import structlog
from aiohttp import web

from consent.audit.catalogue import EventType, Trail
from consent.clock import monotonic_s
from consent.errors import AuditUnavailable, GatewayError
from gateway import entries
from gateway.api import openapi
from gateway.api.audit import ROUTES as AUDIT
from gateway.api.checking import checked, checked_query
from gateway.api.consents import ROUTES as CONSENTS
from gateway.api.history import ROUTES as HISTORY
from gateway.api.ingest import ROUTES as INGEST
from gateway.api.links import ROUTES as LINKS
from gateway.api.operations import ROUTES as OPERATIONS
from gateway.api.problems import (
    BodyTooLarge,
    MalformedBody,
    UnknownRoute,
    problem,
)
from gateway.api.profiles import ROUTES as PROFILES
from gateway.api.reporting import ROUTES as REPORTING
from gateway.api.routes import Call, Nothing, Route, Shape
from gateway.clients import Caller, NotAllowed, NotAuthenticated, authenticate
from gateway.logs import places
from gateway.pipeline import ON_RECORD
from gateway.services import Services

ROUTES: tuple[Route, ...] = (
    *CONSENTS, *PROFILES, *INGEST, *HISTORY, *LINKS, *REPORTING, *AUDIT, *OPERATIONS,
)  # fmt: skip

_SERVICES = web.AppKey("services", Services)
_ID = web.RequestKey("id", str)
_HEADERS = {
    "Cache-Control": "no-store",  # nobody between us and the client may keep a profile
    "X-Content-Type-Options": "nosniff",
    "Server": "creditgate",  # and not which versions of what
}
_REQUEST_ID = "X-Request-Id"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_log = structlog.get_logger("gateway.api")


Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def make_app(services: Services) -> web.Application:
    """The whole HTTP interface of one gateway."""
    limit = services.settings.gateway.max_body_bytes
    app = web.Application(middlewares=[_observed], client_max_size=limit)
    app[_SERVICES] = services
    document = _document()

    async def describe(_request: web.Request) -> web.Response:
        return web.Response(body=document, content_type="application/json")

    async def alive(_request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def ready(_request: web.Request) -> web.Response:
        services.read(lambda conn: conn.exec_driver_sql("SELECT 1"))
        if services.journal.trouble is not None:
            raise AuditUnavailable("the audit log, or its checkpoints, cannot be written")
        return web.Response(text="ok\n")

    app.router.add_get("/openapi.json", describe)
    app.router.add_get("/healthz", alive)
    app.router.add_get("/readyz", ready)
    for route in ROUTES:
        app.router.add_route(route.method, route.path, _answering(route))
    return app


@cache
def _document() -> bytes:
    """`ROUTES` as /openapi.json tells them, made once in a process: it takes 0.4 s of CPU."""
    return openapi.encode(ROUTES)


@web.middleware
async def _observed(request: web.Request, handler: Answer) -> web.StreamResponse:
    """1 and 4: an id, a time, a count, and no error that is not a problem+json."""
    services = request.app[_SERVICES]
    request[_ID] = str(uuid4())
    began = monotonic_s()
    services.metrics.in_flight(+1)
    try:
        response = await handler(request)
    except web.HTTPException as exc:
        status = HTTPStatus(exc.status)
        known = "see /openapi.json for what there is"
        response = problem(UnknownRoute(status, f"{status.phrase}; {known}"), request[_ID])
        if "Allow" in exc.headers:  # RFC 9110 15.5.6: a 405 must say what is allowed
            response.headers["Allow"] = exc.headers["Allow"]
    except GatewayError as exc:
        response = problem(exc, request[_ID])
    except Exception as exc:  # noqa: BLE001 - a defect of ours, which must not tell about a person
        _log.error("request.failed", req=request[_ID], error=type(exc).__name__, where=places(exc))
        response = problem(GatewayError("an internal error; quote the request id"), request[_ID])
    finally:
        services.metrics.in_flight(-1)
    resource = request.match_info.route.resource
    route = resource.canonical if resource is not None else "unknown"
    seconds = monotonic_s() - began
    # A method is whatever the caller wrote; only known words become labels and log values.
    method = request.method if request.method in _METHODS else "other"
    services.metrics.request(route, method, response.status, seconds)
    response.headers[_REQUEST_ID] = request[_ID]
    response.headers.update(_HEADERS)
    _log.info(
        "request",
        req=request[_ID],
        route=route,
        method=method,
        status=response.status,
        seconds=round(seconds, 6),
    )
    return response


def _answering(route: Route) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        services = request.app[_SERVICES]
        raw = await _raw(request, route) if route.role is None else None  # what is signed
        try:
            client = _caller(services, request, raw)
        except NotAuthenticated:
            services.metrics.auth_failure()
            raise
        trail = Trail(
            client.member,
            client.actor,
            request[_ID],
            config=services.settings.digest,
            code=services.code,
        )
        try:
            if route.role is not None:
                client.require(route.role)
            query = checked_query(route.query, request.query.items())
            body = _formed(request, route, raw if raw is not None else await _raw(request, route))
            # The headers as they are: a plain dict would tell `idempotency-key` from
            # `Idempotency-Key`, and HTTP does not (RFC 9110 5.1).
            call = Call(services, client, trail, request.match_info, request.headers, body, query)
            return await route.handler(call)
        except Exception as refusal:
            asked = route.about_person or isinstance(refusal, NotAllowed)
            if asked and not isinstance(refusal, ON_RECORD):
                await _record(services, trail, route, refusal)
            raise

    return answer


async def _record(services: Services, trail: Trail, route: Route, refusal: Exception) -> None:
    kind = EventType.AUTH_FAIL if isinstance(refusal, NotAllowed) else route.denial
    rule = f"api.{route.method} {route.path}"
    await services.journal.commit(
        lambda tx: tx.note(entries.failed(trail, refusal, kind, tx.at, rule=rule))
    )


def _caller(services: Services, request: web.Request, signed: bytes | None) -> Caller:
    """Who calls: a source by its signature of `signed`, anybody else by their key."""
    if signed is not None:
        source = request.match_info["source"]
        return services.senders.caller(source, request.headers, signed, at=services.clock())
    key = request.headers.get("Authorization")
    return services.read(lambda conn: authenticate(conn, key))


async def _raw(request: web.Request, route: Route) -> bytes:
    """The body, bounded; empty where the route takes none."""
    if route.body is None:
        return b""
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge:
        limit = request.app[_SERVICES].settings.gateway.max_body_bytes
        raise BodyTooLarge(f"a body of at most {limit} bytes") from None
    except (web.RequestPayloadError, ConnectionError):  # not in its Content-Encoding, or cut off
        raise MalformedBody("a body in the encoding and of the length its headers say") from None


def _formed(request: web.Request, route: Route, raw: bytes) -> Shape:
    """The body as the route's model, or as that of the source the path names."""
    if route.body is None:
        return Nothing()
    if isinstance(route.body, type):
        return checked(route.body, raw)
    return checked(route.body[request.match_info["source"]], raw)
