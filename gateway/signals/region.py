"""Where the subject is from: what happens there, not what they do."""

from dataclasses import dataclass

from connectors.records import RegionIndex
from gateway.arrears import month_number
from gateway.creditfile import CreditFile
from gateway.profile import Observed
from gateway.signals.definition import Count, Definition, Seen


class RegionalRisk(Definition):
    """The index of the region is high, and higher by `rise` than `months` before."""

    index: Count
    rise: Count
    months: Count
    stale_months: Count


@dataclass(frozen=True, slots=True)
class _Look:
    """The newest index of a region, and that of some months before."""

    now: int
    before: int | None

    @property
    def rise(self) -> int | None:
        return None if self.before is None else self.now - self.before


def region_turned(file: CreditFile, rule: RegionalRisk) -> Seen:
    """By the region that rose most; one whose table is old or short may have turned unseen."""
    looks = [(_look(file, one.record, rule), one) for one in file.regions]
    known = [(look, one) for look, one in looks if look is not None]
    turned = [
        (look, one)
        for look, one in known
        if look.now >= rule.index and look.rise is not None and look.rise >= rule.rise
    ]
    shown = max(turned or known, key=lambda pair: (pair[0].rise or 0, pair[0].now), default=None)
    return Seen(
        fires=bool(turned),
        could_fire=len(known) < max(len(looks), 1)
        or any(look.now >= rule.index and look.rise is None for look, _ in known),
        observed=() if shown is None else _observed(shown[0], rule),
        basis=() if shown is None else shown[1].basis,
    )


def _look(file: CreditFile, one: RegionIndex, rule: RegionalRisk) -> _Look | None:
    """None when the newest month is too old to say anything about now."""
    if not one.months:
        return None
    newest = one.months[0]
    if month_number(file.today) - month_number(newest.month) > rule.stale_months:
        return None
    known = {entry.month: entry.index for entry in one.months}
    return _Look(newest.index, known.get(newest.month.plus(-rule.months)))


def _observed(look: _Look, rule: RegionalRisk) -> tuple[Observed, ...]:
    index = Observed("index", look.now, rule.index)
    if look.rise is None:
        return (index,)
    return index, Observed("rise", look.rise, rule.rise), Observed("months", rule.months)
