"""How alike two tradelines are: a score in milli-bits, and nothing else.

Each fact both records state weighs for or against their being one account; a fact one of them
lacks weighs nothing. Only the lender must be accounted for: where a source masks it, or our
directory does not know it, the pair starts far below one of the same lender, so that the usual
facts (a day, a round sum, a year on time) are never enough: two loans taken out on one day at two
lenders share all of those. Weights and tolerances are data (`config/merge.toml`, `[loan]`).
"""

from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from connectors.money import Money, Month, PartialDate
from connectors.records import GridMonth, LenderType, PaymentStatus, Tradeline
from gateway.resolve.institutions import named

DPD = MappingProxyType({status: status.dpd for status in PaymentStatus})
"""Days past due of each payment status; None when it says nothing."""


@dataclass(frozen=True, slots=True)
class DateWeights:
    """`same` day, up to `near_days` apart, or further."""

    same: int
    near: int
    different: int


@dataclass(frozen=True, slots=True)
class FactWeights:
    """Equal or not."""

    same: int
    different: int


@dataclass(frozen=True, slots=True)
class AmountWeights(FactWeights):
    """`rounded`: less than `rounding_minor` apart."""

    rounded: int


@dataclass(frozen=True, slots=True)
class LenderWeights:
    """Is it the same lender? `spelled` alike at two sources, or `unknown` to at least one.

    Two `listed` institutions are the same or not, and so are two words of one source.
    """

    listed: int
    spelled: int
    unknown: int
    other_type: int


@dataclass(frozen=True, slots=True)
class ReferenceWeights(FactWeights):
    """Each source numbers accounts its own way: `different` counts within one source only."""

    masked: int


@dataclass(frozen=True, slots=True)
class GridWeights:
    """Per month both grids know, and the bounds of the sum."""

    on_time: int
    late: int
    conflict: int
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class LoanRules:
    """`[loan]` of `config/merge.toml`: scores in milli-bits, tolerances in days and minor units.

    Accounts opened more than `apart_days` apart are two. `lag_days` is how long a closing may
    take to reach the other bureau. See `pairing` for `match`, `margin`, `crowd` and `doubts`.
    """

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


def _span(day: PartialDate) -> Span:
    if day.month and day.day:
        exact = date(day.year, day.month, day.day).toordinal()
        return exact, exact
    return day.earliest().toordinal(), day.latest().toordinal()


Months = tuple[int, int]
"""The months a grid knows, and those in arrears: one bit a month since 2000."""


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
    months: Months | None

    @classmethod
    def of(cls, record: Tradeline, institution: str | None = None) -> "Candidate":
        """Prepare a record."""
        currency = record.currency
        if not currency:
            amount = record.original_amount or record.credit_limit or record.balance
            currency = amount.currency if amount else None
        return cls(
            record,
            institution,
            currency,
            _span(record.opened) if record.opened else None,
            _span(record.closed) if record.closed else None,
            _span(record.matures) if record.matures else None,
            None,
        )


_FIRST_MONTH = 2000 * 12
_ON_TIME = PaymentStatus.CURRENT
_SIGNS = {s: "-" if s.dpd is None else "1" if s.dpd else "0" for s in PaymentStatus}


def _bits(grid: tuple[GridMonth, ...]) -> Months:
    """A grid is newest first, so without a gap it reads as a binary number of its months."""
    if not grid:
        return 0, 0
    newest, oldest = _place(grid[0].month), _place(grid[-1].month)
    statuses = [entry.status for entry in grid]
    count = len(statuses)
    if oldest > 0 and newest - oldest == count - 1:
        if statuses.count(_ON_TIME) == count:  # as most are
            return (1 << count) - 1 << oldest, 0
        signs = "".join([_SIGNS[status] for status in statuses])
        late = signs.replace("-", "0")
        known = signs.replace("0", "1").replace("-", "0")
        return int(known, 2) << oldest, int(late, 2) << oldest
    known_bits = late_bits = 0
    for entry in grid:
        dpd, place = DPD[entry.status], _place(entry.month)
        if dpd is not None and place > 0:
            known_bits |= 1 << place
            late_bits |= (dpd > 0) << place
    return known_bits, late_bits


def _place(month: Month) -> int:
    return month.year * 12 + month.month - _FIRST_MONTH


def likeness(one: Candidate, other: Candidate, rules: LoanRules) -> int | None:
    """The score of a pair; None when it cannot be.

    It cannot with two lenders or two currencies, or opened too far apart.
    """
    if one.opened is None or other.opened is None:
        return None
    if one.currency != other.currency and one.currency and other.currency:
        return None
    if _gap(one.opened, other.opened) > rules.apart_days:
        return None
    lender = _lender(one, other, rules.lender)
    if lender is None:
        return None
    near_days = rules.near_days
    score = lender + _dates(one.opened, other.opened, near_days, rules.opened)
    if one.matures and other.matures:
        score += _dates(one.matures, other.matures, near_days, rules.matures)
    if one.closed or other.closed:
        score += _closing(one, other, rules)
    if one.months is None:
        one.months = _bits(one.record.grid)
    if other.months is None:
        other.months = _bits(other.record.grid)
    score += _grids(one.months, other.months, rules.grid)
    return score + _facts(one.record, other.record, rules)


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
    """Days apart at the least; 0 or less when both can be the same day."""
    return max(one[0] - other[1], other[0] - one[1])


def _facts(mine: Tradeline, theirs: Tradeline, rules: LoanRules) -> int:
    """What both records state, and does not change or is of one day."""
    score, rounding = 0, rules.rounding_minor
    if mine.kind and theirs.kind:
        score += rules.kind.same if mine.kind is theirs.kind else rules.kind.different
    if mine.terms is not None and theirs.terms is not None:
        score += rules.terms.same if mine.terms == theirs.terms else rules.terms.different
    if mine.original_amount and theirs.original_amount:
        score += _amounts(mine.original_amount, theirs.original_amount, rounding, rules.amount)
    if mine.credit_limit and theirs.credit_limit:
        score += _amounts(mine.credit_limit, theirs.credit_limit, rounding, rules.limit)
    one, other = mine.balance, theirs.balance
    if one and other and (one.minor or other.minor) and mine.as_of == theirs.as_of:
        score += _amounts(one, other, rounding, rules.balance)  # as long as anything is owed
    return score + _reference(mine, theirs, rules.reference)


def _dates(one: Span, other: Span, near_days: int, weights: DateWeights) -> int:
    """A month or year that fits is no better than a near day."""
    if one == other and one[0] == one[1]:
        return weights.same
    return weights.near if _gap(one, other) <= near_days else weights.different


def _amounts(mine: Money, theirs: Money, rounding: int, weights: AmountWeights) -> int:
    """Amounts of two currencies are not compared."""
    if mine.currency != theirs.currency:
        return 0
    if mine.minor == theirs.minor:
        return weights.same
    return weights.rounded if abs(mine.minor - theirs.minor) < rounding else weights.different


def _reference(mine: Tradeline, theirs: Tradeline, weights: ReferenceWeights) -> int:
    ours, other = mine.account_ref, theirs.account_ref
    if ours is None or other is None:
        return 0
    if "*" in ours or "*" in other:
        if not _shows_the_same(ours, other):
            return 0
        return weights.same if ours == other else weights.masked
    if ours == other:
        return weights.same
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
    if closed is None or still.record.as_of.toordinal() - closed[1] <= rules.lag_days:
        return 0
    return rules.closed.different


def _grids(mine: Months, theirs: Months, weights: GridWeights) -> int:
    """Month by month: on time or not. Arrears in the same month say most."""
    (known, late), (their_known, their_late) = mine, theirs
    months = known & their_known
    if not months:
        return 0
    score = months.bit_count() * weights.on_time
    if late or their_late:
        conflicts = ((late ^ their_late) & months).bit_count()
        both = (late & their_late).bit_count()
        score += both * weights.late + conflicts * weights.conflict
        score -= (both + conflicts) * weights.on_time
    return max(weights.least, min(score, weights.most))
