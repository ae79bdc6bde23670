"""What is so, as far as a bureau can know it: the answer sheet for whoever reads its reports.

Computed from the life and the bureau's view of it, never from rendered bytes and never by a
parser.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from connectors.money import Month
from connectors.records import AccountKind, AccountStatus, InquiryKind, PaymentStatus
from connectors.sandbox import bureaus
from connectors.sandbox.facts import Account, Life, Query
from connectors.sandbox.lenders import LENDERS, PBOC
from connectors.sandbox.life import QUERY_DAYS
from connectors.sandbox.render.pboc.ink import yuan

GRID_MONTHS = 24
HISTORY_MONTHS = 60
BUREAUS = tuple(sorted({bureau for lender in LENDERS for bureau in lender.reports_to}))
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
    Windows of n days hold today and the n - 1 days before. `lenders` counts institutions that
    asked because of an application or opened an account, a bought debt left out.
    """

    open_tradelines: int
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
            lender=one.alias,
            kind=one.account.kind,
            status=one.status,
            opened=one.account.opened,
            ended=one.account.ended,
            granted=_rounded(one.account.amount or one.account.limit or 0, bureau),
            balance=_rounded(_balance(one.account), bureau),
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

    Only PBOC lists accounts one by one; the others add the queries they list.
    """
    held = _held(life, heard)
    asked = life.queries
    if heard:
        asked = tuple(q for one in heard for q in bureaus.queries(life, one, QUERY_DAYS))
    revolving = [a for a, _ in held if a.kind in _REVOLVING and bureaus.status(a).open]
    granted = [a for a, _ in held if a.kind is not AccountKind.COLLECTION]
    late = [(month, dpd) for _, grid in held for month, dpd in grid if dpd]
    since = Month.of(life.today).plus(-GRID_MONTHS)
    last_late = max((month for month, _ in late), default=None)
    hard = {days: _hard(life, asked, days) for days in (30, 90, 180)}
    return Attributes(
        open_tradelines=sum(bureaus.status(account).open for account, _ in held),
        revolving_used=sum(_balance(account) for account in revolving),
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


_Grid = tuple[tuple[Month, int], ...]


def _held(life: Life, heard: tuple[str, ...]) -> list[tuple[Account, _Grid]]:
    """Accounts with the days past due of each month (lower end of the band, 0 when unknown)."""
    if heard:
        shown = bureaus.accounts(life, PBOC) if PBOC in heard else ()
        return [
            (
                one.account,
                tuple((row.month, mark.dpd or 0) for row, mark in one.marks(HISTORY_MONTHS)),
            )
            for one in shown
        ]
    return [
        (a, tuple((row.month, bureaus.mark(row, a.kind).dpd or 0) for row in a.rows))
        for a in life.accounts
    ]


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


def _balance(account: Account) -> int:
    return account.last.balance if account.last else account.amount or 0


def _rounded(fen: int, bureau: str) -> int:
    """PBOC speaks whole yuan, Baihang fen."""
    return yuan(fen) * 100 if bureau == PBOC else fen
