"""What is so, as far as a bureau can know it: the answer sheet for whoever reads its reports.

Computed from the life and the bureau's view of it, never from rendered bytes and never by a
parser.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from connectors.money import Month
from connectors.records import (
    AccountKind,
    AccountStatus,
    InquiryKind,
    LenderType,
    PaymentStatus,
)
from connectors.sandbox import bureaus
from connectors.sandbox.borrowing import FEN
from connectors.sandbox.facts import Account, Life, Query, Stage
from connectors.sandbox.lenders import LENDERS, PBOC, XINGTU
from connectors.sandbox.life import QUERY_DAYS
from connectors.sandbox.render.pboc.ink import yuan
from connectors.sandbox.temperament import LOANS

GRID_MONTHS = 24
HISTORY_MONTHS = 60
KEPT_YEARS = 5
BUREAUS = tuple(sorted({bureau for lender in LENDERS for bureau in lender.reports_to}))
LISTING = (PBOC, XINGTU)
"""Bureaus that list accounts one by one."""
GIVEN_UP = frozenset({AccountStatus.TRANSFERRED, AccountStatus.CHARGED_OFF})
"""How an account stands whose debt another creditor may have by now."""
_DONE = GIVEN_UP | {AccountStatus.CLOSED}
_REVOLVING = frozenset(
    {AccountKind.CREDIT_CARD, AccountKind.QUASI_CREDIT_CARD, AccountKind.REVOLVING_LOAN}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueAccount:
    """One account under the id and alias a bureau uses; amounts in fen, as the bureau rounds.

    `grid` holds the last 24 months reported, the missing one as UNKNOWN.
    """

    number: int
    ref: str
    lender: str
    kind: AccountKind
    status: AccountStatus
    opened: date
    ended: date | None
    granted: int
    balance: int
    past_due: int
    terms_overdue: int
    grid: Mapping[Month, PaymentStatus]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributes:
    """The first attributes of a profile at `today`, over one bureau's view or the whole truth.

    `revolving_used` of `revolving_limit` (fen) over open cards, quasi cards and revolving loans.
    Windows of n days hold today and the n - 1 days before, of n months this month likewise.
    `lenders` counts institutions that asked because of an application or opened an account, a
    bought debt left out, `opened` the accounts opened, likewise. `oldest_months` are whole months
    since the first was opened.
    """

    open_tradelines: int
    overdue_accounts: int
    total_balance: int
    total_past_due: int
    oldest_months: int | None
    opened: Mapping[int, int]
    revolving_used: int
    revolving_limit: int
    max_dpd_24m: int
    hard_inquiries: Mapping[int, int]
    lenders: Mapping[int, int]
    months_since_delinquency: int | None


def accounts(life: Life, bureau: str) -> tuple[TrueAccount, ...]:
    """Every account a bureau shows, in the order they were opened."""
    return tuple(
        TrueAccount(
            number=one.account.number,
            ref=one.ref,
            lender=one.named,
            kind=one.account.kind,
            status=one.status,
            opened=one.account.opened,
            ended=one.account.ended,
            granted=_rounded(one.account.amount or one.account.limit or 0, bureau),
            balance=_rounded(balance(one.account), bureau),
            past_due=_rounded(one.account.last.overdue if one.account.last else 0, bureau),
            terms_overdue=one.account.last.terms_overdue if one.account.last else 0,
            grid={row.month: standing for row, standing in one.marks(GRID_MONTHS)},
        )
        for one in bureaus.accounts(life, bureau)
    )


def same_account(life: Life) -> Mapping[int, Mapping[str, str]]:
    """Which is which: account number -> bureau -> the id it has there."""
    known: dict[int, dict[str, str]] = {account.number: {} for account in life.accounts}
    for bureau in BUREAUS:
        for one in bureaus.accounts(life, bureau):
            known[one.account.number][bureau] = one.ref
    return known


def attributes(life: Life, *heard: str) -> Attributes:
    """What should be concluded when these bureaus answered; with none named, the whole truth.

    `LISTING` bureaus list accounts one by one; the others add the queries they list. An account at
    several stands as the one with the newest figures says, PBOC on a tie; each of its months is as
    the worst of them says, as long as it may be shown: five years from the first good month after
    arrears (征信业管理条例 art. 16). PBOC tells what is overdue only on accounts that still run
    (PD01C). A bought debt that is collected is in arrears by its newest figures. A debt that moved
    counts once, where it is now, as soon as both accounts are known and the old one is given up.
    """
    held = believed(life, heard)
    asked = life.queries
    if heard:
        asked = tuple(q for one in heard for q in bureaus.queries(life, one, QUERY_DAYS))
    running = [one for one in held if one.open]
    live = [one.account for one in running]
    revolving = [a for a in live if a.kind in _REVOLVING]
    granted = [one.account for one in held if one.account.kind is not AccountKind.COLLECTION]
    late = [(month, dpd) for one in held for month, dpd in one.grid if dpd]
    since = Month.of(life.today).plus(1 - GRID_MONTHS)
    last_late = max((month for month, _ in late), default=None)
    hard = {days: _hard(life, asked, days) for days in (30, 90, 180)}
    return Attributes(
        open_tradelines=len(live),
        overdue_accounts=sum(map(_in_arrears, live)),
        total_balance=sum(balance(account) for account in live),
        total_past_due=sum(one.overdue for one in running),
        oldest_months=_whole_months((one.account.opened for one in held), life.today),
        opened={90: sum(a.opened > _ago(life, 90) for a in granted)},
        revolving_used=sum(balance(account) for account in revolving),
        revolving_limit=sum(account.limit or 0 for account in revolving),
        max_dpd_24m=max((dpd for month, dpd in late if month >= since), default=0),
        hard_inquiries={days: len(found) for days, found in hard.items()},
        lenders={
            days: len(
                {code for _, code, _ in hard[days]}
                | {a.lender.code for a in granted if a.opened > _ago(life, days)}
            )
            for days in (30, 90)
        },
        months_since_delinquency=(
            None if last_late is None else Month.of(life.today).since(last_late)
        ),
    )


SMALL_YUAN = 10_000
UNPAID_DAYS, AGED_DAYS, UNPAID = 180, 30, 2
PILE, OWED_PERCENT = 4, 50
NON_BANKS = frozenset({LenderType.MICROLENDER, LenderType.CONSUMER_FINANCE, LenderType.OTHER})


@dataclass(frozen=True, slots=True)
class Piled:
    """Small loans on unpaid small loans: how many, and what is owed of all that were part of it.

    A loan counts that a non-bank lent in the last 180 days, up to 10,000 yuan, while two or more
    earlier ones, 30 days old or older, were owed. `lent` and `owed` are fen, over these loans and
    the earlier ones; what was sold is owed to somebody else.
    """

    loans: int
    lent: int
    owed: int

    @property
    def fires(self) -> bool:
        """Four of them, and half of the money is owed still: borrowing new to pay old."""
        return self.loans >= PILE and 100 * self.owed >= OWED_PERCENT * self.lent


def piled(life: Life, *heard: str) -> Piled:
    """Of the accounts of these bureaus, or of the whole life without any; from their balances."""
    known = [seen.account for one in heard for seen in bureaus.accounts(life, one)]
    accounts = {a.number: a for a in (known if heard else life.accounts)}
    return pile(accounts.values(), life.today)


def pile(accounts: Iterable[Account], today: date) -> Piled:
    """Of these accounts, each once."""
    some = [a for a in accounts if is_small(a)]
    since = today - timedelta(days=UNPAID_DAYS)
    part: dict[int, Account] = {}
    count = 0
    for new in some:
        earlier = [
            old
            for old in some
            if (new.opened - old.opened).days >= AGED_DAYS and owed_on(old, new.opened)
        ]
        if new.opened > since and len(earlier) >= UNPAID:
            count += 1
            part |= {a.number: a for a in (new, *earlier)}
    owed = sum(0 if a.left else balance(a) for a in part.values())
    return Piled(count, sum(a.amount or 0 for a in part.values()), owed)


_Grid = tuple[tuple[Month, int], ...]


@dataclass(frozen=True, slots=True)
class Held:
    """An account as it is believed to stand: days past due by month (lower end of the band).

    `elsewhere`: it was given up, and another account has its debt by now.
    """

    account: Account
    grid: _Grid
    overdue: int
    elsewhere: bool

    @property
    def open(self) -> bool:
        """It can still owe or be drawn on."""
        return bureaus.status(self.account).open and not self.elsewhere


def believed(life: Life, heard: tuple[str, ...]) -> list[Held]:
    """The accounts of these bureaus, each once, or all of the life."""
    if heard:
        by_number: dict[int, list[bureaus.Seen]] = {}
        for bureau in LISTING:
            for one in bureaus.accounts(life, bureau) if bureau in heard else ():
                by_number.setdefault(one.account.number, []).append(one)
        origins = {some[0].account.origin for some in by_number.values()}
        return [
            Held(
                newest := max(some, key=_newest).account,
                _shown(_worst(some), life.today),
                _told_overdue(some),
                newest.number in origins and bureaus.status(newest) in GIVEN_UP,
            )
            for some in by_number.values()
        ]
    return [
        Held(a, tuple(_lateness(a)), a.last.overdue if a.last else 0, a.left is not None)
        for a in life.accounts
    ]


def _lateness(account: Account) -> Iterator[tuple[Month, int]]:
    for row in account.rows:
        yield row.month, bureaus.mark(row, account.kind).dpd or 0
    if account.last and _collected(account):
        yield account.last.month, 1


def _collected(account: Account) -> bool:
    return account.kind is AccountKind.COLLECTION and bureaus.status(account).open


def _shown(grid: _Grid, today: date) -> _Grid:
    """Without arrears that ended five years ago or longer, and what lies before them."""
    since: Month | None = None
    months = sorted(grid, key=lambda cell: (cell[0].year, cell[0].month))
    for (month, dpd), (after, good) in pairwise(months):
        if dpd and not good and date(after.year + KEPT_YEARS, after.month, 1) < today:
            since = month
    return tuple(cell for cell in months if since is None or cell[0].since(since) > 0)


def _newest(seen: bureaus.Seen) -> tuple[date, bool]:
    account = seen.account
    as_of = bureaus.reported_on(account.last.month) if account.last else account.opened
    return as_of, seen.bureau == PBOC


def _worst(some: list[bureaus.Seen]) -> _Grid:
    worst: dict[Month, int] = {}
    for one in some:
        for row, mark in one.marks(HISTORY_MONTHS):
            if mark not in {PaymentStatus.UNKNOWN, PaymentStatus.ENDED}:
                worst[row.month] = max(worst.get(row.month, 0), mark.dpd or 0)
    newest = max(some, key=_newest).account
    if newest.last and _collected(newest):
        worst[newest.last.month] = 1
    return tuple(worst.items())


def _told_overdue(some: list[bureaus.Seen]) -> int:
    telling = [one for one in some if one.bureau != PBOC or one.status not in _DONE]
    last = max(telling, key=_newest).account.last if telling else None
    return last.overdue if last else 0


def _in_arrears(account: Account) -> bool:
    return bool(account.last and account.last.overdue) or _collected(account)


def _whole_months(opened: Iterable[date], today: date) -> int | None:
    since = min(opened, default=None)
    if since is None:
        return None
    return Month.of(today).since(Month.of(since)) - (today.day < since.day)


def _hard(life: Life, asked: tuple[Query, ...], days: int) -> set[tuple[date, str, InquiryKind]]:
    """Inquiries that follow an application; the same one at two bureaus is one."""
    since = _ago(life, days)
    return {
        (query.on, query.lender.code, query.kind)
        for query in asked
        if query.kind.hard and query.lender and query.on > since
    }


def _ago(life: Life, days: int) -> date:
    return life.today - timedelta(days=days)


def balance(account: Account) -> int:
    """What is owed by the newest figures, in fen; all of it before there are any."""
    return account.last.balance if account.last else account.amount or 0


def is_small(account: Account) -> bool:
    """A loan of a non-bank, of 10,000 yuan or less."""
    return (
        account.kind in LOANS
        and account.lender.type in NON_BANKS
        and (account.amount or 0) <= SMALL_YUAN * FEN
    )


def owed_on(account: Account, day: date) -> bool:
    """Something of the loan was not repaid on that day; a sold debt never was."""
    repaid = account.ended if account.last and account.last.stage is Stage.CLOSED else None
    return repaid is None or repaid > day


def _rounded(fen: int, bureau: str) -> int:
    """PBOC speaks whole yuan, Baihang fen."""
    return yuan(fen) * 100 if bureau == PBOC else fen
