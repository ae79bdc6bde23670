"""Debts that change hands after the life has run: sold, claimed by who paid, taken over.

How often is a rate of the noise (`noise.Noise`). Each account draws for itself, and new accounts
come last, so that no other draw and no number of an account depends on them. A loan that a lender
gave up by selling it is part of the life itself (`borrowing`).
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from connectors.money import Month
from connectors.records import AccountKind, LenderType
from connectors.sandbox import lenders, repayment
from connectors.sandbox.dice import Random, happens, seeded
from connectors.sandbox.facts import Account, Departure, Row, Stage, Way
from connectors.sandbox.noise import Noise
from connectors.sandbox.products import ADVANCED, COLLECTION

BOOKED_AFTER = timedelta(days=3)
_GUARANTEED = 0.25  # of loans written off, those that somebody answered for
_TAKERS = frozenset({LenderType.BANK, LenderType.AUTO_FINANCE, LenderType.LEASING})
_MONTHS_BEFORE, _MONTHS_AFTER = 2, 2  # that a loan was with either lender, at the least


def moved(
    seed: int, index: int, accounts: tuple[Account, ...], last: Month, noise: Noise
) -> tuple[Account, ...]:
    """The accounts, and those that have the debt of some of them now; `last` finished month."""
    gone = {account.origin for account in accounts}
    kept: list[Account] = []
    new: list[Account] = []
    for account in accounts:
        rng, number = seeded("moved", seed, index, account.number), len(accounts) + len(new)
        sold, taken_over = happens(rng, noise.sold), happens(rng, noise.taken_over)
        pair = None
        if account.number not in gone:
            if sold and account.last and account.last.stage is Stage.CHARGED_OFF:
                pair = _sold(rng, account, number, last)
            elif taken_over:
                pair = _taken_over(rng, account, number)
        kept.append(pair[0] if pair else account)
        new += pair[1:] if pair else ()
    return (*kept, *new)


def _sold(rng: Random, account: Account, number: int, last: Month) -> tuple[Account, Account]:
    """Written off, and some month since then somebody else's to collect."""
    row = rng.choice([row for row in account.rows if row.stage is Stage.CHARGED_OFF])
    on = _due(account, row)
    claimed = account.amount is not None and happens(rng, _GUARANTEED)
    buyers = LenderType.GUARANTOR if claimed else LenderType.ASSET_MANAGER
    course = repayment.collect(
        opened=on + BOOKED_AFTER,
        amount=row.balance,
        last=last,
        pays=lambda: happens(rng, 0.2),
    )
    return (
        replace(account, left=Departure(on, Way.CLAIMED if claimed else Way.SOLD)),
        Account(
            number=number,
            product=ADVANCED if claimed else COLLECTION,
            kind=AccountKind.COLLECTION,
            lender=rng.choice(lenders.of_types(buyers)),
            opened=on + BOOKED_AFTER,
            due_day=repayment.LATEST_DUE,
            rows=course.rows,
            ended=course.ended,
            amount=row.balance,
            origin=account.number,
        ),
    )


def _taken_over(rng: Random, account: Account, number: int) -> tuple[Account, Account] | None:
    """A loan in good order goes on with another lender; None where there is none or no month."""
    others = [one for one in lenders.of_types(account.lender.type) if one != account.lender]
    months = list(_on_time(account))
    if (
        account.kind is not AccountKind.INSTALMENT_LOAN
        or account.lender.type not in _TAKERS
        or account.terms is None
        or not (others and months)
    ):
        return None
    place = rng.choice(months)
    row = account.rows[place]
    on = _due(account, row)
    disputed = account.disputed_in
    return (
        replace(
            account,
            rows=(*account.rows[:place], replace(row, balance=0, stage=Stage.TRANSFERRED)),
            ended=on,
            settled_early=False,
            disputed_in=None,
        ),
        replace(
            account,
            number=number,
            lender=rng.choice(others),
            opened=on + BOOKED_AFTER,
            rows=(Row(row.month, row.balance), *account.rows[place + 1 :]),
            amount=row.balance,
            terms=account.terms - place,
            agreement=None,
            origin=account.number,
            disputed_in=disputed,
        ),
    )


def _on_time(account: Account) -> Iterator[int]:
    """Places of months with nothing unpaid, some months from either end."""
    for place in range(_MONTHS_BEFORE, len(account.rows) - _MONTHS_AFTER):
        row = account.rows[place]
        if row.stage is Stage.RUNNING and not row.terms_overdue and row.balance:
            yield place


def _due(account: Account, row: Row) -> date:
    return date(row.month.year, row.month.month, account.due_day)
