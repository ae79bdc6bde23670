"""When a source answers about somebody else: crossed answers and mixed files.

Crossed is the whole answer, name and number included, as when two requests got each other's
reply. Mixed is a file that was filled with another person's facts: PBOC repeats the name and
number it was asked for, so only the facts can betray it. Sources that name nobody are left out:
nothing in their answers could tell.
"""

from dataclasses import dataclass
from enum import StrEnum

from connectors.sandbox.dice import happens, seeded
from connectors.sandbox.facts import Life
from connectors.sandbox.households import household
from connectors.sandbox.lenders import BAIHANG, HOUSING_FUND, PBOC, SOCIAL_INSURANCE

NAMING = frozenset({PBOC, BAIHANG, HOUSING_FUND, SOCIAL_INSURANCE})
"""Sources that say whom their answer is about."""


class Form(StrEnum):
    """How an answer went wrong."""

    CROSSED = "crossed"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class Mixup:
    """The answer is about borrower `index` instead."""

    form: Form
    index: int


def mixup(life: Life, source: str, size: int) -> Mixup | None:
    """What goes wrong when `source` is asked about this person; None almost always.

    Whoever lives with them is taken first, if the world of `size` borrowers holds them.
    """
    rng, noise = seeded("mixup", life.seed, life.index, source), life.noise
    crossed, mixed = happens(rng, noise.crossed), happens(rng, noise.mixed)
    stranger = (life.index + rng.randrange(1, max(size, 2))) % size
    near = [i for i in household(life.seed, life.index, noise).others if i < size]
    index = near[0] if near and happens(rng, 0.5) else stranger
    if source not in NAMING or index == life.index:
        return None
    if crossed:
        return Mixup(Form.CROSSED, index)
    return Mixup(Form.MIXED, index) if mixed and source == PBOC else None
