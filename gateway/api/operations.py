"""What operators look at: sources and metrics. No person can be recognised in either."""

from aiohttp import web
from pydantic import Field

from connectors.resilience import Circuit
from consent import canonical
from consent.subject import Scope
from gateway.api.routes import Call, Route, Shape, json_reply
from gateway.clients import Role


class SourceView(Shape):
    """One source as it is configured and as it does."""

    name: str
    scopes: list[Scope]
    purposes: list[str] = Field(description="what it may be asked for")
    circuit: Circuit
    pushed: bool = Field(description="it sends to us; nobody is called")
    timeout_ms: int | None = Field(description="null for one that is pushed")
    attempts: int | None = Field(description="null for one that is pushed")
    calls: dict[str, int] = Field(description="calls since the start, by outcome")
    latency_ms_mean: int | None = Field(description="over all calls since the start")


class SourceList(Shape):
    """All configured sources."""

    sources: list[SourceView]


async def sources(call: Call) -> web.Response:
    """Health and circuit of every source."""
    services = call.services
    found = []
    for name, connector in sorted(services.connectors.items()):
        asked = services.settings.sources.get(name)
        calls, mean_ms = services.metrics.of_source(name)
        found.append(
            {
                "name": name,
                "scopes": sorted(connector.scopes),
                "purposes": sorted(services.settings.purposes.codes_for(name)),
                "circuit": services.breakers[name].circuit.value,
                "pushed": asked is None,
                "timeout_ms": None if asked is None else round(asked.timeout_s * 1000),
                "attempts": None if asked is None else asked.attempts,
                "calls": calls,
                "latency_ms_mean": mean_ms,
            }
        )
    return json_reply(canonical.encode({"sources": found}))


async def metrics(call: Call) -> web.Response:
    """Prometheus text."""
    return web.Response(
        body=call.services.metrics.exposition(),
        headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"},
    )


ROUTES = (
    Route(
        method="GET",
        path="/v1/sources",
        role=Role.OPS_READ,
        summary="Health, circuit and calls of every source",
        handler=sources,
        reply=SourceList,
    ),
    Route(
        method="GET",
        path="/metrics",
        role=Role.OPS_READ,
        summary="Metrics in the Prometheus text format",
        handler=metrics,
        media_types=("text/plain",),
    ),
)
