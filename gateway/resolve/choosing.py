"""The clear choices among scored pairs: one to one, best first, and none where two come close."""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Mapping

Pair = tuple[int, int]
"""Two places, the lesser first where both are of one kind."""

Sides = Callable[[Pair], tuple[Hashable, Hashable]]
"""The two choices a pair settles."""

_ROUNDS = 16  # chains of choices longer than that are left apart, so that work stays bounded


def clear(
    likely: Mapping[Pair, int],
    sides: Sides,
    *,
    match: int,
    margin: int,
    settled: Collection[Hashable] = (),
) -> list[Pair]:
    """Pairs of `match` or more that stand `margin` above every other choice of either side.

    The best first, of equals in the order given. A settled pair may leave another without a rival,
    so it goes in rounds.
    """
    found: set[Pair] = set()
    left, gone = dict(likely), set(settled)
    for _ in range(_ROUNDS):
        if gone:
            left = {p: score for p, score in left.items() if gone.isdisjoint(sides(p))}
        best = _without_rival(left, sides, match, margin) if left else {}
        if not best:
            break
        found.update(best)
        gone = {side for pair in best for side in sides(pair)}
    return sorted([pair for pair in likely if pair in found], key=likely.__getitem__, reverse=True)


def _without_rival(
    likely: Mapping[Pair, int], sides: Sides, match: int, margin: int
) -> dict[Pair, int]:
    settles = {pair: sides(pair) for pair in likely}
    choices: defaultdict[Hashable, list[int]] = defaultdict(list)
    for pair, (one, other) in settles.items():
        choices[one].append(likely[pair])
        choices[other].append(likely[pair])
    if len(choices) == 2 * len(likely):  # most often nothing is chosen between
        return {pair: score for pair, score in likely.items() if score >= match}
    # To be chosen, a score must stand `margin` above the second best on either side.
    least = {
        side: sorted(scores)[-2] + margin if len(scores) > 1 else match
        for side, scores in choices.items()
    }
    return {
        pair: score
        for pair, score in likely.items()
        if score >= match and all(score >= least[side] for side in settles[pair])
    }
