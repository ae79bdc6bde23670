"""Payment grids of one account, merged month by month.

Sources see different months, and sometimes the same month differently. The winner of each month
goes into the grid; what another record tells of that month stays beside it, as evidence against,
and so does which record tells which months.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from operator import attrgetter
from types import MappingProxyType

from connectors.records import GridMonth, PaymentStatus, Tradeline
from gateway.profile import GridTold, MonthRun, PaymentGrid, rule_names
from gateway.profile.concluded import Concluded, Evidence, Held, Rejected

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
    {rule_names.WORST_BY_MONTH: worst, rule_names.LATEST_BY_MONTH: first_known}
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
    basis = tuple([held.evidence for held in telling])
    if len(telling) == 1:
        return Concluded(PaymentGrid(telling[0].record.grid), rule, basis), False
    months = _alike([held.record.grid for held in telling])
    if months is not None:
        every = tuple([GridTold(one.evidence, _whole(one.record.grid)) for one in telling])
        return Concluded(PaymentGrid(months, every), rule, basis), False
    grids = [(_by_month(held.record.grid), held) for held in telling]
    merged: dict[int, GridMonth] = {}
    for grid, _ in reversed(grids):
        merged.update(grid)  # what the newest record says stays
    disputed = {
        month
        for grid, _ in grids[1:]
        for month, entry in grid.items()
        if entry.status is not merged[month].status or entry.overdue != merged[month].overdue
    }
    against: dict[Evidence, list[GridMonth]] = {}
    silent: dict[Evidence, set[int]] = {}
    for month in sorted(disputed, reverse=True):
        told = [(grid[month], held) for grid, held in grids if month in grid]
        merged[month] = _with_amount(GRID_RULES[rule](told)[0], told)
        for entry, held in told:
            if entry.status is PaymentStatus.UNKNOWN:
                if entry != merged[month]:
                    silent.setdefault(held.evidence, set()).add(month)
            elif _differ(entry, merged[month]):
                against.setdefault(held.evidence, []).append(entry)
    months = tuple(merged[month] for month in sorted(merged, reverse=True))
    rejected = tuple(
        Rejected(PaymentGrid(tuple(against[held.evidence])), held.evidence)
        for held in telling
        if held.evidence in against
    )
    told_by = tuple(
        _told(grid, one, silent.get(one, ())) for (grid, _), one in zip(grids, basis, strict=True)
    )
    return Concluded(PaymentGrid(months, told_by), rule, basis, rejected), bool(rejected)


_status, _overdue = attrgetter("status"), attrgetter("overdue")


def _alike(grids: Sequence[tuple[GridMonth, ...]]) -> tuple[GridMonth, ...] | None:
    """The months of grids that tell one story, as most do.

    That is: no amount, no gap, and the same status wherever two of them tell a month. None where
    there is more to it.
    """
    whole, newest = grids[0], _number(grids[0][0])
    statuses = list(map(_status, whole))
    for grid in grids:
        start = newest - _number(grid[0])  # in `whole`; below zero when it begins before
        end = start + len(grid)
        if newest - _number(grid[-1]) != end - 1 or any(map(_overdue, grid)):
            return None
        if grid is whole:
            continue
        told = list(map(_status, grid))
        first, last = max(start, 0), min(end, len(whole))
        if first > last or statuses[first:last] != told[first - start : last - start]:
            return None
        if start < 0 or end > len(whole):
            before, after = max(-start, 0), last - start
            whole = grid[:before] + whole + grid[after:]
            statuses = told[:before] + statuses + told[after:]
            newest += before
    return whole


def _whole(grid: tuple[GridMonth, ...]) -> tuple[MonthRun, ...]:
    return (MonthRun(grid[0].month, grid[-1].month),)


def _with_amount(winner: GridMonth, told: Sequence[Told]) -> GridMonth:
    """The month as the winner tells it, with the amount of the first that agrees and states one."""
    if winner.overdue is not None:
        return winner
    alike = (entry for entry, _ in told if entry.status is winner.status)
    return next((entry for entry in alike if entry.overdue is not None), winner)


def _told(grid: Mapping[int, GridMonth], record: Evidence, silent: Collection[int]) -> GridTold:
    """What a record tells, by the numbers of the months; `silent` are those it cannot tell."""
    known = {m: entry for m, entry in grid.items() if m not in silent} if silent else grid
    amounts = [month for month, entry in known.items() if entry.overdue is not None]
    return GridTold(record, _runs(known, [*known]), _runs(known, amounts))


def _runs(grid: Mapping[int, GridMonth], months: Sequence[int]) -> tuple[MonthRun, ...]:
    """Months, newest first, as few runs as there are."""
    runs: list[MonthRun] = []
    start = 0
    while start < len(months):
        newest, end = months[start], len(months)
        if newest - months[-1] != end - 1 - start:  # there is a gap
            end = next(at for at in range(start + 1, end) if newest - months[at] != at - start)
        runs.append(MonthRun(grid[newest].month, grid[months[end - 1]].month))
        start = end
    return tuple(runs)


def _by_month(grid: tuple[GridMonth, ...]) -> dict[int, GridMonth]:
    """Entries by the number of their month; most grids have no gap, and need no reckoning."""
    first, last = _number(grid[0]), _number(grid[-1])
    if first - last == len(grid) - 1:
        return dict(zip(range(first, last - 1, -1), grid, strict=True))
    return {_number(entry): entry for entry in grid}


def _number(entry: GridMonth) -> int:
    return entry.month.year * 12 + entry.month.month


def _differ(entry: GridMonth, other: GridMonth) -> bool:
    """Another status, or another amount for the same one; an amount left out differs from none."""
    if entry.status is not other.status:
        return True
    return None not in (entry.overdue, other.overdue) and entry.overdue != other.overdue
