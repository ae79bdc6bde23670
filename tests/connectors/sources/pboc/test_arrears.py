"""The overdue summary against the grids: every reading of a late month fits, nothing else."""

from datetime import date

import pytest

from connectors.money import Money, Month, PartialDate
from connectors.records import AccountKind, AccountStatus, GridMonth, PaymentStatus, Tradeline
from connectors.sources.pboc import arrears
from connectors.sources.pboc.arrears import OPEN

TODAY = date(2020, 6, 15)
LAST = Month(2020, 5)
_SYMBOLS = {
    "N": PaymentStatus.CURRENT,
    "1": PaymentStatus.DPD_1_30,
    "2": PaymentStatus.DPD_31_60,
    "3": PaymentStatus.DPD_61_90,
    "7": PaymentStatus.DPD_181_PLUS,
    "B": PaymentStatus.CHARGED_OFF,
    "#": PaymentStatus.UNKNOWN,
}


def account(
    marks: str, *owed: int | None, currency: str = "CNY", now: int | None = None, months: int = 0
) -> Tradeline:
    """An account with these months up to May 2020, oldest first; `owed` are the late ones' fen.

    It was opened `months` before its first month of grid.
    """
    first = LAST.plus(1 - len(marks))
    opened = first.plus(-months)
    due = iter(owed)
    cells = []
    for n, mark in enumerate(marks):
        fen = next(due, None) if mark not in "N#" else None
        cells.append(
            GridMonth(
                month=first.plus(n),
                status=_SYMBOLS[mark],
                overdue=None if fen is None else Money(fen, currency),
            )
        )
    return Tradeline(
        source="pboc",
        record_id="PDA/PD01[1]",
        as_of=TODAY,
        kind=AccountKind.INSTALMENT_LOAN,
        status=AccountStatus.CURRENT,
        lender="AB",
        lender_type=None,
        account_ref=None,
        opened=PartialDate(opened.year, opened.month, 1),
        currency=currency,
        past_due=None if now is None else Money(now, currency),
        grid=tuple(reversed(cells)),
    )


def test_no_arrears_are_none() -> None:
    """A row about a kind that was never late is wrong in every number."""
    found = arrears.of([account("NNN"), account("N")], TODAY)

    assert found == arrears.Arrears(accounts=(0, 0), months=(0, 0), longest=(0, 0), highest=(0, 0))


@pytest.mark.parametrize(
    ("marks", "months", "longest"),
    [
        (["N12N"], (2, 2), (2, 2)),
        (["N12N1"], (3, 3), (2, 2)),
        (["N11N"], (2, 2), (1, 2)),  # the worst symbol or the longest run
        (["123B"], (3, 4), (3, OPEN)),  # a charged-off month is late, or not
        (["12", "12"], (2, 4), (2, 2)),  # the same months of two accounts, once or twice
        (["NN3"], (1, 1), (1, 3)),
        (["1#3"], (2, OPEN), (1, OPEN)),  # a month nobody knows
        (["77"], (2, 2), (2, OPEN)),  # 7 is seven months and more
    ],
)
def test_months_and_longest_hold_for_every_reading(
    marks: list[str], months: tuple[int, int], longest: tuple[int, int]
) -> None:
    """Between the strictest reading and the widest, and not one further."""
    found = arrears.of([account(one) for one in marks], TODAY)

    assert (found.months, found.longest) == (months, longest)
    assert found.accounts == (len(marks), len(marks))


@pytest.mark.parametrize(
    ("accounts", "highest"),
    [
        ([account("N12", 500, 900)], (900, 900)),
        ([account("N12", 500, 900), account("NN1", 300)], (900, 1200)),
        ([account("N1N", 500), account("NN1", 300)], (500, 500)),
        ([account("N12", 500)], (500, OPEN)),  # one amount is not said
        ([account("N12", 500, 900, now=1000)], (1000, 1000)),
        ([account("12N", 500, 900, now=1000)], (900, 900)),  # late no more: of another kind
        ([account("N12", 500, 900, currency="USD", now=1000)], (0, OPEN)),
        ([account("12B", 500, 900, 4000)], (900, 4000)),
    ],
)
def test_the_highest_month_is_of_one_account_or_of_all(
    accounts: list[Tradeline], highest: tuple[int, int]
) -> None:
    """At least the highest an account has, at most what all owed in a month; yuan only."""
    assert arrears.of(accounts, TODAY).highest == highest


def test_a_grid_that_begins_late_sets_no_upper_limit() -> None:
    """The summary covers five years, the segment PD01D only two."""
    cut = arrears.of([account("N1", 500, months=12)], TODAY)
    from_the_opening = arrears.of([account("N1", 500, months=1)], TODAY)
    five_years = arrears.of([account("N" * 59 + "1", 500, months=99)], TODAY)

    assert (cut.months, cut.longest, cut.highest) == ((1, OPEN), (1, OPEN), (500, OPEN))
    assert from_the_opening.months == five_years.months == (1, 1)
