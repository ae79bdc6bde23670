"""Regional risk: how risky lending is in a region, month by month, from the lender's own table.

The form is ours (docs/sources/region_risk.md): whoever keeps the table answers it. POST
`{"region": "999999"}`, a GB/T 2260 code; the answer is `region`, `published` (the day the table
was made) and `months`, each `{"month": "2026-02", "index": 41}`, 0 to 100, more is riskier. No
months: the table does not hold the region, a no-hit. What an index is made of is its keeper's.

**The ask carries no person.** The region is the first six digits of the identity number: the code
of the place that gave the number (GB 11643-1999, 4.2.1), which stays when people move. An address
would be nearer to where they live; but the bureaus that know one are asked at the same time, and
a free text has no code. Somebody without such a number has no region here and nobody is asked.

An answer about another region than the one asked for breaks the contract at the door: it would
be evidence about somebody else. Asking again leaves no footprint: `attempts` may be more than 1.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated

import orjson
from pydantic import Field

from connectors import asking, options
from connectors.base import SourceSettings
from connectors.errors import SourceBrokeContract
from connectors.http import RawAnswer, SourceClient
from connectors.money import Month
from connectors.normalise import json_body
from connectors.normalise.issues import Issues
from connectors.normalise.json_body import Json, Walk
from connectors.records import IssueKind, NoHit, RegionIndex, RegionMonth, Report
from consent.data_items import DataItem
from consent.decision import Permit
from consent.identity import Identity

NAME = "region_risk"
VERSION = "region_risk/1"

_REGION = re.compile(r"\d{6}", re.ASCII)  # GB/T 2260: province, prefecture, county
_REGION_DIGITS = 6
_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_WORST = 100
_BODY = frozenset({"region", "published", "months"})
_ROW = frozenset({"month", "index"})


class _Options(options.Options):
    path: Annotated[str, Field(pattern=r"^/")] = "/index"


@dataclass(frozen=True, slots=True)
class RegionRisk:
    """The connector."""

    client: SourceClient
    reasons: Mapping[str, str]
    options: _Options
    key: str = field(repr=False)
    name: str = NAME
    items: frozenset[DataItem] = frozenset({DataItem.REGION_INDEX})

    def sends(self, subject: Identity) -> Mapping[str, str]:
        """The region and nothing else; nothing at all of somebody without one."""
        return {"region": _region_of(subject)} if subject.id_type == "CN_RIC" else {}

    async def fetch(self, permit: Permit, subject: Identity, *, at: datetime) -> RawAnswer:  # noqa: ARG002 - the request carries no time
        """Ask for the region of one person, who is not named."""
        asking.reason(NAME, permit, self.reasons)
        asking.resident_id(NAME, subject)
        region = _region_of(subject)
        raw = await self.client.post(
            self.options.path,
            orjson.dumps({"region": region}),
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
        )
        if json_body.parse(NAME, raw.content).get("region") != region:
            raise SourceBrokeContract(NAME, "another_region")
        return raw

    def read(self, raw: RawAnswer) -> Report | NoHit:
        """Read the months of the region."""
        body = json_body.parse(NAME, raw.content)
        region = body.get("region")
        if not isinstance(region, str) or not _REGION.fullmatch(region):
            raise SourceBrokeContract(NAME, "missing", "region")
        published = _day(body.get("published"))
        rows = body.get("months")
        if rows is None or rows == []:
            return NoHit(source=NAME, as_of=raw.received_at)
        walk = Walk(Issues(NAME))
        walk.known("", body, _BODY)
        months = _months(walk, rows, published)
        index = RegionIndex(
            source=NAME,
            record_id="region",
            as_of=published,
            region=region,
            chosen_by="id_number",
            months=months,
        )
        return Report(
            source=NAME,
            report_id=raw.sha256[:32],
            as_of=raw.received_at,
            version=VERSION,
            records=(index,) if months else (),
            issues=walk.issues.drain(),
        )


def build(client: SourceClient, settings: SourceSettings) -> RegionRisk:
    """Make the connector from its options and the secret `key`."""
    chosen = options.read(_Options, settings)
    return RegionRisk(client, settings.reasons, chosen, options.secret(settings, "key"))


def _region_of(subject: Identity) -> str:
    return subject.id_number[:_REGION_DIGITS]


def _day(value: Json) -> date:
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise SourceBrokeContract(NAME, "missing", "published") from None


def _months(walk: Walk, rows: Json, published: date) -> tuple[RegionMonth, ...]:
    """Newest first; of a month with two indexes neither counts, for one must be wrong."""
    found: dict[Month, int] = {}
    twice: set[Month] = set()
    for month, index in _rows(walk, rows, Month.of(published)):
        if month not in found:
            found[month] = index
        elif found[month] == index:
            walk.issues.add(IssueKind.DUPLICATE, "months", "one month twice")
        else:
            twice.add(month)
            walk.issues.add(IssueKind.CONTRADICTION, "months", "one month, two indexes")
    kept = sorted(found.keys() - twice, reverse=True)
    return tuple(RegionMonth(month=month, index=found[month]) for month in kept)


def _rows(walk: Walk, rows: Json, last: Month) -> Iterator[tuple[Month, int]]:
    for _, row in walk.items("months", rows):
        walk.known("months", row, _ROW)
        month, index = _month(row.get("month")), row.get("index")
        if month is None or month > last:
            walk.issues.bad_value("months.month", row.get("month"), "a month up to the table")
        elif isinstance(index, bool) or not isinstance(index, int) or not 0 <= index <= _WORST:
            walk.issues.bad_value("months.index", index, "an integer from 0 to 100")
        else:
            yield month, index


def _month(value: Json) -> Month | None:
    found = _MONTH.fullmatch(value) if isinstance(value, str) else None
    try:
        return Month(int(found[1]), int(found[2])) if found else None
    except ValueError:
        return None
