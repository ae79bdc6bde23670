"""The shipped connectors, made from the shipped configuration, with no network behind them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

import httpx

from benchmarks.quality import xingtu
from connectors import registry
from connectors.base import Connector, SourceSettings
from connectors.http import RawAnswer, SourceClient
from connectors.records import Report
from connectors.sandbox.lenders import PBOC, XINGTU
from connectors.sandbox.wire import SOURCES
from consent.data_items import scopes_of
from consent.subject import Scope
from gateway import settings as configuration
from gateway.settings import Settings


@dataclass(frozen=True, slots=True)
class Reader:
    """What a source can tell, and how its bytes become a report; None for a no-hit."""

    scopes: tuple[Scope, ...]
    read: Callable[[bytes, datetime], Report | None]


@cache
def settings() -> Settings:
    """The configuration, read once in each process; Xingtu is under the law that PBOC is under."""
    shipped = configuration.load()
    laws = dict(shipped.merging.retention)
    laws[XINGTU] = laws[PBOC]
    return replace(shipped, merging=replace(shipped.merging, retention=laws))


@cache
def readers() -> Mapping[str, Reader]:
    """By source, every source of the sandbox; of one that pushes, what it is when read back."""
    own = Reader((Scope.IDENTITY, Scope.TRADELINES), lambda content, _: xingtu.read(content))
    shipped = {name: _reader(_connector(settings(), name)) for name in SOURCES if name != XINGTU}
    pushed = {name: _pushed(settings(), name) for name in settings().pushed}
    return shipped | pushed | {XINGTU: own}


def _pushed(shipped: Settings, name: str) -> Reader:
    nothing = SourceSettings(
        name=name, reasons=shipped.purposes.codes_for(name), options={}, secrets={}
    )
    return _reader(registry.build_pushed(name, lambda _permit, _at: b"", nothing))


def _reader(connector: Connector) -> Reader:
    def read(content: bytes, at: datetime) -> Report | None:
        said = connector.read(RawAnswer(content, at))
        return said if isinstance(said, Report) else None

    return Reader(tuple(sorted(scopes_of(connector.items))), read)


def _connector(shipped: Settings, name: str) -> Connector:
    """As `gateway.wiring` makes it; whoever asks this one over the network gets an error."""
    config = shipped.sources[name]
    client = SourceClient(
        source=name,
        http=httpx.MockTransport(lambda _: httpx.Response(500)),
        url=config.url,
        timeout_s=config.timeout_s,
        max_body_bytes=config.max_body_bytes,
        attempts=config.attempts,
    )
    secrets = dict.fromkeys(config.secrets, "none")
    own = SourceSettings(
        name=name,
        reasons=shipped.purposes.codes_for(name),
        options=config.options,
        secrets=secrets,
    )
    build = registry.declared if config.kind == "declarative" else registry.build
    return build(name, client, own)
