"""Months that one bureau tells otherwise than they were.

A lender corrects what it reported, and the correction reaches one bureau and not the next; or two
bureaus count the days from another day. The life has the month as it was.
"""

from dataclasses import replace
from itertools import takewhile

from connectors.sandbox.dice import Random
from connectors.sandbox.facts import Row, Stage

MONTHS = 36
"""Of the newest only, which every bureau tells."""
_MOST = 3  # months in a row: a lender reports a quarter anew


def restated(rows: tuple[Row, ...], rng: Random) -> tuple[Row, ...]:
    """The rows with one to three months told as one month more or less late than they were.

    A month of arrears where there was one, else one that was paid on time and is told as late. The
    first and the last two never change, so no status hangs on it; nor do months in which nothing
    was due, or of an account that was given up. What is overdue follows.
    """
    settled = range(max(1, len(rows) - MONTHS), len(rows) - 2)
    due = [at for at in settled if rows[at].due and rows[at].stage is Stage.RUNNING]
    if not due:
        return rows
    late = [at for at in due if rows[at].months_late]
    first, count = rng.choice(late or due), rng.randint(1, _MOST)
    step = rng.choice((1, -1)) if late else 1
    told = list(rows)
    for at in takewhile(due.__contains__, range(first, first + count)):
        told[at] = _later(rows[at], step)
    return tuple(told)


def _later(row: Row, step: int) -> Row:
    """So many months later, or earlier, but not below none; what is overdue in proportion."""
    months_late = max(row.months_late + step, 0)
    overdue = row.overdue * months_late // row.months_late if row.months_late else row.due
    return replace(row, months_late=months_late, overdue=overdue if months_late else 0)
