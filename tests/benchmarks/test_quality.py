"""benchmarks.quality: the real path over a simulated population, and the arithmetic over it."""

from datetime import date

import pytest

from benchmarks.quality import table
from benchmarks.quality.measure import Tally, borrower
from connectors.sandbox.noise import DEFAULT, HEAVY, Noise
from connectors.sandbox.world import World


def measured(noise: Noise, size: int) -> Tally:
    world, tally = World(3, date(2026, 3, 1), size, noise=noise), Tally()
    for index in range(size):
        borrower(world, index, tally)
    return tally


@pytest.mark.parametrize("noise", [DEFAULT, HEAVY], ids=["default", "heavy"])
def test_no_two_loans_become_one(noise: Noise) -> None:
    """Two records are better than one wrong merge; the whole benchmark says how often."""
    tally = measured(noise, 60)

    assert tally.counts["loan", "true"] > 100
    assert table.precision(tally) == 1
    assert table.recall(tally) > 0.9


def test_every_pair_left_apart_is_a_failure_to_look_at() -> None:
    """A number that nobody can look behind cannot be improved."""
    tally = measured(HEAVY, 60)
    missed = tally.counts["loan", "true"] - tally.counts["loan", "right"]
    kept = [one for one in tally.failures if one.what == "pair missed"]

    assert missed
    assert len(kept) == missed
    assert all(len(one.evidence) == len(one.facts) == 2 for one in kept)


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
