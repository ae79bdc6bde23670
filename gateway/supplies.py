"""May each source deliver what it delivers, the way it does? Asked once, before a start."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from connectors.base import Connector
from consent.errors import ConfigError
from consent.subject import Scope
from gateway.settings import Settings


def check(settings: Settings, connectors: Mapping[str, Connector], *, at: datetime) -> None:
    """`ConfigError` with every source that may not be asked as it is configured, and why."""
    wrong = [
        f"{'pushed' if name in settings.pushed else 'sources'}.{name}: {why}"
        for name, connector in sorted(connectors.items())
        for why in _objections(settings, name, connector.scopes, at)
    ]
    if wrong:
        raise ConfigError("; ".join(wrong))


def _objections(
    settings: Settings, name: str, offered: frozenset[Scope], at: datetime
) -> Iterator[str]:
    supply = settings.supplies[name]
    if supply.delivers != offered:
        right = ", ".join(f'"{scope}"' for scope in sorted(offered))
        yield f"delivers = [{right}] is what the connector offers"
    places = [code for code, place in settings.jurisdictions.items() if name in place.sources]
    if not places:
        yield "no jurisdiction lets it be asked; name it in sources of config/jurisdictions/cn.toml"
    for code in sorted(places):
        yield from settings.routes[code].objections(supply, at=at)
