"""One account, as far as it is known: as it is, or as the bureaus that list accounts tell it.

How one account stands that two bureaus tell of: what never changes (opened, granted) as PBOC says,
what changes as the newest figures say, PBOC on one day; months as the worst of them. What only
PBOC states (product, type of lender, security, what is due, five-class) is not known of an account
it does not list.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain, pairwise

from connectors.money import Month
from connectors.records import AccountKind, AccountStatus, LenderType, PaymentStatus
from connectors.sandbox import bureaus, truth
from connectors.sandbox.borrowing import FEN
from connectors.sandbox.bureaus import Seen
from connectors.sandbox.facts import Account, Life, Row
from connectors.sandbox.lenders import PBOC, XINGTU

CARDS = frozenset({AccountKind.CREDIT_CARD, AccountKind.QUASI_CREDIT_CARD})
REVOLVING = CARDS | {AccountKind.REVOLVING_LOAN}
DRAWN = frozenset({AccountKind.REVOLVING_LOAN, AccountKind.REVOLVING_SUBACCOUNT})
LOANS = DRAWN | {AccountKind.INSTALMENT_LOAN}
PRODUCTS: Mapping[str, frozenset[str]] = {
    "mortgages": frozenset({"mortgage", "fund_loan"}),
    "car_loans": frozenset({"car", "lease"}),
    "business_loans": frozenset({"business"}),
    "consumer_loans": frozenset({"consumer", "instalment", "small", "drawdown", "revolving"}),
}
NOT_NONBANK = frozenset({LenderType.BANK, LenderType.HOUSING_FUND})
GRID_MONTHS, TOLD_BY_XINGTU = 60, 36

SECURED = PRODUCTS["mortgages"] | {"car", "business", "margin"}
"""Products with a security or a guarantor."""

Aged = tuple[int | None, int | None, int | None, int | None]
_NOT_AGED: Aged = (None, None, None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One account, as far as it is known; amounts in fen, months counted back from this one.

    `months` are days past due of each month that is known (lower end of the band). `overdue`,
    `late_now` and `dpd_now` are by the newest figures, `due` is what is due this month, `usual`
    the mean balance of the last six, `peak` the greatest ever, `unbilled` what of an instalment
    plan is on no bill yet, `remaining` the instalments that are not paid. `overdue_in` is what was
    past due at the end of a month, `aged` what is past due for 31-60, 61-90, 91-180 and more days
    (principal), `five_class` how the lender grades the loan, 1 (normal) to 5 (loss). `lender` is
    None where it is masked: that names nobody, and any other may be the same. `contradicted`: two
    sources tell the status or a month differently. `sources` are empty where nobody was asked.
    """

    kind: AccountKind
    status: AccountStatus
    open: bool
    lender: str | None
    listed: bool
    lender_type: LenderType | None
    product: str | None
    opened: date
    closed: date | None
    amount: int | None
    limit: int | None
    balance: int
    overdue: int | None
    late_now: bool
    dpd_now: int | None
    due: int | None
    usual: int | None
    peak: int | None
    unbilled: int | None
    remaining: int | None
    months: Mapping[int, int]
    overdue_in: Mapping[int, int]
    aged: Aged
    five_class: int | None
    unsecured: bool
    contradicted: bool
    disputed: bool
    as_of: date
    sources: frozenset[str] = frozenset()

    @property
    def nonbank(self) -> bool:
        """With a lender that is neither a bank nor a housing fund."""
        return self.lender_type is not None and self.lender_type not in NOT_NONBANK


def as_it_is(life: Life, account: Account) -> Line:
    """The account with everything the life holds of it."""
    status, last = bureaus.status(account), account.last
    months = {months_ago(life, row.month): bureaus.mark(row, account.kind) for row in account.rows}
    late = status is AccountStatus.IN_COLLECTION
    return Line(
        kind=account.kind,
        status=status,
        open=status.open and account.left is None,
        lender=account.lender.code,
        listed=True,
        lender_type=account.lender.type,
        product=account.product,
        opened=account.opened,
        closed=account.ended if status is AccountStatus.CLOSED else None,
        amount=account.amount,
        limit=account.limit,
        balance=truth.balance(account),
        overdue=last.overdue if last else 0,
        late_now=late or bool(last and last.overdue),
        dpd_now=_or_late(bureaus.mark(last, account.kind).dpd if last else None, late=late),
        due=last.due if last else 0,
        usual=_mean(account),
        peak=_peak(account),
        unbilled=_unbilled(account),
        remaining=_remaining(account),
        months=_with_collection(
            {ago: mark.dpd or 0 for ago, mark in months.items()}, life, account, late=late
        ),
        overdue_in={months_ago(life, row.month): row.overdue for row in account.rows},
        aged=last.aged if last else (0, 0, 0, 0),
        five_class=_graded(account),
        unsecured=_unsecured(account),
        contradicted=False,
        disputed=account.disputed_in is not None,
        as_of=_figures_of(account, XINGTU),
    )


def as_told(life: Life, heard: frozenset[str]) -> Iterator[Line]:
    """Each account once, from what the bureaus that list accounts say of it."""
    by_number: dict[int, list[Seen]] = {}
    for bureau in truth.LISTING:
        for one in bureaus.accounts(life, bureau) if bureau in heard else ():
            by_number.setdefault(one.account.number, []).append(one)
    lines = {number: _merged(life, some) for number, some in by_number.items()}
    taken = {some[0].account.origin for some in by_number.values()}
    for number, line in lines.items():
        if line.kind is AccountKind.COLLECTION and line.closed and _is_old(life, line.closed):
            continue  # as adverse as the arrears it came from
        elsewhere = number in taken and line.status in truth.GIVEN_UP
        yield replace(line, open=line.open and not elsewhere)


def _merged(life: Life, some: Sequence[Seen]) -> Line:
    first = some[0]  # PBOC, where it lists the account
    newest = max(some, key=lambda one: (_figures_of(one.account, one.bureau), one is first))
    account, status = newest.account, newest.status
    states = first if first.bureau == PBOC else None
    masked = any(one.masked for one in some)
    named = any(map(_lender_known, some))
    late_now = status is AccountStatus.IN_COLLECTION or bool(account.last and account.last.overdue)
    overdue = _overdue(some, newest, late_now=late_now)
    months, of_newest = _months(life, some, newest), _figures_of(account, newest.bureau)
    figures = states if states and _has_figures(states) else None
    return Line(
        kind=first.account.kind,
        status=status,
        open=status.open,
        lender=account.lender.code
        if named
        else None
        if masked
        else f"{first.bureau}:{first.named}",
        listed=named,
        lender_type=states.account.lender.type if states else None,
        product=states.account.product if states else None,
        opened=first.account.opened,
        closed=next((s.account.ended for s in some if s.status is AccountStatus.CLOSED), None),
        amount=_in_units(first, first.account.amount),
        limit=_in_units(newest, account.limit),
        balance=_in_units(newest, truth.balance(account)) or 0,
        overdue=overdue,
        late_now=late_now,
        dpd_now=_or_late(_stated(states, newest), late=late_now),
        due=_due(states) if states else None,
        usual=_usual(states) if states else None,
        peak=_in_units(figures, _peak(figures.account)) if figures else None,
        unbilled=_in_units(figures, _unbilled(figures.account)) if figures else None,
        remaining=_remaining(figures.account) if figures else None,
        months=months,
        overdue_in=_overdue_in(life, some, months, overdue, months_ago(life, Month.of(of_newest))),
        aged=_aged(figures) if figures and (figures is newest or late_now) else _NOT_AGED,
        five_class=_graded(states.account) if states else None,
        unsecured=states is not None and _unsecured(states.account),
        contradicted=_contradicted(life, some, months),
        disputed=account.disputed_in is not None,
        as_of=of_newest,
        sources=frozenset(one.bureau for one in some),
    )


def _lender_known(seen: Seen) -> bool:
    """It is called what is listed, or a branch of that in words; a branch's code nobody lists."""
    listed = seen.alias == seen.account.lender.alias(seen.bureau)
    return not seen.masked and (listed or seen.bureau != PBOC)


def _figures_of(account: Account, bureau: str) -> date:
    """Figures are of the end of a month; PBOC's of an ended account of the day it ended."""
    if account.last is None:
        return account.opened
    if bureau == PBOC and account.ended:
        return account.ended
    return bureaus.reported_on(account.last.month)


def _in_units(seen: Seen, fen: int | None) -> int | None:
    """PBOC speaks whole yuan, half a yuan rounded up."""
    return fen if fen is None or seen.bureau != PBOC else (fen + FEN // 2) // FEN * FEN


def _live(seen: Seen) -> bool:
    """PBOC has monthly figures only of accounts that are neither settled, sold nor written off."""
    return seen.status not in truth.GIVEN_UP | {AccountStatus.CLOSED}


def _has_figures(seen: Seen) -> bool:
    collected = seen.status is AccountStatus.IN_COLLECTION
    return _live(seen) and bool(seen.account.last) and not collected


def _overdue(some: Sequence[Seen], newest: Seen, *, late_now: bool) -> int | None:
    """What is past due, as the newest who states it does; nothing of what was before, once paid."""
    telling = [one for one in some if one.bureau != PBOC or _has_figures(one)]
    if not telling:
        return None
    one = newest if newest in telling else telling[0]
    if one is not newest and not late_now:
        return None
    return _in_units(one, one.account.last.overdue if one.account.last else 0)


def _or_late(dpd: int | None, *, late: bool) -> int | None:
    """At least a day where only an amount or the status says so."""
    return dpd or (1 if late else dpd)


def _stated(states: Seen | None, newest: Seen) -> int | None:
    """Only PBOC states how late an account is; older than the newest figures it tells no more."""
    last = states.account.last if states else None
    if states is None or last is None or states.account.kind is AccountKind.COLLECTION:
        return None
    return bureaus.mark(last, states.account.kind).dpd if states is newest else 0


def _due(seen: Seen) -> int | None:
    last = seen.account.last
    return _in_units(seen, last.due) if last and _has_figures(seen) else None


def _usual(seen: Seen) -> int | None:
    return _in_units(seen, _mean(seen.account)) if _has_figures(seen) else None


def _mean(account: Account) -> int:
    recent = [row.balance for row in account.rows[-6:]]
    return sum(recent) // len(recent) if recent else 0


def _peak(account: Account) -> int:
    return max((row.balance for row in account.rows), default=0)


def _unbilled(account: Account) -> int | None:
    """Of a plan inside a credit card, which is repaid evenly until it ends."""
    if account.kind is not AccountKind.CREDIT_CARD:
        return None
    plan, last = account.plan, account.last
    if plan is None or last is None or last.month < Month.of(plan.starts):
        return 0
    ends = Month.of(plan.ends)
    return plan.used * max(ends.since(last.month), 0) // ends.since(Month.of(plan.starts))


def _remaining(account: Account) -> int | None:
    """The first instalment falls due in the month after the one of opening."""
    if account.terms is None or account.last is None:
        return account.terms
    fallen_due = min(account.last.month.since(Month.of(account.opened)), account.terms)
    return account.terms - fallen_due + account.last.terms_overdue


def _graded(account: Account) -> int | None:
    """Up to three months late is special mention, up to six substandard, then doubtful."""
    if account.kind not in LOANS:
        return None
    if bureaus.status(account) is AccountStatus.CHARGED_OFF:
        return 5
    late = account.last.months_late if account.last else 0
    return 1 + (late > 0) + (late > 3) + (late > 6)  # noqa: PLR2004 - see above


def _unsecured(account: Account) -> bool:
    """Of a bought debt nobody tells it."""
    return account.kind is not AccountKind.COLLECTION and account.product not in SECURED


def _aged(figures: Seen) -> Aged:
    """PBOC tells it of loans, of quasi credit cards only what is the oldest, of cards nothing."""
    if figures.account.last is None or figures.account.kind is AccountKind.CREDIT_CARD:
        return _NOT_AGED
    first, second, third, oldest = (_in_units(figures, fen) for fen in figures.account.last.aged)
    if figures.account.kind is AccountKind.QUASI_CREDIT_CARD:
        return None, None, None, oldest
    return first, second, third, oldest


def _tells(seen: Seen) -> Iterator[tuple[Row, PaymentStatus]]:
    """The months a bureau tells of an account; PBOC has none of a bought debt."""
    if seen.bureau == PBOC and seen.account.kind is AccountKind.COLLECTION:
        return
    most = GRID_MONTHS if seen.bureau == PBOC else TOLD_BY_XINGTU
    yield from (one for one in seen.marks(most) if one[1] is not PaymentStatus.UNKNOWN)


def _marks(life: Life, some: Sequence[Seen]) -> Mapping[int, set[PaymentStatus]]:
    """What is told of each month: where bureaus differ, more than one."""
    marks: dict[int, set[PaymentStatus]] = {}
    for row, mark in chain.from_iterable(map(_tells, some)):
        marks.setdefault(months_ago(life, row.month), set()).add(mark)
    return marks


def _days(mark: PaymentStatus) -> int:
    """Past due; none where the mark says nothing of it."""
    return mark.dpd or 0


def _overdue_in(
    life: Life, some: Sequence[Seen], kept: Mapping[int, int], overdue: int | None, of_newest: int
) -> Mapping[int, int]:
    """PBOC tells it of each month it tells; of the month of the newest figures these do.

    Of a month that another tells as worse, what is believed has no amount.
    """
    worst = {ago: max(map(_days, marks)) for ago, marks in _marks(life, some).items()}
    told = {
        ago: _in_units(one, row.overdue) or 0
        for one in some
        if one.bureau == PBOC
        for row, mark in _tells(one)
        if _days(mark) == worst[ago := months_ago(life, row.month)]
    }
    if overdue is not None:
        told[of_newest] = max(overdue, told.get(of_newest, 0))
    return {ago: fen for ago, fen in told.items() if ago in kept}


def _contradicted(life: Life, some: Sequence[Seen], kept: Mapping[int, int]) -> bool:
    """An older status does, and so does a month that both tell and that may be shown."""
    marks = _marks(life, some)
    statuses = {one.status for one in some}
    return len(statuses) > 1 or any(len(marks.get(ago, ())) > 1 for ago in kept)


def _months(life: Life, some: Sequence[Seen], newest: Seen) -> Mapping[int, int]:
    """Days past due by month; what the law no longer lets be shown is gone, and all before it."""
    marks = _marks(life, some)
    known = {ago: max(map(_days, told)) for ago, told in marks.items()}
    telling = {ago: dpd for ago, dpd in known.items() if marks[ago] != {PaymentStatus.ENDED}}
    cut = _over(life, telling)
    kept = {ago: dpd for ago, dpd in known.items() if cut is None or ago < cut}
    late = newest.status is AccountStatus.IN_COLLECTION
    return _with_collection(kept, life, newest.account, late=late)


def _over(life: Life, worst: Mapping[int, int]) -> int | None:
    """The newest month of arrears whose first good month is five years ago or longer."""
    agos = sorted(worst, reverse=True)
    for ago, after in reversed(list(pairwise(agos))):
        good = Month.of(life.today).plus(-after)
        if worst[ago] and not worst[after] and _is_old(life, date(good.year, good.month, 1)):
            return ago
    return None


def _is_old(life: Life, ended: date) -> bool:
    """Over for more than five years (征信业管理条例 art. 16)."""
    return date(ended.year + truth.KEPT_YEARS, ended.month, min(ended.day, 28)) < life.today


def _with_collection(
    months: dict[int, int], life: Life, account: Account, *, late: bool
) -> Mapping[int, int]:
    """A debt that is collected is late in the month of its newest figures."""
    if not late:
        return months
    month = account.last.month if account.last else Month.of(account.opened)
    ago = months_ago(life, month)
    return months | {ago: max(months.get(ago, 0), 1)}


def months_ago(life: Life, month: Month) -> int:
    """Calendar months from then to the last of the life."""
    return Month.of(life.today).since(month)
