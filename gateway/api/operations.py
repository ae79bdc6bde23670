"""What operators look at: sources and metrics. No person can be recognised in either."""

from aiohttp import web
from pydantic import Field

from connectors.resilience import Circuit
from consent import canonical
from consent.data_items import DataItem, by_scope
from consent.routes import Supply
from consent.subject import Scope
from gateway.api.routes import Call, Route, Shape, json_reply
from gateway.clients import Role


class LicenceView(Shape):
    """What the one who delivers is allowed to do."""

    type: str
    number: str
    valid_to: str = Field(description="its last day, where the law is")


class SourceView(Shape):
    """One source as it is configured and as it does."""

    name: str
    route: str = Field(description="by whom its data comes")
    license: LicenceView | None = Field(description="null when the route needs none")
    delivers: dict[Scope, list[DataItem]] = Field(description="its scopes, and all it has of each")
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
    """What every source delivers and how it is: health and circuit."""
    services = call.services
    found = []
    for name, connector in sorted(services.connectors.items()):
        asked = services.settings.sources.get(name)
        supply = services.settings.supplies[name]
        calls, mean_ms = services.metrics.of_source(name)
        found.append(
            {
                "name": name,
                "route": str(supply.route),
                "license": _licence(supply),
                "delivers": {str(scope): of for scope, of in by_scope(connector.items).items()},
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


def _licence(supply: Supply) -> dict[str, str] | None:
    held = supply.licence
    if held is None:
        return None
    return {"type": held.type, "number": held.number, "valid_to": held.valid_to.isoformat()}


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
        summary="What every source delivers, its health, circuit and calls",
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
