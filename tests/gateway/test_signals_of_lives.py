"""gateway.signals against what is true of many lives, through the wire format of every source."""

from collections import Counter
from itertools import islice

import pytest

from connectors.sandbox import alarms
from connectors.sandbox.alarms import Say
from connectors.sandbox.facts import Life
from connectors.sandbox.life import life
from connectors.sandbox.personas import ORDER, SIGNALS
from connectors.sandbox.temperament import DEFAULTER, JOBLESS, SHOCKED, SPIRAL
from gateway.profile import SignalState
from tests.connectors.test_sources_read_the_sandbox import WORLD
from tests.gateway.test_contribution_signals import profile_of

FIRED, QUIET, UNDECIDED = SignalState
TROUBLED = (SPIRAL, SHOCKED, JOBLESS, DEFAULTER)
"""Kinds of life that signals are for; of an ordinary population one in twelve."""


def lives(size: int) -> list[Life]:
    """Every persona, `size` ordinary people, and as many in trouble; told without noise."""
    some = [*islice(WORLD.lives(), len(ORDER) + size)]
    some += [life(WORLD.seed, 2_000 + n, WORLD.today, TROUBLED[n % 4]) for n in range(size)]
    return some


@pytest.mark.parametrize("size", [24, pytest.param(150, marks=pytest.mark.slow)])
def test_no_signal_says_the_contrary_of_what_is_so(size: int) -> None:
    """Over a population: what must fire is not quiet, and what must be quiet does not fire.

    Undecided is neither: a source has no file. What must fire fires whenever there is one.
    """
    seen: Counter[tuple[str, Say, SignalState]] = Counter()
    for one in lives(size):
        found = profile_of(one).signals
        assert found is not None
        states = {result.id: result.state for result in found.results}
        for name, alarm in alarms.signals(one).items():
            seen[name, alarm.say, states[name]] += 1
            assert (alarm.say, states[name]) not in {(Say.FIRE, QUIET), (Say.QUIET, FIRED)}, (
                name,
                one,
            )

    assert all(seen[name, Say.FIRE, FIRED] for name in SIGNALS)
    assert not any(seen[name, Say.FIRE, UNDECIDED] for name in SIGNALS)
    assert sum(n for (_, say, _), n in seen.items() if say is Say.BORDERLINE) < 0.02 * seen.total()
