"""How alike two tradelines are: a score in milli-bits, and nothing else.

Each fact both records state weighs for or against their being one account; a fact one of them
lacks weighs nothing. Only the lender must be accounted for: where a source masks it, or our
directory does not know it, the pair starts far below one of the same lender, so that the usual
facts (a day, a round sum, a year on time) are never enough: two loans taken out on one day at two
lenders share all of those. Weights and tolerances are data (`config/merge.toml`, `[loan]`).
"""

from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict

from connectors.money import Money, PartialDate
from connectors.records import GridMonth, LenderType, PaymentStatus, Tradeline
from gateway.resolve.institutions import named

DPD = MappingProxyType({status: status.dpd for status in PaymentStatus})
"""Days past due of each payment status; None when it says nothing."""


class DateWeights(BaseModel):
    """`same` day, up to `near_days` apart, or further."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    same: int
    near: int
    different: int


class FactWeights(BaseModel):
    """Equal or not."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    same: int
    different: int


class AmountWeights(FactWeights):
    """`rounded`: less than `rounding_minor` apart."""

    rounded: int


class LenderWeights(BaseModel):
    """Is it the same lender? `spelled` alike at two sources, or `unknown` to at least one.

    Two `listed` institutions are the same or not, and so are two words of one source.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    listed: int
    spelled: int
    unknown: int
    other_type: int


class ReferenceWeights(FactWeights):
    """Each source numbers accounts its own way: `different` counts within one source only."""

    masked: int


class GridWeights(BaseModel):
    """Per month both grids know, and the bounds of the sum."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    on_time: int
    late: int
    conflict: int
    least: int
    most: int


class LoanRules(BaseModel):
    """`[loan]` of `config/merge.toml`: scores in milli-bits, tolerances in days and minor units.

    Accounts opened more than `apart_days` apart are two. `lag_days` is how long a closing may
    take to reach the other bureau. See `pairing` for `match`, `margin`, `crowd` and `doubts`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    match: int
    margin: int
    crowd: int
    doubts: int
    near_days: int
    apart_days: int
    lag_days: int
    rounding_minor: int
    lender: LenderWeights
    kind: FactWeights
    opened: DateWeights
    closed: DateWeights
    matures: DateWeights
    amount: AmountWeights
    limit: AmountWeights
    balance: AmountWeights
    terms: FactWeights
    reference: ReferenceWeights
    grid: GridWeights


Span = tuple[int, int]
"""A date with its precision: the ordinals of the first and the last day it can mean."""


def _span(day: PartialDate | None) -> Span | None:
    if day is None:
        return None
    if day.month and day.day:
        exact = date(day.year, day.month, day.day).toordinal()
        return exact, exact
    return day.earliest().toordinal(), day.latest().toordinal()


@dataclass(slots=True, eq=False)
class Candidate:
    """A tradeline, prepared for being compared often. The grid is prepared when first needed.

    `institution` is the lender in our directory, None when it is not listed or nobody named it.
    """

    record: Tradeline
    institution: str | None
    currency: str | None
    opened: Span | None
    closed: Span | None
    matures: Span | None
    as_of: int
    _months: Span | None = None

    @classmethod
    def of(cls, record: Tradeline, institution: str | None = None) -> "Candidate":
        """Prepare a record."""
        amount = record.original_amount or record.credit_limit or record.balance
        return cls(
            record,
            institution,
            record.currency or (amount.currency if amount else None),
            _span(record.opened),
            _span(record.closed),
            _span(record.matures),
            record.as_of.toordinal(),
        )

    @property
    def months(self) -> Span:
        """The months the grid knows, and those in arrears: one bit a month since 2000."""
        if self._months is None:
            self._months = _bits(self.record.grid)
        return self._months


_FIRST_MONTH = 2000 * 12
_SIGN = {s: "-" if s.dpd is None else "1" if s.dpd else "0" for s in PaymentStatus}.__getitem__
_status = attrgetter("status")
_KNOWN = str.maketrans("-01", "011")
_LATE = str.maketrans("-01", "001")


def _bits(grid: tuple[GridMonth, ...]) -> tuple[int, int]:
    """A grid is newest first, so without a gap it reads as a binary number of its months."""
    if not grid:
        return 0, 0
    newest, oldest = _place(grid[0]), _place(grid[-1])
    if oldest > 0 and newest - oldest == len(grid) - 1:
        signs = "".join(map(_SIGN, map(_status, grid)))
        known, late = int(signs.translate(_KNOWN), 2), int(signs.translate(_LATE), 2)
        return known << oldest, late << oldest
    known = late = 0
    for entry in grid:
        dpd, place = DPD[entry.status], _place(entry)
        if dpd is not None and place > 0:
            known |= 1 << place
            late |= (dpd > 0) << place
    return known, late


def _place(entry: GridMonth) -> int:
    return entry.month.year * 12 + entry.month.month - _FIRST_MONTH


def likeness(one: Candidate, other: Candidate, rules: LoanRules) -> int | None:
    """The score of a pair; None when it cannot be.

    It cannot with two lenders or two currencies, or opened too far apart.
    """
    mine, theirs = one.record, other.record
    lender = _lender(one, other, rules.lender)
    if lender is None:
        return None
    if one.currency and other.currency and one.currency != other.currency:
        return None
    if one.opened is None or other.opened is None:
        return None
    if _gap(one.opened, other.opened) > rules.apart_days:
        return None
    near = rules.near_days
    return (
        lender
        + _fact(mine.kind, theirs.kind, rules.kind)
        + _dates(one.opened, other.opened, near, rules.opened)
        + _dates(one.matures, other.matures, near, rules.matures)
        + _amounts(mine.original_amount, theirs.original_amount, rules.rounding_minor, rules.amount)
        + _amounts(mine.credit_limit, theirs.credit_limit, rules.rounding_minor, rules.limit)
        + _fact(mine.terms, theirs.terms, rules.terms)
        + _reference(mine, theirs, rules.reference)
        + _closing(one, other, rules)
        + _balances(mine, theirs, rules)
        + _grids(one.months, other.months, rules.grid)
    )


_WORD_LEAST = 4  # shorter words are codes, and two sources may mean two lenders by one code


def _lender(one: Candidate, other: Candidate, weights: LenderWeights) -> int | None:
    """How likely both are of one lender; None when they are not."""
    if one.institution and other.institution:
        return weights.listed if one.institution == other.institution else None
    mine, theirs = one.record, other.record
    words = [named(mine.lender), named(theirs.lender)]
    if mine.source == theirs.source and None not in words:
        return weights.listed if words[0] == words[1] else None
    if words[0] == words[1] and words[0] is not None and len(words[0]) >= _WORD_LEAST:
        return weights.spelled
    types = {mine.lender_type, theirs.lender_type} - {None, LenderType.OTHER}
    return weights.unknown + (weights.other_type if len(types) > 1 else 0)


def _gap(one: Span, other: Span) -> int:
    """Days apart at the least; 0 when both can be the same day."""
    return max(one[0] - other[1], other[0] - one[1], 0)


def _fact(mine: object, theirs: object, weights: FactWeights) -> int:
    if mine is None or theirs is None:
        return 0
    return weights.same if mine == theirs else weights.different


def _dates(one: Span | None, other: Span | None, near_days: int, weights: DateWeights) -> int:
    """A month or year that fits is no better than a near day."""
    if one is None or other is None:
        return 0
    if one == other and one[0] == one[1]:
        return weights.same
    return weights.near if _gap(one, other) <= near_days else weights.different


def _amounts(
    mine: Money | None, theirs: Money | None, rounding: int, weights: AmountWeights
) -> int:
    """Amounts of two currencies are not compared."""
    if mine is None or theirs is None or mine.currency != theirs.currency:
        return 0
    apart = abs(mine.minor - theirs.minor)
    if not apart:
        return weights.same
    return weights.rounded if apart < rounding else weights.different


def _balances(mine: Tradeline, theirs: Tradeline, rules: LoanRules) -> int:
    """What is owed tells accounts apart only on one day, and only while something is."""
    owed = [one.balance for one in (mine, theirs) if one.balance and one.balance.minor]
    if mine.as_of != theirs.as_of or not owed:
        return 0
    return _amounts(mine.balance, theirs.balance, rules.rounding_minor, rules.balance)


def _reference(mine: Tradeline, theirs: Tradeline, weights: ReferenceWeights) -> int:
    ours, other = mine.account_ref, theirs.account_ref
    if ours is None or other is None:
        return 0
    masked = "*" in ours or "*" in other
    if masked and not _shows_the_same(ours, other):
        return 0
    if ours == other:
        return weights.same
    if masked:
        return weights.masked
    return weights.different if mine.source == theirs.source else 0


_SHOWN_LEAST = 4  # the last four digits are what is usually left of an account number


def _shows_the_same(one: str, other: str) -> bool:
    if len(one) != len(other):
        return False
    shown = [(a, b) for a, b in zip(one, other, strict=True) if "*" not in (a, b)]
    return len(shown) >= _SHOWN_LEAST and all(a == b for a, b in shown)


def _closing(one: Candidate, other: Candidate, rules: LoanRules) -> int:
    """Both closed: when? One closed: the other may not have heard of it yet."""
    if one.closed and other.closed:
        return _dates(one.closed, other.closed, rules.near_days, rules.closed)
    closed, still = (one.closed, other) if one.closed else (other.closed, one)
    if closed is None or still.as_of - closed[1] <= rules.lag_days:
        return 0
    return rules.closed.different


def _grids(mine: Span, theirs: Span, weights: GridWeights) -> int:
    """Month by month: on time or not. Arrears in the same month say most."""
    both = mine[0] & theirs[0]
    if not both:
        return 0
    conflicts = ((mine[1] ^ theirs[1]) & both).bit_count()
    late = (mine[1] & theirs[1]).bit_count()
    on_time = both.bit_count() - conflicts - late
    score = on_time * weights.on_time + late * weights.late + conflicts * weights.conflict
    return max(weights.least, min(score, weights.most))
