"""A world that moves on: the lives of its last day, as they stood on an earlier one.

And exports of training data without their files.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from connectors.money import Month
from connectors.sandbox.facts import Account, Life
from connectors.sandbox.world import World
from consent.audit.catalogue import Actor, Trail
from consent.ids import uuid7
from gateway.past.training import Export, Line, Point
from gateway.services import Services
from tests.scenarios.given import MEMBER


@dataclass(frozen=True, slots=True)
class Until(World):
    """The world of `today` as it stood on `day`.

    `disputed` are accounts, by borrower and number, and the month the bureau noted it;
    `mistaken` likewise, and a month the bureaus tell as late that was paid in time.
    """

    day: date = date.max
    disputed: frozenset[tuple[int, int, Month]] = frozenset()
    mistaken: frozenset[tuple[int, int, Month]] = frozenset()

    def life(self, index: int) -> Life:
        """As far as it had come."""
        whole = World.life(self, index)
        accounts = {number: month for who, number, month in self.disputed if who == index}
        life = earlier(whole, self.day, accounts)
        wrong = {(number, month) for who, number, month in self.mistaken if who == index}
        return replace(life, accounts=tuple(_mistold(one, wrong) for one in life.accounts))


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


async def looked_up(
    services: Services, points: Sequence[Point], *, at: datetime, catalogue: str = "core/1"
) -> tuple[list[Line], Counter[str]]:
    """The rows of an export made `at` that instant, and how many points have none, by reason."""
    known = services.settings.merging.attributes.by_name[catalogue]
    export = Export(
        id=uuid7(at),
        at=at,
        trail=Trail(MEMBER, Actor("operator", "test", "local"), "export"),
        purpose="loan_origination",
        catalogue=catalogue,
        names=tuple(one.name for one in known.attributes),
    )
    return await services.training.batch(export, points)


def _mistold(one: Account, wrong: Collection[tuple[int, Month]]) -> Account:
    """The account, with one instalment unpaid in each of these months."""
    rows = tuple(
        replace(row, terms_overdue=1, overdue=max(row.due, 100_00), months_late=1)
        if (one.number, row.month) in wrong
        else row
        for row in one.rows
    )
    return replace(one, rows=rows)


def _account(one: Account, day: date, disputed_in: Month | None) -> Account:
    rows = tuple(row for row in one.rows if row.month < Month.of(day))
    ended = one.ended if one.ended is not None and one.ended <= day else None
    return replace(one, rows=rows, ended=ended, disputed_in=disputed_in)
