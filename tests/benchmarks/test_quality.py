"""benchmarks.quality: the real path over a simulated population, and the arithmetic over it."""

import functools
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from benchmarks.quality import table
from benchmarks.quality.measure import Tally, borrower
from connectors.sandbox import alarms
from connectors.sandbox.alarms import Alarm, Say
from connectors.sandbox.facts import Life
from connectors.sandbox.noise import DEFAULT, HEAVY, Noise
from connectors.sandbox.personas import SIGNALS
from connectors.sandbox.world import World
from gateway.profile import SignalState


def measured(noise: Noise, size: int) -> Tally:
    world, tally = World(3, date(2026, 3, 1), size, noise=noise), Tally()
    for index in range(size):
        borrower(world, index, tally)
    return tally


@pytest.fixture(scope="module")
def population() -> Callable[[Noise], Tally]:
    """What sixty borrowers told under this noise, measured once for the tests that only read it."""
    return functools.cache(lambda noise: measured(noise, 60))


@pytest.mark.parametrize("noise", [DEFAULT, HEAVY], ids=["default", "heavy"])
def test_no_two_loans_become_one(noise: Noise, population: Callable[[Noise], Tally]) -> None:
    """Two records are better than one wrong merge; the whole benchmark says how often."""
    tally = population(noise)

    assert tally.counts["loan", "true"] > 100
    assert table.precision(tally) == 1
    assert table.recall(tally) > 0.9


def test_every_pair_left_apart_is_a_failure_to_look_at(
    population: Callable[[Noise], Tally],
) -> None:
    """A number that nobody can look behind cannot be improved."""
    tally = population(HEAVY)
    missed = tally.counts["loan", "true"] - tally.counts["loan", "right"]
    kept = [one for one in tally.failures if one.what == "pair missed"]

    assert missed
    assert len(kept) == missed
    assert all(len(one.evidence) == len(one.facts) == 2 for one in kept)


@pytest.mark.parametrize("noise", [DEFAULT, HEAVY], ids=["default", "heavy"])
def test_every_signal_of_every_life_is_held_against_the_truth(
    noise: Noise, population: Callable[[Noise], Tally]
) -> None:
    """Not the staged ones alone: each life counts once under each signal, none to the contrary."""
    tally = population(noise)

    for name in SIGNALS:
        counts = {key[2:]: n for key, n in tally.counts.items() if key[:2] == ("signal", name)}
        assert sum(counts.values()) == 60
        assert counts[Say.FIRE, SignalState.FIRED] > 0
        assert table.contradicted(tally, name) == 0


def test_a_signal_to_the_contrary_is_a_failure_to_look_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fired where the truth is quiet, or quiet where it fires; a borderline contradicts nothing."""
    turned = {Say.FIRE: Say.QUIET, Say.QUIET: Say.FIRE, Say.BORDERLINE: Say.BORDERLINE}
    so = alarms.signals

    def contrary(life: Life) -> dict[str, Alarm]:
        return {name: replace(one, say=turned[one.say]) for name, one in so(life).items()}

    monkeypatch.setattr(alarms, "signals", contrary)
    tally = measured(DEFAULT, 20)
    wrong = sum(table.contradicted(tally, name) for name in SIGNALS)
    kept = [one for one in tally.failures if " is " in one.what]

    assert wrong > 100
    assert len(kept) == wrong
    assert "regional_risk: quiet is fired" in {one.what for one in kept}


def test_tallies_of_two_processes_add_up() -> None:
    """Half a population in each process is the whole population."""
    world = World(3, date(2026, 3, 1), 20, noise=HEAVY)
    whole, halves = Tally(), [Tally(), Tally()]
    for index in range(20):
        borrower(world, index, whole)
        borrower(world, index, halves[index % 2])
    halves[0].join(halves[1])

    assert halves[0].counts == whole.counts


def test_shares_of_nothing_are_whole() -> None:
    """A population without a shared loan is no failure."""
    assert (table.precision(Tally()), table.recall(Tally())) == (1, 1)
    assert table.wrongly_merged(Tally()) == 0
