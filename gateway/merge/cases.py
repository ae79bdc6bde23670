"""Public records: one case of one court, at however many sources.

Two reports speak of one case when both give its number, or when authority, kind, day and amount
are the same and nothing else tells them apart. Where one report has two such records, they are
two cases, and nobody knows which of them the other report means: all of them stay apart, as with
loans. The newest record stands, of one day the fullest; what another says differently is kept
beside it.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Sequence

from connectors.records import PublicRecord
from gateway.merge.facts import as_stated
from gateway.merge.rules import Rank, unsaid
from gateway.profile.concluded import Evidence, Held, Rejected, Stated
from gateway.profile.rule_names import ONE_CASE

CASE_NUMBER = "case_number"
"""The detail of a public record that holds its number (案号), where a source gives one."""


def public_records(
    held: Sequence[Held[PublicRecord]], rank: Rank
) -> tuple[Stated[PublicRecord], ...]:
    """Every case once, in the order of statements."""
    stated = as_stated(held, rank)
    by_number: defaultdict[object, list[Stated[PublicRecord]]] = defaultdict(list)
    by_facts: defaultdict[object, list[Stated[PublicRecord]]] = defaultdict(list)
    for one in stated:
        if (key := _facts(one.record)) is not None:
            by_facts[key].append(one)
        if number := _number(one.record):
            by_number[one.record.kind, number].append(one)
    home: dict[int, list[Stated[PublicRecord]]] = {id(one): [one] for one in stated}
    for some in (*by_number.values(), *by_facts.values()):
        _join(some, home)
    whole = {id(together): together for together in home.values()}
    place = {id(one): n for n, one in enumerate(stated)}
    found = sorted(whole.values(), key=lambda some: min(place[id(one)] for one in some))
    return tuple(_case(some, rank) for some in found)


def _join(
    some: Sequence[Stated[PublicRecord]], home: dict[int, list[Stated[PublicRecord]]]
) -> None:
    """Make one case of these, unless one report has two of them or their numbers differ."""
    together = list({id(m): m for one in some for m in home[id(one)]}.values())
    reports = [report for one in together for report in _reports(one.basis)]
    numbers = {_number(one.record) for one in together} - {None}
    if len(together) > 1 and len(set(reports)) == len(reports) and len(numbers) <= 1:
        for one in together:
            home[id(one)] = together


def _reports(basis: Sequence[Evidence]) -> set[tuple[str, str]]:
    return {(one.source, one.report_id) for one in basis}


def _case(some: Sequence[Stated[PublicRecord]], rank: Rank) -> Stated[PublicRecord]:
    if len(some) == 1:
        return some[0]

    def better(one: Stated[PublicRecord]) -> tuple[object, ...]:
        newest = -one.record.as_of.toordinal()
        return newest, unsaid(one.record), rank(one.record.source), one.basis

    first, *others = sorted(some, key=better)
    return Stated(
        first.record,
        (*first.basis, *(evidence for one in others for evidence in one.basis)),
        rule=ONE_CASE,
        against=tuple(Rejected(one.record, told) for one in others for told in one.basis),
    )


def _facts(record: PublicRecord) -> object:
    """What makes a case of two reports one without a number; None when too little is said."""
    if record.authority is None or record.filed is None or record.filed.day is None:
        return None
    if record.amount is None or not record.amount.minor:
        return None
    return record.kind, _spelled(record.authority), record.filed, record.amount


def _number(record: PublicRecord) -> str | None:
    text = dict(record.details).get(CASE_NUMBER)
    return _spelled(text) if text else None


def _spelled(text: str) -> str:
    """One spelling: full-width and half-width brackets, spaces and case tell nothing apart."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()
