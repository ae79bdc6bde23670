"""The bureau's summaries, counted again from the details of the same report.

A difference is not ours to settle: both stay, and an issue names the tag of the summary. What is
counted again and what is not, with the reason, is the column `recomputed` of `fields.csv`; how,
is in `recounts`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from connectors.records import (
    CreditAgreement,
    Inquiry,
    IssueKind,
    Liability,
    Metric,
    Postpaid,
    PublicRecord,
    Record,
    Tradeline,
)
from connectors.sources.pboc.arrears import Bounds
from connectors.sources.pboc.issues import Issues
from connectors.sources.pboc.recounts import RULES, Details

_UNKNOWN = "unknown"  # the word `summaries` gives a slice whose code is not in our tables
_ROWS = {  # a total, and the rows beneath it that add up to it
    "accounts": "accounts_by_business",
    "recovery_accounts": "recovery_accounts_by_business",
    "recovery_balance": "recovery_balance_by_business",
}


def crosscheck(records: Sequence[Record], today: date, issues: Issues) -> None:
    """Count an issue for every metric that the records of its own report contradict.

    `today` is the day of the report.
    """
    stated = [record for record in records if isinstance(record, Metric)]
    if not stated:
        return
    details = _details(records, today)
    wrong = [metric for metric in stated if not _within(metric, bounds(metric, details))]
    for metric in wrong:
        issues.add(IssueKind.CONTRADICTION, _tag(metric), "the records of the report say otherwise")
    named = {metric.name for metric in wrong}
    for metric in _unlike_their_rows(stated):
        if named.isdisjoint((metric.name, _ROWS[metric.name])):
            issues.add(IssueKind.CONTRADICTION, _tag(metric), "not the sum of its rows")


def _details(records: Iterable[Record], today: date) -> Details:
    details = Details(today)
    for record in records:
        match record:
            case Tradeline():
                details.accounts[record.kind].append(record)
            case Inquiry():
                details.inquiries.append(record)
            case Liability():
                details.liabilities.append(record)
            case CreditAgreement():
                details.agreements.append(record)
            case Postpaid():
                details.postpaid.append(record)
            case PublicRecord():
                details.public.append(record)
            case _:
                pass
        details.annotations.extend(getattr(record, "annotations", ()))
    return details


def bounds(metric: Metric, details: Details) -> Bounds | None:
    """What the details say about `metric`; None when they cannot say."""
    rule = RULES.get(metric.name)
    if rule is None or _UNKNOWN in metric.segment.split("/"):
        return None
    return rule(details, metric)


def _within(metric: Metric, allowed: Bounds | None) -> bool:
    return allowed is None or allowed[0] <= metric.value <= allowed[1]


def _unlike_their_rows(stated: Iterable[Metric]) -> Iterator[Metric]:
    """The totals that are not the sum of the rows stated with them."""
    found: defaultdict[str, list[Metric]] = defaultdict(list)
    for metric in stated:
        found[metric.name].append(metric)
    for total, part in _ROWS.items():
        rows = found.get(part)
        if rows:
            added = sum(row.value for row in rows)
            yield from (metric for metric in found.get(total, ()) if metric.value != added)


def _tag(metric: Metric) -> str:
    return metric.record_id.rpartition("/")[2]
