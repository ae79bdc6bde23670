"""The shape of a source: ask it over the network, then read what it said without one.

The two halves are apart on purpose. `fetch` opens a socket and needs a `Permit`; its answer is
raw bytes. Between the halves the pipeline looks at the consent again, so that a body that
arrives after a withdrawal is dropped unopened. `read` is pure and can be replayed from stored
bytes years later.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict

from connectors.http import RawAnswer, SourceClient
from connectors.records import NoHit, Report
from consent.data_items import DataItem
from consent.decision import Permit
from consent.identity import Identity


class SourceModel(BaseModel):
    """A body exactly as its source documents it.

    `hide_input_in_errors` keeps a person's data out of the error text; without it pydantic
    prints the offending value.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Connector(Protocol):
    """One source. `name` is its key in config, consents and the audit log; lower-case ASCII."""

    @property
    def name(self) -> str:
        """Key in config, consents and the audit log."""
        ...

    @property
    def items(self) -> frozenset[DataItem]:
        """All it can deliver, and by them its scopes."""
        ...

    async def fetch(self, permit: Permit, subject: Identity, *, at: datetime) -> RawAnswer:
        """Ask for everything `permit` covers. Raises only `SourceError`. One call, one footprint.

        `at` is the instant of the request (aware UTC) for message headers.
        """
        ...

    def read(self, raw: RawAnswer) -> Report | NoHit:
        """Turn raw bytes into records; pure. Raises only `SourceError`."""
        ...


@runtime_checkable
class Discreet(Protocol):
    """A connector that tells its source less than who the subject is."""

    def sends(self, subject: Identity) -> Mapping[str, str]:
        """What of the subject leaves the house: it goes, sealed, into the record of the intent."""
        ...


@runtime_checkable
class SlowToRead(Protocol):
    """A connector that may compute long over an answer of any size, over a signature say."""

    @property
    def slow_to_read(self) -> bool:
        """`read` belongs into a thread, so that it holds nobody up."""
        ...


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """What a source module's `build` is handed: its lines of `config/gateway.toml`.

    `reasons` maps our purposes to this source's reason codes (from `config/purposes.toml`).
    `options` are the source's own keys, checked by the source's own pydantic model; `secrets`
    the values of the environment variables its config names, never printed.
    """

    name: str
    reasons: Mapping[str, str]
    options: Mapping[str, Any]
    secrets: Mapping[str, str] = field(repr=False)


class SourceModule(Protocol):
    """What a file or package in `connectors.sources` offers to the registry."""

    def build(self, client: SourceClient, settings: SourceSettings) -> Connector:
        """Make the connector; `ConfigError` when an option is wrong or missing."""
        ...
