"""gateway.resolve.choosing: at the very bounds."""

import pytest

from gateway.resolve.choosing import Pair, clear


def _sides(two: Pair) -> tuple[tuple[str, int], tuple[str, int]]:
    return ("left", two[0]), ("right", two[1])


@pytest.mark.parametrize(
    ("match", "margin", "chosen"),
    [(10, 5, [(0, 1)]), (10, 6, []), (11, 5, [])],
    ids=["just", "too close", "too little"],
)
def test_match_and_margin_are_the_least_that_will_do(
    match: int, margin: int, chosen: list[Pair]
) -> None:
    """With a rival and without."""
    assert clear({(0, 1): 10, (0, 2): 5}, _sides, match=match, margin=margin) == chosen
    assert clear({(0, 1): 10}, _sides, match=match, margin=0) == ([(0, 1)] if match == 10 else [])


def test_a_chain_of_choices_ends() -> None:
    """Each pair settled frees the next; after sixteen rounds the rest stays apart."""
    chain = {(n // 2, n - n // 2): 1_000 - n for n in range(100)}

    got = clear(chain, _sides, match=1, margin=1)
    assert got == [(n, n) for n in range(16)]
    assert len(clear(chain, _sides, match=1, margin=2)) == 0


def test_the_best_of_poor_choices_is_none() -> None:
    """It stands above its rivals, and below `match`."""
    assert clear({(0, 1): 9, (0, 2): 1, (1, 1): 1}, _sides, match=10, margin=2) == []


def test_of_equals_the_first_given_comes_first() -> None:
    """Whoever joins them one by one has one order to do it in, whatever the places are called."""
    equals = {(3, 3): 10, (1, 1): 10, (2, 2): 11, (0, 0): 10}

    assert clear(equals, _sides, match=1, margin=1) == [(2, 2), (3, 3), (1, 1), (0, 0)]
