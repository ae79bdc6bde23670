"""The catalogue as a page for people: Markdown, made from nothing but the definitions."""

import re
from collections.abc import Iterable, Iterator, Mapping

from gateway.attributes.catalogue import Attribute, Catalogue
from gateway.selection import Accounts, Asked

_REASON = re.compile(r"(^|; )([a-z_]+):")


def page(catalogue: Catalogue) -> str:
    """What every attribute means; the same catalogue, the same text."""
    return "\n".join(_lines(catalogue)) + "\n"


def _lines(catalogue: Catalogue) -> Iterator[str]:
    yield f"# Attributes `{catalogue.catalogue}`"
    yield ""
    yield "Made by `creditgate attributes`; change the catalogue, not this page."
    yield ""
    yield f"{len(catalogue.attributes)} attributes. SHA-256 of what they mean, for who pins them:"
    yield f"`{catalogue.digest}`."
    yield ""
    yield from _RULES
    for family in catalogue.families:
        yield ""
        yield f"## {family.title}"
        yield ""
        yield f"{family.about} Owner: {family.owner}."
        yield ""
        yield "| attribute | unit | window | what it is | when it is missing | inputs |"
        yield "| --- | --- | --- | --- | --- | --- |"
        yield from map(_row, (one for one in catalogue.attributes if one.family == family.name))
    for title, selections in (("accounts", catalogue.accounts), ("inquiries", catalogue.inquiries)):
        yield ""
        yield f"## Selections of {title}"
        yield ""
        yield from _selections(selections)


_RULES = """\
- A window of n days is the n days up to and including the day of the merge (China time), one of n
  months the n calendar months up to and including its month. What is known only to its month
  counts as of that month's first day.
- Everything is measured on merged accounts and inquiries: a loan that two bureaus report counts
  once, and so does a debt that was sold and is collected by its buyer.
- `CNY` is fen; other currencies are left out, nothing is converted. `bp` are basis points, rounded
  down. Days past due are the lower end of the band a month is reported in.
- Sources make mistakes, and what they say is kept as told, with an issue. What happened after the
  day of the merge is in no window, gives no age and is not the last of anything; the account or
  record itself counts. An amount below zero (an overpaid card) counts as zero.
- A value is missing with `no_source` when no source that lists its inputs brought a report, with
  `no_file` when the answers were no-hits, with `out_of_range` beyond 2**53 - 1, where JSON numbers
  are no longer exact (the share of an absurd balance in a limit of one fen); the table gives the
  reasons of its own. A missing value is never a zero.
- In a profile each value names its evidence: `basis` is the id of a list of records among the
  section's `bases`; values that rest on the same records share it. `lacking` names the sources
  that were asked and brought nothing.""".splitlines()


def _row(one: Attribute) -> str:
    scopes = ", ".join(one.scopes)
    cells = (
        f"`{one.name}`",
        one.unit,
        one.window or "",
        one.formula,
        _REASON.sub(r"\1`\2`:", one.missing),
        f"{', '.join(f'`{name}`' for name in one.inputs)} (scopes: {scopes})",
    )
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _selections(selections: Mapping[str, Accounts | Asked]) -> Iterator[str]:
    yield "| name | words | what it holds |"
    yield "| --- | --- | --- |"
    for name, one in selections.items():
        lists = (
            f"{title}: {_listed(getattr(one, field))}"
            for field, title in _LISTS.items()
            if getattr(one, field, None)
        )
        yield f"| `{name}` | {one.words} | {'; '.join(lists) or 'all'} |"


_LISTS: Mapping[str, str] = {
    "kinds": "kinds",
    "products": "products",
    "lender_types": "types of lender",
    "guarantees": "guarantees",
}


def _listed(words: Iterable[str]) -> str:
    return ", ".join(sorted(words))
