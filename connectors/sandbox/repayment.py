"""The arithmetic of accounts: month by month, what was due, what came in, what is owed.

Integers only (fen). Three engines: instalment loans, revolving credit, collection. Arrears carry
no penalty interest and cards no interest at all: a simplification, so that every balance is the
amount drawn less the principal paid, and a test can say so.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date

from connectors.money import Month
from connectors.sandbox.facts import Row, Stage
from connectors.sandbox.temperament import Effort

EARLIEST_DUE, LATEST_DUE = 5, 25
"""Due days between these keep the calendar's days past due inside the 30-day band of the months
late: a bill due on one of them is 1-30 days late at the end of its month, 31-60 a month later,
and so on up to 180, in every month of every year (a test walks them all)."""

WRITE_OFF_AFTER = 7  # months late; over 180 days

Pay = Callable[[Month, int], Effort]
"""Month and months late so far -> what is done."""


@dataclass(frozen=True, slots=True)
class Course:
    """What became of an account: its rows, and the day it ended if it did."""

    rows: tuple[Row, ...]
    ended: date | None = None
    settled_early: bool = False


def schedule(amount: int, terms: int, yearly_percent: float) -> tuple[tuple[int, int], ...]:
    """Equal instalments as (instalment, principal in it); the principals add up to `amount`."""
    rate = yearly_percent / 1200
    level = round(amount * rate / (1 - (1 + rate) ** -terms)) if rate else -(-amount // terms)
    plan, owed = [], amount
    for _ in range(terms - 1):
        principal = min(max(level - round(owed * rate), 0), owed)
        plan.append((principal + round(owed * rate), principal))
        owed -= principal
    plan.append((owed + round(owed * rate), owed))
    return tuple(plan)


def repay_loan(
    *,
    opened: date,
    due_day: int,
    plan: tuple[tuple[int, int], ...],
    last: Month,
    pay: Pay,
    gives_up: Callable[[], bool],
    sells: bool = False,
    settles_after: int | None = None,
) -> Course:
    """A loan repaid in instalments, the first a month after opening.

    `settles_after` that many instalments the rest is paid at once, arrears permitting. A loan
    given up is charged off, or sold when the lender `sells`.
    """
    start = Month.of(opened)
    owed = [sum(principal for _, principal in plan)]
    for _, principal in plan:
        owed.append(owed[-1] - principal)
    if start > last:
        return Course(())
    rows, paid_terms = [Row(start, owed[0])], 0
    for ago in range(1, last.since(start) + 1):
        month, fallen_due = start.plus(ago), min(ago, len(plan))
        late_before = max(ago - 1 - paid_terms, 0)
        due = sum(instalment for instalment, _ in plan[paid_terms:fallen_due])
        effort = pay(month, late_before)
        before = paid_terms
        if effort in {Effort.FULL, Effort.LATE}:
            paid_terms = fallen_due
        elif effort is Effort.ONE:
            paid_terms = min(paid_terms + 1, fallen_due)
        early = settles_after is not None and settles_after <= paid_terms == fallen_due
        early = early and paid_terms < len(plan)
        paid = sum(instalment for instalment, _ in plan[before:paid_terms])
        if early:
            paid, paid_terms = paid + owed[paid_terms], len(plan)
        if paid_terms == len(plan):
            day = min(due_day + 2, 28) if effort is Effort.LATE else due_day
            rows.append(
                Row(
                    month, 0, due, paid, late_within_month=effort is Effort.LATE, stage=Stage.CLOSED
                )
            )
            return Course(tuple(rows), date(month.year, month.month, day), settled_early=early)
        months_late = ago - paid_terms if paid_terms < fallen_due else 0
        row = Row(
            month,
            owed[paid_terms],
            due,
            paid,
            terms_overdue=fallen_due - paid_terms,
            overdue=sum(instalment for instalment, _ in plan[paid_terms:fallen_due]),
            months_late=months_late,
            late_within_month=effort is Effort.LATE and paid_terms == fallen_due,
            aged=_aged((ago - term, plan[term][1]) for term in range(paid_terms, fallen_due)),
        )
        rows.append(row)
        if months_late >= WRITE_OFF_AFTER and gives_up():
            return _given_up(rows, last, due_day, sells=sells)
    return Course(tuple(rows))


def use_revolving(
    *,
    opened: date,
    limit: int,
    last: Month,
    minimum_percent: int,
    spend: Callable[[Month, int], int],
    pay: Pay,
    overpays: Callable[[], float],
    gives_up: Callable[[], bool],
    due_day: int,
    closes_in: Month | None = None,
    unbilled_in: Month | None = None,
) -> Course:
    """A card or revolving loan: spending up to `limit`, a bill each month with a minimum due.

    The bill of a month is for what was owed at the end of the one before. `spend(month, room)`
    says how much of the free limit is then drawn; nothing once two bills are unpaid. Whoever
    pays adds the share `overpays()` of what is not due yet. `closes_in` is the month it is
    closed if it is paid up by then.
    """
    start = Month.of(opened)
    if start > last:
        return Course(())
    balance = spend(start, limit)
    rows: list[Row] = [Row(start, balance)]
    arrears: list[tuple[Month, int]] = []  # unpaid minimums, oldest first
    for ago in range(1, last.since(start) + 1):
        month = start.plus(ago)
        if month == unbilled_in and not arrears:
            rows.append(Row(month, balance, billed=False))
            continue
        closing = closes_in is not None and month >= closes_in and not arrears
        overdue_before = sum(amount for _, amount in arrears)
        minimum = -(-(balance - overdue_before) * minimum_percent // 100)
        effort = pay(month, month.since(arrears[0][0]) if arrears else 0)
        due = overdue_before + minimum
        if minimum:
            arrears.append((month, minimum))
        if effort in {Effort.FULL, Effort.LATE}:
            share = 1.0 if closing else overpays()
            paid, arrears = due + int((balance - due) * share), []
        elif effort is Effort.ONE and arrears:
            paid = arrears.pop(0)[1]
        else:
            paid = 0
        balance -= paid
        if closing and balance == 0:
            rows.append(Row(month, 0, due, paid, stage=Stage.CLOSED))
            return Course(tuple(rows), date(month.year, month.month, due_day))
        if len(arrears) < 2:  # noqa: PLR2004 - the docstring says two
            balance += spend(month, limit - balance)
        months_late = month.since(arrears[0][0]) + 1 if arrears else 0
        rows.append(
            Row(
                month,
                balance,
                due,
                paid,
                terms_overdue=len(arrears),
                overdue=sum(amount for _, amount in arrears),
                months_late=months_late,
                late_within_month=effort is Effort.LATE and not arrears and due > 0,
                aged=_aged((month.since(then) + 1, amount) for then, amount in arrears),
            )
        )
        if months_late >= WRITE_OFF_AFTER and gives_up():
            return _given_up(rows, last, due_day, sells=False)
    return Course(tuple(rows))


def collect(*, opened: date, amount: int, last: Month, pays: Callable[[], bool]) -> Course:
    """A bought debt being collected: now and then a tenth of it comes in, until it is paid."""
    start = Month.of(opened)
    if start > last:
        return Course(())
    rows = [Row(start, amount)]
    for ago in range(1, last.since(start) + 1):
        month, owed = start.plus(ago), rows[-1].balance
        paid = min(-(-amount // 10), owed) if pays() else 0
        if paid == owed:
            rows.append(Row(month, 0, owed, paid, stage=Stage.CLOSED))
            return Course(tuple(rows), date(month.year, month.month, LATEST_DUE))
        rows.append(Row(month, owed - paid, owed, paid))
    return Course(tuple(rows))


def _aged(unpaid: Iterable[tuple[int, int]]) -> tuple[int, int, int, int]:
    bands = [0, 0, 0, 0]
    for months_late, principal in unpaid:
        if months_late >= 7:  # noqa: PLR2004 - the bands of PD01CJ07-CJ10, in months
            bands[3] += principal
        elif months_late >= 4:  # noqa: PLR2004
            bands[2] += principal
        elif months_late >= 2:  # noqa: PLR2004
            bands[months_late - 2] += principal
    return bands[0], bands[1], bands[2], bands[3]


def _given_up(rows: list[Row], last: Month, due_day: int, *, sells: bool) -> Course:
    """The last row becomes the end: sold on, or charged off and owed ever since."""
    row = rows[-1]
    if sells:
        rows[-1] = Row(row.month, 0, row.due, row.paid, stage=Stage.TRANSFERRED)
        return Course(tuple(rows), date(row.month.year, row.month.month, due_day))
    rows[-1] = replace(row, overdue=row.balance, stage=Stage.CHARGED_OFF)
    dead = replace(rows[-1], due=row.balance, paid=0)
    rows += [replace(dead, month=row.month.plus(n)) for n in range(1, last.since(row.month) + 1)]
    return Course(tuple(rows))
