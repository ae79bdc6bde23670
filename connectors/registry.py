"""Sources by name: a module or package in `connectors.sources`, and nothing else.

Configuration chooses among these, or describes a source that has no code (`declarative`); it cannot
name other code to run.
"""

import importlib
import pkgutil
from typing import cast

from connectors import declarative, sources
from connectors.base import Connector, SourceModule, SourceSettings
from connectors.http import SourceClient
from consent.errors import ConfigError


def names() -> tuple[str, ...]:
    """Every source there is, in order."""
    return tuple(sorted(found.name for found in pkgutil.iter_modules(sources.__path__)))


def declared(name: str, client: SourceClient, settings: SourceSettings) -> Connector:
    """Make the connector of a source without code; one that has code keeps to it."""
    if name in names():
        raise ConfigError(f"sources.{name}: it has code of its own; leave `kind` out")
    return declarative.build(client, settings)


def build(name: str, client: SourceClient, settings: SourceSettings) -> Connector:
    """Make the connector called `name`; `ConfigError` lists the known ones."""
    if name not in names():
        raise ConfigError(f"no source {name!r}; known: {', '.join(names())}")
    module = cast("SourceModule", importlib.import_module(f"{sources.__name__}.{name}"))
    return module.build(client, settings)
