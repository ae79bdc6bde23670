"""What merging is told by configuration: `config/merge.toml` and the files it works with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from operator import attrgetter
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from connectors.records import Identity, Tradeline
from consent.subject import Scope
from gateway.attributes import Catalogues
from gateway.creditfile import Listed
from gateway.merge.grids import GRID_RULES
from gateway.merge.retention import Retention
from gateway.merge.rules import RULES, Key, Rank, Rule, latest_first, ranking, sorting
from gateway.reasons import ReasonRules
from gateway.resolve.institutions import Institutions
from gateway.resolve.likeness import LoanRules
from gateway.resolve.links import MovedRules
from gateway.resolve.person import PersonRules
from gateway.signals import SignalRules

_ORIGIN = frozenset({"source", "record_id", "as_of"})
_SIDE_BY_SIDE = frozenset(
    {
        "lender", "account_ref", "agreement_ref", "transactions", "events", "instalments",
        "annotations", "documents",
    }
)  # fmt: skip
_GRID = "grid"


class FieldRule(BaseModel):
    """The rule of one field; `rank` replaces the general one for this field."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: str
    rank: tuple[str, ...] | None = None


def _spelled_out(value: object) -> object:
    return {"rule": value} if isinstance(value, str) else value


FieldRules = Mapping[str, Annotated[FieldRule, BeforeValidator(_spelled_out)]]


def _covering(record_type: type) -> Callable[[FieldRules], FieldRules]:
    """Every field of the record has a known rule, and nothing else has one."""
    wanted = {f.name for f in fields(record_type)} - _ORIGIN - _SIDE_BY_SIDE

    def check(rules: FieldRules) -> FieldRules:
        if rules.keys() != wanted:
            odd = ", ".join(sorted(rules.keys() ^ wanted))
            raise ValueError(f"one rule for each field, missing or too many: {odd}")
        for name, one in rules.items():
            known = GRID_RULES if name == _GRID else RULES
            if one.rule not in known:
                raise ValueError(f"{name}: no rule {one.rule!r}; known: {', '.join(known)}")
        return rules

    return check


@dataclass(frozen=True, slots=True)
class Lot:
    """Fields chosen by one rule, in one order of records."""

    rule: Rule
    key: Key
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lots:
    """All fields of a record type that rules choose; `values` reads them, lot after lot."""

    lots: tuple[Lot, ...]
    values: Callable[[Any], tuple[object, ...]]

    @classmethod
    def of(cls, rules: FieldRules, general: tuple[str, ...]) -> "Lots":
        """By the rule of each field and its rank of sources, the `general` one if it has none."""
        together: dict[tuple[str, tuple[str, ...]], list[str]] = {}
        for name, one in rules.items():
            if name != _GRID:
                together.setdefault((one.rule, one.rank or general), []).append(name)
        lots = tuple(
            Lot(RULES[rule], sorting(RULES[rule].order, rank), tuple(names))
            for (rule, rank), names in together.items()
        )
        return cls(lots, attrgetter(*[name for lot in lots for name in lot.names]))


_PART_OF = {"logins": Scope.BEHAVIOUR, "loan_purposes": Scope.BEHAVIOUR}


class Listing(BaseModel):
    """Sources whose reports list everything they know of: of a scope, or of a part of one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tradelines: frozenset[str]
    inquiries: frozenset[str]
    contributions: frozenset[str]
    income_and_assets: frozenset[str]
    public_records: frozenset[str]
    region: frozenset[str]
    logins: frozenset[str]
    loan_purposes: frozenset[str]

    @cached_property
    def lists(self) -> Mapping[str, Listed]:
        """By what is listed: a scope by its name, or a part of one."""
        return {
            name: Listed(_PART_OF.get(name) or Scope(name), getattr(self, name))
            for name in type(self).model_fields
        }


class Elsewhere(BaseModel):
    """What one jurisdiction does differently: its rank of sources, and rules of single fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rank: tuple[str, ...] | None = None
    tradeline: FieldRules = {}
    identity: FieldRules = {}


class MergeRules(BaseModel):
    """`config/merge.toml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    attributes: str
    rank: tuple[str, ...]
    utc_offset_h: Annotated[int, Field(ge=-12, le=14)]
    listing: Listing
    loan: LoanRules
    moved: MovedRules
    tradeline: Annotated[FieldRules, AfterValidator(_covering(Tradeline))]
    identity: Annotated[FieldRules, AfterValidator(_covering(Identity))]
    jurisdiction: Mapping[str, Elsewhere] = {}

    @model_validator(mode="after")
    def _every_place(self) -> Self:
        """What a place does differently is checked at the start, as everything else is."""
        for code in self.jurisdiction:
            self.within(code)
        return self

    def within(self, code: str) -> "MergeRules":
        """The rules for subjects of a jurisdiction."""
        return self._places.get(code, self)

    @cached_property
    def _places(self) -> Mapping[str, "MergeRules"]:
        here = {**dict(self), "jurisdiction": {}}
        return {
            code: MergeRules(
                **{
                    **here,
                    "rank": place.rank or self.rank,
                    "tradeline": {**self.tradeline, **place.tradeline},
                    "identity": {**self.identity, **place.identity},
                }
            )
            for code, place in self.jurisdiction.items()
        }

    @cached_property
    def ranking(self) -> Rank:
        """The general rank of sources."""
        return ranking(self.rank)

    @cached_property
    def tradeline_lots(self) -> Lots:
        """The fields of a tradeline, by how they are chosen."""
        return Lots.of(self.tradeline, self.rank)

    @cached_property
    def identity_lots(self) -> Lots:
        """The fields of an identity, by how they are chosen."""
        return Lots.of(self.identity, self.rank)

    @cached_property
    def grid_order(self) -> Key:
        """The order of records for payment grids."""
        return sorting(latest_first, self.tradeline[_GRID].rank or self.rank)


@dataclass(frozen=True, slots=True)
class MergeConfig:
    """Everything merging needs besides reports: one value, made once by `gateway.settings`.

    `person` says for each jurisdiction how reports are told to be about the subject.
    """

    rules: MergeRules
    institutions: Institutions
    attributes: Catalogues
    reasons: ReasonRules
    signals: SignalRules
    person: Mapping[str, PersonRules]
    retention: Mapping[str, Retention] = field(default_factory=dict)
    """By source, the law of its place; what a source without one says is kept for ever."""
