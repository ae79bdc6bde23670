"""Sources by name: a module or package in `connectors.sources`, and nothing else.

Configuration chooses among these; it cannot name other code to run.
"""

import importlib
import pkgutil
from typing import cast

from connectors import sources
from connectors.base import Connector, SourceModule, SourceSettings
from connectors.http import SourceClient
from consent.errors import ConfigError


def names() -> tuple[str, ...]:
    """Every source there is, in order."""
    return tuple(sorted(found.name for found in pkgutil.iter_modules(sources.__path__)))


def build(name: str, client: SourceClient, settings: SourceSettings) -> Connector:
    """Make the connector called `name`; `ConfigError` lists the known ones."""
    if name not in names():
        raise ConfigError(f"no source {name!r}; known: {', '.join(names())}")
    module = cast("SourceModule", importlib.import_module(f"{sources.__name__}.{name}"))
    return module.build(client, settings)
