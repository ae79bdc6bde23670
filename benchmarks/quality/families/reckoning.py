"""The arithmetic that families of attributes share, in whole numbers."""

from collections.abc import Iterable, Sequence

Values = dict[str, int | None]
"""An attribute by name; None is missing."""


def total(amounts: Iterable[int | None]) -> int | None:
    """Of no account 0, and nothing where no account states any."""
    some = list(amounts)
    stated = [one for one in some if one is not None]
    return sum(stated) if stated or not some else None


def part(some: int, of: int) -> int | None:
    """In basis points, rounded down."""
    return 10_000 * some // of if of else None


def change(ages: Iterable[int], days: int) -> int:
    """How many lie in the window, less those in the one before it."""
    return sum((age < days) - (days <= age < 2 * days) for age in ages)


def slope(points: Sequence[tuple[int, int]]) -> int | None:
    """Of the least-squares line, rounded down; of three points at the least."""
    n = len(points)
    if n < 3:  # noqa: PLR2004 - see above
        return None
    x, y = sum(at for at, _ in points), sum(value for _, value in points)
    xy, xx = sum(at * value for at, value in points), sum(at * at for at, _ in points)
    return (n * xy - x * y) // (n * xx - x * x)


def longest(agos: set[int]) -> int:
    """Most neighbours among them."""
    most = 0
    for first in agos:
        run = 0
        while first - run in agos:
            run += 1
        most = max(most, run)
    return most
