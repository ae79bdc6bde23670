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
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from connectors.normalise import codes
from consent.decision import Jurisdiction, ScopeRule
from consent.errors import ConfigError
from consent.purposes import Purposes
from consent.routes import Licence, Route, RouteKind, RouteLaw, RouteRule, Supply
from consent.subject import Act, Scope
from gateway.attributes import Catalogue
from gateway.merge import MergeConfig
from gateway.merge.config import MergeRules
from gateway.resolve.institutions import InstitutionRow, Institutions
from gateway.signals import SignalRules

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
    deadline_max_ms: Annotated[int, Field(ge=1, le=60_000)]  # idempotency waits twice as long
    allow_test_identifiers: bool = False


class DataSettings(_Part):
    """Where the database, the keys and the published checkpoints live."""

    directory: Path


_SECURE = r"^(https://|http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(/|$))"


class _LicenceConfig(_Part):
    type: Annotated[str, Field(min_length=1)]
    number: Annotated[str, Field(min_length=1)]
    valid_to: date


class _Supplied(_Part):
    """How a source's data comes: `route` and `license` say by whom (`consent.routes`).

    `delivers` says which scopes: exactly those the connector offers.
    """

    route: Annotated[Route, PlainValidator(Route.parse)]
    license: _LicenceConfig | None = None
    delivers: Annotated[frozenset[Scope], Field(min_length=1)]
    max_body_bytes: Annotated[int, Field(ge=1_024)]

    @model_validator(mode="before")
    @classmethod
    def _declared(cls, plain: object) -> object:
        if isinstance(plain, dict) and not {"route", "delivers"} <= plain.keys():
            raise ValueError(
                'declare how the data comes: route = "licensed_bureau:<id>" with license = '
                '{ type = "personal_credit_reporting", number, valid_to }, or "own_institution" or '
                '"direct_public"; and delivers = [the scopes of the connector]; see docs/rules.md'
            )
        return plain

    @property
    def supply(self) -> Supply:
        """In the words of `consent.routes`."""
        held = self.license
        licence = None if held is None else Licence(held.type, held.number, held.valid_to)
        return Supply(self.route, self.delivers, licence)


class SourceConfig(_Supplied):
    """A source we ask. `options` are the source's own keys, checked by the source itself.

    `url` is https, or http to this machine: identities and credentials travel there.
    """

    url: Annotated[str, Field(pattern=_SECURE)]
    timeout_s: Annotated[float, Field(gt=0, le=120)]
    attempts: Annotated[int, Field(ge=1, le=5)] = 1
    options: Mapping[str, Any] = Field(default_factory=dict)
    secrets: Mapping[str, str] = Field(default_factory=dict)


class PushedConfig(_Supplied):
    """A source that pushes to us. `secrets` names, by member, the variable its secrets are in.

    A variable holds one secret, or several with a space between while one is being replaced. A
    profile is told what came in the last `days`, up to `max_body_bytes` of it.
    """

    secrets: Annotated[Mapping[str, str], Field(min_length=1)]
    days: Annotated[int, Field(ge=1, le=3_660)]


_Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class _GatewayFile(_Part):
    gateway: GatewaySettings
    data: DataSettings
    sources: Mapping[_Name, SourceConfig]
    pushed: Mapping[_Name, PushedConfig] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if both := sorted(self.sources.keys() & self.pushed.keys()):
            raise ValueError(f"a source is asked or pushes, not both: {', '.join(both)}")
        return self


class _ScopeLaw(_Part):
    article: str
    separate_consent: str | None = None
    consequence_notice: bool = False

    @property
    def rule(self) -> ScopeRule:
        return ScopeRule(self.article, self.separate_consent, self.consequence_notice)


class _RouteLaw(_Part):
    article: str
    instead: str
    scopes: frozenset[Scope] = frozenset()
    licenses: frozenset[str] = frozenset()


class _JurisdictionFile(_Part):
    code: str
    utc_offset_h: Annotated[int, Field(ge=-12, le=14)]
    sources: frozenset[str]
    scopes: Mapping[Scope, _ScopeLaw] = Field(default_factory=dict)
    acts: Mapping[Act, _ScopeLaw] = Field(default_factory=dict)
    routes: Mapping[RouteKind, _RouteLaw]

    @property
    def route_law(self) -> RouteLaw:
        """In the words of `consent.routes`."""
        rules = {
            kind: RouteRule(law.article, law.instead, law.scopes, law.licenses)
            for kind, law in self.routes.items()
        }
        return RouteLaw(rules, self.utc_offset_h)

    def rules(self, supplies: Mapping[str, Supply]) -> Jurisdiction:
        """In the words of `consent.decision`."""
        law = self.route_law
        ends = {name: law.licensed_until(supply) for name, supply in supplies.items()}
        return Jurisdiction(
            code=self.code,
            scopes={scope: law.rule for scope, law in self.scopes.items()},
            sources=self.sources,
            acts={act: law.rule for act, law in self.acts.items()},
            licensed_until={name: end for name, end in ends.items() if end is not None},
        )


@dataclass(frozen=True, slots=True)
class Settings:
    """All of it, read and checked. `digest` is the SHA-256 of the files behind it, in hex."""

    gateway: GatewaySettings
    data: DataSettings
    sources: Mapping[str, SourceConfig]
    pushed: Mapping[str, PushedConfig]
    purposes: Purposes
    jurisdictions: Mapping[str, Jurisdiction]
    routes: Mapping[str, RouteLaw]
    merging: MergeConfig
    digest: str

    @property
    def supplies(self) -> Mapping[str, Supply]:
        """How the data of every source comes, asked or pushed."""
        return _supplies(self.sources, self.pushed)


_Checked = TypeVar("_Checked")


class _Files:
    """The folder being read; remembers what it read for the digest."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, bytes] = {}

    def toml(self, name: str, shape: type[_Checked]) -> _Checked:
        """One TOML file as its model; `ConfigError` names the file and the key."""
        try:
            plain = tomllib.loads(self._bytes(name).decode())
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
            raise ConfigError(f"{name}: not TOML ({exc})") from None
        return self._checked(name, shape, plain)

    def rows(self, name: str, shape: type[_Checked]) -> list[_Checked]:
        """One CSV file, a model a line."""
        lines = csv.DictReader(self._bytes(name).decode().splitlines(), strict=True)
        return [self._checked(name, shape, row) for row in lines]

    def each(self, folder: str) -> list[str]:
        """The TOML files of a sub-folder."""
        return sorted(f"{folder}/{path.name}" for path in (self._folder / folder).glob("*.toml"))

    def digest(self) -> str:
        """Of all files read and of the code tables, by name and content."""
        whole = hashlib.sha256()
        tables = {f"codes/{name}": content for name, content in codes.contents().items()}
        for name, content in sorted({**self._read, **tables}.items()):
            whole.update(f"{name}\0{hashlib.sha256(content).hexdigest()}\n".encode())
        return whole.hexdigest()

    def _bytes(self, name: str) -> bytes:
        try:
            content = (self._folder / name).read_bytes()
        except OSError as exc:
            raise ConfigError(f"cannot read {self._folder / name}: {exc.strerror}") from None
        self._read[name] = content
        return content

    @staticmethod
    def _checked(name: str, shape: type[_Checked], plain: object) -> _Checked:
        try:
            return TypeAdapter(shape).validate_python(plain)
        except ValidationError as exc:
            wrong = "; ".join(
                f"{'.'.join(map(str, error['loc']))}: {error['msg']}"
                for error in exc.errors(include_input=False, include_url=False)
            )
            raise ConfigError(f"{name}: {wrong}") from None


def load(
    folder: Path | None = None,
    *,
    data: Path | None = None,
    urls: Mapping[str, str] | None = None,
) -> Settings:
    """Read the configuration in `folder`: else `$CREDITGATE_CONFIG`, else the one shipped.

    `data` replaces the data folder (else `$CREDITGATE_DATA`), `urls` the addresses of sources.
    """
    files = _Files(folder or _folder())
    front = files.toml("gateway.toml", _GatewayFile)
    places = [files.toml(name, _JurisdictionFile) for name in files.each("jurisdictions")]
    merging = MergeConfig(
        rules=files.toml("merge.toml", MergeRules),
        institutions=Institutions.of(files.rows("institutions.csv", InstitutionRow)),
        attributes=files.toml("attributes.toml", Catalogue),
        signals=files.toml("signals.toml", SignalRules),
    )
    directory = data or _from_environment(_ENV_DATA) or front.data.directory
    sources = {
        name: source.model_copy(update={"url": (urls or {}).get(name, source.url)})
        for name, source in front.sources.items()
    }
    supplies = _supplies(sources, front.pushed)
    return Settings(
        gateway=front.gateway,
        data=DataSettings(directory=directory.absolute()),
        sources=sources,
        pushed=front.pushed,
        purposes=files.toml("purposes.toml", Purposes),
        jurisdictions={place.code: place.rules(supplies) for place in places},
        routes={place.code: place.route_law for place in places},
        merging=merging,
        digest=files.digest(),
    )


def _supplies(*tables: Mapping[str, _Supplied]) -> dict[str, Supply]:
    return {name: one.supply for table in tables for name, one in table.items()}


def _folder() -> Path:
    """The configuration of this installation: beside the checkout, or inside the wheel."""
    named = _from_environment(_ENV_CONFIG)
    if named is not None:
        return named
    here = Path(__file__).resolve().parent
    for shipped in (here.parent / "config", here / "default_config"):
        if (shipped / "gateway.toml").is_file():
            return shipped
    raise ConfigError(f"no configuration found; set {_ENV_CONFIG} to a folder with gateway.toml")


def _from_environment(name: str) -> Path | None:
    value = os.environ.get(name)
    return Path(value) if value else None
