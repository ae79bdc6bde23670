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
    timeout_ms: int
    attempts: int
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
        config = services.settings.sources[name]
        calls, mean_ms = services.metrics.of_source(name)
        found.append(
            {
                "name": name,
                "scopes": sorted(connector.scopes),
                "purposes": sorted(services.settings.purposes.codes_for(name)),
                "circuit": services.breakers[name].circuit.value,
                "timeout_ms": round(config.timeout_s * 1000),
                "attempts": config.attempts,
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
