"""consent.lifecycle: final is final, and every history folds to what the table says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.decision import State
from consent.lifecycle import TRANSITIONS, Event, after, fold


@given(st.sampled_from(State), st.sampled_from(Event))
def test_nothing_follows_a_final_state(state: State, event: Event) -> None:
    """A withdrawn consent cannot be revived, by no event at all."""
    if state.final:
        assert after(state, event) is None


@pytest.mark.parametrize("state", [s for s in State if not s.final])
def test_every_living_state_can_end(state: State) -> None:
    """No consent is a trap: withdrawal, rejection or expiry is always one step away."""
    assert any(after(state, event) in {s for s in State if s.final} for event in Event)


def test_withdrawal_is_open_while_data_can_flow() -> None:
    """PIPL art. 15: withdrawing is as easy as giving."""
    assert after(State.ACTIVE, Event.WITHDRAW) is State.WITHDRAWN
    assert after(State.PAUSED, Event.WITHDRAW) is State.WITHDRAWN
    assert after(State.CONSUMED, Event.WITHDRAW) is State.WITHDRAWN  # reading still goes on


def test_the_documented_histories_fold() -> None:
    """The diagram in the docstring, walked."""
    born = [Event.REQUEST, Event.AUTHORISE]

    assert fold([*born, Event.PAUSE, Event.RESUME, Event.EXTEND]) is State.ACTIVE
    assert fold([*born, Event.PAUSE, Event.WITHDRAW]) is State.WITHDRAWN
    assert fold([Event.REQUEST, Event.REJECT]) is State.REJECTED
    with pytest.raises(ValueError, match="withdraw cannot follow WITHDRAWN"):
        fold([*born, Event.WITHDRAW, Event.WITHDRAW])


def test_every_state_but_the_first_is_reached_by_the_table() -> None:
    """A state nobody can reach would be dead vocabulary."""
    assert set(TRANSITIONS.values()) == set(State)
