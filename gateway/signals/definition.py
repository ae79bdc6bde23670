"""What every signal is made of: a versioned definition, what was seen, and the verdict on it."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from consent.canonical import MOST
from consent.subject import Scope
from gateway.creditfile import CreditFile, Reach
from gateway.profile import Observed, SignalResult, SignalState
from gateway.profile.concluded import Evidence

Count = Annotated[int, Field(gt=0)]


class Definition(BaseModel):
    """One section of `config/signals.toml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    severity: str


class Seen(NamedTuple):
    """What the evidence says: is it enough to fire, and could unknown values make it so?

    `grounds` are those of a signal's several definitions that hold; a signal of one has none.
    """

    fires: bool
    could_fire: bool
    observed: tuple[Observed, ...]
    basis: tuple[Evidence, ...]
    grounds: tuple[str, ...] = ()


class Ground(NamedTuple):
    """One of several definitions of a signal, each of which is enough."""

    name: str
    fires: bool
    could_fire: bool
    observed: tuple[Observed, ...]
    basis: tuple[Evidence, ...]


def by_any(*grounds: Ground) -> Seen:
    """Fires on any of them, and rests on those that do; on all that was looked at if none does."""
    holding = [one for one in grounds if one.fires]
    return Seen(
        fires=bool(holding),
        could_fire=any(one.could_fire for one in grounds),
        observed=tuple(seen for one in grounds for seen in one.observed),
        basis=tuple(dict.fromkeys(rec for one in holding or grounds for rec in one.basis)),
        grounds=tuple(one.name for one in holding),
    )


def result(
    id_: str,
    definition: Definition,
    seen: Seen,
    file: CreditFile,
    scopes: tuple[Scope, ...],
    *,
    lists: tuple[str, ...] = (),
) -> SignalResult:
    """The verdict on `seen`, which rests on `scopes`.

    `lists` are what has to be known whole for a quiet signal, by default the scopes themselves.
    """
    reaches = [file.reach[name] for name in lists or scopes]
    state, reason = _state(seen, reaches)
    observed = tuple(map(_exact, seen.observed))
    numbers = "; ".join(
        f"{one.name}={one.value}" + (f" (from {one.threshold})" if one.threshold else "")
        for one in observed
    )
    by = f" by {', '.join(seen.grounds)}" if seen.grounds else ""
    return SignalResult(
        id=id_,
        version=definition.version,
        severity=definition.severity,
        state=state,
        explanation=f"{id_}/{definition.version} {reason or state}{by}: {numbers}",
        observed=observed,
        scopes=scopes,
        basis=seen.basis,
        grounds=seen.grounds,
        reason=reason,
        lacking=tuple(sorted({name for reach in reaches for name in reach.lacking})),
    )


def _exact(one: Observed) -> Observed:
    """The number, or the furthest one that JSON holds exactly: what was decided does not change."""
    if -MOST <= one.value <= MOST:
        return one
    return replace(one, value=MOST if one.value > 0 else -MOST)


def _state(seen: Seen, reaches: Iterable[Reach]) -> tuple[SignalState, str | None]:
    if seen.fires:
        return SignalState.FIRED, None
    for reach in reaches:
        if reach.lacking:
            return SignalState.UNDECIDED, "source_lacking"
        if not reach.answered:
            return SignalState.UNDECIDED, "no_file" if reach.no_file else "no_source"
    if seen.could_fire:
        return SignalState.UNDECIDED, "unknown_values"
    return SignalState.QUIET, None
