"""Small loans again and again: repaid one by one, asked for, or taken on top of unpaid ones.

Borrowing new to pay old (以贷养贷) shows in small loans that are opened while earlier ones are
owed. No report tells what was owed at an earlier day: PBOC has today's balance and the months in
arrears, Baihang counts. But the principal of a loan in instalments never rises, so what is owed
today was owed at every day since it was lent, and a loan that is open today was open then.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from connectors.money import Money
from connectors.records import AccountKind, AccountStatus, LenderType
from gateway.creditfile import CreditFile, evidence
from gateway.profile import Observed, ProfileTradeline
from gateway.profile.concluded import Evidence
from gateway.signals.definition import Count, Definition, Ground, Seen, by_any

_LOANS = frozenset({AccountKind.INSTALMENT_LOAN, AccountKind.REVOLVING_SUBACCOUNT})
Window = Literal[30, 90, 180, 360]
"""Days; those Baihang counts in."""


class LoanCounts(BaseModel):
    """Which of a source's own counts is what: their names, and the segment of loans they are of."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    segment: str
    opened: str
    open: str
    owed: str
    lent: str
    average: str


class SmallLoanChurn(Definition):
    """Small loans opened and repaid one after another, applied for, or opened on unpaid ones."""

    window_days: Count
    life_days: Count
    amount_minor: Count
    currency: str
    lender_types: frozenset[LenderType]
    cycles: Count
    application_days: Count
    application_lender_types: frozenset[LenderType]
    applications: Count
    unpaid_days: Window
    aged_days: Window
    unpaid: Count
    on_unpaid: Count
    owed_percent: Count
    counts: LoanCounts


def loan_churn(file: CreditFile, rule: SmallLoanChurn) -> Seen:
    """Each of the four ways small loans can turn over; one is enough."""
    return by_any(
        _cycles(file, rule),
        _applications(file, rule),
        _on_unpaid(file, rule),
        _counted_on_unpaid(file, rule),
    )


def _cycles(file: CreditFile, rule: SmallLoanChurn) -> Ground:
    """Small loans opened and closed again in the window."""
    ran = [line for line in file.lines if _ran_its_course(file, line, rule)]
    sizes = [_is_small(line, rule) for line in ran]
    cycles = [line for line, small in zip(ran, sizes, strict=True) if small]
    return Ground(
        name="cycles",
        fires=len(cycles) >= rule.cycles,
        could_fire=len(cycles) + sizes.count(None) >= rule.cycles,
        observed=(Observed("loans_opened_and_closed", len(cycles), rule.cycles),),
        basis=evidence(cycles),
    )


def _applications(file: CreditFile, rule: SmallLoanChurn) -> Ground:
    """Applications to lenders of small loans, whatever came of them."""
    asked = file.asked(rule.application_days)
    wanted = [one for one in asked if one.lender_type in rule.application_lender_types]
    unknown = sum(1 for one in asked if one.lender_type is None)
    return Ground(
        name="applications",
        fires=len(wanted) >= rule.applications,
        could_fire=len(wanted) + unknown >= rule.applications,
        observed=(Observed("applications", len(wanted), rule.applications),),
        basis=evidence(wanted),
    )


def _ran_its_course(file: CreditFile, line: ProfileTradeline, rule: SmallLoanChurn) -> bool:
    """A loan opened and closed in the window, soon after one another."""
    if line.kind.value not in _LOANS or not line.opened or not line.closed:
        return False
    opened, closed = line.opened.value, line.closed.value
    lived = (closed.earliest() - opened.earliest()).days
    return (
        file.within(opened, rule.window_days)
        and file.within(closed, rule.window_days)
        and 0 <= lived <= rule.life_days
    )


def _is_small(line: ProfileTradeline, rule: SmallLoanChurn) -> bool | None:
    """A small loan of a non-bank; None when its amount or its lender's type is not known."""
    lender = line.lender_type.value if line.lender_type else None
    if lender is not None and lender not in rule.lender_types:
        return False
    amount = line.original_amount.value if line.original_amount else None
    if amount is not None and not _up_to(amount, rule):
        return False
    return None if lender is None or amount is None else True


def _up_to(amount: Money, rule: SmallLoanChurn) -> bool:
    """An amount in another currency is not compared, and not a small loan of this definition."""
    return amount.currency == rule.currency and amount.minor <= rule.amount_minor


# -- on unpaid loans, account by account -----------------------------------------------------


class _Loan(NamedTuple):
    """A loan that is small, or may be. Days are ordinals.

    `opened` is None when nobody says. `sure` says that it is small and when it was opened. Of
    `repaid` and `owed_minor` (today, in the minor unit) the first is the least it can be and the
    second the most; a loan sold or written off is not repaid.
    """

    line: ProfileTradeline
    opened: int | None
    sure: bool
    lent_minor: int
    repaid: tuple[int, int]
    owed_minor: tuple[int, int]


_EVER, _NEVER = 0, date.max.toordinal() + 1


def _on_unpaid(file: CreditFile, rule: SmallLoanChurn) -> Ground:
    """Small loans opened in the window while earlier ones were owed, and most is owed still.

    What a loan took over from another account is not newly borrowed. Of the loans that count,
    and the earlier ones they were opened on, `owed_percent` of what was lent must be owed today.
    """
    new = file.opened(rule.unpaid_days) or [line for line in file.lines if not line.opened]
    loans = [one for line in file.lines for one in _loans(line, rule)] if new else []
    sure, earlier = _stacked(file, [one for one in loans if one.sure], rule, 0)
    most, before = _stacked(file, loans, rule, 1)
    involved = {one.line.id: one for one in (*earlier, *sure)}
    possible = {one.line.id for one in (*before, *most)}
    at_least, at_most = (_percent(involved.values(), place) for place in (0, 1))
    return Ground(
        name="on_unpaid",
        fires=len(sure) >= rule.on_unpaid and at_least >= rule.owed_percent,
        could_fire=len(most) >= rule.on_unpaid
        and (possible != involved.keys() or at_most >= rule.owed_percent),
        observed=(
            Observed("loans_on_unpaid", len(sure), rule.on_unpaid),
            Observed("owed_percent", at_least, rule.owed_percent),
        ),
        basis=evidence(one.line for one in involved.values()),
    )


def _loans(line: ProfileTradeline, rule: SmallLoanChurn) -> Iterator[_Loan]:
    """The account, if it is a loan of its own that may be small."""
    if line.kind.value not in _LOANS or any(not one.away for one in line.links):
        return
    small = _is_small(line, rule)
    if small is False:
        return
    lent = line.original_amount.value.minor if line.original_amount else 0
    opened = line.opened.value.earliest().toordinal() if line.opened else None
    owed = _owed(line, rule, lent)
    yield _Loan(line, opened, bool(small and line.opened), lent, _repaid(line, owed), owed)


def _owed(line: ProfileTradeline, rule: SmallLoanChurn, lent: int) -> tuple[int, int]:
    if line.closed or line.status.value is AccountStatus.CLOSED:
        return 0, 0
    told = line.balance.value if line.balance else None
    elsewhere = line.moved or not line.status.value.open
    if told is None or told.currency != rule.currency or elsewhere:
        return 0, lent
    return told.minor, told.minor


def _repaid(line: ProfileTradeline, owed: tuple[int, int]) -> tuple[int, int]:
    if line.closed:
        day = line.closed.value.earliest().toordinal()
        return day, day
    unsaid = line.status.value in {AccountStatus.CLOSED, AccountStatus.UNKNOWN} or owed[1] == 0
    return (_EVER if unsaid else _NEVER), _NEVER


def _stacked(
    file: CreditFile, loans: Sequence[_Loan], rule: SmallLoanChurn, place: int
) -> tuple[list[_Loan], list[_Loan]]:
    """Loans of the window opened on enough owed ones, and those they were opened on.

    With `place` 0 what is so at least, with 1 what may be. A loan counts as an earlier one from
    the day it is `aged_days` old to the one before it was repaid.
    """
    spans = [(one, _aged(one, rule), one.repaid[place]) for one in loans]
    spans = [(one, start, end) for one, start, end in spans if start < end]
    since, until = sorted(start for _, start, _ in spans), sorted(end for _, _, end in spans)

    def owed(day: int) -> int:
        return bisect_right(since, day) - bisect_right(until, day)

    recent = [one for one in loans if _in_window(file, one, rule)]
    new = [one for one in recent if one.opened is None or owed(one.opened) >= rule.unpaid]
    days = sorted(one.opened or _EVER for one in new)
    old = [one for one, start, end in spans if bisect_left(days, start) < bisect_left(days, end)]
    return new, old


def _aged(loan: _Loan, rule: SmallLoanChurn) -> int:
    return _EVER if loan.opened is None else loan.opened + rule.aged_days


def _in_window(file: CreditFile, loan: _Loan, rule: SmallLoanChurn) -> bool:
    if loan.opened is None:
        return True
    return 0 <= file.today.toordinal() - loan.opened < rule.unpaid_days


def _percent(loans: Iterable[_Loan], place: int) -> int:
    """Of what was lent, what is owed today at least (`place` 0) or at most (1); rounded down."""
    some = list(loans)
    lent = sum(one.lent_minor for one in some)
    return 100 * sum(one.owed_minor[place] for one in some) // lent if lent else 0


# -- on unpaid loans, as a source counts them ------------------------------------------------


def _counted_on_unpaid(file: CreditFile, rule: SmallLoanChurn) -> Ground:
    """The same from counts alone: at least so many, whichever of the loans are open.

    Loans younger than `aged_days` are left out. Of `new` others opened in the window and `open`
    ones owed today, each new one was opened on `unpaid` earlier ones if so many are older than
    the window; if not, all but the first `unpaid` of the open ones were. That is the lesser of
    `new` and `open` less `unpaid`, at least. Small are they on average, and what is owed on all
    loans is compared with what was lent in the window. Nobody counts where there is no block.
    """
    source, segment = rule.counts.source, rule.counts.segment
    told = {name: file.counted(source, *where, "", segment) for name, where in _where(rule)}
    said = {name: found[0][1].value for name, found in told.items() if found}
    basis = tuple(
        Evidence(source, report, one.record_id)
        for found in told.values()
        for report, one in found[:1]
    )
    if said.keys() != told.keys():
        return _uncounted(said, rule, basis)
    new = said["opened"] - said["young"]
    unpaid = said["open"] - said["young"]
    stacked = max(min(new, unpaid - rule.unpaid), 0)
    owed = 100 * said["owed"] // said["lent"] if said["lent"] else 0
    fires = (
        stacked >= rule.on_unpaid
        and owed >= rule.owed_percent
        and said["average"] <= rule.amount_minor
    )
    return Ground(
        name="counted_on_unpaid",
        fires=fires,
        could_fire=fires,
        observed=(
            Observed("counted_on_unpaid", stacked, rule.on_unpaid),
            Observed("counted_owed_percent", owed, rule.owed_percent),
        ),
        basis=basis,
    )


def _where(rule: SmallLoanChurn) -> Iterator[tuple[str, tuple[str, str]]]:
    """Which of the source's counts is what, in which window."""
    counts, window, young = rule.counts, f"d{rule.unpaid_days}", f"d{rule.aged_days}"
    yield "opened", (counts.opened, window)
    yield "young", (counts.opened, young)
    yield "open", (counts.open, "all")
    yield "owed", (counts.owed, "all")
    yield "lent", (counts.lent, window)
    yield "average", (counts.average, window)


def _uncounted(
    said: Mapping[str, int], rule: SmallLoanChurn, basis: tuple[Evidence, ...]
) -> Ground:
    """Some of the numbers are missing: what is there may still say that it cannot be."""
    few = MappingProxyType({"opened": rule.on_unpaid, "open": rule.on_unpaid + rule.unpaid})
    return Ground(
        name="counted_on_unpaid",
        fires=False,
        could_fire=bool(said) and all(said.get(name, most) >= most for name, most in few.items()),
        observed=(),
        basis=basis,
    )
