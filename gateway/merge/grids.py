"""Payment grids of one account, merged month by month.

Sources see different months, and sometimes the same month differently. The winner of each month
goes into the grid; what another record tells of that month stays beside it, as evidence against.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from connectors.records import GridMonth, PaymentStatus, Tradeline
from gateway.concluded import Concluded, Held, Rejected
from gateway.profile import PaymentGrid

# How bad a month was, where two sources disagree; what says nothing gives way to anything.
_SEVERITY = MappingProxyType(
    {
        status: severity
        for severity, status in enumerate(
            (
                PaymentStatus.UNKNOWN,
                PaymentStatus.NOT_YET_OPEN,
                PaymentStatus.NOTHING_DUE,
                PaymentStatus.NO_BILL,
                PaymentStatus.CLOSED,
                PaymentStatus.ENDED,
                PaymentStatus.CURRENT,
                PaymentStatus.LATE_WITHIN_MONTH,
                PaymentStatus.DPD_1_30,
                PaymentStatus.DPD_31_60,
                PaymentStatus.DPD_61_90,
                PaymentStatus.DPD_91_120,
                PaymentStatus.DPD_121_150,
                PaymentStatus.DPD_151_180,
                PaymentStatus.DPD_181_PLUS,
                PaymentStatus.ASSET_FOR_DEBT,
                PaymentStatus.GUARANTOR_PAID,
                PaymentStatus.CHARGED_OFF,
            )
        )
    }
)

Told = tuple[GridMonth, Held[Tradeline]]
Choose = Callable[[Sequence[Told]], Told]


def worst(told: Sequence[Told]) -> Told:
    """The most adverse status; equal ones in the order of records."""
    return max(told, key=lambda one: _SEVERITY[one[0].status])


def first_known(told: Sequence[Told]) -> Told:
    """The first record that knows anything of the month."""
    return next((one for one in told if one[0].status is not PaymentStatus.UNKNOWN), told[0])


GRID_RULES: Mapping[str, Choose] = MappingProxyType(
    {"worst_by_month/1": worst, "latest_by_month/1": first_known}
)


def merged(
    rule: str, ordered: Sequence[Held[Tradeline]]
) -> tuple[Concluded[PaymentGrid] | None, bool]:
    """One grid of all months any record knows, newest first; and is any month contested?

    `ordered` is newest record first, so that where statuses agree the newest is taken.
    """
    telling = [held for held in ordered if held.record.grid]
    if not telling:
        return None, False
    if len(telling) == 1:
        only = telling[0]
        return Concluded(PaymentGrid(only.record.grid), rule, (only.evidence,)), False
    by_month: dict[int, list[Told]] = {}
    for held in telling:
        for entry in held.record.grid:
            key = entry.month.year * 12 + entry.month.month
            by_month.setdefault(key, []).append((entry, held))
    choose = GRID_RULES[rule]
    months: list[GridMonth] = []
    against: dict[int, list[GridMonth]] = {}
    for key in sorted(by_month, reverse=True):
        told = by_month[key]
        winner, _ = choose(told)
        months.append(winner)
        for entry, held in told:
            if _contradicts(entry, winner):
                against.setdefault(telling.index(held), []).append(entry)
    rejected = tuple(
        Rejected(PaymentGrid(tuple(against[at])), telling[at].evidence) for at in sorted(against)
    )
    basis = tuple(held.evidence for held in telling)
    return Concluded(PaymentGrid(tuple(months)), rule, basis, rejected), bool(rejected)


def _contradicts(entry: GridMonth, winner: GridMonth) -> bool:
    """Another status, or another amount for the same one; not knowing is no contradiction."""
    if entry is winner or entry.status is PaymentStatus.UNKNOWN:
        return False
    if entry.status is not winner.status:
        return True
    return None not in (entry.overdue, winner.overdue) and entry.overdue != winner.overdue
