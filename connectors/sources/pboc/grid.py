"""The payment grid of an account: segments PD01D (24 months) and PD01E (5 years) as one.

A month that both have is kept as PD01E has it, because there it carries an amount. Where the
two disagree, an issue says so.

A grid that was cut out as text (`segments`) is read row by row, each looked up whole. A row that
is in any way unusual sends its segment to the tree, where each oddity gets a name. Both ways give
the same grid.
"""

from dataclasses import dataclass, replace
from functools import cache, lru_cache

from connectors.money import Month
from connectors.normalise import amounts
from connectors.records import GridMonth, IssueKind, PaymentStatus
from connectors.sources.pboc import dictionary
from connectors.sources.pboc.segments import Cut, D, E, Segment
from connectors.sources.pboc.values import NULLS, Key, Raw, Reading, count, month, words
from connectors.sources.pboc.walk import Element, Walk

_ROWS_KEPT = 8192
_MONTH_LENGTH = len("2020-01")
_STATUS = dictionary.group("PDA/PD01/PD01D/PD01DH").leaves["PD01DD01"]

Months = dict[str, GridMonth]
"""Months by their text, `2020-01`."""


@cache
def statuses(key: Key) -> dict[str, PaymentStatus]:
    """The repayment symbols of an account type (lists A.33 to A.36)."""
    return {code: PaymentStatus(word) for code, word in words(_STATUS, key).items()}


def _month(text: str) -> Month:
    if len(text) != _MONTH_LENGTH:
        raise ValueError("not a month")
    return month(text)


class _Rows(dict[bytes, tuple[str, GridMonth]]):
    """Month text and cell for the text of a row, for one segment, account type and currency.

    The first thousands are kept: a month and what everybody's was, never an amount but zero.
    KeyError or ValueError for a row that is in any way unusual.
    """

    __slots__ = ("_money", "_of", "_statuses")

    def __init__(self, of: Segment, key: Key) -> None:
        super().__init__()
        self._of = of
        self._statuses = statuses(key)
        self._money = amounts.reader(key.currency)

    def __missing__(self, row: bytes) -> tuple[str, GridMonth]:
        found = self._of.cells.fullmatch(row)
        if found is None:
            raise ValueError("not a row as CCRC writes it")
        when, status, *rest = (cell.decode() for cell in found.groups())
        overdue = self._money(rest[0]) if rest and rest[0] not in NULLS else None
        cell = GridMonth(month=_month(when), status=self._statuses[status], overdue=overdue)
        if len(self) < _ROWS_KEPT and (overdue is None or overdue.minor == 0):
            self[row] = (when, cell)
        return when, cell


@lru_cache(maxsize=1024)
def _window(of: Segment, head: bytes) -> tuple[str, str, int | None]:
    """First and last month and, in PD01E, number of rows; ValueError when it is unusual."""
    found = of.head.fullmatch(head)
    if found is None:
        raise ValueError("not a head as CCRC writes it")
    first, last, *rows = (text.decode() for text in found.groups())
    return str(_month(first)), str(_month(last)), count(rows[0]) if rows else None


@dataclass(frozen=True, slots=True)
class GridReader:
    """Reads the grids of one account type and currency."""

    key: Key
    d: _Rows
    e: _Rows

    def read(
        self, walk: Walk, reading: Reading, parts: dict[str, Element]
    ) -> tuple[GridMonth, ...]:
        """All months of both segments in `parts`, newest first, none of them twice."""
        made: Months = {}
        if "PD01D" in parts:
            made = self._months(walk, reading, parts["PD01D"], D)
        if "PD01E" in parts:
            years = self._months(walk, reading, parts["PD01E"], E)
            made = _merge(reading, made, years) if made else years
        newest_first = sorted(made, reverse=True)
        this_month = reading.today_text[:_MONTH_LENGTH]
        while newest_first and newest_first[0] > this_month:
            reading.issues.bad_value(D.month, newest_first.pop(0), "a month up to the report's")
        return tuple(map(made.__getitem__, newest_first))

    def _months(self, walk: Walk, reading: Reading, element: Element, of: Segment) -> Months:
        cut = walk.cut_out(element)
        if cut is None:
            return _from_tree(walk, reading, element, of, self.key)
        made = _from_text(cut, self.d if of is D else self.e)
        if made is not None:
            return made
        taken = walk.taken
        made = _from_tree(walk, reading, cut.element(), of, self.key)
        walk.taken = taken  # that was a tree of its own
        return made


@cache
def grid_reader(key: Key) -> GridReader:
    """The reader for one account type and currency."""
    return GridReader(key, _Rows(D, key), _Rows(E, key))


def _merge(reading: Reading, short: Months, long: Months) -> Months:
    """Both segments in one; what PD01E does not know of a month, PD01D may."""
    for text in short.keys() & long.keys():
        says, also = short[text].status, long[text].status
        if says is also:
            continue
        if also is PaymentStatus.UNKNOWN:
            long[text] = replace(long[text], status=says)
        elif says is not PaymentStatus.UNKNOWN:
            reading.issues.add(
                IssueKind.CONTRADICTION, E.status, "another status than PD01DD01 that month"
            )
    return short | long


def _from_text(cut: Cut, known: _Rows) -> Months | None:
    """The months of a segment; None when there is anything unusual about it."""
    try:
        made = dict(map(known.__getitem__, cut.rows))
        first, last, counted = _window(cut.of, cut.head)
    except (KeyError, ValueError):
        return None
    if len(made) != len(cut.rows) or counted not in (None, len(made)):
        return None
    return made if first <= min(made) <= max(made) <= last else None


def _from_tree(walk: Walk, reading: Reading, element: Element, of: Segment, key: Key) -> Months:
    """The months of any segment, with an issue for each oddity."""
    group = dictionary.group(of.path)
    heads = walk.leaves(element, group)
    made: Months = {}
    for raw in walk.rows(element, group, of.row, heads):
        cell = _row(reading, raw, of, key)
        if cell is None:
            continue
        text = str(cell.month)
        if text in made:
            reading.issues.add(IssueKind.DUPLICATE, of.month, "a month twice")
        made[text] = cell
    first, last = (reading.one(tag, heads.get(tag), _month) for tag in (of.first, of.last))
    if made and (
        (first is not None and min(made) < str(first))
        or (last is not None and max(made) > str(last))
    ):
        reading.issues.add(IssueKind.CONTRADICTION, of.month, "outside the stated window")
    return made


def _row(reading: Reading, raw: Raw, of: Segment, key: Key) -> GridMonth | None:
    """One row; None when it has no month.

    A status that is null or not known is UNKNOWN. One file of 2017 has it in PD01ES01, which
    later is the number of rows.
    """
    when: Month | None = reading.one(of.month, raw.get(of.month), _month)
    if when is None:
        return None
    said = raw[of.status] if of.status in raw else raw.get("PD01ES01")
    status = reading.one(of.status, said, statuses(key).__getitem__, of=key.account_type)
    money = amounts.reader(key.currency)
    overdue = reading.one(of.amount, raw.get(of.amount), money) if of.amount else None
    return GridMonth(month=when, status=status or PaymentStatus.UNKNOWN, overdue=overdue)
