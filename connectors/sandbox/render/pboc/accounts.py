"""PDA: the accounts, PD01 with its segments A to H and Z, for all six account types."""

from collections.abc import Iterator
from datetime import date

from lxml import etree

from connectors.money import Month
from connectors.sandbox.facts import Account, InstalmentPlan, Row, Way
from connectors.sandbox.render.pboc import codes, remarks
from connectors.sandbox.render.pboc.ink import Field, Ink, unit, yuan
from connectors.sandbox.render.pboc.lines import Line, Mark

GRID_MONTHS = 24
_LOANS = frozenset({"D1", "R4"})
_CARDS = frozenset({"R2", "R3"})


def units(ink: Ink, lines: tuple[Line, ...]) -> Iterator[etree._Element]:
    """One PD01 for each account."""
    for line in lines:
        yield unit("PD01", _segments(ink, line))


def agreement_ref(account: Account, number: int) -> str:
    """The number of a credit agreement, the same in PD01 and PD02."""
    return f"SX{account.lender.code[-6:]}{number:04d}"


def _segments(ink: Ink, line: Line) -> Iterator[etree._Element | None]:
    yield ink.segment("PD01A", _basic(line))
    yield ink.segment("PD01B", _latest(line))
    if line.live and line.last and line.kind != "C1":
        yield ink.segment("PD01C", _monthly(line, line.last))
    if line.marks and line.kind != "C1":
        yield _grid(ink, line)
        yield _history(ink, line)
    done = _special_transaction(line)
    if done:
        yield ink.segment("PD01F", [("PD01FS01", 1)], [ink.segment("PD01FH", done)])
    unbilled = [mark for mark in line.marks if mark.symbol == "A"]
    if unbilled:
        yield _special_events(ink, unbilled)
    if line.account.plan and line.live:
        yield _large_instalment(ink, line.account.plan)
    if line.account.disputed_in:
        yield remarks.annotation(ink, "PD01Z", line.account.disputed_in)


def _basic(line: Line) -> list[Field]:
    account, lender = line.account, line.account.lender
    loan, card = line.kind in _LOANS, line.kind in _CARDS
    number = account.agreement
    fields: list[Field] = [
        ("PD01AI01", line.seen.number),
        ("PD01AD01", line.kind),
        ("PD01AD02", codes.INSTITUTION[lender.type]),
        ("PD01AI02", line.seen.named),
        ("PD01AI03", line.seen.own),  # the lender's own number: as a rule not shown to others
        ("PD01AI04", None if number is None else agreement_ref(account, number)),
        ("PD01AD03", codes.BUSINESS[account.product]),
        ("PD01AR01", account.opened),
        ("PD01AD04", "CNY"),
    ]
    if card:
        shared = None if number is None else line.ceiling
        return [*fields, ("PD01AJ02", line.ceiling), ("PD01AJ03", shared), ("PD01AD07", "4")]
    if line.kind == "C1":
        return [*fields, ("PD01AJ01", line.ceiling), ("PD01AD10", "7")]
    return [
        *fields,
        ("PD01AJ01" if loan else "PD01AJ02", line.ceiling),
        ("PD01AR02", account.matures or _in_five_years(account.opened)),
        ("PD01AD05", "11" if loan else "32"),
        ("PD01AD06", "03"),
        ("PD01AS01", account.terms),
        ("PD01AD07", codes.GUARANTEE.get(account.product, "4")),
        ("PD01AD08", codes.TRANSFERRED_IN if account.taken_over else codes.ISSUED),
        ("PD01AD09", "0"),
    ]


def _in_five_years(day: date) -> date:
    return date(day.year + 5, day.month, min(day.day, 28))


def _latest(line: Line) -> list[Field]:
    """B: where the account stands; the only segment a closed account has on that."""
    account = line.account
    paid = _last_payment(line)
    sold = line.status == "5" and line.kind == "D1"
    graded = line.kind not in _CARDS and line.kind != "C1"
    symbol = line.marks[-1].symbol if line.marks and line.kind != "C1" else None
    return [
        ("PD01BD01", line.status),
        ("PD01BR01", None if sold else account.ended),
        ("PD01BR04", Month.of(account.ended) if sold and account.ended else None),
        ("PD01BJ01", line.balance),
        ("PD01BR02", _paid_on(account, paid) if paid else None),
        ("PD01BJ02", yuan(paid.paid) if paid else None),
        ("PD01BD03", _five_class(line) if graded else None),
        ("PD01BD04", symbol),
        ("PD01BR03", line.reported),
    ]


def _monthly(line: Line, row: Row) -> list[Field]:
    """C: the figures of the last month reported."""
    account, paid = line.account, _last_payment(line)
    head: list[Field] = [
        ("PD01CR01", row.month),
        ("PD01CD01", line.status),
        ("PD01CJ01", line.balance),
    ]
    tail: list[Field] = [
        ("PD01CR02", date(row.month.year, row.month.month, account.due_day)),
        ("PD01CJ04", line.due),
        ("PD01CJ05", yuan(row.paid)),
        ("PD01CR03", _paid_on(account, paid) if paid else None),
        ("PD01CS02", row.terms_overdue),
        ("PD01CJ06", yuan(row.overdue)),
        ("PD01CR04", line.reported),
    ]
    if line.kind == "R2":
        return [
            *head,
            ("PD01CJ02", line.balance),
            ("PD01CJ03", _unbilled(account.plan, row.month)),
            ("PD01CJ12", line.average_used),
            ("PD01CJ14", line.highest_used),
            *tail,
        ]
    if line.kind == "R3":
        return [
            *head,
            ("PD01CJ13", line.average_used),
            ("PD01CJ15", line.highest_used),
            ("PD01CJ11", yuan(row.aged[3])),
            *tail,
        ]
    fell_due = min(row.month.since(Month.of(account.opened)), account.terms or 0)
    remaining = None if account.terms is None else account.terms - fell_due + row.terms_overdue
    return [
        *head,
        ("PD01CD02", _five_class(line)),
        ("PD01CS01", remaining),
        *tail,
        ("PD01CJ07", yuan(row.aged[0])),
        ("PD01CJ08", yuan(row.aged[1])),
        ("PD01CJ09", yuan(row.aged[2])),
        ("PD01CJ10", yuan(row.aged[3])),
    ]


def _five_class(line: Line) -> str:
    """A.32 as lenders grade: 1-3 months late attention, 4-6 substandard, then doubtful."""
    if line.status == "4":
        return "5"
    late = line.last.months_late if line.last else 0
    if late == 0:
        return "1"
    return "2" if late <= 3 else "3" if late <= 6 else "4"  # noqa: PLR2004 - see the docstring


def _last_payment(line: Line) -> Row | None:
    return next((row for row in reversed(line.account.rows) if row.paid), None)


def _paid_on(account: Account, row: Row) -> date:
    if account.ended and Month.of(account.ended) == row.month:
        return account.ended
    day = min(account.due_day + 2, 28) if row.late_within_month else account.due_day
    return date(row.month.year, row.month.month, day)


def _grid(ink: Ink, line: Line) -> etree._Element:
    """D: 24 months up to the last one reported, oldest first, "/" before the account existed."""
    known = {mark.month: mark.symbol for mark in line.marks}
    end, opened = line.marks[-1].month, Month.of(line.account.opened)
    months = [end.plus(-ago) for ago in reversed(range(GRID_MONTHS))]
    return ink.segment(
        "PD01D",
        [("PD01DR01", months[0]), ("PD01DR02", end)],
        (
            ink.segment(
                "PD01DH",
                [("PD01DR03", month), ("PD01DD01", "/" if month < opened else known[month])],
            )
            for month in months
        ),
    )


def _history(ink: Ink, line: Line) -> etree._Element:
    """E: up to five years, with what was overdue at the end of each month."""
    first, last = line.marks[0].month, line.marks[-1].month
    return ink.segment(
        "PD01E",
        [("PD01ER01", first), ("PD01ER02", last), ("PD01ES01", len(line.marks))],
        (
            ink.segment(
                "PD01EH",
                [
                    ("PD01ER03", mark.month),
                    ("PD01ED01", mark.symbol),
                    ("PD01EJ01", mark.overdue),
                ],
            )
            for mark in line.marks
        ),
    )


def _special_transaction(line: Line) -> list[Field]:
    """F: settled early, or sold or claimed by who paid (A.37); nothing is both."""
    account, paid, amount = line.account, _last_payment(line), None
    if account.left:
        code, on, amount = codes.LEFT[account.left.way], account.left.on, line.balance
        words = "债权转让" if account.left.way is Way.SOLD else "担保人代偿"
    elif account.settled_early and account.ended:
        code, on, words = codes.SETTLED_EARLY, account.ended, "借款人提前结清"
        if paid:
            amount = yuan(paid.paid)
    else:
        return []
    return [
        ("PD01FD01", code),
        ("PD01FR01", on),
        ("PD01FS02", None),
        ("PD01FJ01", amount),
        ("PD01FQ01", words),
    ]


def _special_events(ink: Ink, unbilled: list[Mark]) -> etree._Element:
    """G: no bill in a month because the statement day moved (A.38 code 11)."""
    return ink.segment(
        "PD01G",
        [("PD01GS01", len(unbilled))],
        (
            ink.segment("PD01GH", [("PD01GR01", mark.month), ("PD01GD01", "11")])
            for mark in unbilled
        ),
    )


def _large_instalment(ink: Ink, plan: InstalmentPlan) -> etree._Element:
    entry = ink.segment(
        "PD01HH",
        [
            ("PD01HJ01", yuan(plan.limit)),
            ("PD01HR01", plan.starts),
            ("PD01HR02", plan.ends),
            ("PD01HJ02", yuan(plan.used)),
        ],
    )
    return ink.segment("PD01H", [("PD01HS01", 1)], [entry])


def _unbilled(plan: InstalmentPlan | None, month: Month) -> int:
    """What of a large instalment plan is not on a bill yet: it falls evenly until the end."""
    if plan is None or month < Month.of(plan.starts):
        return 0
    whole = Month.of(plan.ends).since(Month.of(plan.starts))
    left = max(Month.of(plan.ends).since(month), 0)
    return yuan(plan.used * left // whole)
