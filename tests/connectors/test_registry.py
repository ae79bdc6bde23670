"""The registry: config chooses among the files of `connectors.sources`, it cannot name code."""

from collections.abc import Callable

import pytest

from connectors import registry
from connectors.base import SourceSettings
from connectors.http import SourceClient
from consent.errors import ConfigError


def test_the_sources_of_the_spine_are_there() -> None:
    """Their names stand in consents and in the audit log, so they never change."""
    assert {"baihang", "bairong", "pboc"} <= set(registry.names())


@pytest.mark.parametrize(
    "name", ["baihagn", "", "http", "..http", "baihang.report", "os", "__init__"]
)
def test_a_name_that_is_no_source_stops_the_start(
    client_of: Callable[[str], SourceClient], name: str
) -> None:
    """A typing error is told what would have been right, and nothing else is imported."""
    settings = SourceSettings(name=name, reasons={}, options={}, secrets={})

    with pytest.raises(ConfigError, match=r"known: .*baihang"):
        registry.build(name, client_of("x"), settings)
