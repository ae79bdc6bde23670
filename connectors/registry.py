"""Sources by name: a module or package in `connectors.sources`, and nothing else.

Configuration chooses among these, or describes a source that has no code (`declarative`); it cannot
name other code to run. A source is asked over the network (`build`) or pushes to us (`pushed`); its
module says which, the configuration follows.
"""

import importlib
import pkgutil
from types import ModuleType
from typing import Any, cast

from connectors import declarative, sources
from connectors.base import Connector, SourceModule, SourceSettings
from connectors.http import SourceClient
from connectors.pushed import Event, Kept, Pushed, PushedModule
from consent.errors import ConfigError

_PUSHED = "pushed"


def names() -> tuple[str, ...]:
    """Every source there is, in order."""
    return tuple(sorted(found.name for found in pkgutil.iter_modules(sources.__path__)))


def events() -> dict[str, type[Event]]:
    """The sources that push, each with the form of its events."""
    found = {name: _module(name) for name in names()}
    return {name: one.EVENT for name, one in found.items() if hasattr(one, _PUSHED)}


def declared(name: str, client: SourceClient, settings: SourceSettings) -> Connector:
    """Make the connector of a source without code; one that has code keeps to it."""
    if name in names():
        raise ConfigError(f"sources.{name}: it has code of its own; leave `kind` out")
    return declarative.build(client, settings)


def build(name: str, client: SourceClient, settings: SourceSettings) -> Connector:
    """Make the connector called `name`; `ConfigError` lists the known ones."""
    module = _known(name)
    if hasattr(module, _PUSHED):
        raise ConfigError(f"source {name!r} is pushed; it belongs in [pushed.{name}]")
    return cast("SourceModule", module).build(client, settings)


def build_pushed(name: str, kept: Kept, settings: SourceSettings) -> Pushed[Any]:
    """Make the connector of a source that pushes; `ConfigError` as with `build`."""
    module = _known(name)
    if not hasattr(module, _PUSHED):
        raise ConfigError(f"source {name!r} is asked, not pushed; it belongs in [sources.{name}]")
    return cast("PushedModule", module).pushed(kept, settings)


def _known(name: str) -> ModuleType:
    if name not in names():
        raise ConfigError(f"no source {name!r}; known: {', '.join(names())}")
    return _module(name)


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"{sources.__name__}.{name}")
