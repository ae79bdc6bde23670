"""Configuration: read once, frozen, and part of the evidence.

`config/*.toml` is data: sources, purposes, law, merge rules, attributes, signals. Unknown keys
stop the start with the path of the key; secrets are names of environment variables. The digest
of everything read stands in every audit entry, so a past answer says what it was decided under;
the bytes are kept by that digest (`gateway.store.configurations`), so it can be decided again.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    field_validator,
    model_validator,
)

from consent.data_items import DataItem
from consent.decision import Jurisdiction, ScopeRule
from consent.errors import ConfigError
from consent.purposes import Purposes
from consent.routes import Licence, Prohibition, Route, RouteKind, RouteLaw, RouteRule, Supply
from consent.subject import Act, Scope
from gateway.attributes import Catalogue, Catalogues
from gateway.config_files import TABLES, Files, Folder, Kept, Origin, digest_of
from gateway.merge import MergeConfig
from gateway.merge.config import MergeRules
from gateway.merge.retention import Retention
from gateway.plans import Plan
from gateway.reasons import ReasonRules
from gateway.resolve.institutions import InstitutionRow, Institutions
from gateway.resolve.person import PersonRules
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

    def deadline_s(self, asked_ms: int | None, plan: Plan | None) -> float:
        """All the time of a pull: as the caller says, else the plan, else as is usual here."""
        usual_ms = plan.deadline_ms if plan else self.deadline_default_ms
        return min(asked_ms or usual_ms, self.deadline_max_ms) / 1000


class DataSettings(_Part):
    """Where the database, the keys and the published checkpoints live."""

    directory: Path


_SECURE = r"^(https://|http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(/|$))"


class _LicenceConfig(_Part):
    type: Annotated[str, Field(min_length=1)]
    number: Annotated[str, Field(min_length=1)]
    valid_to: Annotated[date, Field(lt=date(9000, 1, 1))]  # the end of the calendar is no day


class _Supplied(_Part):
    """How a source's data comes: `route` and `license` say by whom (`consent.routes`).

    `delivers` says which scopes and which data items of each: exactly what the connector offers.
    """

    route: Annotated[Route, PlainValidator(Route.parse)]
    license: _LicenceConfig | None = None
    delivers: Annotated[Mapping[Scope, frozenset[DataItem]], Field(min_length=1)]
    max_body_bytes: Annotated[int, Field(ge=1_024)]

    @model_validator(mode="before")
    @classmethod
    def _declared(cls, plain: object) -> object:
        if isinstance(plain, dict) and not (
            "route" in plain and isinstance(plain.get("delivers"), dict)
        ):
            raise ValueError(
                'declare how the data comes: route = "licensed_bureau:<id>" with license = '
                '{ type = "personal_credit_reporting", number, valid_to }, or "own_institution" or '
                '"direct_public"; and delivers = { scope = [its data items] }; see docs/rules.md'
            )
        return plain

    @field_validator("delivers")
    @classmethod
    def _each_under_its_scope(
        cls, delivers: Mapping[Scope, frozenset[DataItem]]
    ) -> Mapping[Scope, frozenset[DataItem]]:
        for scope, items in delivers.items():
            if not items:
                raise ValueError(f"{scope}: name its items, or leave it out")
            if odd := sorted(item for item in items if item.scope is not scope):
                right = ", ".join(f"{item} is of {item.scope}" for item in odd)
                raise ValueError(f"{scope}: {right}")
        return delivers

    @property
    def supply(self) -> Supply:
        """In the words of `consent.routes`."""
        held = self.license
        licence = None if held is None else Licence(held.type, held.number, held.valid_to)
        return Supply(self.route, frozenset().union(*self.delivers.values()), licence)


class SourceConfig(_Supplied):
    """A source we ask. `options` are the source's own keys, checked by the source itself.

    `kind` is `declarative` for a source that has no code: its options are the whole of it.
    `url` is https, or http to this machine: identities and credentials travel there.
    """

    kind: Literal["built_in", "declarative"] = "built_in"
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


class _Prohibition(_Part):
    article: str
    items: frozenset[DataItem]


class _JurisdictionFile(_Part):
    code: str
    utc_offset_h: Annotated[int, Field(ge=-12, le=14)]
    minimisation: str
    sources: frozenset[str]
    scopes: Mapping[Scope, _ScopeLaw] = Field(default_factory=dict)
    acts: Mapping[Act, _ScopeLaw] = Field(default_factory=dict)
    routes: Mapping[RouteKind, _RouteLaw]
    prohibited: _Prohibition | None = None
    retention: Retention | None = None

    @property
    def route_law(self) -> RouteLaw:
        """In the words of `consent.routes`."""
        rules = {
            kind: RouteRule(law.article, law.instead, law.scopes, law.licenses)
            for kind, law in self.routes.items()
        }
        never = self.prohibited
        prohibited = None if never is None else Prohibition(never.article, never.items)
        return RouteLaw(rules, self.utc_offset_h, prohibited)

    def rules(self, supplies: Mapping[str, Supply], purposes: Purposes) -> Jurisdiction:
        """In the words of `consent.decision`."""
        law = self.route_law
        ends = {name: law.licensed_until(supply) for name, supply in supplies.items()}
        return Jurisdiction(
            code=self.code,
            scopes={scope: law.rule for scope, law in self.scopes.items()},
            sources=self.sources,
            purposes={code: purpose.scopes for code, purpose in purposes.purposes.items()},
            minimisation=self.minimisation,
            acts={act: law.rule for act, law in self.acts.items()},
            licensed_until={name: end for name, end in ends.items() if end is not None},
        )


@dataclass(frozen=True, slots=True)
class Settings:
    """All of it, read and checked.

    `files` are the bytes behind it by name, code tables included; `digest` is their SHA-256.
    """

    gateway: GatewaySettings
    data: DataSettings
    sources: Mapping[str, SourceConfig]
    pushed: Mapping[str, PushedConfig]
    purposes: Purposes
    jurisdictions: Mapping[str, Jurisdiction]
    routes: Mapping[str, RouteLaw]
    merging: MergeConfig
    plans: Mapping[str, Plan]
    files: Mapping[str, bytes] = field(repr=False)
    digest: str

    @property
    def supplies(self) -> Mapping[str, Supply]:
        """How the data of every source comes, asked or pushed."""
        return _supplies(self.sources, self.pushed)

    @property
    def code_tables(self) -> dict[str, bytes]:
        """The code tables among the files, by the name of their file."""
        return {
            name.removeprefix(TABLES): body
            for name, body in self.files.items()
            if name.startswith(TABLES)
        }


def load(
    folder: Path | None = None,
    *,
    data: Path | None = None,
    urls: Mapping[str, str] | None = None,
) -> Settings:
    """Read the configuration in `folder`: else `$CREDITGATE_CONFIG`, else the one shipped.

    `data` replaces the data folder (else `$CREDITGATE_DATA`), `urls` the addresses of sources.
    """
    return _settings(Folder(folder or _folder()), data=data, urls=urls or {})


def again(files: Mapping[str, bytes]) -> Settings:
    """The settings that `Settings.files` of another time made; `ConfigError` when they do not."""
    return _settings(Kept(files))


def _settings(
    origin: Origin, *, data: Path | None = None, urls: Mapping[str, str] = MappingProxyType({})
) -> Settings:
    files = Files(origin)
    front = files.toml("gateway.toml", _GatewayFile)
    places = [files.toml(name, _JurisdictionFile) for name in files.each("jurisdictions")]
    rules = files.toml("merge.toml", MergeRules)
    catalogues = _catalogues(files, rules.attributes)
    merging = MergeConfig(
        rules=rules,
        institutions=Institutions.of(files.rows("institutions.csv", InstitutionRow)),
        attributes=catalogues,
        reasons=_reasons(files, catalogues),
        signals=files.toml("signals.toml", SignalRules),
        person=_person(files, [place.code for place in places]),
        retention=_retention(places),
    )
    purposes = files.toml("purposes.toml", Purposes)
    directory = data or _from_environment(_ENV_DATA) or front.data.directory
    sources = {
        name: source.model_copy(update={"url": urls.get(name, source.url)})
        for name, source in front.sources.items()
    }
    supplies = _supplies(sources, front.pushed)
    return Settings(
        gateway=front.gateway,
        data=DataSettings(directory=directory.absolute()),
        sources=sources,
        pushed=front.pushed,
        purposes=purposes,
        jurisdictions={place.code: place.rules(supplies, purposes) for place in places},
        routes={place.code: place.route_law for place in places},
        merging=merging,
        plans=_plans(files, front, catalogues),
        files=files.contents(),  # after everything that reads one
        digest=digest_of(files.contents()),
    )


def _supplies(*tables: Mapping[str, _Supplied]) -> dict[str, Supply]:
    return {name: one.supply for table in tables for name, one in table.items()}


def _catalogues(files: Files, default: str) -> Catalogues:
    """Every version of `config/attributes/`, side by side."""
    found = tuple(files.toml(name, Catalogue) for name in files.each("attributes"))
    try:
        return Catalogues.of(found, default)
    except ValueError as exc:
        raise ConfigError(f"attributes: {exc}") from None


def _reasons(files: Files, catalogues: Catalogues) -> ReasonRules:
    """The reasons, all of them about something every version of the catalogue measures."""
    reasons = files.toml("reasons.toml", ReasonRules)
    for catalogue in catalogues.by_name.values():
        try:
            reasons.check({one.name for one in catalogue.attributes}, SignalRules.model_fields)
        except ValueError as exc:
            raise ConfigError(f"reasons.toml: {catalogue.catalogue}: {exc}") from None
    return reasons


def _person(files: Files, places: Iterable[str]) -> dict[str, PersonRules]:
    """How reports are told to be about the subject, for every jurisdiction there is."""
    found = [files.toml(name, PersonRules) for name in files.each("person")]
    rules = {one.jurisdiction: one for one in found}
    for missing in set(places) - rules.keys():
        raise ConfigError(f"person/: no file with jurisdiction = {missing!r}")
    return rules


def _plans(files: Files, front: _GatewayFile, catalogues: Catalogues) -> dict[str, Plan]:
    """By name; each asks sources there are, in the time there is, for numbers that are defined."""
    plans: dict[str, Plan] = {}
    for name in files.each("plans"):
        plan = files.toml(name, Plan)
        unknown = sorted(set(plan.sources) - front.sources.keys())
        if unknown:
            known = ", ".join(sorted(front.sources))
            raise ConfigError(f"{name}: no source {', '.join(unknown)}; known: {known}")
        if plan.deadline_ms > front.gateway.deadline_max_ms:
            raise ConfigError(f"{name}: deadline_ms: at most {front.gateway.deadline_max_ms}")
        if plan.attributes is not None and plan.attributes not in catalogues.by_name:
            versions = ", ".join(sorted(catalogues.by_name))
            raise ConfigError(f"{name}: no catalogue {plan.attributes!r}; known: {versions}")
        if plans.setdefault(plan.name, plan) is not plan:
            raise ConfigError(f"{name}: there is a plan {plan.name!r} already")
    return plans


def _retention(places: list[_JurisdictionFile]) -> Mapping[str, Retention]:
    """By source, the law of the place that lists it; the shortest, when several do."""
    laws = [(law, place.sources) for place in places if (law := place.retention)]
    laws.sort(key=lambda one: one[0].years, reverse=True)
    return {source: law for law, sources in laws for source in sorted(sources)}


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
