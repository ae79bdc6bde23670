"""Configuration: read once, frozen, and part of the evidence.

`config/*.toml` is data: sources, purposes, law, merge rules, attributes, signals. Unknown keys
stop the start with the path of the key; secrets are names of environment variables. The digest
of everything read stands in every audit entry, so a past answer says what it was decided under.
"""

import csv
import hashlib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from consent.decision import Jurisdiction, ScopeRule
from consent.errors import ConfigError
from consent.purposes import Purposes
from consent.subject import Scope

_ENV_CONFIG = "CREDITGATE_CONFIG"
_ENV_DATA = "CREDITGATE_DATA"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class GatewaySettings(_Part):
    """The front door."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9.-]{1,100}$")]
    host: str
    port: Annotated[int, Field(ge=0, le=65_535)]
    max_body_bytes: Annotated[int, Field(ge=1_024)]
    deadline_default_ms: Annotated[int, Field(ge=1)]
    deadline_max_ms: Annotated[int, Field(ge=1)]
    allow_test_identifiers: bool = False


class DataSettings(_Part):
    """Where the database, the keys and the published checkpoints live."""

    directory: Path


class SourceConfig(_Part):
    """One source. `options` are the source's own keys, checked by the source itself."""

    url: Annotated[str, Field(pattern=r"^https?://")]
    timeout_s: Annotated[float, Field(gt=0, le=120)]
    attempts: Annotated[int, Field(ge=1, le=5)] = 1
    max_body_bytes: Annotated[int, Field(ge=1_024)]
    options: Mapping[str, Any] = Field(default_factory=dict)
    secrets: Mapping[str, str] = Field(default_factory=dict)


class _GatewayFile(_Part):
    gateway: GatewaySettings
    data: DataSettings
    sources: Mapping[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], SourceConfig]


class _ScopeLaw(_Part):
    article: str
    separate_consent: str | None = None
    consequence_notice: bool = False


class _JurisdictionFile(_Part):
    code: str
    sources: frozenset[str]
    scopes: Mapping[Scope, _ScopeLaw] = Field(default_factory=dict)

    def rules(self) -> Jurisdiction:
        scopes = {
            scope: ScopeRule(law.article, law.separate_consent, law.consequence_notice)
            for scope, law in self.scopes.items()
        }
        return Jurisdiction(self.code, scopes, self.sources)
