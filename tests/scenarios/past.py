"""A world that moves on: the lives of its last day, as they stood on an earlier one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from connectors.money import Month
from connectors.sandbox.facts import Account, Life
from connectors.sandbox.world import World


@dataclass(frozen=True, slots=True)
class Until(World):
    """The world of `today` as it stood on `day`.

    `disputed` are accounts, by borrower and number, and the month the bureau noted it.
    """

    day: date = date.max
    disputed: frozenset[tuple[int, int, Month]] = frozenset()

    def life(self, index: int) -> Life:
        """As far as it had come."""
        whole = World.life(self, index)
        accounts = {number: month for who, number, month in self.disputed if who == index}
        return earlier(whole, self.day, accounts)


def earlier(life: Life, day: date, disputed: Mapping[int, Month]) -> Life:
    """A life as it stood on `day`: what came later has not happened."""
    last = Month.of(day).plus(-1)
    fund = life.housing_fund
    return replace(
        life,
        today=day,
        accounts=tuple(
            _account(one, day, disputed.get(one.number))
            for one in life.accounts
            if one.opened <= day
        ),
        agreements=tuple(one for one in life.agreements if one.since <= day),
        applications=tuple(one for one in life.applications if one.on <= day),
        queries=tuple(one for one in life.queries if one.on <= day),
        public=tuple(one for one in life.public if one.on <= day),
        income=tuple((month, fen) for month, fen in life.income if month <= last),
        pension_months=tuple(month for month in life.pension_months if month <= last),
        housing_fund=None if fund is None else replace(fund, paid_to=min(fund.paid_to, last)),
        phone_bill=None,
    )


def _account(one: Account, day: date, disputed_in: Month | None) -> Account:
    rows = tuple(row for row in one.rows if row.month < Month.of(day))
    ended = one.ended if one.ended is not None and one.ended <= day else None
    return replace(one, rows=rows, ended=ended, disputed_in=disputed_in)
