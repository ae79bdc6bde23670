"""What a measure hands back, and the few ways measures of all families come to it."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from operator import mul
from typing import NamedTuple, TypeVar

from connectors.money import Money
from gateway.arrears import Arrears
from gateway.creditfile import Basis
from gateway.profile import ProfileInquiry, ProfileTradeline
from gateway.profile.concluded import Concluded, Evidence

T = TypeVar("T")


class Found(NamedTuple):
    """A value and what it rests on, or why there is none."""

    value: int | None
    basis: Basis = ()
    missing: str | None = None


Measure = Callable[..., Found]
"""A function of a credit file and of the parameters its definition gives by name."""


@cache
def nothing(reason: str) -> Found:
    """No value, and why."""
    return Found(None, (), reason)


_NONE = Found(0)


def records(things: Iterable[ProfileTradeline | ProfileInquiry]) -> Basis:
    """The records of different things."""
    return tuple([thing.records for thing in things])


def counted(things: Sequence[ProfileTradeline | ProfileInquiry]) -> Found:
    """How many there are."""
    return Found(len(things), records(things)) if things else _NONE


def late_records(arrears: Iterable[Arrears]) -> Basis:
    """The records of the accounts in arrears; an account may be in several times."""
    return tuple({one.line.id: one.line.records for one in arrears}.values())


def owed(amount: Money) -> int:
    """Minor units; below zero, as on a card that is overpaid, nothing is owed and none are."""
    return max(amount.minor, 0)


Owed = tuple[int, tuple[Evidence, ...]]
"""What is `owed`, and the records that say so."""


def in_currency(amounts: Iterable[Concluded[Money] | None], currency: str) -> list[Owed | None]:
    """What is owed of each amount that is known in one currency; nothing is converted."""
    return [
        (money.minor if money.minor > 0 else 0, one.basis)  # noqa: FURB136 - no call for each
        if one and (money := one.value).currency == currency
        else None
        for one in amounts
    ]


def summed(known: Sequence[Owed], among: Sequence[ProfileTradeline]) -> Found:
    """The sum of what is known; nothing unknown is zero, and among no account the sum is 0.

    Money that one lender owes the subject lowers no debt to another.
    """
    if not known:
        return nothing("no_amount") if among else _NONE
    minors, basis = zip(*known, strict=True)
    return Found(sum(minors), basis)


def extreme(
    pairs: Sequence[tuple[int, T]], choose: Callable[[Iterable[int]], int]
) -> tuple[int, list[T]]:
    """The greatest or least number, and all it belongs to: ties share the evidence."""
    best = choose(number for number, _ in pairs)
    return best, [thing for number, thing in pairs if number == best]


def most_in_a_row(rising: Iterable[int]) -> int:
    """The longest run of neighbours among rising numbers."""
    longest = run = 0
    before = None
    for number in rising:
        run = run + 1 if before is not None and number == before + 1 else 1
        longest, before = max(longest, run), number
    return longest


def slope_bp(points: Sequence[tuple[int, int]], least: int = 3) -> int | None:
    """Slope of the least-squares line through (months ago, value), per month forward in time.

    Rounded down, in the unit of the values; None with fewer than `least` points.
    """
    n = len(points)
    if n < least:
        return None
    agos, values = [ago for ago, _ in points], [value for _, value in points]
    sx, sy = -sum(agos), sum(values)
    sxy: int = -sum(map(mul, agos, values))
    sxx: int = sum(map(mul, agos, agos))
    return (n * sxy - sx * sy) // (n * sxx - sx * sx)
