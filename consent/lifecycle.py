"""How a consent gets from state to state: a fold over its events, and nothing else.

REQUESTED -authorise-> ACTIVE -pause-> PAUSED -resume-> ACTIVE; ACTIVE -extend-> ACTIVE;
REQUESTED -reject-> REJECTED*; ACTIVE or PAUSED -withdraw-> WITHDRAWN*, -expire-> EXPIRED*;
ACTIVE -consume-> CONSUMED, -supersede-> SUPERSEDED*. A state with a star is final.

CONSUMED is not final here: what the last use brought may still be read, so it can still be
withdrawn, and still expires (ADR 0004).
"""

from collections.abc import Iterable
from enum import StrEnum

from consent.decision import State


class Event(StrEnum):
    """What can happen to a consent."""

    REQUEST = "request"
    AUTHORISE = "authorise"
    REJECT = "reject"
    PAUSE = "pause"
    RESUME = "resume"
    EXTEND = "extend"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    CONSUME = "consume"
    SUPERSEDE = "supersede"


TRANSITIONS: dict[tuple[State | None, Event], State] = {
    (None, Event.REQUEST): State.REQUESTED,
    (State.REQUESTED, Event.AUTHORISE): State.ACTIVE,
    (State.REQUESTED, Event.REJECT): State.REJECTED,
    (State.ACTIVE, Event.PAUSE): State.PAUSED,
    (State.PAUSED, Event.RESUME): State.ACTIVE,
    (State.ACTIVE, Event.EXTEND): State.ACTIVE,
    (State.ACTIVE, Event.WITHDRAW): State.WITHDRAWN,
    (State.PAUSED, Event.WITHDRAW): State.WITHDRAWN,
    (State.ACTIVE, Event.EXPIRE): State.EXPIRED,
    (State.PAUSED, Event.EXPIRE): State.EXPIRED,
    (State.ACTIVE, Event.CONSUME): State.CONSUMED,
    (State.CONSUMED, Event.WITHDRAW): State.WITHDRAWN,
    (State.CONSUMED, Event.EXPIRE): State.EXPIRED,
    (State.ACTIVE, Event.SUPERSEDE): State.SUPERSEDED,
}


def after(state: State | None, event: Event) -> State | None:
    """The state `event` leads to, or None when it cannot happen in `state`."""
    return TRANSITIONS.get((state, event))


def fold(events: Iterable[Event]) -> State:
    """The state a whole history leads to; ValueError when it cannot have happened."""
    state: State | None = None
    for event in events:
        following = after(state, event)
        if following is None:
            raise ValueError(f"{event} cannot follow {state or 'nothing'}")
        state = following
    if state is None:
        raise ValueError("a consent has at least one event")
    return state
