"""Chance, repeatable: every generator of the sandbox is seeded by a key and handed on."""

from random import Random  # noqa: TID251 - a simulation needs a seeded one, and this is the door

__all__ = ["Random", "happens", "seeded"]


def seeded(*key: object) -> Random:
    """A generator of its own for this key: the same key, the same draws, whatever else runs."""
    return Random(":".join(map(str, key)))  # noqa: S311 - repeatable, not secret


def happens(rng: Random, chance: float) -> bool:
    """Something with this chance (parts per one) comes to pass."""
    return rng.random() < chance
