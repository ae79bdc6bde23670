"""May each source deliver what it delivers, the way it does? Asked once, before a start."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from connectors.base import Connector
from consent.data_items import DataItem, by_scope
from consent.errors import ConfigError
from gateway.settings import Settings


def check(settings: Settings, connectors: Mapping[str, Connector], *, at: datetime) -> None:
    """`ConfigError` with every source that may not be asked as it is configured, and why."""
    wrong = [
        f"{'pushed' if name in settings.pushed else 'sources'}.{name}: {why}"
        for name, connector in sorted(connectors.items())
        for why in _objections(settings, name, connector.items, at)
    ]
    if wrong:
        raise ConfigError("; ".join(wrong))


def _objections(
    settings: Settings, name: str, offered: frozenset[DataItem], at: datetime
) -> Iterator[str]:
    supply = settings.supplies[name]
    if supply.delivers != offered:
        yield f"{_differs(supply.delivers, offered)}; delivers = {_written(offered)}"
    places = [code for code, place in settings.jurisdictions.items() if name in place.sources]
    if not places:
        yield "no jurisdiction lets it be asked; name it in sources of config/jurisdictions/cn.toml"
    for code in sorted(places):
        yield from settings.routes[code].objections(supply, at=at)


def _differs(declared: frozenset[DataItem], offered: frozenset[DataItem]) -> str:
    odd = {"does not deliver": declared - offered, "also delivers": offered - declared}
    return ", ".join(
        f"the connector {how} {', '.join(sorted(items))}" for how, items in odd.items() if items
    )


def _written(items: frozenset[DataItem]) -> str:
    """As TOML, to be copied."""
    held = by_scope(items).items()
    scopes = ", ".join(f"{scope} = {[str(item) for item in some]}" for scope, some in held)
    return f"{{ {scopes} }}"
