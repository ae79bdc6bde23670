"""Cards that fall into arrears."""

from collections.abc import Iterator
from itertools import chain

from connectors.records import AccountKind, PaymentStatus
from gateway.arrears import Past, month_number
from gateway.creditfile import CreditFile, evidence
from gateway.profile import Observed, ProfileTradeline
from gateway.resolve.likeness import DPD
from gateway.signals.definition import Count, Definition, Seen


class CardOverdueIncrease(Definition):
    """More cards in arrears than `months` before."""

    months: Count
    stale_months: Count
    dpd: Count
    cards: Count
    increase: Count


def card_overdue(file: CreditFile, rule: CardOverdueIncrease) -> Seen:
    """Counts certain cards for firing, and possible ones for what could be."""
    pasts = [past for past in file.pasts if past.line.kind.value is AccountKind.CREDIT_CARD]
    cards = [past.line for past in pasts]
    looks = [_two_looks(file, past, rule) for past in pasts]
    now = sum(1 for late, _ in looks if late)
    before = sum(1 for _, late in looks if late)
    at_most_now = sum(1 for late, _ in looks if late is not False)
    at_most_before = sum(1 for _, late in looks if late is not False)
    late_cards = [line for line, (late, _) in zip(cards, looks, strict=True) if late]
    return Seen(
        fires=now >= rule.cards and now - at_most_before >= rule.increase,
        could_fire=at_most_now >= rule.cards and at_most_now - before >= rule.increase,
        observed=(
            Observed("cards_overdue", now, rule.cards),
            Observed("increase", now - before, rule.increase),
            Observed("cards", len(cards)),
        ),
        basis=evidence(late_cards or cards),
    )


def _two_looks(
    file: CreditFile, past: Past, rule: CardOverdueIncrease
) -> tuple[bool | None, bool | None]:
    """Is the card in arrears now, and was it before? None when nobody can tell."""
    line, this_month = past.line, month_number(file.today)
    known = _known(line, this_month)
    newest, told = next(known, (month_number(line.as_of), None))
    figures = [dpd for dpd in (told, past.figures.dpd) if dpd is not None]
    now: bool | None = max(figures, default=0) >= rule.dpd
    then = newest - rule.months
    if not line.status.value.open:
        now, then = False, this_month - rule.months
        if newest < then:  # it was over by then, however late it had been
            return False, False
    elif not figures or this_month - newest > rule.stale_months:
        now = None
    if line.opened and month_number(line.opened.value.earliest()) > then:
        return now, False
    months = chain([(newest, told)], known)
    before = next((dpd for month, dpd in months if month == then), None)
    return now, None if before is None else before >= rule.dpd


def _known(line: ProfileTradeline, this_month: int) -> Iterator[tuple[int, int]]:
    """Months up to this one of which the grid says how late the card was; the newest first.

    Nobody is late on a card that is not open yet.
    """
    for entry in line.grid.value.months if line.grid else ():
        dpd = 0 if entry.status is PaymentStatus.NOT_YET_OPEN else DPD[entry.status]
        month = month_number(entry.month)
        if dpd is not None and month <= this_month:
            yield month, dpd
