"""When a source answers about somebody else: crossed answers and mixed files.

Crossed is the whole answer, name and number included, as when two requests got each other's
reply. Mixed is a file that was filled with another person's facts: PBOC repeats the name and
number it was asked for, so only the facts can betray it. Sources that name nobody are left out:
nothing in their answers could tell.
"""

from dataclasses import dataclass
from enum import StrEnum

from connectors.sandbox.dice import happens, seeded
from connectors.sandbox.households import household
from connectors.sandbox.lenders import BAIHANG, HOUSING_FUND, PBOC, SOCIAL_INSURANCE
from connectors.sandbox.noise import Noise

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


def mixup(seed: int, index: int, source: str, noise: Noise, size: int) -> Mixup | None:
    """What goes wrong when `source` is asked about this borrower; None almost always.

    Half the time it is somebody they live with, if the world of `size` borrowers holds one.
    """
    if source not in NAMING:
        return None
    rng = seeded("mixup", seed, index, source)
    crossed, mixed = happens(rng, noise.crossed), happens(rng, noise.mixed) and source == PBOC
    if not (crossed or mixed):
        return None
    near = [other for other in household(seed, index, noise).others if other < size]
    stranger = (index + rng.randrange(1, size)) % size
    other = near[0] if near and happens(rng, 0.5) else stranger
    return Mixup(Form.CROSSED if crossed else Form.MIXED, other)
