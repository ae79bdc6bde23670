"""What people decided about records and reports, as a value that merging is handed.

A judgement has to hold in the next report too, where record ids are others. So it speaks of an
account by the name its source has for it (`account_name`). A name that fits two accounts of one
report is not applied: nobody knows which was meant.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from connectors.money import Money, PartialDate
from connectors.records import Tradeline
from gateway.resolve.account import Lines

Names = tuple[str, str]
"""Two names of accounts, the lesser first."""


def pair(one: str, other: str) -> Names:
    """The pair of two names, whichever came first."""
    return (one, other) if one <= other else (other, one)


@dataclass(frozen=True, slots=True, order=True)
class Whose:
    """Whether one report of a source is about the subject."""

    source: str
    report_id: str
    subject: bool


@dataclass(frozen=True, slots=True)
class Judgements:
    """Pairs of accounts that are the same, or are not; and whose reports are. Each in order."""

    same: tuple[Names, ...] = ()
    different: tuple[Names, ...] = ()
    reports: tuple[Whose, ...] = ()

    def about_subject(self, source: str, report_id: str) -> bool | None:
        """What was said of a report; None when nobody judged it."""
        said = (one for one in self.reports if (one.source, one.report_id) == (source, report_id))
        return next((one.subject for one in said), None)

    @property
    def names(self) -> frozenset[str]:
        """Every account somebody judged."""
        return frozenset(
            name for some in (self.same, self.different) for two in some for name in two
        )


NOTHING_JUDGED = Judgements()


def account_name(record: Tradeline) -> str | None:
    """What an account is called in every report of its source; None when nothing tells it apart."""
    return name_of(
        record.source,
        currency=record.currency,
        ref=record.account_ref,
        opened=record.opened,
        amount=record.original_amount,
    )


def name_of(
    source: str,
    *,
    currency: str | None,
    ref: str | None,
    opened: PartialDate | None,
    amount: Money | None,
) -> str | None:
    """The source's number of an account; where it is masked or missing, with what never changes."""
    if ref is not None and "*" not in ref:
        return "|".join((source, currency or "", ref))
    if opened is None:
        return None
    lent = "" if amount is None else f"{amount.minor} {amount.currency}"
    return "|".join((source, currency or "", ref or "", str(opened), lent))


def bearers(
    speakers: Iterable[int], lines: Lines, names: Collection[str]
) -> tuple[dict[str, list[int]], list[int]]:
    """The records that bear each name, one a report; and those whose name is not clear."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for one in speakers:
        name = account_name(lines.held[one].record)
        if name and name in names:
            found[name].append(one)
    unclear = [
        name for name, some in found.items() if len({lines.reports[n] for n in some}) < len(some)
    ]
    return found, [one for name in unclear for one in found.pop(name)]
