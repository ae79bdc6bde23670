"""Which early warnings are true of a life: the answer sheet for whoever computes the signals.

From the facts of the life, and from what sources get to know of them; never from rendered bytes.
The definitions are those of `config/signals.toml`. Their thresholds stand here once more, because
the sandbox knows no gateway and no configuration; a test holds both together.

A life is looked at in steps, each of which takes something away (`Loss`), once with all sources and
once without Xingtu, for which no connector is shipped. What holds at every step must fire, what
holds at none must not, and everything between is a borderline: a sound reader may see it or not.
What a definition leaves undecided, for want of anything to compare with, does not hold.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from types import MappingProxyType

from connectors.money import Month
from connectors.records import AccountKind, InquiryKind, LenderType, LoanUse, LoginOutcome
from connectors.sandbox import bureaus, personas, platform, regions, truth
from connectors.sandbox.borrowing import FEN
from connectors.sandbox.facts import Account, Life, Query, Stage
from connectors.sandbox.lenders import BAIHANG, BY_CODE, PBOC, XINGTU
from connectors.sandbox.life import QUERY_DAYS
from connectors.sandbox.noise import Noise
from connectors.sandbox.platform import Attempt
from connectors.sandbox.products import MARGIN
from connectors.sandbox.temperament import LOANS


class Say(StrEnum):
    """What a sound reader of all sources says of a signal."""

    FIRE = "fire"
    QUIET = "quiet"
    BORDERLINE = "borderline"


class Loss(StrEnum):
    """Why a source does not tell what is so.

    `coverage`: it does not hear of it, or counts and does not list; `lag`: it hears of it later;
    `noise`: something went wrong on the way (`noise.Noise`).
    """

    COVERAGE = "coverage"
    LAG = "lag"
    NOISE = "noise"


@dataclass(frozen=True, slots=True)
class Alarm:
    """Whether a signal is true of a life, and on what a borderline hangs."""

    say: Say
    why: tuple[Loss, ...] = ()


@dataclass(frozen=True)
class View:
    """A life as far as it is told at one step; `loss` is what this step took away.

    `heard` are the bureaus it is told by; without any, everything in it is known as it is.
    `counted` are accounts that Baihang counts and does not list.
    """

    life: Life
    heard: tuple[str, ...] = ()
    counted: tuple[Account, ...] = ()
    loss: Loss | None = None

    @cached_property
    def held(self) -> list[truth.Held]:
        """The accounts, each once."""
        return truth.believed(self.life, self.heard)

    @cached_property
    def asked(self) -> set[tuple[date, str, InquiryKind]]:
        """Applications and what lenders asked because of them: day, lender and kind."""
        queries: Iterable[Query] = self.life.queries
        if self.heard:
            queries = (q for b in self.heard for q in bureaus.queries(self.life, b, QUERY_DAYS))
        hard = {(q.on, q.lender.code, q.kind) for q in queries if q.lender and q.kind.hard}
        if self.heard:
            return hard
        return hard | {(one.on, one.lender.code, one.kind) for one in self.life.applications}

    def ago(self, day: date) -> int:
        """Days from then to the last day of the life."""
        return (self.life.today - day).days


_STILL = Noise(name="still", missing_month=0.0)


def views(life: Life) -> tuple[tuple[View, ...], ...]:
    """The steps from the life to what is told, for each set of sources."""
    whole, still = View(life), replace(life, noise=_STILL)
    return tuple(
        (
            whole,
            _covered(life, heard),
            View(still, heard, _counted(still), Loss.LAG),
            View(life, heard, _counted(life), Loss.NOISE),
        )
        for heard in ((PBOC, BAIHANG, XINGTU), (PBOC, BAIHANG))
    )


def _counted(life: Life) -> tuple[Account, ...]:
    return tuple(one.account for one in bureaus.accounts(life, BAIHANG))


def _covered(life: Life, heard: tuple[str, ...]) -> View:
    """What these bureaus will hear of, all of it and at once."""
    told = frozenset(heard) - life.hidden_from
    reached = replace(
        life,
        accounts=_reported(life, told.intersection(truth.LISTING)),
        applications=tuple(a for a in life.applications if not told.isdisjoint(a.lender.asks)),
        queries=tuple(q for q in life.queries if q.bureau in told),
    )
    return View(reached, (), _reported(life, told & {BAIHANG}), Loss.COVERAGE)


def _reported(life: Life, told: frozenset[str]) -> tuple[Account, ...]:
    return tuple(a for a in life.accounts if not told.isdisjoint(a.lender.reports_to))


def signals(life: Life) -> Mapping[str, Alarm]:
    """Each of the eight signals by its name."""
    steps = views(life)
    known = {name: holds(life) for name, holds in _KNOWN.items()}
    sure = {name: Alarm(Say.FIRE if so else Say.QUIET) for name, so in known.items()}
    return MappingProxyType(sure | {name: _alarm(steps, holds) for name, holds in _TOLD.items()})


def _alarm(steps: Iterable[Sequence[View]], holds: Callable[[View], bool]) -> Alarm:
    found = [[(holds(view), view.loss) for view in chain] for chain in steps]
    said = {so for chain in found for so, _ in chain}
    if len(said) == 1:
        return Alarm(Say.FIRE if True in said else Say.QUIET)
    lost = {
        loss
        for chain in found
        for (before, _), (after, loss) in pairwise(chain)
        if before != after and loss
    }
    return Alarm(Say.BORDERLINE, tuple(sorted(lost)))


# -- cards -----------------------------------------------------------------------------------

CARD_MONTHS, STALE_MONTHS, CARDS = 3, 3, 1


def card_overdue(view: View) -> bool:
    """More cards are in arrears than three months before, by the newest month of each."""
    cards = [one for one in view.held if one.account.kind is AccountKind.CREDIT_CARD]
    now = sum(_late(view, card) for card in cards)
    return now >= CARDS and now - sum(_was_late(view, card) for card in cards) >= CARDS


def _late(view: View, card: truth.Held) -> bool:
    """In arrears in its newest month, which is at most three months ago."""
    last = card.account.last
    if last is None or last.stage in _ENDED:
        return False
    told = Month.of(view.life.today).since(last.month) <= STALE_MONTHS
    return told and bool(dict(card.grid).get(last.month) or card.overdue)


def _was_late(view: View, card: truth.Held) -> bool:
    """Three months before that, unless it was not open yet; a month nobody tells may have been.

    Of a card that has ended three months ago; one that was over by then was not late.
    """
    account = card.account
    if account.last is None:
        return False
    newest = account.last.month
    if account.last.stage in _ENDED:
        then = Month.of(view.life.today).plus(-CARD_MONTHS)
        if newest < then:
            return False
    else:
        then = newest.plus(-CARD_MONTHS)
    return then >= Month.of(account.opened) and dict(card.grid).get(then, 1) > 0


_ENDED = frozenset({Stage.CLOSED, Stage.TRANSFERRED})


# -- lenders ---------------------------------------------------------------------------------

RECENT_DAYS, BEFORE_DAYS, LENDERS, PACE = 30, 60, 4, 2


def lender_surge(view: View) -> bool:
    """Four lenders or more in the last month, and twice the pace of the two months before."""
    days = [(on, code) for on, code, _ in view.asked]
    days += [
        (one.account.opened, one.account.lender.code)
        for one in view.held
        if one.account.kind is not AccountKind.COLLECTION
    ]
    recent = {code for day, code in days if view.ago(day) < RECENT_DAYS}
    before = {code for day, code in days if 0 <= view.ago(day) - RECENT_DAYS < BEFORE_DAYS}
    twice = len(recent) * BEFORE_DAYS >= PACE * len(before) * RECENT_DAYS
    return len(recent) >= LENDERS and twice


# -- small loans -----------------------------------------------------------------------------

CYCLES, CYCLE_DAYS, CYCLE_LIFE_DAYS = 4, 365, 183
APPLICATIONS, APPLICATION_DAYS = 6, 90


def small_loan_churn(view: View) -> bool:
    """Small loans repaid one after another, asked for again and again, or piled up unpaid.

    A bureau that only counts can show a pile as well, where its counts leave no other reading.
    """
    return (
        sum(_cycled(view, one.account) for one in view.held) >= CYCLES
        or sum(
            view.ago(on) < APPLICATION_DAYS and BY_CODE[code].type is LenderType.MICROLENDER
            for on, code, _ in view.asked
        )
        >= APPLICATIONS
        or truth.pile((one.account for one in view.held), view.life.today).fires
        or _pile_shows(view)
    )


def _cycled(view: View, account: Account) -> bool:
    """Taken out and repaid in a year, within half a year of each other."""
    repaid = account.last and account.last.stage is Stage.CLOSED
    if not truth.is_small(account) or not account.ended or not repaid:
        return False
    ended, opened = view.ago(account.ended), view.ago(account.opened)
    return max(opened, ended) < CYCLE_DAYS and opened - ended <= CYCLE_LIFE_DAYS


def _pile_shows(view: View) -> bool:
    """Baihang counts so many new loans and open ones that some must stand on others.

    Of loans of any size, 30 days old or older: those of the last 180 days, and those owed. Whoever
    is new and open at once stands on at least two, but for the first two.
    """
    loans = [a for a in view.counted if a.kind in LOANS]
    lately = [a for a in loans if view.ago(a.opened) < truth.UNPAID_DAYS]
    aged = [a for a in loans if view.ago(a.opened) >= truth.AGED_DAYS]
    new = sum(a in lately for a in aged)
    owed = sum(truth.owed_on(a, view.life.today) for a in aged)
    lent = sum(a.amount or 0 for a in lately)
    left = sum(truth.balance(a) for a in loans)
    return (
        min(new, owed - truth.UNPAID) >= truth.PILE
        and 100 * left >= truth.OWED_PERCENT * lent
        and lent <= truth.SMALL_YUAN * FEN * len(lately)
    )


# -- work and pay ----------------------------------------------------------------------------

LAPSED_MONTHS = 2
DROP_MONTHS, DROP_PERCENT = 12, 30


def contribution_lapse(life: Life) -> bool:
    """Pension or housing fund, if it was ever paid, has not been for two months or more."""
    paid = [max(life.pension_months)] if life.pension_months else []
    paid += [life.housing_fund.paid_to] if life.housing_fund else []
    return any(Month.of(life.today).since(month) >= LAPSED_MONTHS for month in paid)


def income_drop(life: Life) -> bool:
    """The base is lower by 30 percent or more than twelve months before its newest month.

    By the pension, whose base is the pay; the fund's is as well, but only its newest is told. Who
    was not paid in either month, or not lately, has nothing to compare.
    """
    base = {month: fen for month, fen in life.income if fen}
    newest = max(base, default=None)
    if newest is None or Month.of(life.today).since(newest) > STALE_MONTHS:
        return False
    before = base.get(newest.plus(-DROP_MONTHS), 0)
    return before > 0 and 100 * (before - base[newest]) >= DROP_PERCENT * before


# -- region ----------------------------------------------------------------------------------

INDEX, RISE, RISE_MONTHS = 70, 20, 6


def regional_risk(life: Life) -> bool:
    """The newest index of the region is 70 or more, and 20 higher than half a year before."""
    by_month = dict(regions.index(life.person.id_number[:6], life.today))
    newest = max(by_month)
    rise = by_month[newest] - by_month[newest.plus(-RISE_MONTHS)]
    return by_month[newest] >= INDEX and rise >= RISE


# -- the lender's own platform ---------------------------------------------------------------

LOGIN_DAYS, FAILURES, KNOWN_LOGINS = 7, 6, 5
FAILED_WITHIN, APPEARED_WITHIN, TRAVELLED_WITHIN = (timedelta(minutes=n) for n in (15, 60, 90))
NEIGHBOURS = (("11", "12", "13"), ("31", "32", "33"), ("44", "81", "82"), ("50", "51"))
"""Provinces (GB/T 2260) that people cross every day."""


def abnormal_logins(life: Life) -> bool:
    """In a week: six failures in a quarter of an hour, a strange telephone, or two far places."""
    made = platform.attempts(life)
    entered = [one for one in made if one.outcome is LoginOutcome.SUCCESS]
    lately = [one for one in made if (life.today - one.at.date()).days < LOGIN_DAYS]
    failed = [one.at for one in lately if one.outcome is not LoginOutcome.SUCCESS]
    return (
        any(sum(at <= one <= at + FAILED_WITHIN for one in failed) >= FAILURES for at in failed)
        or any(_strange(one, entered) for one in entered if one in lately)
        or any(
            then.at - one.at <= TRAVELLED_WITHIN and _far(one.region, then.region)
            for one, then in pairwise(entered)
            if then in lately
        )
    )


def _strange(one: Attempt, entered: Sequence[Attempt]) -> bool:
    """Neither the telephone nor the place was seen an hour before, by somebody who is known."""
    before = [other for other in entered if other.at < one.at - APPEARED_WITHIN]
    return len(before) >= KNOWN_LOGINS and not any(
        one.device == other.device or one.region == other.region for other in before
    )


def _far(one: str, other: str) -> bool:
    pair = {one[:2], other[:2]}
    return len(pair) > 1 and not any(pair.issubset(group) for group in NEIGHBOURS)


PURPOSE_DAYS = 366
RESTRICTED = frozenset(
    {
        LoanUse.PROPERTY, LoanUse.SECURITIES, LoanUse.DERIVATIVES, LoanUse.ASSET_MANAGEMENT,
        LoanUse.EQUITY, LoanUse.FIXED_ASSETS,
    }
)  # fmt: skip


def restricted_purpose(view: View) -> bool:
    """Money of the lender for what loans must not pay for, or an open loan to buy securities."""
    said = [
        {one.declared, *(use for _, use, _ in one.seen)}
        for one in platform.declarations(view.life)
        if view.ago(max([one.on, *(day for day, _, _ in one.seen)])) < PURPOSE_DAYS
    ]
    financed = any(
        one.account.product == MARGIN and bureaus.status(one.account).open for one in view.held
    )
    return financed or any(not RESTRICTED.isdisjoint(uses) for uses in said)


_KNOWN: Mapping[str, Callable[[Life], bool]] = MappingProxyType(
    {
        personas.CONTRIBUTION_LAPSE: contribution_lapse,
        personas.INCOME_DROP: income_drop,
        personas.REGIONAL_RISK: regional_risk,
        personas.ABNORMAL_LOGINS: abnormal_logins,
    }
)
"""Those of which the source that tells them tells everything, at once."""
_TOLD: Mapping[str, Callable[[View], bool]] = MappingProxyType(
    {
        personas.CARD_OVERDUE: card_overdue,
        personas.MULTI_LENDER: lender_surge,
        personas.SMALL_LOAN_CHURN: small_loan_churn,
        personas.RESTRICTED_PURPOSE: restricted_purpose,
    }
)
