"""What we conclude from several scopes: attributes, signals and the reasons they give."""

from dataclasses import dataclass, field
from enum import StrEnum

from consent.subject import Scope
from gateway.profile.concluded import Evidence, Given, Some, made_often


@made_often
class AttributeValue:
    """A named, versioned feature. `value` is None when it has no meaning here; `missing` says why.

    `unit` is count, days, months, bp (1/10000) or the minor unit of a currency, such as CNY.
    `basis` is the id of what it rests on, among the `bases` of the section; absent when it rests
    on no record (a count of nothing). `lacking` are the sources that were asked for these scopes
    and brought no report to count.
    """

    name: str
    value: int | None = field(repr=False)
    unit: str
    scopes: tuple[Scope, ...]
    basis: Given[str] = None
    missing: Given[str] = None
    lacking: Some[str] = ()


@made_often
class SharedBasis:
    """Evidence that one or more attributes rest on, written once; under its scopes like they.

    `disputed` are those of its records that their source marks so.
    """

    id: str
    scopes: tuple[Scope, ...]
    records: tuple[Evidence, ...]
    disputed: Some[Evidence] = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AttributeSection:
    """The attributes of one catalogue, in its order, and the evidence they share."""

    catalogue: str
    values: tuple[AttributeValue, ...] = ()
    bases: tuple[SharedBasis, ...] = ()

    def evidence(self, name: str) -> tuple[Evidence, ...]:
        """The records one attribute rests on; LookupError when there is no such attribute."""
        by_name = {one.name: one for one in self.values}
        by_id = {one.id: one.records for one in self.bases}
        basis = by_name[name].basis
        return () if basis is None else by_id[basis]


class SignalState(StrEnum):
    """Whether an early warning goes off."""

    FIRED = "fired"
    QUIET = "quiet"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Observed:
    """A number a signal looks at; `threshold` is where it starts to count."""

    name: str
    value: int = field(repr=False)
    threshold: Given[int] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalResult:
    """One early warning. Undecided, with a `reason`, when evidence that could tell is missing.

    `explanation` is made of codes, months and numbers only. `grounds` are those of its several
    definitions on which it fired. `disputed` are the records of `basis` that their source marks so.
    """

    id: str
    version: str
    severity: str
    state: SignalState
    explanation: str
    observed: tuple[Observed, ...]
    scopes: tuple[Scope, ...]
    basis: tuple[Evidence, ...] = ()
    grounds: Some[str] = ()
    reason: Given[str] = None
    lacking: Some[str] = ()
    disputed: Some[Evidence] = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SignalSection:
    """Early warnings, in the order of their definitions."""

    results: tuple[SignalResult, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AdverseReason:
    """A reason there would be for a decision against the subject, for the notice of it.

    `cause` is the attribute or signal it rests on, with its `value` (or why it is `missing`) and
    the `threshold` it met; `sources` furnished what it rests on. `disputed` are the records of
    `basis` that their source marks so.
    """

    code: str
    zh: str
    en: str
    cause: str
    scopes: tuple[Scope, ...]
    sources: tuple[str, ...]
    basis: tuple[Evidence, ...] = ()
    value: Given[int] = field(default=None, repr=False)
    threshold: Given[int] = None
    missing: Given[str] = None
    disputed: Some[Evidence] = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ReasonSection:
    """The reasons that the evidence supports, the gravest first; not a decision."""

    version: str
    reasons: tuple[AdverseReason, ...] = ()
