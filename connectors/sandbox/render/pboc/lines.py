"""One account as PBOC writes it: codes, whole yuan, what is known. PD01 is written from it."""

from dataclasses import dataclass
from datetime import date

from connectors.money import Month
from connectors.records import AccountStatus, PaymentStatus
from connectors.sandbox import bureaus
from connectors.sandbox.bureaus import CARDS, Seen
from connectors.sandbox.facts import Account, Life, Row
from connectors.sandbox.lenders import PBOC
from connectors.sandbox.render.pboc import codes
from connectors.sandbox.render.pboc.ink import yuan

HISTORY_MONTHS = 60
_AVERAGED_MONTHS = 6
_DONE = frozenset({AccountStatus.CLOSED, AccountStatus.TRANSFERRED, AccountStatus.CHARGED_OFF})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One month of history: list A.33-A.36 symbol, overdue amount in whole yuan.

    A month that never arrived (`#`) has no amount either: None.
    """

    month: Month
    symbol: str
    overdue: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An account in PBOC's units. `last` is None for accounts opened since the last figures.

    `live` accounts are neither settled, sold nor charged off: they have monthly figures, and
    the summaries by account type count them.
    """

    seen: Seen
    kind: str
    status: str
    live: bool
    balance: int
    due: int
    average_due: int
    average_used: int
    highest_used: int
    reported: date
    last: Row | None
    marks: tuple[Mark, ...]

    @property
    def account(self) -> Account:
        """The account behind it."""
        return self.seen.account

    @property
    def ceiling(self) -> int:
        """Amount lent or limit granted, whole yuan."""
        return yuan(self.account.amount or self.account.limit or 0)


def lines(life: Life) -> tuple[Line, ...]:
    """All accounts PBOC knows of, in the order they were opened."""
    return tuple(_line(seen) for seen in bureaus.accounts(life, PBOC))


def _line(seen: Seen) -> Line:
    account, status = seen.account, seen.status
    kind, last = codes.KIND[account.kind], account.last
    recent = account.rows[-_AVERAGED_MONTHS:]
    drawn = 0 if account.kind in CARDS else account.amount or 0
    return Line(
        seen=seen,
        kind=kind,
        status=codes.STATUS[kind][status],
        live=status not in _DONE,
        balance=yuan(last.balance if last else drawn),
        due=yuan(last.due if last else 0),
        average_due=yuan(_mean([row.due for row in recent])),
        average_used=yuan(_mean([row.balance for row in recent])),
        highest_used=yuan(max((row.balance for row in account.rows), default=0)),
        reported=_reported(account),
        last=last,
        marks=tuple(
            Mark(
                month=row.month,
                symbol=codes.SYMBOL[standing],
                overdue=None if standing is PaymentStatus.UNKNOWN else yuan(row.overdue),
            )
            for row, standing in seen.marks(HISTORY_MONTHS)
        ),
    )


def _reported(account: Account) -> date:
    if account.ended:
        return account.ended
    return bureaus.reported_on(account.rows[-1].month) if account.rows else account.opened


def _mean(values: list[int]) -> int:
    return sum(values) // len(values) if values else 0
