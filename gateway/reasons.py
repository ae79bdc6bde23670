"""Reasons for a decision against the subject, each with its evidence and who furnished it.

A lender that declines, cuts or reprices must be able to say why and whose data said so (PIPL art.
24 and 48; FCRA s. 615(a) is the model). Which attributes and signals stand for which reason, and
in what order reasons are given, is data (`config/reasons.toml`). They are reasons there would be;
whether anything is decided, and against whom, is not known here.

No reason is given beyond its evidence: a number that only falls short counts when nobody who could
tell is missing, and an undecided signal is no reason at all.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gateway.creditfile import CreditFile
from gateway.profile import (
    AdverseReason,
    AttributeSection,
    AttributeValue,
    ReasonSection,
    SharedBasis,
    SignalResult,
    SignalSection,
    SignalState,
)
from gateway.profile.concluded import Evidence


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Condition(_Part):
    """One way a reason holds: a signal fired, or an attribute is so high, so low, or missing so."""

    attribute: str | None = None
    signal: str | None = None
    at_least: int | None = None
    at_most: int | None = None
    missing: str | None = None

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        looks = [one for one in (self.at_least, self.at_most, self.missing) if one is not None]
        if (self.signal is None) == (self.attribute is None) or len(looks) != (
            0 if self.signal else 1
        ):
            raise ValueError("a signal, or an attribute with one of at_least, at_most, missing")
        if self.missing == "no_source":
            raise ValueError("that nobody answered is no reason")
        return self


class ReasonRule(_Part):
    """A reason in words for people, and when it holds."""

    code: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]*$")]
    zh: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]
    when: Annotated[tuple[Condition, ...], Field(min_length=1)]


class ReasonRules(_Part):
    """`config/reasons.toml`: the reasons in the order they are given."""

    version: str
    reasons: tuple[ReasonRule, ...]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        codes = [one.code for one in self.reasons]
        if len(set(codes)) < len(codes):
            raise ValueError("each code once")
        return self

    def check(self, attributes: Collection[str], signals: Collection[str]) -> None:
        """ValueError when a condition looks at something nobody measures."""
        asked = [condition for one in self.reasons for condition in one.when]
        wrong = {one.attribute for one in asked if one.attribute} - {*attributes}
        wrong |= {one.signal for one in asked if one.signal} - {*signals}
        if wrong:
            raise ValueError(f"no such attribute or signal: {', '.join(sorted(wrong))}")


@dataclass(frozen=True, slots=True)
class _Cause:
    """What made a reason hold."""

    found: AttributeValue | SignalResult
    condition: Condition
    basis: tuple[Evidence, ...] = ()
    disputed: tuple[Evidence, ...] = ()


def compute(
    attributes: AttributeSection, signals: SignalSection, file: CreditFile, rules: ReasonRules
) -> ReasonSection:
    """Every reason that holds, in the order of the rules."""
    values = {one.name: one for one in attributes.values}
    bases = {one.id: one for one in attributes.bases}
    fired = {one.id: one for one in signals.results if one.state is SignalState.FIRED}
    reasons = []
    for rule in rules.reasons:
        causes = (_cause(condition, values, bases, fired) for condition in rule.when)
        cause = next((one for one in causes if one is not None), None)
        if cause is not None:
            reasons.append(_reason(rule, cause, file))
    return ReasonSection(version=rules.version, reasons=tuple(reasons))


def _cause(
    condition: Condition,
    values: Mapping[str, AttributeValue],
    bases: Mapping[str, SharedBasis],
    fired: Mapping[str, SignalResult],
) -> _Cause | None:
    if condition.signal is not None:
        signal = fired.get(condition.signal)
        if signal is None:
            return None
        return _Cause(signal, condition, signal.basis, signal.disputed)
    found = values.get(condition.attribute or "")
    if found is None or not _holds(condition, found):
        return None
    if found.basis is None:
        return _Cause(found, condition)
    basis = bases[found.basis]
    return _Cause(found, condition, basis.records, basis.disputed)


def _holds(condition: Condition, found: AttributeValue) -> bool:
    if condition.at_least is not None:
        return found.value is not None and found.value >= condition.at_least
    if found.lacking:  # who did not answer might have told of more
        return False
    if condition.at_most is not None:
        return found.value is not None and found.value <= condition.at_most
    return found.missing == condition.missing


def _reason(rule: ReasonRule, cause: _Cause, file: CreditFile) -> AdverseReason:
    found, condition = cause.found, cause.condition
    return AdverseReason(
        code=rule.code,
        zh=rule.zh,
        en=rule.en,
        cause=found.name if isinstance(found, AttributeValue) else found.id,
        scopes=found.scopes,
        value=found.value if isinstance(found, AttributeValue) else None,
        threshold=condition.at_most if condition.at_least is None else condition.at_least,
        missing=found.missing if isinstance(found, AttributeValue) else None,
        basis=cause.basis,
        sources=_furnishing(found, cause.basis, file),
        disputed=cause.disputed,
    )


def _furnishing(
    found: AttributeValue | SignalResult, basis: tuple[Evidence, ...], file: CreditFile
) -> tuple[str, ...]:
    """Who said it; of what rests on no record, those who answered that there is none."""
    if basis:
        return tuple(sorted({record.source for record in basis}))
    reaches = [file.reach[scope] for scope in found.scopes]
    return tuple(sorted({name for one in reaches for name in (*one.answered, *one.no_file)}))
