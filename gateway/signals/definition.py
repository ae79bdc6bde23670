"""What every signal is made of: a versioned definition, what was seen, and the verdict on it."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from consent.subject import Scope
from gateway.concluded import Evidence
from gateway.creditfile import CreditFile
from gateway.profile import Observed, SignalResult, SignalState

Count = Annotated[int, Field(gt=0)]


class Definition(BaseModel):
    """One section of `config/signals.toml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    severity: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What the evidence says: is it enough to fire, and could unknown values make it so?"""

    fires: bool
    could_fire: bool
    observed: tuple[Observed, ...]
    basis: tuple[Evidence, ...]


def result(
    id_: str, definition: Definition, seen: Seen, file: CreditFile, scopes: tuple[Scope, ...]
) -> SignalResult:
    """The verdict on `seen`, given how far the sources of `scopes` reach."""
    state, reason = _state(seen, file, scopes)
    numbers = "; ".join(
        f"{one.name}={one.value}" + (f" (from {one.threshold})" if one.threshold else "")
        for one in seen.observed
    )
    return SignalResult(
        id=id_,
        version=definition.version,
        severity=definition.severity,
        state=state,
        explanation=f"{id_}/{definition.version} {reason or state}: {numbers}",
        observed=seen.observed,
        scopes=scopes,
        basis=seen.basis,
        reason=reason,
        lacking=tuple(sorted({name for scope in scopes for name in file.reach[scope].lacking})),
    )


def _state(
    seen: Seen, file: CreditFile, scopes: tuple[Scope, ...]
) -> tuple[SignalState, str | None]:
    if seen.fires:
        return SignalState.FIRED, None
    for scope in scopes:
        reach = file.reach[scope]
        if reach.lacking:
            return SignalState.UNDECIDED, "source_lacking"
        if not reach.answered:
            return SignalState.UNDECIDED, "no_file" if reach.no_file else "no_source"
    if seen.could_fire:
        return SignalState.UNDECIDED, "unknown_values"
    return SignalState.QUIET, None
