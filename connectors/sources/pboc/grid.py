"""The payment grid of an account: segments PD01D (24 months) and PD01E (5 years) as one.

A month that both have is kept as PD01E has it, because there it carries an amount. Where the
two disagree, an issue says so.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from connectors.money import Month
from connectors.normalise import amounts
from connectors.records import GridMonth, IssueKind, PaymentStatus
from connectors.sources.pboc import dictionary
from connectors.sources.pboc.values import NULLS, Key, Raw, Reading, month, words
from connectors.sources.pboc.walk import Element, Walk

_MONTH_LENGTH = len("2020-01")

Cell = Callable[..., GridMonth]
"""Makes a month of the grid from the texts of its row: month, status and, in PD01E, amount."""


@dataclass(frozen=True, slots=True)
class _Segment:
    """One of the two segments: its tags, in the order CCRC writes them."""

    path: str
    row: str
    heads: tuple[str, ...]
    cells: tuple[str, ...]

    @property
    def window(self) -> tuple[str, str]:
        return self.heads[0], self.heads[1]


_D = _Segment("PDA/PD01/PD01D", "PD01DH", ("PD01DR01", "PD01DR02"), ("PD01DR03", "PD01DD01"))
_E = _Segment(
    "PDA/PD01/PD01E",
    "PD01EH",
    ("PD01ER01", "PD01ER02", "PD01ES01"),
    ("PD01ER03", "PD01ED01", "PD01EJ01"),
)
_STATUS = dictionary.group("PDA/PD01/PD01D/PD01DH").leaves["PD01DD01"]


@cache
def statuses(key: Key) -> dict[str, PaymentStatus]:
    """The repayment symbols of an account type (lists A.33 to A.36)."""
    return {code: PaymentStatus(word) for code, word in words(_STATUS, key).items()}


@cache
def _cell(key: Key) -> Cell:
    """Makes and remembers months: most accounts share most of theirs. KeyError, ValueError."""
    of = statuses(key)
    money = amounts.reader(key.currency)

    @lru_cache(maxsize=8192)
    def cell(month_text: str, status: str, overdue: str | None = None) -> GridMonth:
        return GridMonth(
            month=_month(month_text),
            status=of[status],
            overdue=None if overdue is None or overdue in NULLS else money(overdue),
        )

    return cell


def _month(text: str) -> Month:
    if len(text) != _MONTH_LENGTH:
        raise ValueError("not a month")
    return month(text)


def grid(
    walk: Walk, reading: Reading, d: Element | None, e: Element | None, key: Key
) -> tuple[GridMonth, ...]:
    """All months of both segments, newest first, none of them twice."""
    made = {} if d is None else _read(walk, reading, d, _D, key)
    if e is not None:
        _merge(reading, made, _read(walk, reading, e, _E, key))
    newest_first = sorted(made, reverse=True)
    this_month = reading.today_text[:_MONTH_LENGTH]
    while newest_first and newest_first[0] > this_month:
        reading.issues.bad_value("PD01DR03", newest_first.pop(0), "after the report")
    return tuple(map(made.__getitem__, newest_first))


def _merge(reading: Reading, into: dict[str, GridMonth], years: dict[str, GridMonth]) -> None:
    """Add the five years to the 24 months; what PD01E does not know, PD01D may."""
    for text in into.keys() & years.keys():
        short, long = into[text].status, years[text].status
        if short is long:
            continue
        if long is PaymentStatus.UNKNOWN:
            years[text] = GridMonth(
                month=into[text].month, status=short, overdue=years[text].overdue
            )
        elif short is not PaymentStatus.UNKNOWN:
            reading.issues.add(
                IssueKind.CONTRADICTION, "PD01ED01", "another status than PD01DD01 that month"
            )
    into.update(years)


def _read(
    walk: Walk, reading: Reading, element: Element, of: _Segment, key: Key
) -> dict[str, GridMonth]:
    """The months of one segment by their text."""
    heads = {head.tag: head.text for head in element.iterchildren(*of.heads)}
    found = list(element.iter(*of.cells))
    width = len(of.cells)
    rows = len(found) // width
    if [cell.tag for cell in found] == list(of.cells) * rows:  # every row whole and in order
        walk.taken += len(heads) + len(found) + rows
        walk.counted(heads, of.row, rows)
        texts = [cell.text for cell in found]
        columns = [texts[i::width] for i in range(width)]
        try:
            made = list(map(_cell(key), *columns))
        except (KeyError, ValueError, TypeError):
            made = []  # something is odd: row by row below, so that an issue can name it
        if len(made) == rows:
            return _by_month(reading, zip(columns[0], made, strict=True), rows, of, heads)
        raws: Sequence[Raw] = [
            dict(zip(of.cells, row, strict=True)) for row in zip(*columns, strict=True)
        ]
    else:
        group = dictionary.group(of.path)
        walk.taken += len(heads)
        raws = walk.rows(element, group, of.row, heads)
    pairs = [pair for raw in raws if (pair := _row(reading, raw, of, key)) is not None]
    return _by_month(reading, pairs, len(pairs), of, heads)


def _row(reading: Reading, raw: Raw, of: _Segment, key: Key) -> tuple[str, GridMonth] | None:
    """One row with something odd in it; None when it has no month."""
    month_tag, status_tag = of.cells[:2]
    when = reading.one(month_tag, raw.get(month_tag), _month, past=False)
    if when is None:
        return None
    status = reading.one(
        status_tag, _status_text(raw, status_tag), statuses(key).__getitem__, past=False,
        of=key.account_type,
    )  # fmt: skip
    overdue = None
    if of is _E:
        money = amounts.reader(key.currency)
        overdue = reading.one("PD01EJ01", raw.get("PD01EJ01"), money, past=False)
    return str(when), GridMonth(month=when, status=status or PaymentStatus.UNKNOWN, overdue=overdue)


def _status_text(raw: Raw, tag: str) -> str | None:
    """The status of a row; one file of 2017 has it in PD01ES01, later the number of months."""
    return raw[tag] if tag in raw else raw.get("PD01ES01")


def _by_month(
    reading: Reading,
    pairs: Iterable[tuple[str | None, GridMonth]],
    rows: int,
    of: _Segment,
    heads: Raw,
) -> dict[str, GridMonth]:
    made = {text: cell for text, cell in pairs if text is not None}
    if len(made) != rows:
        reading.issues.add(IssueKind.DUPLICATE, of.cells[0], "a month twice")
    first, last = (reading.one(tag, heads.get(tag), _month, past=False) for tag in of.window)
    if made and (
        (first is not None and min(made) < str(first))
        or (last is not None and max(made) > str(last))
    ):
        reading.issues.add(IssueKind.CONTRADICTION, of.cells[0], "outside the stated window")
    return made
